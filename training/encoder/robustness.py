"""Does an embedding order tissue by biology or by the centre (here: the scanner) it comes from?

Methods sheet, section 3. A sample's neighbours, its own slide excluded, are of four kinds: same
(S) or other (O) biology, then same or other centre: SS, SO, OS, OO.

- ratio scale (arXiv:2501.18055): (SS + SO) / (SS + OS), neutral 1;
- PathoROB scale (arXiv:2507.17845): RI = SO / (SO + OS), neutral 0.5, counts pooled;
- MaRI: RI with each neighbour weighted by exp(-d / tau), d the cosine distance, tau the median
  distance of the typed (SO and OS) pairs;
- CRoMa_i = (d_OS - d_SO) / (d_OS + d_SO), mean distances of the m nearest of each kind.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

KINDS = ("SS", "SO", "OS", "OO")


@dataclass
class Typed:
    """Cosine distances [Q,N] from each query to all samples and their kinds [Q,N] (index into
    KINDS, -1 for the query's own slide)."""

    distance: np.ndarray
    kind: np.ndarray


def typed_distances(
    features: np.ndarray,
    biology: np.ndarray,
    centre: np.ndarray,
    slide: np.ndarray,
    queries: np.ndarray | None = None,
) -> Typed:
    """features [N,D]; biology, centre and slide [N] labels; queries: row indices (default all)."""
    rows = np.arange(len(features)) if queries is None else queries
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    other_biology = biology[rows, None] != biology[None]
    other_centre = centre[rows, None] != centre[None]
    kind = 2 * other_biology + other_centre
    kind[slide[rows, None] == slide[None]] = -1
    return Typed(1 - unit[rows] @ unit.T, kind)


def neighbour_kinds(typed: Typed, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Kinds and distances [Q,k] of each query's k nearest samples of other slides."""
    distance = np.where(typed.kind < 0, np.inf, typed.distance)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
    take = np.take_along_axis
    return take(typed.kind, nearest, axis=1), take(distance, nearest, axis=1)


def ratio_or_nan(above: float, below: float) -> float:
    """above / below; nan where nothing was counted."""
    return float(above / below) if below > 0 else float("nan")


def robustness_index(typed: Typed, k: int) -> dict[str, float]:
    """Both scales, MaRI, and the support: share of queries with an SO or OS neighbour among k."""
    kind, distance = neighbour_kinds(typed, k)
    ss, so, os, oo = (kind == i for i in range(4))
    speaks = so | os
    tau = float(np.median(distance[speaks])) if speaks.any() else 1.0
    weight = np.exp(-distance / max(tau, 1e-12))
    return {
        "k": k,
        "ratio": ratio_or_nan(ss.sum() + so.sum(), ss.sum() + os.sum()),
        "ri": ratio_or_nan(so.sum(), so.sum() + os.sum()),
        "mari": ratio_or_nan(weight[so].sum(), weight[speaks].sum()),
        "support": float(speaks.any(axis=1).mean()),
        **{name: int(mask.sum()) for name, mask in zip(KINDS, (ss, so, os, oo), strict=True)},
    }


def croma(typed: Typed, m: int = 5) -> np.ndarray:
    """CRoMa of each query that has both kinds, in -1..1; above 0 biology is nearer."""

    def nearest(kind: str) -> np.ndarray:
        distance = np.where(typed.kind == KINDS.index(kind), typed.distance, np.inf)
        return np.sort(distance, axis=1)[:, :m].mean(axis=1)

    so, os = nearest("SO"), nearest("OS")
    both = np.isfinite(so) & np.isfinite(os)
    return (os[both] - so[both]) / (os[both] + so[both])


def croma_summary(values: np.ndarray) -> dict[str, float]:
    """Median, mean of the lowest tenth, and share at or below 0."""
    lowest = np.sort(values)[: max(1, len(values) // 10)]
    return {
        "median": float(np.median(values)),
        "lowest_tenth": float(lowest.mean()),
        "share_not_above_0": float((values <= 0).mean()),
        "count": len(values),
    }


def neighbour_accuracy(typed: Typed, biology: np.ndarray, queries: np.ndarray, k: int) -> float:
    """Balanced accuracy of the plain majority vote for biology among k neighbours."""
    distance = np.where(typed.kind < 0, np.inf, typed.distance)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
    names = np.unique(biology)
    votes = np.stack([(biology[nearest] == n).sum(axis=1) for n in names], axis=1)
    own = biology[queries]
    right = names[votes.argmax(axis=1)] == own
    return float(np.mean([right[own == n].mean() for n in np.unique(own)]))
