"""The segmenter's view of a strongly stained field: as pale as what it was trained on.

Nuclei darker than any in CoNSeP are missed, though their shapes are plain to see. Raising every
channel to a power k < 1 multiplies all optical densities by k (Beer and Lambert), which is what
less of both stains would look like. k brings the middle red density of what is stained like nuclei
down to `strongest`; haematoxylin takes red light and eosin hardly any (Ruifrok and Johnston 2001).

The viewer does the same (src/analysis/strong-stain.ts); src/analysis/testing/strong-stain.json
holds both to the same numbers.
"""

from __future__ import annotations

import numpy as np

# Three quarters of CoNSeP's fields have a middle red density below .55 (0 is glass, 1 lets 37 % of
# the light through), and 33 of 243 one above .6.
STRONGEST = 0.6
# Squares of so many px, 1 um at 0.25 um/px: finer than a nucleus, coarser than its texture.
SQUARE = 4
# Tissue and pen, as in src/analysis/tissue.ts: levels of 0..255, and the least share of a field.
TISSUE_CHROMA, TISSUE_DARKNESS, PEN_GREEN, PEN_CHROMA = 18, 12, 10, 40
LEAST_TISSUE = 0.05
# Nothing paler in red counts; the threshold is looked for below DARKEST in STEPS steps.
PALEST, DARKEST, STEPS = 0.3, 2, 64
# Brown takes this many times more of the blue light than of the green: DAB, melanin, iron.
BROWN = 1.1
LEAST_SQUARES = 20
# Optical density of each byte, rounded to float32 as the viewer's table.
DENSITY = (-np.log(np.maximum(np.arange(256), 1) / 255)).astype(np.float32).astype(np.float64)


def weakened(field: np.ndarray, margin: int, strongest: float) -> np.ndarray:
    """A field uint8 [H,W,3] at 0.25 um/px, `margin` px of it on each side its neighbours', with all
    optical densities times `power`; the same array where that is 1."""
    k = power(field, margin, strongest)
    if k == 1:
        return field
    levels = np.rint(255 * (np.maximum(np.arange(256), 1) / 255) ** k).astype(np.uint8)
    return levels[field]


def power(field: np.ndarray, margin: int, strongest: float) -> float:
    """What brings the middle red density of the field's nuclear stain to `strongest`, at most 1."""
    seen = squares(field, margin)
    red = DENSITY[seen[stained_squares(seen)][:, 0]]
    if len(red) < LEAST_SQUARES:
        return 1.0
    middle = np.sort(red)[len(red) // 2]
    return min(1.0, float(strongest / middle))


def squares(field: np.ndarray, margin: int) -> np.ndarray:
    """Means over squares of the field without its margin, rounded half to even: [h,w,3]."""
    inner = field[margin : len(field) - margin, margin : field.shape[1] - margin]
    down, across = inner.shape[0] // SQUARE, inner.shape[1] // SQUARE
    blocks = inner[: down * SQUARE, : across * SQUARE].reshape(down, SQUARE, across, SQUARE, 3)
    return np.rint(blocks.mean((1, 3))).astype(np.int64)


def stained_squares(seen: np.ndarray) -> np.ndarray:
    """Which of the squares [h,w,3] are stained like nuclei [h,w]: tissue that takes at least as
    much red light as Otsu's threshold over the tissue, and is not brown. None where there is too
    little tissue."""
    red, green, blue = np.moveaxis(seen, -1, 0)
    chroma = seen.max(-1) - seen.min(-1)
    pen = (green - red >= PEN_GREEN) & (chroma >= PEN_CHROMA)
    dark = 255 - (red + green + blue) / 3 >= TISSUE_DARKNESS
    tissue = ~pen & dark & (chroma >= TISSUE_CHROMA)
    if tissue.sum() < LEAST_TISSUE * tissue.size:
        return np.zeros_like(tissue)
    threshold = max(PALEST, otsu(DENSITY[red[tissue]]))
    brown = DENSITY[blue] > BROWN * DENSITY[green]
    return tissue & ~brown & (DENSITY[red] >= threshold)


def otsu(values: np.ndarray) -> float:
    """The value of 0..DARKEST that parts the others best: the largest variance between the two
    sides (Otsu 1979)."""
    steps = np.minimum(STEPS - 1, np.floor(values / DARKEST * STEPS)).astype(np.int64)
    counts = np.bincount(steps, minlength=STEPS)
    below = counts.cumsum()[:-1]
    sum_below = (counts * np.arange(STEPS)).cumsum()[:-1]
    above = len(values) - below
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = sum_below / below - (steps.sum() - sum_below) / above
    between = np.where((below > 0) & (above > 0), below * above * apart**2, 0)
    at = int(np.argmax(between))
    return (at + 1) / STEPS * DARKEST if between[at] > 0 else 0.0
