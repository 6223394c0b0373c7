"""Fields of CoNSeP images with the exact share of epithelial nuclei.

Images and split are the segmenter's fold 0: the head is trained on its training images and tested
on its test images. A field counts the nuclei whose centroid lies in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from training.head.spots import FIELD_UM
from training.nuclei.data import MPP, TYPES, load_images
from training.nuclei.decode import centroids
from training.nuclei.stitch import LabelledImage

SIDE = round(FIELD_UM / MPP)
# Fields a side of each 250 um image; they overlap by 66 um.
FIELDS_A_SIDE = 4
FEWEST_NUCLEI = 5


@dataclass
class CompositionImage:
    """One image: `corner` [N,2] (row, column) px of its fields, `share` [N] of nuclei that are
    epithelial."""

    name: str
    patient: str
    rgb: np.ndarray
    corner: np.ndarray
    share: np.ndarray

    def fields(self, px: int, field_um: float = FIELD_UM) -> np.ndarray:
        """Squares of `field_um` around the fields' centres, resampled to px: uint8 [N,px,px,3];
        beyond the image's edge the pixels are mirrored."""
        side = round(field_um / MPP)
        margin = (side - SIDE) // 2
        padded = np.pad(self.rgb, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
        windows = [Image.fromarray(padded[r : r + side, c : c + side]) for r, c in self.corner]
        return np.stack([np.asarray(w.resize((px, px), Image.Resampling.BICUBIC)) for w in windows])


def cut(image: LabelledImage, part: str) -> CompositionImage:
    """The fields of one image that hold enough nuclei."""
    height, width = image.labels.shape
    centre = centroids(image.labels, len(image.types) - 1)
    kind = image.types[1:]
    corners, shares = [], []
    for row in np.linspace(0, height - SIDE, FIELDS_A_SIDE).astype(int):
        for col in np.linspace(0, width - SIDE, FIELDS_A_SIDE).astype(int):
            offset = centre - [col, row]
            inside = ((offset >= 0) & (offset < SIDE)).all(axis=1)
            if inside.sum() >= FEWEST_NUCLEI:
                corners.append((row, col))
                shares.append((kind[inside] == TYPES.index("epithelial")).mean())
    return CompositionImage(image.name, part, image.rgb, np.array(corners), np.array(shares))


def load_composition_images() -> list[CompositionImage]:
    """Training images, then test images."""
    return [cut(image, part) for part in ("train", "test") for image in load_images(part)]
