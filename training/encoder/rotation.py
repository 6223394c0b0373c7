"""Are neighbours kept when every field is turned?

m-kNN (methods sheet, section 3): the mean share of the k nearest neighbours that a set of fields
has in common before and after turning. Patches are larger than the diagonal of a field, turned
bicubically and cut in the middle, so no angle shows a black or mirrored corner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training.encoder.model import FIELD_PX, MPP
from training.encoder.neighbours import mutual_neighbours
from training.encoder.slides import SLIDES, open_slide, slide_fields, tissue_centres
from training.encoder.tiles import middle
from training.head.spots import load_section

PATCH_PX = 320  # above 224 * sqrt(2)
NEIGHBOURS = 10
SECTIONS = ("B4", "C2")
ANGLES = tuple(range(15, 181, 15))


def turning_patches(each: int, seed: int = 0) -> np.ndarray:
    """`each` patches of 160 um from two her2st sections (unseen in all training) and from the two
    SZI slides: uint8 [4 * each,320,320,3]."""
    parts = []
    for name in SECTIONS:
        fields = load_section(name).fields(PATCH_PX, PATCH_PX * MPP)
        parts.append(np.random.default_rng(seed).permutation(fields)[:each])
    for name in SLIDES:
        slide = open_slide(name)
        parts.append(slide_fields(slide, tissue_centres(slide, each, seed), 1, PATCH_PX))
    return np.concatenate(parts)


def turn(patches: np.ndarray, degrees: float) -> Tensor:
    """Patches turned bicubically and cut to the field: uint8 [N,3,224,224]."""
    turned = [
        np.asarray(Image.fromarray(p).rotate(degrees, Image.Resampling.BICUBIC)) for p in patches
    ]
    return torch.from_numpy(middle(np.stack(turned), FIELD_PX)).permute(0, 3, 1, 2)


def turning_agreement(
    describe: Callable[[Tensor], Tensor], patches: np.ndarray, angles: Sequence[int] = ANGLES
) -> dict[str, object]:
    """m-kNN by angle, and its means over multiples of 90 degrees and over the rest. describe:
    fields uint8 [N,3,224,224] -> features [N,D]."""
    straight = describe(turn(patches, 0))
    by_angle = {
        a: mutual_neighbours(straight, describe(turn(patches, a)), NEIGHBOURS) for a in angles
    }
    square = [v for a, v in by_angle.items() if a % 90 == 0]
    oblique = [v for a, v in by_angle.items() if a % 90]
    return {
        "by_angle": {str(a): v for a, v in by_angle.items()},
        "multiples_of_90": float(np.mean(square)),
        "other_angles": float(np.mean(oblique)),
        "count": len(patches),
        "k": NEIGHBOURS,
    }
