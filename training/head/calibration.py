"""Temperature scaling, expected calibration error (Guo et al. 2017, arXiv:1706.04599) and the bins
of a reliability diagram."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit

BINS = 15
# Bins of the diagram: equal numbers of fields, so that none is too small to be read.
DIAGRAM_BINS, LEAST_IN_BIN = 10, 15
# Normal quantile of a 95 % interval.
Z = 1.959964


def fit_temperature(logit: np.ndarray, label: np.ndarray) -> float:
    """Temperature that minimises the log loss of held-out logits [N] against labels [N] (0, 1),
    between 0.05 and 20: no temperature saves logits that order the labels the wrong way round."""

    def loss(log_t: float) -> float:
        z = logit / np.exp(log_t)
        return float(np.mean(np.logaddexp(0, z) - label * z))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def calibration_error(logit: np.ndarray, label: np.ndarray, temperature: float = 1.0) -> float:
    """Mean gap between confidence and accuracy over 15 equal bins of the confidence of the
    predicted class, weighted by the bins' sizes."""
    return float(calibration_errors(expit(logit / temperature), label, np.ones((1, len(label))))[0])


def calibration_errors(p: np.ndarray, label: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The same [R] of probabilities p [N] with each field counted weight [R,N] times, as bootstrap
    draws do."""
    confidence = np.maximum(p, 1 - p)
    gap = confidence - ((p > 0.5) == (label == 1))
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    total = sum(np.abs(weight[:, bins == b] @ gap[bins == b]) for b in np.unique(bins))
    return total / weight.sum(axis=1)


def wilson(successes: int, count: int) -> list[float]:
    """95 % interval of a share (Wilson 1927), as if the fields were independent of each other."""
    share, z2 = successes / count, Z**2 / count
    middle = share + z2 / 2
    reach = Z * np.sqrt(share * (1 - share) / count + z2 / (4 * count))
    return [float((middle - reach) / (1 + z2)), float((middle + reach) / (1 + z2))]


def reliability(p: np.ndarray, label: np.ndarray) -> list[dict[str, object]]:
    """Bins of a reliability diagram: fields in the order of p [N], cut into up to ten bins of equal
    numbers and at least 15 each; mean p, share of label 1 with its interval, and fields."""
    count = max(1, min(DIAGRAM_BINS, len(p) // LEAST_IN_BIN))
    order = np.argsort(p, kind="stable")
    return [
        {
            "predicted": float(p[rows].mean()),
            "observed": float(label[rows].mean()),
            "interval": wilson(int(label[rows].sum()), len(rows)),
            "fields": len(rows),
        }
        for rows in np.array_split(order, count)
    ]
