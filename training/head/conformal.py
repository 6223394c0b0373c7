"""Split-conformal sets of a two-class head (Vovk et al. 2005; Angelopoulos and Bates 2021,
arXiv:2107.07511).

A field's score is 1 - p of its true class. The set of a new field holds every class whose own
score is at most the quantile, and holds the true one with probability 1 - alpha where the new field
is exchangeable with the calibrating ones. Fields of one patient or image resemble each other, so
that holds between groups only: fewer than 1 / alpha - 1 groups promise nothing for a new one, and
what is left is to count how often a group is covered by the quantile of the others.

Dividing all logits by one temperature keeps the order of the scores, so the sets do not depend on
the temperature.
"""

from __future__ import annotations

import math

import numpy as np

ALPHA = 0.1


def groups_needed(alpha: float = ALPHA) -> int:
    """Fewest groups that can promise 1 - alpha for a new one: with K exchangeable groups the new
    one is the worst of K + 1 with probability 1 / (K + 1)."""
    return math.ceil(1 / alpha - 1 - 1e-9)


def scores(p: np.ndarray, label: np.ndarray) -> np.ndarray:
    """1 - p of the true class [N], of the probability of the positive class p [N] and label [N]
    (0, 1)."""
    return np.where(label == 1, 1 - p, p)


def quantile(score: np.ndarray, alpha: float = ALPHA) -> float:
    """The ceil((n + 1)(1 - alpha))-th smallest of n scores; 1, which lets every class in, where
    there are too few of them."""
    rank = math.ceil((len(score) + 1) * (1 - alpha) - 1e-9)
    return float(np.sort(score)[rank - 1]) if rank <= len(score) else 1.0


def sets(p: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Whether the set of each field [N] holds the negative and the positive class."""
    return p <= limit, 1 - p <= limit


def shares(p: np.ndarray, label: np.ndarray, limit: np.ndarray) -> dict[str, float]:
    """Share of the fields whose set, by its own limit [N], holds the true class (coverage), one
    class, both, or none."""
    negative, positive = sets(p, limit)
    held = np.where(label == 1, positive, negative)
    return {
        "coverage": float(held.mean()),
        "single": float((negative ^ positive).mean()),
        "both": float((negative & positive).mean()),
        "none": float((~negative & ~positive).mean()),
    }


def group_out(
    p: np.ndarray, label: np.ndarray, group: np.ndarray, alpha: float = ALPHA
) -> dict[str, float]:
    """`shares` where each group's limit comes from the other groups alone, and the coverage of the
    group that fares worst."""
    score, limit = scores(p, label), np.zeros(len(p))
    for name in np.unique(group):
        limit[group == name] = quantile(score[group != name], alpha)
    worst = min(
        shares(p[group == g], label[group == g], limit[group == g])["coverage"]
        for g in np.unique(group)
    )
    return {**shares(p, label, limit), "worst": worst}


def conformal(p: np.ndarray, label: np.ndarray, group: np.ndarray) -> dict[str, object]:
    """The shipped quantile, of all held-out fields, and how quantiles of the other groups did on
    each group."""
    return {
        "alpha": ALPHA,
        "quantile": quantile(scores(p, label)),
        "groups_needed": groups_needed(),
        **group_out(p, label, group),
    }
