"""ONNX files of the encoder: float, WASM int8 and WebGPU int8 weights."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch

from training.common.manifest import open_session
from training.common.quantize import (
    prepare,
    quantize_dynamic_matmul,
    quantize_weights,
)
from training.encoder.model import FIELD_PX, MEAN, STD, FieldEncoder

OUTPUTS = ["class_token", "patch_tokens"]


def write_float(model: FieldEncoder, out: Path) -> None:
    """float32, opset 18, free batch axis; constants folded."""
    raw = out.with_suffix(".raw.onnx")
    example = torch.zeros(2, 3, FIELD_PX, FIELD_PX)
    with warnings.catch_warnings():
        # The tracer warns about the plain integers that the model uses on purpose.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model.eval(),
            (example,),
            str(raw),
            input_names=["image"],
            output_names=OUTPUTS,
            opset_version=18,
            dynamo=False,
            dynamic_axes={name: {0: "batch"} for name in ["image", *OUTPUTS]},
        )
    prepare(raw, out)
    raw.unlink()


def network_batches(tiles: np.ndarray, batch: int = 8) -> Iterable[dict[str, np.ndarray]]:
    """uint8 [N,224,224,3] -> normalised NCHW batches by input name."""
    mean, std = np.array(MEAN, np.float32), np.array(STD, np.float32)
    for start in range(0, len(tiles), batch):
        rgb = tiles[start : start + batch].astype(np.float32) / 255
        yield {"image": np.ascontiguousarray(((rgb - mean) / std).transpose(0, 3, 1, 2))}


def write_browser_files(floating: Path, folder: Path) -> None:
    """`wasm-int8.onnx`: dynamic int8 MatMul, convolutions stored as int8 and computed in float;
    `webgpu-w8.onnx`: int8 weights alone.

    Int8 convolutions are not used on WASM: its depthwise kernels made the encoder slower there
    (84 ms a field on one thread, against 55 ms with float convolutions and 70 ms all in float).
    """
    middle = folder / "dynamic.onnx"
    quantize_dynamic_matmul(floating, middle)
    quantize_weights(middle, folder / "wasm-int8.onnx")
    middle.unlink()
    quantize_weights(floating, folder / "webgpu-w8.onnx")


def run_session(session: ort.InferenceSession, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Class tokens [N,192] and patch tokens [N,196,192] of uint8 tiles [N,224,224,3]."""
    parts = [session.run(OUTPUTS, feed) for feed in network_batches(tiles)]
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def run_file(path: Path, tiles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`run_session` on a file."""
    return run_session(open_session(path), tiles)


def cosine(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Row cosine over the last axis."""
    norms = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    return (a * b).sum(axis=-1) / norms
