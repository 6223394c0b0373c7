"""Fields of the two SZI slides, at any level of their pyramids."""

from __future__ import annotations

import numpy as np

from training.common.paths import data_path
from training.encoder.atlas_tiles import is_tissue
from training.encoder.pyramid import STRIDE, DeepZoom
from training.encoder.tiles import TILE_PX

SLIDES = ("duodenum-giardia-at2", "lung-squamous-gt450")


def open_slide(name: str) -> DeepZoom:
    """One of the SZI slides, by name."""
    return DeepZoom(data_path("slides", f"{name}.szi"), name)


def tissue_centres(slide: DeepZoom, count: int, seed: int) -> np.ndarray:
    """Centres [count,2] (x, y in px of the top level) of random tissue squares of 128 um."""
    inner = [[c, r] for level, c, r in slide.tiles if level == slide.top]
    size = np.array(inner).max(axis=0) * STRIDE
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    while len(found) < count:
        centre = rng.integers(0, size)
        x, y = centre // 2 - TILE_PX // 2
        if is_tissue(slide.region(slide.top - 1, int(x), int(y), TILE_PX)):
            found.append(centre)
    return np.stack(found)


def slide_fields(slide: DeepZoom, centres: np.ndarray, down: int, px: int) -> np.ndarray:
    """Squares of px around centres, `down` levels below the top: uint8 [N,px,px,3]."""
    corners = centres // 2**down - px // 2
    return np.stack([slide.region(slide.top - down, int(x), int(y), px) for x, y in corners])
