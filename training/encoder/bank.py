"""A bank of familiar class tokens, to tell fields that the encoder was not made for.

A field's distance is the mean cosine distance (1 - dot of L2-normalised class tokens) to its k
nearest bank rows (k-nearest-neighbour detection: Sun et al. 2022, arXiv:2204.06507). Percentiles of
that distance are those of a typical slide of familiar tissue that is not in the bank: each is held
out in turn, and the median over slides is taken. Pooled percentiles would be set by the one or two
slides that are farthest from all others, and let nearly everything but noise pass.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

ROWS = 600
NEIGHBOURS = 5
THRESHOLD_PERCENTILE = 95


def unit_rows(features: np.ndarray) -> np.ndarray:
    """Rows of length one, float32."""
    norm = np.linalg.norm(features, axis=1, keepdims=True)
    return (features / norm).astype(np.float32)


def bank_distance(features: np.ndarray, rows: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """Distances [N] of features [N,D] to bank rows [M,D] of length one."""
    similarity = unit_rows(features) @ rows.T
    return 1 - np.sort(similarity, axis=1)[:, -k:].mean(axis=1)


def spread_rows(features: np.ndarray, count: int) -> np.ndarray:
    """Indices of `count` rows that cover the features: each next one is the row farthest from all
    chosen so far (Gonzalez 1985). The first is the one nearest to the mean."""
    rows = unit_rows(features)
    chosen = [int((rows @ rows.mean(axis=0)).argmax())]
    nearest = rows @ rows[chosen[0]]
    while len(chosen) < min(count, len(rows)):
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, rows @ rows[chosen[-1]])
    return np.array(chosen)


def choose_rows(
    features: np.ndarray, sources: np.ndarray, count: int = ROWS, seed: int = 0
) -> np.ndarray:
    """Indices of bank rows: the same number from every source (slide or patient), half of them
    spread out, so that rare tissue is in, half random, so that common tissue is dense."""
    rng = np.random.default_rng(seed)
    names = np.unique(sources)
    chosen = []
    for i, name in enumerate(names):
        own = np.flatnonzero(sources == name)
        share = count * (i + 1) // len(names) - count * i // len(names)
        spread = own[spread_rows(features[own], share // 2)]
        rest = rng.permutation(np.setdiff1d(own, spread))[: share - len(spread)]
        chosen.append(np.concatenate([spread, rest]))
    return np.concatenate(chosen)


def held_out_distances(
    features: np.ndarray, sources: np.ndarray, rows: np.ndarray, row_sources: np.ndarray
) -> np.ndarray:
    """Distance of each field to the bank without the rows of its own source."""
    distance = np.empty(len(features))
    for name in np.unique(sources):
        own = sources == name
        distance[own] = bank_distance(features[own], rows[row_sources != name])
    return distance


def percentiles(distance: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """0th to 100th percentile [101] of the typical source: the median over sources of each."""
    own = [np.percentile(distance[sources == n], np.arange(101)) for n in np.unique(sources)]
    return np.median(own, axis=0)


def write_bank(rows: np.ndarray, quantiles: np.ndarray, path: Path, on: str) -> dict[str, object]:
    """Store the rows (float32, little-endian, row-major) and return the manifest's `bank`."""
    data = np.ascontiguousarray(rows, "<f4").tobytes()
    path.write_bytes(data)
    return {
        "path": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "count": len(rows),
        "k": NEIGHBOURS,
        "dim": rows.shape[1],
        "quantiles": [float(q) for q in quantiles],
        "threshold": float(quantiles[THRESHOLD_PERCENTILE]),
        "on": on,
    }
