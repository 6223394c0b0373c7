"""Write the encoder's model folder.

    python -m training.encoder.export --weights runs/encoder/tuned.pt \\
        --eval runs/encoder/eval.json --out models/encoder-tokens-1
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.common.manifest import check_model, finish_model
from training.common.painted import painted_tissue
from training.common.paths import data_path
from training.encoder.card import encoder_card
from training.encoder.model import DIM, FIELD_PX, GRID, LAYOUT, MEAN, MPP, STD
from training.encoder.onnx_files import OUTPUTS, cosine, run_file, write_browser_files, write_float
from training.encoder.tiles import load_tiles
from training.encoder.weights import load_encoder

IDENTITY = "encoder-tokens-1"
# WASM differed from native int8 by 0.04 %. Processors without 8-bit dot products may round and
# saturate a little more; a wrong operator is off by far more (the runtime sheet has 26 %).
WASM_TOLERANCE = 0.03
# Float arithmetic on the same int8 weights: only the order of sums differs.
WEBGPU_TOLERANCE = 0.02
COMPARED_TILES = 500


def compare(folder: Path, floating: Path, tiles: np.ndarray) -> dict[str, dict[str, float]]:
    """Cosine of each browser file's tokens with the float file's; sizes in bytes."""
    class_float, patch_float = run_file(floating, tiles)
    result = {"float": {"bytes": floating.stat().st_size}}
    for name in ("wasm-int8.onnx", "webgpu-w8.onnx"):
        class_token, patch_tokens = run_file(folder / name, tiles)
        same = cosine(class_float, class_token)
        result[name] = {
            "bytes": (folder / name).stat().st_size,
            "class_cosine_mean": float(same.mean()),
            "class_cosine_min": float(same.min()),
            "patch_cosine_mean": float(cosine(patch_float, patch_tokens).mean()),
        }
    return result


def metrics(evaluation: dict[str, Any], loss: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    """Manifest metrics from the evaluation of the float encoder and the quantization loss."""
    subject = evaluation["encoder"]
    organ, kind = subject["organ"], subject["token_type"]
    turn = subject["rotation_90"]
    return [
        {
            "name": "Cross-slide organ kNN, balanced accuracy",
            "value": organ["value"],
            "interval": organ["interval"],
            "on": "duodenum (3 slides) and lung (2), neighbours from other slides of 6 organs",
        },
        {
            "name": "Nuclear type of tokens, macro AUROC",
            "value": kind["value"],
            "interval": kind["interval"],
            "on": "5 held-out CoNSeP images, linear probe",
        },
        {
            "name": "Rotation m-kNN at 90 degrees",
            "value": turn["value"],
            "on": f"{turn['batch']} tiles, k = {turn['k']}",
        },
        {
            "name": "Effective rank of the class token",
            "value": subject["effective_rank"],
            "on": f"{subject['tiles']} tiles, {DIM} dimensions",
        },
        {
            "name": "Class-token cosine, WASM int8 against float",
            "value": loss["wasm-int8.onnx"]["class_cosine_mean"],
            "on": f"{COMPARED_TILES} tiles",
        },
        {
            "name": "Class-token cosine, WebGPU int8 weights against float",
            "value": loss["webgpu-w8.onnx"]["class_cosine_mean"],
            "on": f"{COMPARED_TILES} tiles",
        },
    ]


def manifest(measured: list[dict[str, Any]], version: str) -> dict[str, Any]:
    return {
        "id": IDENTITY,
        "name": "Field tokens, tuned on nuclei",
        "role": "encoder",
        "version": version,
        "licence": "Apache-2.0",
        "card": "card.md",
        "input": {
            "name": "image",
            "px": FIELD_PX,
            "mpp": MPP,
            "layout": "NCHW",
            "mean": list(MEAN),
            "std": list(STD),
        },
        "outputs": {name: name for name in OUTPUTS},
        "files": [
            {
                "provider": "wasm",
                "dtype": "int8",
                "path": "wasm-int8.onnx",
                "tolerance": WASM_TOLERANCE,
            },
            {
                "provider": "webgpu",
                "dtype": "int8-weights",
                "path": "webgpu-w8.onnx",
                "tolerance": WEBGPU_TOLERANCE,
            },
        ],
        "parity": {
            "outputs": [{"name": "class_token", "step": 1}, {"name": "patch_tokens", "step": 23}]
        },
        "encoder": {"dim": DIM, "grid": [GRID, GRID], "tokens": LAYOUT},
        "metrics": measured,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--eval", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--times", default="", help="training times, a sentence for the card")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    model = load_encoder(args.weights)
    images, _ = load_tiles(data_path("tiles"))
    edge = (images.shape[1] - FIELD_PX) // 2
    tiles = images[:, edge : edge + FIELD_PX, edge : edge + FIELD_PX]
    order = np.random.default_rng(0).permutation(len(tiles))
    with tempfile.TemporaryDirectory() as scratch:
        floating = Path(scratch) / "float.onnx"
        write_float(model, floating)
        write_browser_files(floating, args.out)
        loss = compare(args.out, floating, tiles[order[:COMPARED_TILES]])
    evaluation = json.loads(args.eval.read_text())
    finish_model(
        args.out,
        manifest(metrics(evaluation, loss), args.version),
        {"image": painted_tissue(FIELD_PX, MPP)},
    )
    (args.out / "card.md").write_text(encoder_card(evaluation, loss, args.times))
    print(json.dumps({"quantization": loss, "parity": check_model(args.out)}, indent=1))


if __name__ == "__main__":
    main()
