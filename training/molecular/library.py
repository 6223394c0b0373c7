"""The library that ships: prototypes, means of spots of alike expression.

Spots are clustered by r (spherical k-means), patient after patient in one pool; a prototype keeps
the mean r, the expression of its pooled molecules and how many spots of each patient it stands for.
Pooled molecules of dozens of spots are also what makes it a model parameter and not a copy of data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.molecular.data import Spots, normalised

PROTOTYPES = 256
ROUNDS = 25
# A prototype of fewer spots would be close to a spot's own profile.
FEWEST_SPOTS = 4


@dataclass
class Library:
    """L prototypes: r [L,W] of length one, expression [L,G], patients (names) and spots [L,P]."""

    r: np.ndarray
    expression: np.ndarray
    patients: list[str]
    spots: np.ndarray


def unit(x: np.ndarray) -> np.ndarray:
    return x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)


def cluster(r: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Cluster [N] of unit rows r [N,W]: spherical k-means from randomly chosen rows."""
    rng = np.random.default_rng(seed)
    centre = r[rng.choice(len(r), min(count, len(r)), replace=False)]
    for _ in range(ROUNDS):
        label = (r @ centre.T).argmax(axis=1)
        total = np.zeros_like(centre)
        np.add.at(total, label, r)
        seen = np.bincount(label, minlength=len(centre)) > 0
        centre[seen] = unit(total[seen])
    return label


def prototypes(r: np.ndarray, spots: Spots, count: int = PROTOTYPES, seed: int = 0) -> Library:
    """Library of the spots with r [N,W], at most `count` large; clusters of fewer than FEWEST_SPOTS
    spots are dissolved into their nearest neighbours."""
    count = min(count, len(r) // FEWEST_SPOTS)
    label = cluster(r, count, seed)
    large = np.flatnonzero(np.bincount(label, minlength=count) >= FEWEST_SPOTS)
    centre = unit(np.stack([r[label == c].sum(axis=0) for c in large]))
    label = (r @ centre.T).argmax(axis=1)
    large = np.flatnonzero(np.bincount(label, minlength=len(centre)) >= FEWEST_SPOTS)
    patients = sorted(set(spots.patient.tolist()))
    members = [label == c for c in large]
    pooled = np.stack([spots.counts[m].sum(axis=0) for m in members])
    depth = np.array([spots.depth[m].sum() for m in members])
    return Library(
        unit(np.stack([r[m].sum(axis=0) for m in members])),
        normalised(pooled, depth),
        patients,
        np.array([[int((spots.patient[m] == p).sum()) for p in patients] for m in members]),
    )
