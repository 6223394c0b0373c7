"""From the network's maps to nuclei; the viewer decodes by the same rules.

Candidates are the map cells at or above the threshold. Greedy suppression keeps one seed a nucleus
(after StarDist, arXiv:1806.03535); then every candidate near a seed's centre tells where it sees the
border, and their mean, weighted by probability, is the nucleus' outline and type.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.nuclei.targets import RAYS, STRIDE, ray_directions

# A candidate whose centre lies within this share of the smaller mean radius of an accepted
# nucleus is that nucleus, whatever the overlap of their outlines.
CORE = 0.5
# Candidates this far out of a seed's centre, as a share of its outline, have a say in the outline.
# Chosen on the validation images: nearer loses votes, farther adds rim cells that see the far
# border badly.
REACH = 0.7
DIRECTIONS = ray_directions()


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


def border_distance(radii: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Distance (px) from a star's centre to its outline, a polygon, in the directions (dx, dy)."""
    k = np.floor(np.mod(np.arctan2(dy, dx), 2 * np.pi) * RAYS / (2 * np.pi)).astype(int) % RAYS
    corners = radii[:, None] * DIRECTIONS
    a, edge = corners[k], np.roll(corners, -1, 0)[k] - corners[k]
    length = np.maximum(np.hypot(dx, dy), 1e-9)
    along = (dx * edge[..., 1] - dy * edge[..., 0]) / length
    reach = a[..., 0] * edge[..., 1] - a[..., 1] * edge[..., 0]
    return reach / np.where(np.abs(along) < 1e-9, 1e-9, along)


def outline_mask(
    x: float, y: float, radii: np.ndarray, height: int, width: int
) -> tuple[slice, slice, np.ndarray]:
    """Rows, columns and mask of a star outline, cut to the image. A pixel is inside when its
    centre is; drawing libraries that also fill the border's pixels add half a pixel all around."""
    points = np.asarray([x, y]) + radii[:, None] * DIRECTIONS
    x0, y0 = np.maximum(np.floor(points.min(0)).astype(int), 0)
    x1, y1 = np.minimum(np.ceil(points.max(0)).astype(int) + 1, [width, height])
    columns, rows = np.arange(x0, max(x1, x0 + 1)), np.arange(y0, max(y1, y0 + 1))
    dx, dy = np.meshgrid(columns + 0.5 - x, rows + 0.5 - y)
    inside = np.hypot(dx, dy) <= border_distance(radii, dx, dy)
    return slice(y0, y0 + len(rows)), slice(x0, x0 + len(columns)), inside


def seen_from(offset: np.ndarray, radii: np.ndarray) -> np.ndarray:
    """Outlines of stars as radii from another point inside them.

    offset: [n, 2] star centres relative to that point, px; radii: [n, RAYS]. Returns [n, RAYS]; 0
    where a ray meets no edge (the point lies outside). A ray that leaves twice counts to the last.
    """
    corners = offset[:, None] + radii[..., None] * DIRECTIONS
    edge = np.roll(corners, -1, 1) - corners
    a, e = corners[:, None], edge[:, None]  # [n, 1, edges, 2]
    u = DIRECTIONS[None, :, None]  # [1, rays, 1, 2]
    cross = u[..., 0] * e[..., 1] - u[..., 1] * e[..., 0]
    cross = np.where(np.abs(cross) < 1e-9, 1e-9, cross)
    away = (a[..., 0] * e[..., 1] - a[..., 1] * e[..., 0]) / cross
    place = (a[..., 0] * u[..., 1] - a[..., 1] * u[..., 0]) / cross
    hit = (place >= -1e-6) & (place <= 1 + 1e-6) & (away > 0)
    return np.where(hit, away, 0).max(-1)


def consensus(
    maps: StarMaps, row: int, col: int, threshold: float
) -> tuple[np.ndarray, int]:
    """Outline [RAYS] (px, from the seed's centre) and type of the nucleus seeded at a map cell."""
    own = np.maximum(maps.dist[:, row, col], 0)
    span = int(np.ceil(own.max() * REACH / STRIDE))
    top, left = max(0, row - span), max(0, col - span)
    near = maps.prob[top : row + span + 1, left : col + span + 1] >= threshold
    rows, cols = np.nonzero(near)
    rows, cols = rows + top, cols + left
    offset = np.stack([cols - col, rows - row], 1).astype(float) * STRIDE
    reach = REACH * border_distance(own, offset[:, 0], offset[:, 1])
    voters = np.hypot(offset[:, 0], offset[:, 1]) <= reach
    rows, cols, offset = rows[voters], cols[voters], offset[voters]
    seen = seen_from(offset, np.maximum(maps.dist[:, rows, cols].T, 0))
    # A candidate that does not hold the seed's centre speaks of another nucleus.
    holds = (seen > 0).all(1) | ((rows == row) & (cols == col))
    weight = maps.prob[rows, cols] * holds
    seen[(rows == row) & (cols == col)] = own
    radii = (seen * weight[:, None]).sum(0) / weight.sum()
    votes = maps.kind[:, rows, cols] @ weight
    return radii, int(votes.argmax())


def decode(
    maps: StarMaps, height: int, width: int, threshold: float, nms_iou: float
) -> Nuclei:
    """Greedy non-maximum suppression on star outlines, then their consensus.

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
    agreed = [consensus(maps, row, col, threshold) for row, col in kept]
    centre = np.asarray(centres[1:], float).reshape(-1, 2)
    at = np.asarray(kept, int).reshape(-1, 2)
    radii = np.asarray([r for r, _ in agreed], float).reshape(-1, RAYS)
    labels = paint(centre, radii, height, width)
    return Nuclei(
        labels, centre, centroids(labels, len(kept), centre),
        np.asarray([kind for _, kind in agreed], int), maps.prob[at[:, 0], at[:, 1]],
    )  # fmt: skip


def paint(centre: np.ndarray, radii: np.ndarray, height: int, width: int) -> np.ndarray:
    """Instance map [height, width] of outlines, the first one on top."""
    labels = np.zeros((height, width), np.int32)
    for index, ((x, y), outline) in enumerate(zip(centre, radii, strict=True)):
        v, u, mask = outline_mask(x, y, outline, height, width)
        window = labels[v, u]
        window[mask[: window.shape[0], : window.shape[1]] & (window == 0)] = index + 1
    return labels


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
