"""Held-out predictions of a head and what they say of its calibration.

    python -m training.head.held_out --encoder models/encoder-tokens-3 --cache ../runs/head \\
        --models models

Adds `held_out` and the calibration to the evaluations and manifests of shipped heads without the
rest of the evaluation; weights stay as they are. Refuses where the heads trained anew for each
direction do not give the errors that are stored.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.special import expit

from training.head.calibration import calibration_errors, reliability
from training.head.conformal import conformal
from training.head.statistics import block_weights, interval
from training.head.targets import EPITHELIUM, TARGETS
from training.head.tasks import Task, load_tasks
from training.head.train import RECIPES
from training.head.trials import Trial, run

SAME = 1e-6
PLAIN_LIST = re.compile(r"\[\n[^][{}]*\]")


@dataclass(frozen=True)
class HeldOutFields:
    """Of every field [N] the logit by a head that saw nothing of its group, and its label (0, 1).
    fold: which head said it. group: patient or image. block: fields drawn together by the
    bootstrap. temperature: fitted without the field's fold."""

    logit: np.ndarray
    label: np.ndarray
    fold: np.ndarray
    group: np.ndarray
    block: np.ndarray
    temperature: np.ndarray


def held_out_fields(task: Task, trial: Trial) -> HeldOutFields:
    """All directions of a task, one after the other."""
    rows = [np.flatnonzero(task.data.patient == t) for _, t in task.directions.values()]
    counts = [len(r) for r in rows]
    every = np.concatenate(rows)
    one_patient_each = task.target is not EPITHELIUM
    return HeldOutFields(
        np.concatenate([trial.logits[d] for d in task.directions]).astype(np.float64),
        task.data.label.numpy()[every],
        np.repeat(list(task.directions), counts),
        (task.data.patient if one_patient_each else task.block)[every],
        task.block[every],
        np.repeat([trial.temperatures[d] for d in task.directions], counts),
    )


def calibration(held: HeldOutFields, temperature: float) -> dict[str, Any]:
    """Error before and after temperature scaling (mean over folds by size) with its bootstrap
    interval over blocks, bins of the reliability diagram, and conformal sets by the shipped
    `temperature`."""
    p = {"before": expit(held.logit), "after": expit(held.logit / held.temperature)}
    totals = dict.fromkeys(p, 0.0)
    for fold in dict.fromkeys(held.fold):
        rows = held.fold == fold
        draws = block_weights(held.block[rows])
        weight = np.concatenate([np.ones((1, rows.sum())), draws])
        for name, values in p.items():
            errors = calibration_errors(values[rows], held.label[rows], weight)
            totals[name] = totals[name] + rows.mean() * errors
    return {
        **{name: float(errors[0]) for name, errors in totals.items()},
        "interval": {name: interval(errors[1:]) for name, errors in totals.items()},
        "temperature": temperature,
        "fields": len(held.label),
        "groups": len(np.unique(held.group)),
        "bins": reliability(p["after"], held.label),
        "conformal": conformal(expit(held.logit / temperature), held.label, held.group),
    }


def stored(held: dict[str, HeldOutFields]) -> dict[str, Any]:
    """The predictions of all variants as columns for evaluation.json; names by their number."""
    first = next(iter(held.values()))
    result: dict[str, Any] = {"label": first.label.tolist()}
    for name in ("fold", "group", "block"):
        names, number = np.unique(getattr(first, name), return_inverse=True)
        result[name] = {"names": names.tolist(), "index": number.tolist()}
    result["logit"] = {v: np.round(h.logit, 4).tolist() for v, h in held.items()}
    return result


def described(figures: dict[str, Any], unit: str, on: str) -> dict[str, Any]:
    """`calibration` of a head's manifest: what the viewer shows. unit: name of a group; on: over
    what, in words."""
    sets = dict(figures["conformal"])
    sets["groupsNeeded"] = sets.pop("groups_needed")
    names = ("interval", "fields", "groups", "bins")
    return {"unit": unit, "on": on, **{name: figures[name] for name in names}, "conformal": sets}


def written(evaluation: dict[str, Any]) -> str:
    """JSON with every list of plain values on one line."""
    text = json.dumps(evaluation, indent=1)
    return PLAIN_LIST.sub(lambda found: re.sub(r"\s*\n\s*", " ", found[0]), text) + "\n"


def update(folder: Path, held: dict[str, Any], figures: dict[str, dict[str, Any]]) -> None:
    """Write held-out predictions and calibration into one shipped head's folder."""
    path = folder / "evaluation.json"
    evaluation = json.loads(path.read_text())
    for variant, new in figures.items():
        old = evaluation["calibration"][variant]
        for name in ("before", "after", "temperature"):
            if abs(new[name] - old[name]) > SAME:
                raise ValueError(f"{folder.name}: {name} {new[name]} is not the stored {old[name]}.")
        evaluation["calibration"][variant] = {**new, **old}
    evaluation["held_out"] = held
    path.write_text(written(evaluation))
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    target, variant = manifest["head"]["targetId"], manifest["head"]["variant"]
    manifest["head"]["calibration"] = described(figures[variant], *units(target, figures[variant]))
    path.write_text(json.dumps(manifest, indent=2) + "\n")


def units(target: str, figures: dict[str, Any]) -> tuple[str, str]:
    """What a group is, and what the figures are over."""
    if target == EPITHELIUM.id:
        return "image", f"{figures['fields']:,} fields of {figures['groups']} colorectal images"
    return "patient", f"{figures['fields']:,} fields of {figures['groups']} breast cancer patients"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of features.py")
    parser.add_argument("--models", type=Path, required=True, help="parent of the model folders")
    parser.add_argument("--targets", nargs="*", default=[t.id for t in TARGETS])
    args = parser.parse_args()
    torch.set_num_threads(1)
    for task in load_tasks(args.cache, args.encoder.name, args.targets):
        trials = {variant: run(task, recipe) for variant, recipe in RECIPES.items()}
        held = {v: held_out_fields(task, trial) for v, trial in trials.items()}
        figures = {v: calibration(held[v], t.shipped_temperature) for v, t in trials.items()}
        for variant in trials:
            update(args.models / f"head-{task.target.id}-{variant}", stored(held), figures)
            print(task.target.id, variant, json.dumps(figures[variant]["conformal"]), flush=True)


if __name__ == "__main__":
    main()
