"""Score detections image by image and over a set of images."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from training.nuclei.data import TYPES
from training.nuclei.decode import Nuclei, centroids
from training.nuclei.metrics import (
    aggregated_jaccard,
    bootstrap,
    dice,
    f1,
    pair_centroids,
    panoptic,
    type_f1_counts,
)
from training.nuclei.stitch import LabelledImage


@dataclass
class ImageScore:
    """Counts and per-image metrics; `types` holds (numerator, denominator) by type."""

    name: str
    pairs: int
    truths: int
    predictions: int
    metrics: dict[str, float]
    types: np.ndarray
    correct: int = 0
    confusion: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), int))


def score_image(image: LabelledImage, found: Nuclei) -> ImageScore:
    """All metrics of one image."""
    kind = image.types[1:]
    pairing = pair_centroids(centroids(image.labels, len(kind)), found.centroid)
    dq, sq, pq = panoptic(image.labels, found.labels)
    paired_truth = kind[pairing.pairs[:, 0]]
    paired_found = found.kind[pairing.pairs[:, 1]]
    confusion = np.zeros((len(TYPES), len(TYPES)), int)
    np.add.at(confusion, (paired_truth, paired_found), 1)
    metrics = {
        "AJI": aggregated_jaccard(image.labels, found.labels),
        "DQ": dq, "SQ": sq, "PQ": pq, "Dice": dice(image.labels, found.labels),
        "F1": f1(len(pairing.pairs), pairing.truths, pairing.predictions),
    }  # fmt: skip
    types = [type_f1_counts(pairing, kind, found.kind, t) for t in range(len(TYPES))]
    return ImageScore(
        image.name, len(pairing.pairs), pairing.truths, pairing.predictions, metrics,
        np.asarray(types), int((paired_truth == paired_found).sum()), confusion,
    )  # fmt: skip


def ratio(values: np.ndarray) -> dict[str, Any]:
    """Pooled ratio of [images, 2] with its bootstrap interval."""
    low, high = bootstrap(values)
    return {"value": float(values[:, 0].sum() / max(values[:, 1].sum(), 1e-12)),
            "interval": [low, high]}  # fmt: skip


def summarise(scores: list[ImageScore]) -> dict[str, Any]:
    """Pooled detection, type accuracy and type F1; segmentation metrics as means over images."""
    counts = np.asarray([(s.pairs, s.truths, s.predictions) for s in scores], float)
    result: dict[str, Any] = {
        "Detection F1": ratio(np.stack([2 * counts[:, 0], counts[:, 1] + counts[:, 2]], 1)),
        "Precision": ratio(counts[:, [0, 2]]),
        "Recall": ratio(counts[:, [0, 1]]),
        "Type accuracy of paired nuclei": ratio(
            np.asarray([(s.correct, s.pairs) for s in scores], float)
        ),
    }
    for name in ("AJI", "DQ", "SQ", "PQ", "Dice"):
        values = np.asarray([(s.metrics[name], 1.0) for s in scores])
        result[name] = ratio(values)
    for index, name in enumerate(TYPES):
        result[f"Type F1, {name}"] = ratio(np.stack([s.types[index] for s in scores]))
    return result
