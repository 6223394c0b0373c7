"""The encoder in float32, to compare with: the browser's int8 files are made from it.

    python -m training.encoder.floating --weights ../runs/encoder/tuned3.pt \\
        --encoder models/encoder-tokens-3 --out ../runs/encoder-f32

A model folder of 10 MB that is not shipped; `e2e/spots.spec.ts` reads it where
CYTOLENS_FLOAT_ENCODER names it.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch

from training.common.manifest import check_model, finish_model
from training.common.painted import painted_tissue
from training.encoder.onnx_files import write_float
from training.encoder.weights import load_encoder

FILE = "wasm-f32.onnx"
TOLERANCE = 1e-3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--encoder", type=Path, required=True, help="the shipped folder")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    write_float(load_encoder(args.weights), args.out / FILE)
    manifest = json.loads((args.encoder / "manifest.json").read_text())
    manifest["files"] = [
        {"provider": "wasm", "dtype": "float32", "path": FILE, "tolerance": TOLERANCE}
    ]
    shutil.copy(args.encoder / "card.md", args.out)
    for part in (manifest["encoder"][name] for name in ("bank", "pattern")
                 if name in manifest["encoder"]):  # fmt: skip
        shutil.copy(args.encoder / part["path"], args.out)
    px, mpp = manifest["input"]["px"], manifest["input"]["mpp"]
    finish_model(args.out, manifest, {"image": painted_tissue(px, mpp)})
    print(json.dumps(check_model(args.out)))


if __name__ == "__main__":
    main()
