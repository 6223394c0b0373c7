"""Turn a pathology vision transformer into a model folder of the viewer.

    python -m training.export_encoder --arch uni --weights pytorch_model.bin \\
        --out models-own/uni --name "UNI" --licence "CC-BY-NC-ND 4.0"

Reads checkpoints of timm, DINOv2 and transformers (training/byo/weights.py) for the architectures
of training/byo/architectures.py. Nothing is downloaded. docs/bring-your-own-encoder.md walks
through it.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.byo.architectures import ARCHITECTURES, Architecture, architecture
from training.byo.card import card
from training.byo.onnx_files import FILES, INPUT, OUTPUTS, write_file, write_float
from training.byo.vit import VisionTransformer
from training.byo.weights import build_encoder, read_checkpoint
from training.common.external import FILE_LIMIT
from training.common.manifest import (
    check_model,
    finish_model,
    identity,
    network_input,
    open_session,
)
from training.common.painted import painted_tissue

# The float file must be the checkpoint's function: difference in any token value.
FLOAT_TOLERANCE = 1e-3
# Relative error that the viewer allows against the file's own reference. int8 products round and
# saturate differently on processors without 8-bit dot products, more so in deep networks.
TOLERANCES = {"int8-weights": 0.02, "float16": 0.02, "int8": 0.05}
# float16 ends at 65504; other tissue can go higher than the painted tile does.
FLOAT16_ROOM = 16384.0


@dataclass(frozen=True)
class Named:
    """What the person exporting says about the model."""

    id: str
    name: str
    licence: str


def model_id(folder: Path) -> str:
    """The folder's name, which names the model everywhere; ValueError when the viewer would not
    take it."""
    name = folder.resolve().name
    if not re.fullmatch(r"[\w.-]+", name, re.ASCII):
        raise ValueError(f"The folder {name!r} names the model: use letters, digits, '-' and '_'.")
    return name


def largest_value(model: VisionTransformer, image: torch.Tensor) -> float:
    """Largest absolute output of any layer on `image`: what float16 would have to hold."""
    seen = [0.0]

    def note(_module: object, _inputs: object, output: torch.Tensor | tuple) -> None:
        for value in output if isinstance(output, tuple) else (output,):
            seen.append(value.abs().max().item())

    hooks = [m.register_forward_hook(note) for m in model.modules() if m is not model]
    model(image)
    for hook in hooks:
        hook.remove()
    return max(seen)


def differences(path: Path, image: np.ndarray, expected: Sequence[np.ndarray]) -> dict[str, float]:
    """How far a file's outputs lie from `expected`, the tokens of the float network."""
    got = open_session(path).run(OUTPUTS, {INPUT: image})
    result: dict[str, float] = {"largest_difference": 0.0}
    for name, a, b in zip(OUTPUTS, got, expected, strict=True):
        if not np.isfinite(a).all():
            raise ValueError(f"{path.name} computes numbers that are not finite.")
        result[name] = float(np.sqrt(np.mean((a - b) ** 2) / np.mean(b**2)))
        largest = float(np.abs(a - b).max())
        result["largest_difference"] = max(result["largest_difference"], largest)
    a, b = got[0].ravel(), expected[0].ravel()
    result["class_cosine"] = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return result


def base_manifest(named: Named, arch: Architecture, tokens: str) -> dict[str, Any]:
    """Everything of the manifest that does not depend on the files."""
    mean, std = arch.normalise
    return {
        "id": named.id, "name": named.name, "role": "encoder", "version": "1.0.0",
        "licence": named.licence, "card": "card.md",
        "input": {
            "name": INPUT, "px": arch.px, "mpp": arch.mpp, "layout": "NCHW",
            "mean": list(mean), "std": list(std),
        },
        "outputs": {name: name for name in OUTPUTS},
        "parity": {
            "outputs": [{"name": "class_token", "step": 1}, {"name": "patch_tokens", "step": 23}]
        },
        "encoder": {"dim": arch.dim, "grid": [arch.grid, arch.grid], "tokens": tokens},
        "metrics": [],
    }  # fmt: skip


def export(
    arch: Architecture,
    weights: Path,
    out: Path,
    named: Named,
    dtypes: Sequence[str] = tuple(FILES),
    limit: int = FILE_LIMIT,
) -> dict[str, Any]:
    """Write the model folder `out` and return its evaluation.

    dtypes: which files to make, keys of FILES. limit: bytes that a weight file may have before it
    is split. Raises ValueError when the weights do not fit or a file does not compute.
    """
    model = build_encoder(arch, read_checkpoint(weights))
    source = identity(weights)
    manifest = base_manifest(named, arch, f"{named.id}@{source['sha256'][:8]}")
    tile = painted_tissue(arch.px, arch.mpp)
    image = network_input(manifest, tile)
    with torch.no_grad():
        expected = [value.numpy() for value in model(torch.from_numpy(image))]
        largest = largest_value(model, torch.from_numpy(image))
    chosen = [dtype for dtype in FILES if dtype in dtypes]
    left_out = ""
    if largest > FLOAT16_ROOM and "float16" in chosen:
        chosen.remove("float16")
        left_out = "There is no float16 file: it could overflow."
    parameters = sum(p.numel() for p in model.parameters())
    out.mkdir(parents=True, exist_ok=True)
    compared: dict[str, dict[str, float]] = {}
    files = []
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        floating = Path(scratch) / "float.onnx"
        write_float(model, floating)
        del model
        compared["float32, not kept"] = {
            "bytes": 4 * parameters,
            **differences(floating, image, expected),
        }
        if compared["float32, not kept"]["largest_difference"] > FLOAT_TOLERANCE:
            raise ValueError("The ONNX file does not compute what the checkpoint computes.")
        for dtype in chosen:
            path, provider = FILES[dtype]
            print(f"writing {path}", flush=True)
            external = write_file(dtype, floating, out, limit)
            size = sum((out / name).stat().st_size for name in [path, *external])
            compared[path] = {"bytes": size, **differences(out / path, image, expected)}
            files.append({
                "provider": provider, "dtype": dtype, "path": path, "external": external,
                "tolerance": TOLERANCES[dtype],
            })  # fmt: skip
    complete = finish_model(out, {**manifest, "files": files}, {INPUT: tile})
    evaluation = {
        "architecture": arch.title, "parameters": parameters, "source": source,
        "largest": largest, "left_out": left_out, "on": "one painted tile", "files": compared,
    }  # fmt: skip
    (out / "evaluation.json").write_text(json.dumps(evaluation, indent=1) + "\n")
    (out / "card.md").write_text(card(evaluation, complete))
    check_model(out)
    return evaluation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arch", required=True, help=", ".join(ARCHITECTURES))
    parser.add_argument("--weights", type=Path, required=True, help=".bin, .pth or .safetensors")
    parser.add_argument("--out", type=Path, required=True, help="folder; its name becomes the id")
    parser.add_argument("--name", required=True, help="as the viewer shows it")
    parser.add_argument("--licence", required=True, help="of the weights")
    parser.add_argument("--px", type=int, help="input side, if not the architecture's")
    parser.add_argument("--mpp", type=float, help="um per px, if not the architecture's")
    parser.add_argument("--dtypes", nargs="+", choices=list(FILES), default=list(FILES))
    parser.add_argument("--limit", type=int, default=FILE_LIMIT, help="bytes of one weight file")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    try:
        arch = architecture(args.arch)
        arch = replace(arch, px=args.px or arch.px, mpp=args.mpp or arch.mpp)
        if arch.px % arch.patch:
            raise ValueError(f"{arch.px} px cannot be cut into patches of {arch.patch} px.")
        named = Named(model_id(args.out), args.name, args.licence)
        evaluation = export(arch, args.weights, args.out, named, args.dtypes, args.limit)
    except ValueError as refused:
        raise SystemExit(str(refused)) from refused
    print(json.dumps(evaluation, indent=1))


if __name__ == "__main__":
    main()
