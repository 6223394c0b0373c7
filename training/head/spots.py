"""Spots of the HER2-positive breast cancer sections (Andersson et al. 2021, Zenodo 4751624).

A spot's field is 112 um square around (pixel_x, pixel_y). Target: ERBB2 as log1p of counts per
million (section B4 is shallow), high when above the median of its own section.

Training labels are steadier than the target: the four lattice neighbours (200 um) add a quarter of
their counts each, and the middle 30 % of each section is left out. A single spot of B4 holds 648
molecules at the median and 43 % of them show no ERBB2, so its own label is largely sampling noise.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from training.common.paths import data_path

PATIENTS = {"B": ["B4"], "C": ["C2", "C3", "C4", "C5", "C6"]}
GENE = "ERBB2"
PITCH_UM = 200.0
FIELD_UM = 112.0
FIELD_PX = 224
NEIGHBOUR_WEIGHT = 0.25
MIDDLE = 0.3


@dataclass
class Section:
    """One section: fields uint8 [N,224,224,3], expression and smoothed log1p CPM [N] and lattice
    position [N,2]."""

    name: str
    patient: str
    fields: np.ndarray
    expression: np.ndarray
    smoothed: np.ndarray
    position: np.ndarray

    @property
    def label(self) -> np.ndarray:
        """Target: 1 where expression is above the section's median, else 0."""
        return (self.expression > np.median(self.expression)).astype(np.int64)

    @property
    def training_label(self) -> np.ndarray:
        """1 high, 0 low, -1 in the middle band, by smoothed expression."""
        low, high = np.quantile(self.smoothed, [0.5 - MIDDLE / 2, 0.5 + MIDDLE / 2])
        return np.where(self.smoothed > high, 1, np.where(self.smoothed < low, 0, -1))


def read_counts(path: Path, gene: str) -> dict[tuple[int, int], tuple[float, float]]:
    """Counts of one gene and of all genes by lattice position."""
    result = {}
    with gzip.open(path, "rt") as handle:
        column = handle.readline().rstrip("\n").split("\t").index(gene)
        for line in handle:
            name, *counts = line.rstrip("\n").split("\t")
            values = np.array(counts, dtype=np.float64)
            x, y = name.split("x")
            result[int(x), int(y)] = (float(values[column - 1]), float(values.sum()))
    return result


def log_cpm(
    counts: dict[tuple[int, int], tuple[float, float]], x: int, y: int, neighbours: float
) -> float:
    """log1p counts per million of a spot; its measured neighbours add `neighbours` of theirs."""
    total = np.array(counts[x, y])
    for place in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
        total = total + neighbours * np.array(counts.get(place, (0.0, 0.0)))
    return float(np.log1p(1e6 * total[0] / max(total[1], 1)))


def micrometres_per_pixel(grid: np.ndarray, pixel: np.ndarray) -> float:
    """From the 200 um pitch of the spot lattice, fitted as an affine map grid -> pixel."""
    design = np.column_stack([grid, np.ones(len(grid))])
    step = np.linalg.lstsq(design, pixel, rcond=None)[0][:2]
    return float(PITCH_UM / np.linalg.norm(step, axis=1).mean())


def cut_field(image: Image.Image, x: float, y: float, mpp: float) -> np.ndarray:
    """The 112 um field centred on (x, y), resampled to 224 px (0.5 um/px)."""
    half = FIELD_UM / mpp / 2
    box = (x - half, y - half, x + half, y + half)
    field = image.resize((FIELD_PX, FIELD_PX), Image.Resampling.BICUBIC, box=box)
    return np.asarray(field)


def load_section(name: str) -> Section:
    """Spots with counts whose whole field lies on the image."""
    root = data_path("spatial", "her2st")
    counts = read_counts(root / "counts" / f"{name}.tsv.gz", GENE)
    with open(root / "spots" / f"{name}.tsv", newline="") as handle:
        rows = [
            r
            for r in csv.DictReader(handle, delimiter="\t")
            if (int(r["x"]), int(r["y"])) in counts
        ]
    grid = np.array([[int(r["x"]), int(r["y"])] for r in rows])
    pixel = np.array([[float(r["pixel_x"]), float(r["pixel_y"])] for r in rows])
    mpp = micrometres_per_pixel(grid, pixel)
    # The sections have 92 megapixels, just above Pillow's guard against decompression bombs.
    Image.MAX_IMAGE_PIXELS = 200_000_000
    image = Image.open(root / "images" / f"{name}.jpg").convert("RGB")
    half = FIELD_UM / mpp / 2
    inside = (pixel > half).all(axis=1) & (pixel < np.array(image.size) - half).all(axis=1)
    fields = np.stack([cut_field(image, x, y, mpp) for x, y in pixel[inside]])
    places = grid[inside].tolist()
    own, smoothed = (
        np.array([log_cpm(counts, x, y, weight) for x, y in places])
        for weight in (0.0, NEIGHBOUR_WEIGHT)
    )
    patient = next(p for p, sections in PATIENTS.items() if name in sections)
    return Section(name, patient, fields, own, smoothed, grid[inside])


def load_patients() -> list[Section]:
    """All sections, patient B first."""
    return [load_section(name) for names in PATIENTS.values() for name in names]
