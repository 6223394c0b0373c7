"""Run a segmenter over a whole image, field by field as the viewer does.

A field is 448 px (112 um); the network reads it with a margin of 32 px (8 um) on each side.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from training.common.manifest import open_session
from training.nuclei.data import normalise
from training.nuclei.decode import StarMaps
from training.nuclei.strong_stain import STRONGEST, weakened
from training.nuclei.targets import RAYS, STRIDE

INPUT = 512
FIELD_MARGIN = 32
FIELD = INPUT - 2 * FIELD_MARGIN
# Network input [1, 3, 512, 512] -> (prob [1, 1, h, w], dist [1, RAYS, h, w], type [1, 4, h, w]).
Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


def stretched(maps: StarMaps, stretch: float) -> StarMaps:
    """Maps whose outlines are drawn out: every radius is moved away from its cell's mean radius by
    `stretch` times their difference.

    A network that cannot see where a long nucleus ends answers with a distance between the likely
    ones, so outlines come out rounder than nuclei are. The factor is chosen on validation images
    and exported inside the weights (`fold_stretch` in export.py)."""
    mean = maps.dist.mean(0, keepdims=True)
    dist = np.maximum(maps.dist + stretch * (maps.dist - mean), 0)
    return StarMaps(maps.prob, dist, maps.kind)


def torch_network(model: nn.Module) -> Network:
    """The float network, with the output activations of the exported files."""

    def run(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        with torch.inference_mode():
            prob, dist, kind = model(torch.from_numpy(x))
        return torch.sigmoid(prob).numpy(), dist.clamp(min=0).numpy(), kind.numpy()

    return run


def onnx_network(path: Path, threads: int = 1) -> Network:
    """An exported file on onnxruntime's CPU provider."""
    session = open_session(path, threads)

    def run(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        prob, dist, kind = session.run(["prob", "dist", "type"], {"image": x})
        return prob, dist, kind

    return run


def symmetric_network(network: Network) -> Network:
    """The mean of a network's maps over the eight turns and flips of its input: eight times the
    work, measured as what a network that agreed with itself might reach."""
    ray = np.arange(RAYS)

    def run(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        total: list[np.ndarray] = []
        for turn in range(4):
            for flip in (False, True):
                seen = np.rot90(x, turn, (2, 3))
                outputs = network(np.ascontiguousarray(seen[..., ::-1] if flip else seen))
                back = [o[..., ::-1] if flip else o for o in outputs]
                prob, dist, kind = (np.rot90(o, -turn, (2, 3)) for o in back)
                # y points down, so a quarter turn of the array takes ray k to ray k - RAYS / 4;
                # a flip takes ray k to its mirror about the vertical axis.
                turned = ray - turn * RAYS // 4
                source = (RAYS // 2 - turned if flip else turned) % RAYS
                parts = [prob, dist[:, source], kind]
                total = [a + b for a, b in zip(total, parts, strict=True)] if total else parts
        prob, dist, kind = (t / 8 for t in total)
        return prob, dist, kind

    return run


def fields(rgb: np.ndarray) -> list[tuple[int, int, np.ndarray]]:
    """(row, column, pixels [512, 512, 3]) of the fields that cover an image [H, W, 3]; beyond the
    image's edge the pixels are mirrored."""
    height, width = rgb.shape[:2]
    down, across = -(-height // FIELD), -(-width // FIELD)
    pad = (
        (FIELD_MARGIN, down * FIELD - height + FIELD_MARGIN),
        (FIELD_MARGIN, across * FIELD - width + FIELD_MARGIN),
        (0, 0),
    )
    padded = np.pad(rgb, pad, mode="reflect")
    return [
        (r, c, padded[r * FIELD : r * FIELD + INPUT, c * FIELD : c * FIELD + INPUT])
        for r in range(down)
        for c in range(across)
    ]


def predict(network: Network, rgb: np.ndarray, strongest: float = STRONGEST) -> StarMaps:
    """Stitch the fields' maps without their margins: maps of ceil(H/448)*112 rows, likewise
    columns. Fields stained more strongly than `strongest` are shown weakened (strong_stain.py);
    infinity shows all as they are."""
    cells, edge = FIELD // STRIDE, FIELD_MARGIN // STRIDE
    tiles = fields(rgb)
    down, across = tiles[-1][0] + 1, tiles[-1][1] + 1
    maps: list[np.ndarray] = []
    for row, col, pixels in tiles:
        shown = normalise(weakened(pixels, FIELD_MARGIN, strongest))[None]
        for index, value in enumerate(network(shown)):
            if len(maps) <= index:
                shape = (value.shape[1], down * cells, across * cells)
                maps.append(np.zeros(shape, np.float32))
            maps[index][
                :, row * cells : (row + 1) * cells, col * cells : (col + 1) * cells
            ] = value[0, :, edge : edge + cells, edge : edge + cells]
    return StarMaps(maps[0][0], maps[1], maps[2])
