"""Spots of the HER2-positive breast cancer sections (Andersson et al. 2021, Zenodo 4751624).

A spot's field is 112 um square around (pixel_x, pixel_y). The pixel size is measured from the
200 um lattice of the spots.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np
from PIL import Image

from training.common.paths import data_path
from training.head.expression import Counts, read_counts

PATIENTS = {"B": ["B4"], "C": ["C2", "C3", "C4", "C5", "C6"]}
PITCH_UM = 200.0
FIELD_UM = 112.0
# The sections have 92 megapixels, just above Pillow's guard against decompression bombs.
Image.MAX_IMAGE_PIXELS = 200_000_000


@dataclass
class Section:
    """One section: counts of all measured spots; `kept` [N] are the rows whose whole field lies on
    the image, `centre` [N,2] their px; mpp in um/px."""

    name: str
    patient: str
    counts: Counts
    kept: np.ndarray
    centre: np.ndarray
    mpp: float

    def fields(self, px: int, field_um: float = FIELD_UM) -> np.ndarray:
        """Squares of `field_um` around the spots, resampled to px: uint8 [N,px,px,3]; beyond the
        image's edge they are white."""
        image = Image.open(data_path("spatial", "her2st", "images", f"{self.name}.jpg"))
        image = image.convert("RGB")
        side = round(field_um / self.mpp)
        result = []
        for x, y in self.centre:
            left, top = round(x - side / 2), round(y - side / 2)
            window = Image.new("RGB", (side, side), "white")
            window.paste(image.crop((max(left, 0), max(top, 0), left + side, top + side)),
                         (max(-left, 0), max(-top, 0)))  # fmt: skip
            result.append(np.asarray(window.resize((px, px), Image.Resampling.BICUBIC)))
        return np.stack(result)


def micrometres_per_pixel(grid: np.ndarray, pixel: np.ndarray) -> float:
    """From the 200 um pitch of the spot lattice, fitted as an affine map grid -> pixel."""
    design = np.column_stack([grid, np.ones(len(grid))])
    step = np.linalg.lstsq(design, pixel, rcond=None)[0][:2]
    return float(PITCH_UM / np.linalg.norm(step, axis=1).mean())


def load_section(name: str) -> Section:
    """Counts and places of one section; pixels are read by `Section.fields`."""
    root = data_path("spatial", "her2st")
    counts = read_counts(name)
    row_of = {tuple(place): i for i, place in enumerate(counts.place.tolist())}
    with open(root / "spots" / f"{name}.tsv", newline="") as handle:
        rows = [
            (row_of[int(r["x"]), int(r["y"])], float(r["pixel_x"]), float(r["pixel_y"]))
            for r in csv.DictReader(handle, delimiter="\t")
            if (int(r["x"]), int(r["y"])) in row_of
        ]
    index = np.array([r[0] for r in rows])
    centre = np.array([r[1:] for r in rows])
    mpp = micrometres_per_pixel(counts.place[index], centre)
    width, height = Image.open(root / "images" / f"{name}.jpg").size
    half = FIELD_UM / mpp / 2
    inside = (centre > half).all(axis=1) & (centre < np.array([width, height]) - half).all(axis=1)
    patient = next(p for p, sections in PATIENTS.items() if name in sections)
    return Section(name, patient, counts, index[inside], centre[inside], mpp)


def load_patients() -> list[Section]:
    """All sections, patient B first."""
    return [load_section(name) for names in PATIENTS.values() for name in names]
