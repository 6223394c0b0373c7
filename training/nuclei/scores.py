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
    pair_centroids_first,
    panoptic,
    type_f1_counts,
)
from training.nuclei.stitch import LabelledImage

# Figures that need no types, and those of them that the release has a goal for.
SEGMENTATION = ["Detection F1", "Precision", "Recall", "AJI", "DQ", "SQ", "PQ", "Dice"]
PAIRED_FIRST = "Detection F1, HoVer-Net's pairing"
GOALS = ["Detection F1", "AJI", "PQ", "Dice"]


@dataclass
class ImageScore:
    """Counts and per-image metrics; `types` holds (numerator, denominator) by type; `pairs_first`
    counts pairs in HoVer-Net's order of pairing."""

    name: str
    pairs: int
    pairs_first: int
    truths: int
    predictions: int
    metrics: dict[str, float]
    types: np.ndarray
    correct: int = 0
    confusion: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), int))


def score_image(image: LabelledImage, found: Nuclei) -> ImageScore:
    """All metrics of one image. Its types may be -1 (unknown): the type figures then mean
    nothing."""
    kind = image.types[1:]
    points = centroids(image.labels, len(kind))
    pairing = pair_centroids(points, found.centroid)
    first = len(pair_centroids_first(points, found.centroid).pairs)
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
        image.name, len(pairing.pairs), first, pairing.truths, pairing.predictions, metrics,
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
    both = counts[:, 1] + counts[:, 2]
    first = np.asarray([2.0 * s.pairs_first for s in scores])
    result: dict[str, Any] = {
        "Detection F1": ratio(np.stack([2 * counts[:, 0], both], 1)),
        PAIRED_FIRST: ratio(np.stack([first, both], 1)),
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


def merit(scores: list[ImageScore]) -> float:
    """What thresholds are chosen by: the sum of the figures that have a goal."""
    summary = summarise(scores)
    return sum(summary[name]["value"] for name in GOALS)


def plain(score: ImageScore) -> dict[str, Any]:
    """A score as plain numbers, from which `restored` makes it again."""
    return {**vars(score), "types": score.types.tolist(), "confusion": score.confusion.tolist()}


def restored(row: dict[str, Any]) -> ImageScore:
    """The score that `plain` wrote down."""
    return ImageScore(
        **{**row, "types": np.asarray(row["types"]), "confusion": np.asarray(row["confusion"])}
    )
