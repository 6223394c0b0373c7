"""Single-sample gene set enrichment (Barbie et al. 2009, Nature 462:108; methods sheet, section 4).

For N genes, of which the set G holds |G|, with R the rank from below (N for the highest):
    score = sum_G R^(1+alpha) / sum_G R^alpha - (N(N+1)/2 - sum_G R) / (N - |G|),  alpha = 0.25
This is the sheet's formula, where a gene's N - idx (idx from 0 at the highest) is its R. Tied genes
share the mean of their ranks, in both sums, so that the order of genes does not matter.
src/molecular/ssgsea.ts is the same function.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import rankdata

ALPHA = 0.25
CHUNK = 512


def ssgsea(values: np.ndarray, member: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """Scores [M,S] of profiles [M,N] for the sets of `member` [N,S].

    Raises ValueError for a set that holds none or all of the genes, and for values that are not
    finite.
    """
    count, size = len(member), member.sum(axis=0)
    if np.any(size == 0) or np.any(size == count):
        raise ValueError("A gene set must hold some of the genes and not all of them.")
    if not np.isfinite(values).all():
        raise ValueError("Expression holds values that are not numbers.")
    result = np.empty((len(values), member.shape[1]))
    for start in range(0, len(values), CHUNK):
        rank = rankdata(values[start : start + CHUNK], axis=1)
        weight = rank**alpha
        inside = (weight * rank) @ member / (weight @ member)
        outside = (count * (count + 1) / 2 - rank @ member) / (count - size)
        result[start : start + CHUNK] = inside - outside
    return result
