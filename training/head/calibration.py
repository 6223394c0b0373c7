"""Temperature scaling and expected calibration error (Guo et al. 2017, arXiv:1706.04599)."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import expit

BINS = 15


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
    p = expit(logit / temperature)
    confidence = np.maximum(p, 1 - p)
    correct = (p > 0.5) == (label == 1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        (bins == b).mean() * abs(correct[bins == b].mean() - confidence[bins == b].mean())
        for b in np.unique(bins)
    ]
    return float(sum(gaps))
