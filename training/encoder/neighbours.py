"""Nearest-neighbour measures on field features."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from training.encoder.baselines import unit
from training.encoder.tiles import ORGANS

NEIGHBOURS = 20


def organ_votes(features: Tensor, slides: np.ndarray, k: int = NEIGHBOURS) -> dict[str, np.ndarray]:
    """Cross-slide organ kNN: for each query slide, whether each of its tiles is voted right.

    Queries: slides of organs with two or more slides. Library: tiles of every other slide whose
    name gives its organ. Votes are weighted by cosine similarity and divided by the organ's share
    of the library, since organs have 194 to 900 tiles.
    """
    organ = np.array([ORGANS[s] or "" for s in slides])
    named = {s: o for s, o in ORGANS.items() if o}
    shared = [o for o in set(named.values()) if list(named.values()).count(o) > 1]
    vectors = unit(features)
    result = {}
    for slide in sorted(s for s, o in named.items() if o in shared):
        library = np.flatnonzero((slides != slide) & (organ != ""))
        query = np.flatnonzero(slides == slide)
        similarity, index = (vectors[query] @ vectors[library].T).topk(k, dim=1)
        neighbour = organ[library][index.numpy()]
        kinds = sorted(set(organ[library]))
        weight = (similarity.numpy() + 1) / 2
        votes = np.stack(
            [(weight * (neighbour == o)).sum(axis=1) / (organ[library] == o).mean() for o in kinds],
            axis=1,
        )
        result[slide] = np.array(kinds)[votes.argmax(axis=1)] == named[slide]
    return result


def balanced_accuracy(votes: dict[str, np.ndarray]) -> float:
    """Mean over organs of the mean over the organ's slides of the share of tiles voted right."""
    organs: dict[str, list[float]] = {}
    for slide, right in votes.items():
        organs.setdefault(str(ORGANS[slide]), []).append(float(right.mean()))
    return float(np.mean([np.mean(v) for v in organs.values()]))


def bootstrap_balanced(
    votes: dict[str, np.ndarray], seed: int = 0, rounds: int = 1000
) -> list[float]:
    """95 % interval: slides drawn within organs, then tiles within slides."""
    rng = np.random.default_rng(seed)
    organs: dict[str, list[np.ndarray]] = {}
    for slide, right in votes.items():
        organs.setdefault(str(ORGANS[slide]), []).append(right)
    draws = []
    for _ in range(rounds):
        means = []
        for group in organs.values():
            chosen = [group[i] for i in rng.integers(0, len(group), len(group))]
            means.append(np.mean([rng.choice(c, len(c)).mean() for c in chosen]))
        draws.append(np.mean(means))
    return [float(v) for v in np.percentile(draws, [2.5, 97.5])]


def mutual_neighbours(a: Tensor, b: Tensor, k: int = 10) -> float:
    """m-kNN: mean share of the k nearest neighbours that two feature sets have in common
    (methods sheet, section 3)."""
    sets = []
    for features in (unit(a), unit(b)):
        similarity = features @ features.T
        similarity.fill_diagonal_(-2)
        sets.append(similarity.topk(k, dim=1).indices)
    common = (sets[0][:, :, None] == sets[1][:, None, :]).any(dim=2)
    return float(common.float().mean())


def adjacent(slides: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Which tiles [N,N] touch: same slide, column and row at most 1 apart, not the tile itself."""
    apart = np.abs(places[:, None] - places[None]).max(axis=2)
    return (slides[:, None] == slides[None]) & (apart == 1)


def retrieval(
    features: Tensor, slides: np.ndarray, places: np.ndarray, k: int = 5
) -> dict[str, object]:
    """Does a tile find the tiles beside it? Precision at 1 and at k, with chance.

    Queries are tiles with at least one adjacent tile; precision is the share of the first 1 or k
    hits (cosine) that are adjacent. `all` searches the tiles of every slide; `own_slide` only the
    query's own, where slide-wide stain is no help. `same_slide` counts any tile of the query's
    slide as right. Chance is the mean share of right tiles among those searched.
    """
    vectors = unit(features)
    similarity = (vectors @ vectors.T).fill_diagonal_(-2).numpy()
    near, same = adjacent(slides, places), slides[:, None] == slides[None]
    np.fill_diagonal(same, False)
    queries = np.flatnonzero(near.any(axis=1))

    def precision(right: np.ndarray, searched: np.ndarray) -> dict[str, float]:
        rank = np.argsort(-np.where(searched, similarity, -2)[queries], axis=1)[:, :k]
        hit = np.take_along_axis(right[queries], rank, axis=1)
        chance = right[queries].sum(axis=1) / searched[queries].sum(axis=1)
        return {
            "at_1": float(hit[:, 0].mean()),
            "at_k": float(hit.mean()),
            "chance": float(chance.mean()),
        }

    others = ~np.eye(len(slides), dtype=bool)
    return {
        "all": precision(near, others),
        "own_slide": precision(near, same),
        "same_slide": precision(same, others),
        "queries": len(queries),
        "k": k,
    }
