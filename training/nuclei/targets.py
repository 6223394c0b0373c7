"""Star-convex training targets (after StarDist, arXiv:1806.03535).

A grid cell (i, j) stands for the input square [j*stride, (j+1)*stride) and is centred at
((j+0.5)*stride, (i+0.5)*stride). Ray k points along 2*pi*k/RAYS from +x towards +y (down).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

RAYS = 32
STRIDE = 4
MAX_RAY = 96  # px; longer than the longest CoNSeP nucleus (24 um)
UNKNOWN = -1  # label of pixels outside the annotated image
USUAL_AREA = 212.0  # px; median of the CoNSeP nuclei
WEIGHT_RANGE = (0.5, 3.0)


@dataclass
class StarTargets:
    """prob [h, w] in 0..1; dist [RAYS, h, w] px; known [RAYS, h, w] bool; kind [h, w], -1 = none;
    certain [h, w] bool: false where the image is not annotated; weight [h, w]: how much a cell
    counts, so that small nuclei do not vanish beside large ones (1 in the background);
    contour [H, W]: 0 background, 1 inside, 2 contour of a nucleus, -1 not annotated."""

    prob: np.ndarray
    dist: np.ndarray
    known: np.ndarray
    kind: np.ndarray
    certain: np.ndarray
    weight: np.ndarray
    contour: np.ndarray


def ray_directions(rays: int = RAYS) -> np.ndarray:
    """Unit vectors [rays, 2] as (x, y)."""
    angle = 2 * np.pi * np.arange(rays) / rays
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def off_contour(labels: np.ndarray) -> np.ndarray:
    """Pixels whose four neighbours carry their own label: [H, W] bool."""
    padded = np.pad(labels, 1, constant_values=UNKNOWN)
    same = np.ones(labels.shape, bool)
    for other in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
        same &= other == labels
    return same


def inscribed_radii(labels: np.ndarray, count: int) -> np.ndarray:
    """Radius (px) of the largest disc inside each label: [count], entry 0 unused."""
    depth = ndimage.distance_transform_edt(off_contour(labels) & (labels > 0))
    if count <= 1:
        return np.zeros(count)
    radii = ndimage.maximum(depth, labels, index=np.arange(1, count))
    return np.concatenate([[0.0], np.asarray(radii, float) + 1.0])


def nucleus_weights(areas: np.ndarray) -> np.ndarray:
    """Weight of a nucleus' cells from its whole area (px): the square root lies between counting
    pixels alike and counting nuclei alike."""
    return np.clip(np.sqrt(USUAL_AREA / np.maximum(areas, 1)), *WEIGHT_RANGE).astype(np.float32)


def contour_classes(window: np.ndarray, margin: int) -> np.ndarray:
    """Class of every pixel of `window` inside `margin`: see StarTargets.contour."""
    inner = slice(margin, window.shape[0] - margin), slice(margin, window.shape[1] - margin)
    labels = window[inner]
    classes = np.where(off_contour(window)[inner], 1, 2)
    return np.where(labels > 0, classes, np.where(labels == UNKNOWN, -1, 0)).astype(np.int64)


def cast_rays(
    labels: np.ndarray, xs: np.ndarray, ys: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Distance (px) from each point to the end of its own label along every ray.

    xs, ys: [n] continuous px. Returns dist [n, RAYS] and known [n, RAYS] (false where the ray left
    the annotated area before leaving its nucleus).
    """
    direction = ray_directions().astype(np.float32)
    n = len(xs)
    # A frame of UNKNOWN as wide as a ray saves asking whether a point is still in the image.
    framed = np.pad(labels, MAX_RAY, constant_values=UNKNOWN)
    flat, width = framed.ravel(), framed.shape[1]
    own = np.repeat(labels[ys.astype(int), xs.astype(int)], RAYS)
    px = np.repeat(xs.astype(np.float32) + MAX_RAY, RAYS)
    py = np.repeat(ys.astype(np.float32) + MAX_RAY, RAYS)
    dx, dy = np.tile(direction[:, 0], n), np.tile(direction[:, 1], n)
    dist = np.full(n * RAYS, float(MAX_RAY), np.float32)
    known = np.zeros(n * RAYS, bool)
    active = np.arange(n * RAYS)
    for step in range(1, MAX_RAY + 1):
        px, py = px + dx, py + dy
        seen = flat[py.astype(np.int32) * width + px.astype(np.int32)]  # all coordinates positive
        ended = seen != own
        stopped = active[ended]
        dist[stopped] = step - 0.5  # the border lies within the last step
        known[stopped] = seen[ended] != UNKNOWN
        left = np.flatnonzero(~ended)
        active, own = active[left], own[left]
        px, py, dx, dy = px[left], py[left], dx[left], dy[left]
        if not len(active):
            break
    return dist.reshape(n, RAYS), known.reshape(n, RAYS)


def star_targets(
    window: np.ndarray, margin: int, radii: np.ndarray, areas: np.ndarray, types: np.ndarray
) -> StarTargets:
    """Targets of the part of `window` inside `margin` px.

    window: [H, W] labels with UNKNOWN outside the image; radii (px), areas (px), types: by label.
    """
    rows = (window.shape[0] - 2 * margin) // STRIDE
    cols = (window.shape[1] - 2 * margin) // STRIDE
    ys = margin + (np.arange(rows) + 0.5) * STRIDE
    xs = margin + (np.arange(cols) + 0.5) * STRIDE
    grid_x, grid_y = np.meshgrid(xs, ys)
    owner = window[grid_y.astype(int), grid_x.astype(int)]
    prob = np.zeros((rows, cols), np.float32)
    dist = np.zeros((RAYS, rows, cols), np.float32)
    known = np.zeros((RAYS, rows, cols), bool)
    kind = np.full((rows, cols), -1, np.int64)
    weight = np.ones((rows, cols), np.float32)
    inside = owner > 0
    if inside.any():
        d, k = cast_rays(window, grid_x[inside], grid_y[inside])
        dist[:, inside] = d.T
        known[:, inside] = k.T
        # The nearest border over the rays, against the nucleus' inscribed radius. The grid rarely
        # hits the deepest point, so the last 1.5 px below that radius already count as 1.
        deepest = np.maximum(radii[owner[inside]] - 1.5, 2.0)
        prob[inside] = np.clip(d.min(axis=1) / deepest, 0.0, 1.0)
        kind[inside] = types[owner[inside]]
        weight[inside] = nucleus_weights(areas[owner[inside]])
    contour = contour_classes(window, margin)
    return StarTargets(prob, dist, known, kind, owner != UNKNOWN, weight, contour)
