"""The browser files of an alignment: two ONNX networks, the vocabulary and the library.

library.bin, little-endian, in this order, without gaps (shapes in manifest `alignment.library`):
    r           float16 [L,W]   embedding of each prototype, length one
    expression  float16 [L,G]   log1p of counts per 10,000
    spots       uint16  [L,P]   spots of each patient that the prototype stands for
"""

from __future__ import annotations

import json
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.common.manifest import identity
from training.common.quantize import prepare
from training.molecular.library import Library

IMAGE_FILE = "image-f32.onnx"
EXPRESSION_FILE = "expression-f32.onnx"
IMAGE_INPUT, EXPRESSION_INPUT = "embedding", "expression"
IMAGE_OUTPUTS, EXPRESSION_OUTPUTS = ["u", "expression"], ["r"]


def write_onnx(
    network: nn.Module, width: int, name: str, outputs: list[str], out: Path
) -> None:
    """float32, opset 18, free batch axis; one input [B,width]."""
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        raw = Path(scratch) / "raw.onnx"
        torch.onnx.export(
            network, (torch.randn(2, width),), str(raw), input_names=[name], output_names=outputs,
            opset_version=18, dynamo=False,
            dynamic_axes={n: {0: "batch"} for n in [name, *outputs]},
        )  # fmt: skip
        prepare(raw, out)


def write_library(library: Library, folder: Path) -> dict[str, Any]:
    """library.bin, and how the manifest describes it."""
    path = folder / "library.bin"
    parts = [
        library.r.astype("<f2"), library.expression.astype("<f2"), library.spots.astype("<u2"),
    ]  # fmt: skip
    path.write_bytes(b"".join(part.tobytes() for part in parts))
    return {
        **identity(path),
        "prototypes": len(library.r),
        "patients": library.patients,
        "spots": int(library.spots.sum()),
    }


def read_library(folder: Path, described: dict[str, Any], width: int, genes: int) -> Library:
    """What the browser reads back."""
    data = (folder / described["path"]).read_bytes()
    count, patients = described["prototypes"], described["patients"]
    shapes = [("<f2", (count, width)), ("<f2", (count, genes)), ("<u2", (count, len(patients)))]
    arrays, start = [], 0
    for dtype, shape in shapes:
        size = int(np.prod(shape))
        arrays.append(np.frombuffer(data, dtype, size, start).reshape(shape))
        start += size * np.dtype(dtype).itemsize
    return Library(
        arrays[0].astype(np.float32), arrays[1].astype(np.float32), patients, arrays[2].astype(int)
    )


def write_vocabulary(genes: list[str], folder: Path) -> dict[str, Any]:
    """vocabulary.json: the gene symbols in the order of every expression vector."""
    path = folder / "vocabulary.json"
    path.write_text(json.dumps({"genes": " ".join(genes)}) + "\n")
    return {**identity(path), "genes": len(genes)}
