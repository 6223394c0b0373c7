"""Rebuild whole CoNSeP images from the 16 patches of each.

Patches 000-008 are a 3 x 3 grid of 256 px; 009-011 continue it below, 012-014 to the right and 015
in the corner, each shifted back by 24 px so that it ends at the image's edge (1000 px). Labels are
numbered patch by patch, so nuclei cut by a seam are joined here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

PATCH = 256
IMAGE = 1000
LAST = IMAGE - PATCH
# Share of the longer of two cut edges that must touch for the pieces to be one nucleus.
SEAM_CONTACT = 0.6


@dataclass
class LabelledImage:
    """One image with its nuclei.

    rgb: [H, W, 3] uint8 at 0.25 um/px; labels: [H, W] int32, 0 background;
    types: [n + 1] int64, 0-based type of each label, -1 for background.
    """

    name: str
    rgb: np.ndarray
    labels: np.ndarray
    types: np.ndarray


def patch_origins() -> list[tuple[int, int]]:
    """(row, column) of patches 000-015 in the image, px."""
    grid = [(PATCH * r, PATCH * c) for r in range(3) for c in range(3)]
    below = [(LAST, PATCH * c) for c in range(3)]
    right = [(PATCH * r, LAST) for r in range(3)]
    return grid + below + right + [(LAST, LAST)]


def stitch_image(folder: Path, number: int) -> LabelledImage:
    """Read and join the patches `train_<number>_*` of the CoNSeP folder."""
    rgb = np.zeros((IMAGE, IMAGE, 3), np.uint8)
    labels = np.zeros((IMAGE, IMAGE), np.int32)
    types: list[int] = [-1]
    for index, (row, col) in enumerate(patch_origins()):
        stem = f"train_{number}_{index:03d}"
        patch = np.asarray(Image.open(folder / "images" / f"{stem}.jpg").convert("RGB"))
        local = np.asarray(Image.open(folder / "instances" / f"{stem}.png")).astype(np.int32)
        names = json.loads((folder / "types" / f"{stem}.json").read_text())
        local = np.where(local > 0, local + len(types) - 1, 0)
        # Edge patches overlap their neighbour by 24 px: keep only what is new.
        top = 3 * PATCH - LAST if row == LAST else 0
        left = 3 * PATCH - LAST if col == LAST else 0
        rgb[row + top : row + PATCH, col + left : col + PATCH] = patch[top:, left:]
        labels[row + top : row + PATCH, col + left : col + PATCH] = local[top:, left:]
        types.extend(int(t) - 1 for t in names)
    return join_seams(f"train_{number}", rgb, labels, np.asarray(types, np.int64))


def join_seams(
    name: str, rgb: np.ndarray, labels: np.ndarray, types: np.ndarray
) -> LabelledImage:
    """Join nuclei cut at multiples of the patch size and number labels from 1 without gaps."""
    parent = np.arange(len(types))

    def root(i: int) -> int:
        while parent[i] != i:
            i = int(parent[i])
        return i

    for line in range(PATCH, labels.shape[0], PATCH):
        for before, after in (
            (labels[line - 1], labels[line]),
            (labels[:, line - 1], labels[:, line]),
        ):
            for a, b in seam_pairs(before, after):
                if types[a] == types[b]:
                    parent[root(b)] = root(a)
    roots = np.asarray([root(i) for i in range(len(types))])
    kept, compact = np.unique(roots[labels], return_inverse=True)
    if kept[0] != 0:  # an image with no background at all
        kept, compact = np.concatenate([[0], kept]), compact + 1
    return LabelledImage(name, rgb, compact.reshape(labels.shape).astype(np.int32), types[kept])


def seam_pairs(before: np.ndarray, after: np.ndarray) -> list[tuple[int, int]]:
    """Label pairs that face each other along one seam over most of both cut edges."""
    both = (before > 0) & (after > 0)
    pairs, contact = np.unique(np.stack([before[both], after[both]]), axis=1, return_counts=True)
    result = []
    for (a, b), touching in zip(pairs.T, contact, strict=True):
        longer = max(int((before == a).sum()), int((after == b).sum()))
        if touching >= SEAM_CONTACT * longer:
            result.append((int(a), int(b)))
    return result
