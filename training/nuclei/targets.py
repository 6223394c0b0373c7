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


@dataclass
class StarTargets:
    """prob [h, w] in 0..1; dist [RAYS, h, w] px; known [RAYS, h, w] bool; kind [h, w], -1 = none;
    certain [h, w] bool: false where the image is not annotated."""

    prob: np.ndarray
    dist: np.ndarray
    known: np.ndarray
    kind: np.ndarray
    certain: np.ndarray


def ray_directions(rays: int = RAYS) -> np.ndarray:
    """Unit vectors [rays, 2] as (x, y)."""
    angle = 2 * np.pi * np.arange(rays) / rays
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def inscribed_radii(labels: np.ndarray, count: int) -> np.ndarray:
    """Radius (px) of the largest disc inside each label: [count], entry 0 unused."""
    padded = np.pad(labels, 1, constant_values=UNKNOWN)
    centre = padded[1:-1, 1:-1]
    same = np.ones(labels.shape, bool)
    for other in (padded[:-2, 1:-1], padded[2:, 1:-1], padded[1:-1, :-2], padded[1:-1, 2:]):
        same &= other == centre
    depth = ndimage.distance_transform_edt(same & (labels > 0))
    if count <= 1:
        return np.zeros(count)
    radii = ndimage.maximum(depth, labels, index=np.arange(1, count))
    return np.concatenate([[0.0], np.asarray(radii, float) + 1.0])


def cast_rays(
    labels: np.ndarray, xs: np.ndarray, ys: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Distance (px) from each point to the end of its own label along every ray.

    xs, ys: [n] continuous px. Returns dist [n, RAYS] and known [n, RAYS] (false where the ray left
    the annotated area before leaving its nucleus).
    """
    direction = ray_directions()
    n = len(xs)
    own = np.repeat(labels[ys.astype(int), xs.astype(int)], RAYS)
    px, py = np.repeat(xs, RAYS), np.repeat(ys, RAYS)
    dx, dy = np.tile(direction[:, 0], n), np.tile(direction[:, 1], n)
    dist = np.full(n * RAYS, float(MAX_RAY))
    known = np.zeros(n * RAYS, bool)
    active = np.arange(n * RAYS)
    height, width = labels.shape
    for step in range(1, MAX_RAY + 1):
        x = np.floor(px[active] + step * dx[active]).astype(int)
        y = np.floor(py[active] + step * dy[active]).astype(int)
        inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
        seen = np.full(len(active), UNKNOWN)
        seen[inside] = labels[y[inside], x[inside]]
        ended = seen != own[active]
        stopped = active[ended]
        dist[stopped] = step - 0.5  # the border lies within the last step
        known[stopped] = seen[ended] != UNKNOWN
        active = active[~ended]
        if not len(active):
            break
    return dist.reshape(n, RAYS), known.reshape(n, RAYS)


def star_targets(
    window: np.ndarray, margin: int, radii: np.ndarray, types: np.ndarray
) -> StarTargets:
    """Targets of the part of `window` inside `margin` px.

    window: [H, W] labels with UNKNOWN outside the image; radii, types: by label.
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
    return StarTargets(prob, dist, known, kind, owner != UNKNOWN)
