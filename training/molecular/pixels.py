"""Fields cut as the viewer cuts them: src/slide/region.ts enlarges, src/model/tensor.ts shrinks.

The viewer reads the segmenter's window (512 px at 0.25 um/px: the field with a margin) once and
shrinks its centre to the encoder's 224 px at 0.5 um/px. Both steps round to bytes, so both are
repeated here; a figure of the report is then that of the same field on screen.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

from training.common.paths import data_path
from training.head.spots import FIELD_UM, Section
from training.nuclei.data import MPP
from training.nuclei.infer import FIELD_MARGIN, INPUT

SHRINK = 2


def linear_taps(start: float, step: float, size: int) -> tuple[np.ndarray, np.ndarray]:
    """First source pixel [size] and weight of the next one [size], bilinear at the centre of each
    output pixel; for enlarging (step at most 1)."""
    position = start + (np.arange(size) + 0.5) * step - 0.5
    whole = np.round(position)
    position = np.where(np.abs(position - whole) <= 1e-6, whole, position)
    first = np.floor(position).astype(int)
    return first, position - first


def read_region(image: np.ndarray, x: float, y: float, side: float, px: int) -> np.ndarray:
    """`side` level-0 px from (x, y) of uint8 [H,W,3] as uint8 [px,px,3]; white beyond the image.
    Raises ValueError where the region would have to be shrunk."""
    if side > px:
        raise ValueError("Only enlarging is done here; no section is finer than the window.")
    (left, across), (top, down) = (linear_taps(v, side / px, px) for v in (x, y))
    height, width = image.shape[:2]
    window = np.full((px + 2, px + 2, 3), 255.0)
    rows = np.arange(top[0], min(top[-1] + 2, top[0] + px + 2))
    cols = np.arange(left[0], min(left[-1] + 2, left[0] + px + 2))
    inside_rows = (rows >= 0) & (rows < height)
    inside_cols = (cols >= 0) & (cols < width)
    window[np.ix_(np.flatnonzero(inside_rows), np.flatnonzero(inside_cols))] = image[
        np.ix_(rows[inside_rows], cols[inside_cols])
    ]
    r, c = top - top[0], left - left[0]
    lines = window[r] * (1 - down)[:, None, None] + window[r + 1] * down[:, None, None]
    across = across[:, None]
    mixed = lines[:, c] * (1 - across) + lines[:, c + 1] * across
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def shrink_centre(window: np.ndarray) -> np.ndarray:
    """The encoder's view [224,224,3] of the segmenter's window [512,512,3]."""
    centre = window[FIELD_MARGIN:-FIELD_MARGIN, FIELD_MARGIN:-FIELD_MARGIN].astype(np.float64)
    side = len(centre) // SHRINK
    blocks = centre.reshape(side, SHRINK, side, SHRINK, 3).mean(axis=(1, 3))
    return np.rint(blocks).astype(np.uint8)


def viewer_fields(section: Section) -> np.ndarray:
    """Encoder input uint8 [N,224,224,3] of all spots that `section` keeps."""
    with Image.open(data_path("spatial", "her2st", "images", f"{section.name}.jpg")) as file:
        image = np.asarray(file.convert("RGB"))
    side = (FIELD_UM + 2 * FIELD_MARGIN * MPP) / section.mpp
    return np.stack([
        shrink_centre(read_region(image, x - side / 2, y - side / 2, side, INPUT))
        for x, y in section.centre
    ])  # fmt: skip
