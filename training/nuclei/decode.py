"""From the network's maps to nuclei; the viewer decodes by the same rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from training.nuclei.targets import STRIDE, ray_directions

# A candidate whose centre lies within this share of the smaller mean radius of an accepted
# nucleus is that nucleus, whatever the overlap of their outlines.
CORE = 0.5


@dataclass
class StarMaps:
    """prob [h, w] 0..1; dist [RAYS, h, w] input px; kind [types, h, w] logits."""

    prob: np.ndarray
    dist: np.ndarray
    kind: np.ndarray


@dataclass
class Nuclei:
    """Detections, most probable first, as an instance map and columns.

    labels: [H, W] int32; centre: [n, 2] (x, y) px of the outline's seed cell;
    centroid: [n, 2] (x, y) of the visible area; kind: [n]; prob: [n].
    """

    labels: np.ndarray
    centre: np.ndarray
    centroid: np.ndarray
    kind: np.ndarray
    prob: np.ndarray


def outline_mask(
    x: float, y: float, radii: np.ndarray, height: int, width: int
) -> tuple[slice, slice, np.ndarray]:
    """Rows, columns and mask of a star outline, cut to the image."""
    points = np.asarray([x, y]) + radii[:, None] * ray_directions()
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + 1, [width, height])
    canvas = Image.new("1", (max(x1 - x0, 1), max(y1 - y0, 1)))
    # Pixel k covers [k, k + 1): its centre is drawn at k, hence the half pixel.
    corners = [(float(a - x0 - 0.5), float(b - y0 - 0.5)) for a, b in points]
    ImageDraw.Draw(canvas).polygon(corners, fill=1)
    return slice(y0, y0 + canvas.height), slice(x0, x0 + canvas.width), np.asarray(canvas)


def decode(
    maps: StarMaps, height: int, width: int, threshold: float, nms_iou: float
) -> Nuclei:
    """Greedy non-maximum suppression on star outlines.

    The overlap with an accepted nucleus is counted on the pixels it still owns, which differs from
    the outlines' own intersection only where three nuclei meet.
    """
    labels = np.zeros((height, width), np.int32)
    rows, cols = np.nonzero(maps.prob >= threshold)
    order = np.argsort(-maps.prob[rows, cols], kind="stable")
    areas, means, centres, kept = [0], [0.0], [(0.0, 0.0)], []
    for row, col in zip(rows[order], cols[order], strict=True):
        x, y = (col + 0.5) * STRIDE, (row + 0.5) * STRIDE
        if x >= width or y >= height:
            continue
        radii = np.maximum(maps.dist[:, row, col], 0)
        v, u, mask = outline_mask(x, y, radii, height, width)
        window = labels[v, u]
        mask = mask[: window.shape[0], : window.shape[1]]
        area, mean = int(mask.sum()), float(radii.mean())
        if area == 0:
            continue
        covered = np.bincount(window[mask], minlength=1)
        duplicate = False
        for other in np.nonzero(covered)[0]:
            if other == 0:
                continue
            shared = covered[other]
            apart = np.hypot(x - centres[other][0], y - centres[other][1])
            if apart < CORE * min(mean, means[other]) or (
                shared > nms_iou * (area + areas[other] - shared)
            ):
                duplicate = True
                break
        if duplicate:
            continue
        areas.append(area)
        means.append(mean)
        centres.append((x, y))
        kept.append((row, col))
        window[mask & (window == 0)] = len(kept)
    at = np.asarray(kept, int).reshape(-1, 2)
    return Nuclei(
        labels,
        np.asarray(centres[1:], float).reshape(-1, 2),
        centroids(labels, len(kept), np.asarray(centres[1:], float).reshape(-1, 2)),
        maps.kind[:, at[:, 0], at[:, 1]].argmax(0),
        maps.prob[at[:, 0], at[:, 1]],
    )


def centroids(labels: np.ndarray, count: int, fallback: np.ndarray | None = None) -> np.ndarray:
    """(x, y) mean pixel centre of labels 1..count; `fallback` [count, 2] for labels with no pixel
    left."""
    flat = labels.ravel()
    size = np.bincount(flat, minlength=count + 1)[1 : count + 1]
    ys, xs = np.indices(labels.shape)
    points = [
        np.bincount(flat, weights=axis.ravel() + 0.5, minlength=count + 1)[1 : count + 1]
        for axis in (xs, ys)
    ]
    result = np.stack(points, axis=1) / np.maximum(size, 1)[:, None]
    if fallback is not None:
        result[size == 0] = fallback[size == 0]
    return result
