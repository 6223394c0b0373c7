"""AUROC and Spearman with intervals by a bootstrap over blocks of neighbouring fields.

Neighbouring fields resemble each other, so whole blocks are drawn. A draw is a row of weights: how
often each field's block was drawn. Ranks are mid-ranks under those weights, so every figure equals
the one computed on the repeated fields.
"""

from __future__ import annotations

import numpy as np

ROUNDS = 500


def block_weights(block: np.ndarray, rounds: int = ROUNDS, seed: int = 0) -> np.ndarray:
    """Bootstrap weights [rounds,N]: blocks drawn with replacement, as many as there are."""
    names, member = np.unique(block, return_inverse=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=rounds)
    return drawn[:, member].astype(np.float64)


def weighted_ranks(value: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Mid-ranks [R,N] of value [N] among fields repeated weight [R,N] times."""
    _, group = np.unique(value, return_inverse=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    totals = np.add.reduceat(weight[:, order], starts, axis=1)
    return (np.cumsum(totals, axis=1) - totals / 2)[:, group]


def aurocs(score: np.ndarray, label: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """AUROC [R] of score [N] for label [N] (0, 1) under each row of weights [R,N]; nan where a
    draw holds one class only."""
    positive = weight * (label == 1)
    n1 = positive.sum(axis=1)
    n0 = weight.sum(axis=1) - n1
    with np.errstate(invalid="ignore", divide="ignore"):
        return ((positive * weighted_ranks(score, weight)).sum(axis=1) - n1**2 / 2) / (n1 * n0)


def correlation(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted Pearson correlation [R] of rows of a and b [R,N]."""
    total = weight.sum(axis=1, keepdims=True)
    a = a - (weight * a).sum(axis=1, keepdims=True) / total
    b = b - (weight * b).sum(axis=1, keepdims=True) / total
    cross = (weight * a * b).sum(axis=1)
    size = np.sqrt((weight * a * a).sum(axis=1) * (weight * b * b).sum(axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return cross / size


def spearmans(
    score: np.ndarray,
    value: np.ndarray,
    section: np.ndarray,
    weight: np.ndarray,
    given: np.ndarray | None = None,
) -> np.ndarray:
    """Spearman [R] within each section, averaged by the weights of the sections.

    given [N]: a third quantity whose ranks are regressed out of both (partial correlation).
    Sections where it is not defined (nothing varies) are left out.
    """
    values, sizes = [], []
    for name in np.unique(section):
        rows = section == name
        w = weight[:, rows]
        ranks = [weighted_ranks(x[rows], w) for x in (score, value)]
        r = correlation(ranks[0], ranks[1], w)
        if given is not None:
            third = weighted_ranks(given[rows], w)
            with_score, with_value = (correlation(x, third, w) for x in ranks)
            with np.errstate(invalid="ignore", divide="ignore"):
                rest = np.sqrt((1 - with_score**2) * (1 - with_value**2))
                r = (r - with_score * with_value) / rest
        values.append(r)
        sizes.append(np.where(np.isfinite(r), w.sum(axis=1), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sum(np.nan_to_num(values) * np.array(sizes), axis=0) / np.sum(sizes, axis=0)


def interval(draws: np.ndarray) -> list[float]:
    """95 % interval of bootstrap draws, leaving out undefined ones."""
    return [float(v) for v in np.nanpercentile(draws, [2.5, 97.5])]
