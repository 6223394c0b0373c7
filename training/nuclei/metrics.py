"""Nucleus metrics by their published definitions.

Detection and type F1: HoVer-Net (Graham et al. 2019), pairs by centroid within 12 px at 0.25 um/px.
AJI: Kumar et al. 2017. DQ, SQ, PQ: Kirillov et al. 2019, pairs at IoU > 0.5. Dice: foreground.
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


def pair_centroids(
    truth: np.ndarray, predicted: np.ndarray, radius: float = PAIR_RADIUS
) -> Pairing:
    """One-to-one pairs of points [n, 2] within `radius`: as many as possible, then nearest."""
    n, m = len(truth), len(predicted)
    if n == 0 or m == 0:
        return Pairing(np.zeros((0, 2), int), n, m)
    distance = cdist(truth, predicted)
    far = 1000 * radius  # dearer than any chain of legal pairs it could replace
    rows, cols = linear_sum_assignment(np.where(distance <= radius, distance, far))
    legal = distance[rows, cols] <= radius
    return Pairing(np.stack([rows[legal], cols[legal]], axis=1), n, m)


def f1(pairs: float, truths: float, predictions: float) -> float:
    """2 TP / (truths + predictions); 1 when there is nothing to find and nothing was found."""
    return 1.0 if truths + predictions == 0 else 2 * pairs / (truths + predictions)


def type_f1_counts(
    pairing: Pairing, truth_kind: np.ndarray, predicted_kind: np.ndarray, kind: int
) -> tuple[float, float]:
    """Numerator and denominator of the HoVer-Net type F1 of one type:
    2 (TPc + TNc) / (2 (TPc + TNc) + w0 FPc + w1 FNc + w2 FPd + w3 FNd)
    where c counts paired nuclei of which one side has this type, d the unpaired ones of the type.
    """
    t = truth_kind[pairing.pairs[:, 0]]
    p = predicted_kind[pairing.pairs[:, 1]]
    lone_truth = np.delete(truth_kind, pairing.pairs[:, 0])
    lone_predicted = np.delete(predicted_kind, pairing.pairs[:, 1])
    tp = ((t == kind) & (p == kind)).sum()
    tn = ((t != kind) & (p != kind)).sum()
    fp = ((t != kind) & (p == kind)).sum()
    fn = ((t == kind) & (p != kind)).sum()
    w0, w1, w2, w3 = TYPE_WEIGHTS
    rest = (
        w0 * fp + w1 * fn + w2 * (lone_predicted == kind).sum() + w3 * (lone_truth == kind).sum()
    )
    return float(2 * (tp + tn)), float(2 * (tp + tn) + rest)


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
    """AJI: each true nucleus takes the unused prediction of highest IoU; unused ones count as
    union."""
    shared = overlaps(truth, predicted)
    iou = iou_matrix(shared)
    truth_area, predicted_area = shared[1:].sum(1), shared[:, 1:].sum(0)
    used = np.zeros(len(predicted_area), bool)
    inter = union = 0.0
    for i in range(len(truth_area)):
        free = np.where(used, 0.0, iou[i]) if iou.shape[1] else np.zeros(0)
        j = int(free.argmax()) if len(free) else -1
        if j >= 0 and free[j] > 0:
            used[j] = True
            inter += shared[i + 1, j + 1]
            union += truth_area[i] + predicted_area[j] - shared[i + 1, j + 1]
        else:
            union += truth_area[i]
    union += predicted_area[~used].sum()
    return 1.0 if union == 0 else float(inter / union)


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
