"""Browser files of a vision transformer: float16 and int8 weights for WebGPU, int8 for WASM."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import onnx
import torch
from onnxruntime.transformers.float16 import convert_float_to_float16

from training.byo.vit import VisionTransformer
from training.common.external import FILE_LIMIT, save_model
from training.common.quantize import quantize_dynamic_matmul, quantize_weights

INPUT = "image"
OUTPUTS = ["class_token", "patch_tokens"]
# By dtype as the manifest names it: file and provider, in the manifest's order. The first is the
# fastest on a processor, and heads are trained on its tokens. Of the WebGPU files the one that
# every adapter can run comes first; float16 needs shader-f16.
FILES = {
    "int8": ("wasm-int8.onnx", "wasm"),
    "int8-weights": ("webgpu-w8.onnx", "webgpu"),
    "float16": ("webgpu-f16.onnx", "webgpu"),
}


def write_float(model: VisionTransformer, out: Path) -> None:
    """float32, opset 18, free batch axis. Over 2 GB, torch puts the weights beside `out`, so give
    it a folder of its own."""
    example = torch.zeros(2, 3, model.arch.px, model.arch.px)
    with warnings.catch_warnings():
        # The tracer warns about the plain integers that the model uses on purpose.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model,
            (example,),
            str(out),
            input_names=[INPUT],
            output_names=OUTPUTS,
            opset_version=18,
            dynamo=False,
            dynamic_axes={name: {0: "batch"} for name in [INPUT, *OUTPUTS]},
        )


def write_file(dtype: str, floating: Path, folder: Path, limit: int = FILE_LIMIT) -> list[str]:
    """Make the file of one dtype from the float file; names of its external weight files.

    float16 keeps float32 inputs and outputs. int8-weights stores int8 and computes in float.
    int8 also quantizes what goes into each product, at run time; the patch convolution, which
    that leaves alone, is stored as int8.
    """
    out = folder / FILES[dtype][0]
    with tempfile.TemporaryDirectory() as scratch:
        if dtype == "float16":
            model = convert_float_to_float16(
                onnx.load(floating), keep_io_types=True, disable_shape_infer=True
            )
        else:
            stored = Path(scratch) / "stored.onnx"
            source = floating
            if dtype == "int8":
                source = Path(scratch) / "dynamic.onnx"
                quantize_dynamic_matmul(floating, source)
            quantize_weights(source, stored)
            model = onnx.load(stored)
        return save_model(model, out, limit)
