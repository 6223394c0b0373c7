"""Write models/head-planted-baseline from an evaluated head.

    python -m training.planted.export --run ../runs/planted-head \\
        --encoder models/encoder-tokens-3 --out models/head-planted-baseline
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from training.common.manifest import check_model, finish_model
from training.head.evaluate import CHANCE, USEFUL
from training.head.export import OUTPUTS, TOLERANCE, parity_tokens, write_onnx
from training.head.features import Encoder
from training.head.model import TokenHierarchyHead
from training.head.slide_level import recommended
from training.planted.card import card

IDENTITY = "head-planted-baseline"
VERSION = "2.0.0"
TISSUE = "the built-in drawn slide"
NOTE = (
    "A demonstration with exact truth: it was trained on drawn slides to tell fields that hold "
    "{planted}s, and on the built-in slide its evidence can be checked against the drawn cells. "
    "It means nothing on tissue."
)


def trust(evaluation: dict[str, Any]) -> str:
    """How far held-out results allow trust, by the rule of training/head/evaluate.py."""
    score, shuffled = evaluation["score"], evaluation["controls"]["shuffled labels"]["scores"]
    low = score["interval"][0]
    if min(shuffled) <= score["auroc"] <= max(shuffled) or low <= CHANCE:
        return "chance"
    return "useful" if low >= USEFUL else "weak"


def load_head(path: Path, dim: int) -> TokenHierarchyHead:
    """The head that evaluate.py saved."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    head = TokenHierarchyHead(dim, saved["recipe"]["hidden"])
    head.load_state_dict(saved["head"])
    return head.eval()


def metrics(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    count, score = evaluation["fields"], evaluation["score"]
    cells = evaluation["contribution"]["sum"]
    return [
        {
            "name": "AUROC",
            "value": score["auroc"],
            "interval": score["interval"],
            "on": f"{2 * count['test']} fields of the built-in slide; trained on other slides",
        },
        {
            "name": "AUROC of the cells' contribution",
            "value": cells["auroc"],
            "interval": cells["interval"],
            "on": f"{count['cells']} true cells, {count['planted_cells']} of them planted",
        },
    ]


def manifest(bias: float, evaluation: dict[str, Any], encoder: Encoder) -> dict[str, Any]:
    """All fixed fields of manifest.json (src/model/manifest.ts)."""
    planted, known = evaluation["planted"], trust(evaluation)
    bags = list(evaluation["slide_level"]["planted"].values())
    files = [
        {"provider": p, "dtype": "float32", "path": "head-f32.onnx", "tolerance": TOLERANCE}
        for p in ("wasm", "webgpu")
    ]
    return {
        "id": IDENTITY,
        "name": f"Planted {planted}s",
        "role": "head",
        "version": VERSION,
        "licence": "Apache-2.0",
        "card": "card.md",
        "outputs": {name: name for name in OUTPUTS},
        "files": files,
        "parity": {"outputs": [{"name": name, "step": 1} for name in OUTPUTS]},
        "head": {
            "tokens": encoder.layout,
            "dim": encoder.dim,
            "count": encoder.count,
            "targetId": "planted",
            "variant": "baseline",
            "target": f"Planted {planted}s",
            "label": f"Planted {planted}s in this field",
            "negative": "none",
            "positive": "present",
            "bias": bias,
            "temperature": evaluation["temperature"],
            "ece": evaluation["ece"],
            "patients": 0,
            "trust": known,
            "pooling": recommended(bags, known),
            "tissue": TISSUE,
            "note": NOTE.format(planted=planted),
        },
        "metrics": metrics(evaluation),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder that evaluate wrote")
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    evaluation = json.loads((args.run / "evaluation.json").read_text())
    if evaluation["encoder"] != args.encoder.name:
        parser.error(f"The head in {args.run} was trained on {evaluation['encoder']}.")
    args.out.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(args.encoder)
    head = load_head(args.run / "head.pt", encoder.dim)
    write_onnx(head, args.out / "head-f32.onnx", encoder.count)
    fixed = manifest(head.bias.item(), evaluation, encoder)
    complete = finish_model(args.out, fixed, parity_tokens(encoder))
    (args.out / "evaluation.json").write_text(json.dumps(evaluation, indent=1) + "\n")
    (args.out / "card.md").write_text(card(evaluation, complete))
    print(json.dumps(check_model(args.out), indent=1))


if __name__ == "__main__":
    main()
