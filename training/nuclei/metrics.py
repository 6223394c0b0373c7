"""Nucleus metrics by their published definitions, as HoVer-Net computes them.

Detection and type F1: HoVer-Net (Graham et al. 2019, arXiv:1812.06499; details from the programs
published with it), pairs by centroid within 12 px at 0.25 um/px. AJI: Kumar et al. 2017. DQ, SQ,
PQ: Kirillov et al. 2019, pairs at IoU > 0.5. Dice: foreground.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

PAIR_RADIUS = 12.0  # px at 0.25 um/px = 3 um
# Weights of unpaired truths/predictions and of wrong types in the type F1 (HoVer-Net, eq. 12).
TYPE_WEIGHTS = (2.0, 2.0, 1.0, 1.0)


@dataclass
class Pairing:
    """Index pairs [m, 2] (truth, prediction) and how many of each there are."""

    pairs: np.ndarray
    truths: int
    predictions: int


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances [n, m] between two lists of points, either of which may be empty."""
    return cdist(a.reshape(-1, 2), b.reshape(-1, 2))


def pair_centroids(
    truth: np.ndarray, predicted: np.ndarray, radius: float = PAIR_RADIUS
) -> Pairing:
    """One-to-one pairs of points [n, 2] within `radius`: as many as possible, then nearest."""
    distance = distances(truth, predicted)
    far = 1000 * radius  # dearer than any chain of legal pairs it could replace
    return kept_pairs(distance, np.where(distance <= radius, distance, far), radius)


def pair_centroids_first(
    truth: np.ndarray, predicted: np.ndarray, radius: float = PAIR_RADIUS
) -> Pairing:
    """Pairs as the programs published with HoVer-Net make them: least total distance over all
    points, then those farther apart than `radius` are undone. A nucleus that nothing found must
    still be paired in the first step and may take its neighbour's partner, which costs pairs that
    `pair_centroids` keeps; HoVer-Net's own detection figures include that loss."""
    distance = distances(truth, predicted)
    return kept_pairs(distance, distance, radius)


def kept_pairs(distance: np.ndarray, cost: np.ndarray, radius: float) -> Pairing:
    """The pairs of least total `cost` [n, m] that are within `radius` by `distance`."""
    rows, cols = linear_sum_assignment(cost)
    near = distance[rows, cols] <= radius
    return Pairing(np.stack([rows[near], cols[near]], axis=1), *distance.shape)


def f1(pairs: float, truths: float, predictions: float) -> float:
    """2 TP / (truths + predictions); 1 when there is nothing to find and nothing was found."""
    return 1.0 if truths + predictions == 0 else 2 * pairs / (truths + predictions)


def type_f1_counts(
    pairing: Pairing, truth_kind: np.ndarray, predicted_kind: np.ndarray, kind: int
) -> tuple[float, float]:
    """Numerator and denominator of the HoVer-Net type F1 of one type:
    2 (TPc + TNc) / (2 (TPc + TNc) + w0 FPc + w1 FNc + w2 FPd + w3 FNd)
    where c counts the paired nuclei of which at least one side has this type, d the unpaired ones
    of the type. By that choice TNc is 0, and it is left out here: counting every pair of two other
    types as correct would lift rare types towards 1.
    """
    t = truth_kind[pairing.pairs[:, 0]]
    p = predicted_kind[pairing.pairs[:, 1]]
    lone_truth = np.delete(truth_kind, pairing.pairs[:, 0])
    lone_predicted = np.delete(predicted_kind, pairing.pairs[:, 1])
    tp = ((t == kind) & (p == kind)).sum()
    fp = ((t != kind) & (p == kind)).sum()
    fn = ((t == kind) & (p != kind)).sum()
    w0, w1, w2, w3 = TYPE_WEIGHTS
    rest = (
        w0 * fp + w1 * fn + w2 * (lone_predicted == kind).sum() + w3 * (lone_truth == kind).sum()
    )
    return float(2 * tp), float(2 * tp + rest)


def overlaps(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """Shared pixels [n + 1, m + 1] of labels 0..n and 0..m."""
    n, m = int(truth.max()), int(predicted.max())
    joint = truth.ravel().astype(np.int64) * (m + 1) + predicted.ravel()
    return np.bincount(joint, minlength=(n + 1) * (m + 1)).reshape(n + 1, m + 1)


def iou_matrix(shared: np.ndarray) -> np.ndarray:
    """IoU [n, m] of nuclei from `overlaps`."""
    inter = shared[1:, 1:].astype(float)
    union = shared[1:].sum(1)[:, None] + shared[:, 1:].sum(0)[None] - inter
    return inter / np.maximum(union, 1)


def panoptic(truth: np.ndarray, predicted: np.ndarray) -> tuple[float, float, float]:
    """DQ, SQ, PQ of two instance maps."""
    shared = overlaps(truth, predicted)
    iou = iou_matrix(shared)
    truths = int((shared[1:].sum(1) > 0).sum())
    predictions = int((shared[:, 1:].sum(0) > 0).sum())
    hits = iou[iou > 0.5]  # above 0.5 a pair is unique
    dq = f1(len(hits), truths, predictions)
    sq = float(hits.mean()) if len(hits) else 0.0
    return dq, sq, dq * sq


def aggregated_jaccard(truth: np.ndarray, predicted: np.ndarray) -> float:
    """AJI: each true nucleus takes the prediction of highest IoU, even one that another has taken;
    predictions that none took count as union."""
    shared = overlaps(truth, predicted)
    area, predicted_area = shared[1:].sum(1), shared[:, 1:].sum(0)
    if not len(area) or not len(predicted_area):
        return 1.0 if area.sum() + predicted_area.sum() == 0 else 0.0
    iou = iou_matrix(shared)
    best, row = iou.argmax(1), np.arange(len(area))
    met = iou[row, best] > 0
    inter = np.where(met, shared[1:, 1:][row, best], 0)
    union = area + np.where(met, predicted_area[best], 0) - inter
    unused = np.ones(len(predicted_area), bool)
    unused[best[met]] = False
    return float(inter.sum() / (union.sum() + predicted_area[unused].sum()))


def dice(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Dice of the foregrounds."""
    a, b = truth > 0, predicted > 0
    return f1(float((a & b).sum()), float(a.sum()), float(b.sum()))


def bootstrap(values: np.ndarray, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of a ratio of sums over images: values [images, 2] (numerator, denominator).

    Whole images are drawn with replacement, since nuclei of one image are not independent."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(values), size=(draws, len(values)))
    sums = values[picks].sum(1)
    ratio = sums[:, 0] / np.maximum(sums[:, 1], 1e-12)
    low, high = np.percentile(ratio, [2.5, 97.5])
    return float(low), float(high)
