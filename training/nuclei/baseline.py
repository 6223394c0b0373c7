"""Baseline without learning: haematoxylin threshold, split between distance-transform seeds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from training.nuclei.data import HED_INVERSE
from training.nuclei.decode import Nuclei, centroids

SMALLEST = 30  # px; about 1.5 um across
OTSU_BINS = 128


@dataclass(frozen=True)
class ThresholdSettings:
    """sigma: smoothing (px); level: factor on Otsu's threshold; apart: least distance of two
    seeds (px)."""

    sigma: float
    level: float
    apart: int


SETTINGS = [
    ThresholdSettings(sigma, level, apart)
    for sigma in (1.0, 2.0)
    for level in (0.7, 0.85, 1.0, 1.15)
    for apart in (11, 15, 21)
]


def otsu(values: np.ndarray) -> float:
    """Threshold of greatest between-class variance (Otsu 1979)."""
    counts, edges = np.histogram(values, OTSU_BINS)
    middle = (edges[1:] + edges[:-1]) / 2
    below = np.cumsum(counts)
    above = counts.sum() - below
    mean_below = np.cumsum(counts * middle) / np.maximum(below, 1)
    mean_above = (np.sum(counts * middle) - np.cumsum(counts * middle)) / np.maximum(above, 1)
    return float(middle[np.argmax(below * above * (mean_below - mean_above) ** 2)])


def threshold_nuclei(rgb: np.ndarray, settings: ThresholdSettings) -> Nuclei:
    """Instances of an image [H, W, 3]; every nucleus gets type 0 (no type is predicted)."""
    density = -np.log((rgb.astype(np.float32) + 1) / 256)
    stain = ndimage.gaussian_filter((density @ HED_INVERSE)[..., 0], settings.sigma)
    mask = ndimage.binary_fill_holes(stain > otsu(stain) * settings.level)
    mask = ndimage.binary_opening(mask, iterations=2)
    depth = ndimage.gaussian_filter(ndimage.distance_transform_edt(mask), 1.0)
    peaks = (depth == ndimage.maximum_filter(depth, settings.apart)) & (depth > 2)
    seeds, count = ndimage.label(peaks, np.ones((3, 3)))
    nearest = ndimage.distance_transform_edt(
        seeds == 0, return_distances=False, return_indices=True
    )
    labels = np.where(mask, seeds[tuple(nearest)], 0)
    area = np.bincount(labels.ravel(), minlength=count + 1)
    keep = np.nonzero(area[1:] >= SMALLEST)[0] + 1
    renumber = np.zeros(count + 1, np.int32)
    renumber[keep] = np.arange(1, len(keep) + 1)
    labels = renumber[labels]
    points = centroids(labels, len(keep))
    return Nuclei(labels, points, points, np.zeros(len(keep), int), np.ones(len(keep)))
