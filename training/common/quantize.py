"""Make the browser files of a float ONNX model.

quantize_static(model, out, batches, keep_float)  QDQ int8, per channel: convolutions on WASM
quantize_dynamic_matmul(model, out)               dynamic int8 MatMul: transformers on WASM
quantize_weights(model, out)                      int8 weights, float arithmetic: WebGPU
prepare(model, out)                               fold constants and batch norms first
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_dynamic,
)
from onnxruntime.quantization import (
    quantize_static as ort_quantize_static,
)

# Smaller weights save nothing and cost one more operation each on the GPU.
SMALLEST_QUANTIZED = 1024
# Which input of an operation is its weight, and along which axis its output channels run.
WEIGHT_AXIS = {"Conv": 0, "ConvTranspose": 1, "MatMul": 1}


class Batches(CalibrationDataReader):
    """Feeds calibration inputs, one dictionary of arrays at a time."""

    def __init__(self, batches: Iterable[dict[str, np.ndarray]]) -> None:
        self.iterator = iter(batches)

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.iterator, None)


def prepare(model: Path, out: Path) -> None:
    """Fold constants and merge Conv with BatchNormalization, using standard operators alone."""
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(out)
    options.log_severity_level = 3
    ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    written = onnx.load(out)
    # The optimizer lists every domain it knows; keep the ones that are used.
    used = {node.domain for node in written.graph.node}
    kept = [o for o in written.opset_import if o.domain in used]
    del written.opset_import[:]
    written.opset_import.extend(kept)
    onnx.checker.check_model(written)
    onnx.save(written, out)


def quantize_static(
    model: Path,
    out: Path,
    batches: Iterable[dict[str, np.ndarray]],
    keep_float: list[str] | None = None,
    operators: list[str] | None = None,
) -> None:
    """QDQ int8: symmetric per-channel weights, unsigned activations with ranges from `batches`.

    keep_float: node names left in float. `model` should come from `prepare`.
    """
    ort_quantize_static(
        str(model), str(out), Batches(batches), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax, nodes_to_exclude=keep_float or [],
        op_types_to_quantize=operators or ["Conv", "Add", "Concat", "Resize"],
        extra_options={"ActivationSymmetric": False, "WeightSymmetric": True},
    )  # fmt: skip


def quantize_dynamic_matmul(model: Path, out: Path) -> None:
    """Dynamic int8 for MatMul with constant weights, per channel; the rest stays float."""
    quantize_dynamic(
        str(model), str(out), op_types_to_quantize=["MatMul"], per_channel=True,
        weight_type=QuantType.QInt8, extra_options={"MatMulConstBOnly": True},
    )  # fmt: skip


def quantize_weights(model: Path, out: Path) -> None:
    """Store the weights of Conv, ConvTranspose, MatMul and Gemm as int8 with one scale an output
    channel, followed by DequantizeLinear; all arithmetic stays float."""
    loaded = onnx.load(model)
    graph = loaded.graph
    arrays = {i.name: i for i in graph.initializer}
    done: dict[tuple[str, int], str] = {}
    added: list[onnx.NodeProto] = []
    for node in graph.node:
        axis = weight_axis(node)
        if axis is None or node.input[1] not in arrays:
            continue
        name = node.input[1]
        weight = numpy_helper.to_array(arrays[name])
        if weight.dtype != np.float32 or weight.ndim < 2 or weight.size < SMALLEST_QUANTIZED:
            continue
        if (name, axis) not in done:
            done[name, axis] = f"{name}_dequantized"
            quantized, scale = symmetric_int8(weight, axis)
            graph.initializer.append(numpy_helper.from_array(quantized, f"{name}_int8"))
            graph.initializer.append(numpy_helper.from_array(scale, f"{name}_scale"))
            added.append(
                helper.make_node(
                    "DequantizeLinear", [f"{name}_int8", f"{name}_scale"],
                    [f"{name}_dequantized"], name=f"{name}_dequantize", axis=axis,
                )  # fmt: skip
            )
        node.input[1] = done[name, axis]
    nodes = added + list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in graph.node for name in node.input}
    kept = [i for i in graph.initializer if i.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    onnx.checker.check_model(loaded)
    onnx.save(loaded, out)


def weight_axis(node: onnx.NodeProto) -> int | None:
    """Axis of the output channels in a node's weight (its second input); None if it has none."""
    if node.op_type == "Gemm":
        transposed = any(a.name == "transB" and a.i == 1 for a in node.attribute)
        return 0 if transposed else 1
    return WEIGHT_AXIS.get(node.op_type)


def symmetric_int8(weight: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """int8 values of weight's shape and float32 scales [channels], weight ~ value * scale."""
    others = tuple(i for i in range(weight.ndim) if i != axis)
    scale = np.maximum(np.abs(weight).max(axis=others), 1e-12).astype(np.float32) / 127
    shape = [1] * weight.ndim
    shape[axis] = -1
    values = np.clip(np.round(weight / scale.reshape(shape)), -127, 127).astype(np.int8)
    return values, scale.astype(np.float32)


def export_onnx(
    module: Any, example: tuple[Any, ...], out: Path, inputs: list[str], outputs: list[str]
) -> None:
    """Trace a torch module to ONNX (opset 18) and prepare it for quantization.

    torch is imported here so that quantizing a finished file needs onnxruntime alone.
    """
    import torch

    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        torch.onnx.export(
            module, example, str(raw), input_names=inputs, output_names=outputs,
            opset_version=18, dynamo=False,
        )  # fmt: skip
        prepare(raw, out)
