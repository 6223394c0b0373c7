"""Write the head's model folder; one small float file serves both providers.

    python -m training.head.export --head runs/head/head.pt --eval runs/head/eval.json \\
        --encoder models/encoder-tokens-1 --out models/erbb2-token-hierarchy-1
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.common.manifest import check_model, finish_model, network_input, open_session
from training.common.painted import painted_tissue
from training.common.quantize import prepare
from training.encoder.model import DIM, FIELD_PX, GRID, LAYOUT, MPP
from training.head.card import head_card
from training.head.model import TokenHierarchyHead
from training.head.spots import PATIENTS

IDENTITY = "erbb2-token-hierarchy-1"
INPUTS = ["class_token", "patch_tokens"]
OUTPUTS = ["logit", "attention", "contribution", "class_share"]
# Float arithmetic everywhere: only the order of sums differs.
TOLERANCE = 0.005


def note(evaluation: dict[str, Any]) -> str:
    """The sentence beside the score, with the figures it rests on."""
    one, two = (evaluation[name]["head"]["auroc"] for name in ("C to B", "B to C"))
    random = min(evaluation[n]["head on a random encoder"]["auroc"] for n in ("C to B", "B to C"))
    weak = ", no better than on untrained tokens" if random >= min(one, two) else ""
    return (
        "Trained on breast cancer spots of 2 patients; tested on the other patient, AUROC was "
        f"{one:.2f} and {two:.2f}{weak}. It shows the method and is not evidence of ERBB2 status."
    )


def load_head(path: Path) -> TokenHierarchyHead:
    saved = torch.load(path, map_location="cpu", weights_only=True)
    head = TokenHierarchyHead(DIM, saved["recipe"]["hidden"])
    head.load_state_dict(saved["head"])
    return head.eval()


def write_onnx(head: TokenHierarchyHead, out: Path) -> None:
    """float32, opset 18, free batch axis."""
    example = (torch.randn(2, DIM), torch.randn(2, GRID * GRID, DIM))
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = Path(scratch) / "raw.onnx"
        torch.onnx.export(
            head,
            example,
            str(raw),
            input_names=INPUTS,
            output_names=OUTPUTS,
            opset_version=18,
            dynamo=False,
            dynamic_axes={name: {0: "batch"} for name in INPUTS + OUTPUTS},
        )
        prepare(raw, out)


def painted_tokens(encoder: Path) -> dict[str, np.ndarray]:
    """Tokens of the painted field by the encoder's own WASM file, as parity inputs."""
    manifest = json.loads((encoder / "manifest.json").read_text())
    session = open_session(encoder / manifest["files"][0]["path"])
    feed = {"image": network_input(manifest, painted_tissue(FIELD_PX, MPP))}
    values = session.run(INPUTS, feed)
    return {name: np.asarray(v, np.float32) for name, v in zip(INPUTS, values, strict=True)}


def metrics(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    result = []
    for name, meaning in (
        ("C to B", "trained on patient C, tested on B"),
        ("B to C", "trained on patient B, tested on C"),
    ):
        head = evaluation[name]["head"]
        where = f"{head['spots']} spots; {meaning}; interval by spot, optimistic"
        result.append(
            {
                "name": "AUROC",
                "value": head["auroc"],
                "interval": head["auroc_interval"],
                "on": where,
            }
        )
        result.append(
            {
                "name": "Spearman",
                "value": head["spearman"],
                "interval": head["spearman_interval"],
                "on": where,
            }
        )
    return result


def manifest(head: TokenHierarchyHead, evaluation: dict[str, Any], version: str) -> dict[str, Any]:
    return {
        "id": IDENTITY,
        "name": "ERBB2 token hierarchy",
        "role": "head",
        "version": version,
        "licence": "Apache-2.0",
        "card": "card.md",
        "outputs": {name: name for name in OUTPUTS},
        "files": [
            {
                "provider": provider,
                "dtype": "float32",
                "path": "head-f32.onnx",
                "tolerance": TOLERANCE,
            }
            for provider in ("wasm", "webgpu")
        ],
        "parity": {"outputs": [{"name": name, "step": 1} for name in OUTPUTS]},
        "head": {
            "tokens": LAYOUT,
            "dim": DIM,
            "count": GRID * GRID,
            "target": "ERBB2",
            "label": "Predicted ERBB2 expression, high",
            "negative": "low",
            "positive": "high",
            "bias": head.bias.item(),
            "temperature": evaluation["temperature"],
            "patients": len(PATIENTS),
            "note": note(evaluation),
        },
        "metrics": metrics(evaluation),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--head", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", default="1.0.0")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    head = load_head(args.head)
    evaluation = json.loads(args.eval.read_text())
    write_onnx(head, args.out / "head-f32.onnx")
    finish_model(args.out, manifest(head, evaluation, args.version), painted_tokens(args.encoder))
    (args.out / "card.md").write_text(head_card(evaluation))
    print(json.dumps(check_model(args.out), indent=1))


if __name__ == "__main__":
    main()
