"""A shipped encoder as a torch function: gradients through the very weights that the viewer runs.

Only the operators of the encoders' weight-quantised file are known; any other raises KeyError.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import Tensor


class Graph:
    """Runs an ONNX file. `__call__(image [B,3,H,W])` gives its outputs by name."""

    def __init__(self, path: Path) -> None:
        graph = onnx.load(str(path)).graph
        self.nodes = list(graph.node)
        self.input = graph.input[0].name
        self.outputs = [output.name for output in graph.output]
        self.constants = {
            one.name: torch.from_numpy(np.array(numpy_helper.to_array(one)))
            for one in graph.initializer
        }

    def __call__(self, image: Tensor) -> dict[str, Tensor]:
        values: dict[str, Tensor] = {**self.constants, "": None, self.input: image}
        for node in self.nodes:
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            given = [values[name] for name in node.input]
            made = OPERATORS[node.op_type](given, attributes)
            values.update(zip(node.output, made if isinstance(made, tuple) else (made,)))
        return {name: values[name] for name in self.outputs}


def numbers(tensor: Tensor) -> list[int]:
    return [int(v) for v in tensor.reshape(-1)]


def dequantized(x, a):
    value, scale = x[0].float(), x[1]
    zero = x[2].float() if len(x) > 2 and x[2] is not None else torch.zeros_like(scale)
    if scale.dim() == 1 and scale.numel() > 1:
        shape = [1] * value.dim()
        shape[a.get("axis", 1)] = -1
        scale, zero = scale.reshape(shape), zero.reshape(shape)
    return (value - zero) * scale


def convolved(x, a):
    top, left, bottom, right = a["pads"]
    padded = F.pad(x[0], (left, right, top, bottom))
    bias = x[2] if len(x) > 2 else None
    return F.conv2d(padded, x[1], bias, a["strides"], 0, a["dilations"], a["group"])


def padded(x, _):
    pads = numbers(x[1])
    half = len(pads) // 2
    pairs = [p for d in reversed(range(half)) for p in (pads[d], pads[half + d])]
    return F.pad(x[0], pairs, value=float(x[2]) if len(x) > 2 and x[2] is not None else 0.0)


def sliced(x, _):
    value, starts, ends = x[0], numbers(x[1]), numbers(x[2])
    axes = numbers(x[3]) if len(x) > 3 and x[3] is not None else range(len(starts))
    for axis, start, end in zip(axes, starts, ends):
        value = value.narrow(axis, start, min(end, value.shape[axis]) - start)
    return value


def reshaped(x, _):
    return x[0].reshape([x[0].shape[i] if n == 0 else n for i, n in enumerate(numbers(x[1]))])


OPERATORS = {
    "DequantizeLinear": dequantized,
    "Conv": convolved,
    "Pad": padded,
    "Slice": sliced,
    "Reshape": reshaped,
    "Add": lambda x, _: x[0] + x[1],
    "Mul": lambda x, _: x[0] * x[1],
    "Div": lambda x, _: x[0] / x[1],
    "MatMul": lambda x, _: x[0] @ x[1],
    "Erf": lambda x, _: torch.erf(x[0]),
    "Clip": lambda x, _: torch.clamp(
        x[0],
        float(x[1]) if len(x) > 1 and x[1] is not None else None,
        float(x[2]) if len(x) > 2 and x[2] is not None else None,
    ),
    "Softmax": lambda x, a: torch.softmax(x[0], a.get("axis", -1)),
    "Transpose": lambda x, a: x[0].permute(*a["perm"]),
    "Split": lambda x, a: torch.split(x[0], numbers(x[1]), a["axis"]),
    "Concat": lambda x, a: torch.cat(x, a["axis"]),
    "Gather": lambda x, a: (
        x[0].select(a.get("axis", 0), int(x[1])) if x[1].dim() == 0 else x[0][x[1]]
    ),
    "ReduceMean": lambda x, a: x[0].mean(
        numbers(x[1]) if len(x) > 1 else list(a["axes"]), bool(a.get("keepdims", 1))
    ),
    "LayerNormalization": lambda x, a: F.layer_norm(
        x[0], x[1].shape, x[1], x[2], a.get("epsilon", 1e-5)
    ),
}
