"""Train the shipped heads and write their model folders; one small float file serves both
providers.

    python -m training.head.export --encoder models/encoder-tokens-3 --cache ../runs/head \\
        --eval ../runs/head/eval --out models
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.common.manifest import check_model, finish_model
from training.common.painted import painted_tissue
from training.common.quantize import prepare
from training.head.card import card, note
from training.head.features import OUTPUTS as INPUTS
from training.head.features import Encoder
from training.head.held_out import described as described_calibration
from training.head.held_out import units, written
from training.head.model import TokenHierarchyHead
from training.head.spots import PATIENTS
from training.head.targets import EPITHELIUM, TARGETS, Target
from training.head.tasks import load_tasks
from training.head.train import RECIPES, train_head

OUTPUTS = ["logit", "attention", "contribution", "class_share", "gate"]
# Float arithmetic everywhere: only the order of sums differs.
TOLERANCE = 0.005
# Stored parity tokens are multiples of this: they deflate to a third.
PARITY_STEP = 1 / 64
VERSION = "3.0.0"


def write_onnx(head: TokenHierarchyHead, out: Path, count: int) -> None:
    """float32, opset 18, free batch axis; `count` patch tokens a field."""
    dim = head.tanh_gate.in_features
    example = (torch.randn(2, dim), torch.randn(2, count, dim))
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = Path(scratch) / "raw.onnx"
        torch.onnx.export(
            head, example, str(raw), input_names=INPUTS, output_names=OUTPUTS, opset_version=18,
            dynamo=False, dynamic_axes={name: {0: "batch"} for name in INPUTS + OUTPUTS},
        )  # fmt: skip
        prepare(raw, out)


def parity_tokens(encoder: Encoder) -> dict[str, np.ndarray]:
    """Tokens of the painted field, rounded, as parity inputs."""
    tokens = encoder(painted_tissue(encoder.px, encoder.manifest["input"]["mpp"])[None])
    return {
        name: np.round(t.numpy().astype(np.float32) / PARITY_STEP) * np.float32(PARITY_STEP)
        for name, t in zip(INPUTS, tokens, strict=True)
    }


def metrics(evaluation: dict[str, Any], variant: str) -> list[dict[str, Any]]:
    """Held-out figures with intervals for the viewer's list."""
    result = []
    for direction, entry in evaluation["directions"].items():
        where = f"{entry['fields']} fields, {direction}; interval by blocks of fields"
        subject = entry["subjects"][f"token hierarchy, {variant}"]
        for name, key in (("AUROC", "auroc"), ("Spearman", "spearman")):
            result.append({"name": name, **subject[key], "on": where})
    return result


def robustness(evaluation: dict[str, Any], variant: str) -> dict[str, Any]:
    entry = evaluation["robustness"][variant]["all"]
    names = ("inconsistency", "agreement", "flips", "views")
    return {
        **{name: entry[name] for name in names},
        "on": f"{entry['fields']} held-out fields in {entry['views']} looks: plain, scanner shifts "
        "by Macenko and Reinhard, JPEG; none of them seen in training",
    }


def manifest(
    head: TokenHierarchyHead, target: Target, variant: str, evaluation: dict, encoder: Encoder
) -> dict[str, Any]:
    """All fixed fields of manifest.json (src/model/manifest.ts)."""
    errors = evaluation["calibration"][variant]
    return {
        "id": f"head-{target.id}-{variant}",
        "name": f"{target.name[0].upper()}{target.name[1:]}, {variant} head",
        "role": "head",
        "version": VERSION,
        "licence": "Apache-2.0",
        "card": "card.md",
        "outputs": {name: name for name in OUTPUTS},
        "files": [
            {"provider": p, "dtype": "float32", "path": "head-f32.onnx", "tolerance": TOLERANCE}
            for p in ("wasm", "webgpu")
        ],
        "parity": {"outputs": [{"name": name, "step": 1} for name in OUTPUTS]},
        "head": {
            "tokens": encoder.layout,
            "dim": encoder.dim,
            "count": encoder.count,
            "targetId": target.id,
            "variant": variant,
            "target": target.name,
            "label": target.label,
            "negative": target.negative,
            "positive": target.positive,
            "bias": head.bias.item(),
            "temperature": errors["temperature"],
            # The patients behind the CoNSeP images are not named in the data.
            "patients": 0 if target is EPITHELIUM else len(PATIENTS),
            "trust": evaluation["trust"][variant],
            "pooling": evaluation["pooling"][variant],
            "tissue": target.tissue,
            "note": note(evaluation, variant),
            "robustness": robustness(evaluation, variant),
            "ece": {"before": errors["before"], "after": errors["after"]},
            "calibration": described_calibration(errors, *units(target.id, errors)),
        },
        "metrics": metrics(evaluation, variant),
    }


def described(evaluation: dict[str, Any], target: Target) -> dict[str, Any]:
    """The evaluation with what the card says of the target."""
    genes = [g for g in target.genes if g not in target.hallmark_genes()]
    return {"target_facts": {**asdict(target), "genes": genes}, **evaluation}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of features.py")
    parser.add_argument("--eval", type=Path, required=True, help="the folder of evaluate.py")
    parser.add_argument("--out", type=Path, required=True, help="parent of the model folders")
    parser.add_argument("--targets", nargs="*", default=[t.id for t in TARGETS])
    args = parser.parse_args()
    torch.set_num_threads(1)
    encoder = Encoder(args.encoder)
    inputs = parity_tokens(encoder)
    for task in load_tasks(args.cache, args.encoder.name, args.targets):
        target = task.target
        evaluation = json.loads((args.eval / f"{target.id}.json").read_text())
        if evaluation["encoder"] != args.encoder.name:
            raise ValueError(f"{target.id}.json was made with {evaluation['encoder']}.")
        evaluation = described(evaluation, target)
        for variant, recipe in RECIPES.items():
            head = train_head(task.data.rows(task.shipped), recipe)
            fixed = manifest(head, target, variant, evaluation, encoder)
            folder = args.out / fixed["id"]
            folder.mkdir(parents=True, exist_ok=True)
            write_onnx(head, folder / "head-f32.onnx", encoder.count)
            complete = finish_model(folder, fixed, inputs)
            (folder / "evaluation.json").write_text(written(evaluation))
            (folder / "card.md").write_text(card(evaluation, complete))
            print(folder.name, json.dumps(check_model(folder)), flush=True)


if __name__ == "__main__":
    main()
