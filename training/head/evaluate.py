"""Every figure of the heads' cards: leave one patient out, controls, robustness, calibration.

    python -m training.head.evaluate --encoder models/encoder-tokens-3 \\
        --segmenter models/nuclei-star-2 --cache ../runs/head --out ../runs/head/eval

Writes one JSON file a target. Heads are trained anew for each direction, so that no tested patient
(or image) was seen; seeds are fixed.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from training.head.baselines import DENSITY, load_simple
from training.head.faithfulness import deletion
from training.head.held_out import calibration, held_out_fields, stored, written
from training.head.robustness import bag_rank, by_family, consistency, paired_fall, probabilities
from training.head.slide_level import bag_figures, logits_and_gates, recommended
from training.head.subjects import Examination, compared, section_out, shuffled_controls
from training.head.targets import TARGETS
from training.head.tasks import Task, load_tasks
from training.head.train import RECIPES, VARIANTS
from training.head.trials import Trial, run

# The patient with several sections: the ceiling is measured inside it.
CEILING_PATIENT = "C"
ABLATED = ("epcam", "col1a1", "igkc", "epithelium")
# Thresholds of the manifest's `trust`.
CHANCE, USEFUL = 0.5, 0.7


def looks(task: Task, trial: Trial) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the held-out looks [V,M], each field by the head that did not see its
    patient, and of the five-scanner field [5,8 a head]."""
    parts, scanners = [], []
    for direction, (_, tested) in task.directions.items():
        head, temperature = trial.heads[direction], trial.temperatures[direction]
        held = task.held.rows(task.held.patient == tested)
        parts.append(probabilities(head, held, temperature))
        scanners.append(probabilities(head, task.scanners, temperature))
    return np.concatenate(parts, axis=1), np.concatenate(scanners, axis=1)


def trust(variant: str, directions: dict[str, dict]) -> str:
    """How far held-out results allow trust: `chance` when an interval reaches .5 or a figure lies
    inside the shuffled range, `useful` when every lower end is at least .7, else `weak`."""
    lows, inside = [], False
    for entry in directions.values():
        area = entry["subjects"][f"token hierarchy, {variant}"]["auroc"]
        lows.append(area["interval"][0])
        inside |= min(entry["shuffled"]) <= area["value"] <= max(entry["shuffled"])
    if inside or min(lows) <= CHANCE:
        return "chance"
    return "useful" if min(lows) >= USEFUL else "weak"


def direction_results(
    task: Task, simple: dict[str, np.ndarray], trials: dict[str, Trial], direction: str
) -> dict[str, object]:
    """All subjects and controls in one direction."""
    trained, tested = task.directions[direction]
    train, test = task.data.patient == trained, task.data.patient == tested
    exam = Examination.of(task, test)
    held = task.data.plain().rows(test)
    subjects = {f"token hierarchy, {v}": t.logits[direction] for v, t in trials.items()}
    subjects |= compared(task, simple, train, test)
    robust, baseline = (trials[v].logits[direction] for v in ("robust", "baseline"))
    return {
        "fields": int(test.sum()),
        "trained_fields": int((task.data.training_label.numpy()[train] >= 0).sum()),
        "positive": float(exam.label.mean()),
        "subjects": {name: exam.scores(score) for name, score in subjects.items()},
        "shuffled": shuffled_controls(task, train, exam),
        "robust_minus_baseline": exam.difference(baseline, robust),
        "deletion": {v: deletion(t.heads[direction], held) for v, t in trials.items()},
    }


def slide_level(task: Task, trial: Trial) -> dict[str, dict]:
    """Bags of held-out fields, by direction: mean of logits against gated attention."""
    result = {}
    for direction, (_, tested) in task.directions.items():
        rows = task.data.patient == tested
        logit, gate = logits_and_gates(trial.heads[direction], task.data.plain().rows(rows))
        value, section = task.data.expression[rows], task.data.section[rows]
        result[direction] = bag_figures(logit, gate, value, section, task.block[rows])
    return result


def ablation(task: Task) -> dict[str, object]:
    """Each loss alone and together: held-out AUROC beside consistency and effective rank."""
    result: dict[str, object] = {}
    for name, recipe in VARIANTS.items():
        trial = run(task, recipe)
        p, _ = looks(task, trial)
        areas, ranks = {}, {}
        for direction, (_, tested) in task.directions.items():
            rows = task.data.patient == tested
            exam = Examination.of(task, rows)
            areas[direction] = exam.scores(trial.logits[direction])["auroc"]
            ranks[direction] = bag_rank(trial.heads[direction], task.data.plain().rows(rows))
        result[name] = {"auroc": areas, "rank": ranks, **consistency(p)}
    return result


def evaluate(task: Task, simple: dict[str, np.ndarray]) -> dict[str, object]:
    """Everything the card and the manifest of both variants show."""
    trials = {variant: run(task, recipe) for variant, recipe in RECIPES.items()}
    directions = {d: direction_results(task, simple, trials, d) for d in task.directions}
    p = {variant: looks(task, trial) for variant, trial in trials.items()}
    patients = np.unique(task.data.patient)
    bags = {variant: slide_level(task, trial) for variant, trial in trials.items()}
    trusted = {v: trust(v, directions) for v in trials}
    held = {v: held_out_fields(task, trial) for v, trial in trials.items()}
    return {
        "target": task.target.id,
        "recipes": {variant: asdict(recipe) for variant, recipe in RECIPES.items()},
        "shipped_fields": int((task.data.training_label.numpy()[task.shipped] >= 0).sum()),
        "directions": directions,
        "nuclei_a_field": float(np.expm1(simple[DENSITY]).sum(axis=1).mean()),
        "ceiling": section_out(task, CEILING_PATIENT) if CEILING_PATIENT in patients else None,
        "robustness": {v: by_family(both[0], task.held.family) for v, both in p.items()},
        "scanners": {v: consistency(both[1]) for v, both in p.items()},
        "inconsistency_fall": paired_fall(p["baseline"][0], p["robust"][0]),
        "calibration": {v: calibration(held[v], t.shipped_temperature) for v, t in trials.items()},
        "trust": trusted,
        "slide_level": bags,
        "pooling": {v: recommended(list(each.values()), trusted[v]) for v, each in bags.items()},
        "ablation": ablation(task) if task.target.id in ABLATED else None,
        "held_out": stored(held),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--segmenter", type=Path, required=True, help="as for baselines.py")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of features.py")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--targets", nargs="*", default=[t.id for t in TARGETS])
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    wanted = [t for t in args.targets if not (args.out / f"{t}.json").exists()]
    for task in load_tasks(args.cache, args.encoder.name, wanted):
        simple = load_simple(args.cache, args.segmenter.name, task.slides)
        made_with = {"encoder": args.encoder.name, "segmenter": args.segmenter.name}
        results = {**made_with, **evaluate(task, simple)}
        (args.out / f"{task.target.id}.json").write_text(written(results))
        print(task.target.id, json.dumps(results["trust"]), flush=True)


if __name__ == "__main__":
    main()
