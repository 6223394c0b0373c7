"""Soft nearest neighbours over an expression library, and retrieval (methods sheet, section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax


@dataclass(frozen=True)
class Neighbours:
    """The k nearest library samples of M queries: index [M,k], similarity [M,k] (cosine,
    descending), weight [M,k] (summing to 1)."""

    index: np.ndarray
    similarity: np.ndarray
    weight: np.ndarray

    def average(self, y: np.ndarray) -> np.ndarray:
        """sum_j w_j y_j: [M,S] of library values y [L,S]."""
        return np.einsum("mk,mks->ms", self.weight, y[self.index])

    def spread(self, y: np.ndarray) -> np.ndarray:
        """Weighted standard deviation [M,S] of the neighbours' values."""
        apart = y[self.index] - self.average(y)[:, None]
        return np.sqrt(np.einsum("mk,mks->ms", self.weight, apart**2))

    @property
    def effective(self) -> np.ndarray:
        """n_eff = exp(-sum w ln w) [M]."""
        w = np.maximum(self.weight, 1e-300)
        return np.exp(-(w * np.log(w)).sum(axis=1))


def soft_knn(u: np.ndarray, r: np.ndarray, tau: float, k: int) -> Neighbours:
    """Neighbours of queries u [M,W] in a library r [L,W], both of length one: w = softmax over the
    top k of (u.r / tau)."""
    similarity = u @ r.T
    index = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    top = np.take_along_axis(similarity, index, axis=1)
    return Neighbours(index, top, softmax(top / tau, axis=1))


def recall_hits(u: np.ndarray, r: np.ndarray, ks: tuple[int, ...]) -> np.ndarray:
    """0/1 [N,len(ks)]: whether spot i's own expression r_i is among the K nearest of u_i; ties
    count as misses."""
    similarity = u @ r.T
    rank = (similarity >= np.diag(similarity)[:, None]).sum(axis=1)
    return (rank[:, None] <= np.array(ks)).astype(np.float64)
