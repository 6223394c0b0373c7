"""Agreement of predicted and measured scores, with intervals by a bootstrap over blocks of spots.

Everything is within sections: a section's mean score depends on how deep it was sequenced, which no
image shows. R2 = 1 - SSres/SStot is given twice: `r2`, where both scores are taken from their
section's mean and the predicted one is multiplied by one slope that was fitted on the training
patient; and `r2_raw` of the scores as they are. Both can be negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from training.head.statistics import ROUNDS, block_weights, interval
from training.molecular.data import Spots
from training.molecular.knn import recall_hits

KS = (1, 5, 10, 50)
SMALLEST_SLOPE_SPREAD = 1e-9


def centred(values: np.ndarray, section: np.ndarray) -> np.ndarray:
    """values [N] or [N,S] less their section's mean."""
    result = np.array(values, dtype=np.float64)
    for name in np.unique(section):
        rows = section == name
        result[rows] -= result[rows].mean(axis=0)
    return result


def slopes(predicted: np.ndarray, measured: np.ndarray, section: np.ndarray) -> np.ndarray:
    """Least-squares slope [S] of measured on predicted [N,S] within sections; never negative."""
    p, y = centred(predicted, section), centred(measured, section)
    size = np.maximum((p * p).sum(axis=0), SMALLEST_SLOPE_SPREAD)
    return np.maximum((p * y).sum(axis=0) / size, 0)


def with_interval(draws: np.ndarray) -> dict[str, object]:
    """Value (first draw) and the 95 % interval of the others."""
    return {"value": float(draws[0]), "interval": interval(draws[1:])}


def weighted_correlation(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Pearson correlation [R,S] of the columns of a and b [N,S] under each row of weight [R,N]."""
    total = weight.sum(axis=1, keepdims=True)
    mean_a, mean_b = weight @ a / total, weight @ b / total
    cross = weight @ (a * b) / total - mean_a * mean_b
    size = (weight @ (a * a) / total - mean_a**2) * (weight @ (b * b) / total - mean_b**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return cross / np.sqrt(np.maximum(size, 0))


def given(r: np.ndarray, with_a: np.ndarray, with_b: np.ndarray) -> np.ndarray:
    """Partial correlation of a and b, from theirs and those with the third quantity."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (r - with_a * with_b) / np.sqrt((1 - with_a**2) * (1 - with_b**2))


@dataclass
class Examination:
    """Tested spots with bootstrap weights [R,N], whose first row is all ones. Spots keep the rank
    they have in their whole section in every draw."""

    spots: Spots
    weight: np.ndarray

    @classmethod
    def of(cls, spots: Spots, rounds: int = ROUNDS) -> Examination:
        ones = np.ones((1, len(spots.depth)))
        return cls(spots, np.concatenate([ones, block_weights(spots.block, rounds)]))

    def spearman(
        self, predicted: np.ndarray, measured: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Draws [R,S] of Spearman within sections, averaged by their weights, and of the partial
        one with the spots' depth regressed out; scores [N,S]."""
        values, partial, sizes = [], [], []
        for name in np.unique(self.spots.section):
            rows = self.spots.section == name
            p, y = rankdata(predicted[rows], axis=0), rankdata(measured[rows], axis=0)
            depth = np.broadcast_to(rankdata(self.spots.depth[rows])[:, None], p.shape)
            weight = self.weight[:, rows]
            r = weighted_correlation(p, y, weight)
            others = (weighted_correlation(x, depth, weight) for x in (p, y))
            values.append(r)
            partial.append(given(r, *others))
            sizes.append(np.where(np.isfinite(r), weight.sum(axis=1, keepdims=True), 0))
        whole = np.sum(sizes, axis=0)
        return tuple(
            np.sum(np.nan_to_num(v) * np.array(sizes), axis=0) / whole for v in (values, partial)
        )

    def sets(
        self, predicted: np.ndarray, measured: np.ndarray, slope: np.ndarray
    ) -> list[dict[str, object]]:
        """Every figure of every gene set; scores [N,S], slope [S]."""
        section = self.spots.section
        rho, beyond = self.spearman(predicted, measured)
        p, y = centred(predicted, section), centred(measured, section)
        pearson = weighted_correlation(p, y, self.weight)
        r2 = 1 - (self.weight @ (y - slope * p) ** 2) / (self.weight @ y**2)
        apart = measured - measured.mean(axis=0)
        raw = 1 - ((measured - predicted) ** 2).sum(axis=0) / (apart**2).sum(axis=0)
        result = []
        for s in range(predicted.shape[1]):
            figures: dict[str, object] = {
                "rho": with_interval(rho[:, s]),
                "rho_given_depth": with_interval(beyond[:, s]),
                "pearson": with_interval(pearson[:, s]),
                "r2": with_interval(r2[:, s]),
                "r2_raw": float(raw[s]),
                "slope": float(slope[s]),
            }
            figures["r2_above_zero"] = figures["r2"]["interval"][0] > 0
            figures["beyond_depth"] = figures["rho_given_depth"]["interval"][0] > 0
            result.append(figures)
        return result

    def recall(self, hits: np.ndarray) -> dict[str, object]:
        """Recall@K of per-spot hits [N,len(KS)]."""
        draws = self.weight @ hits / self.weight.sum(axis=1, keepdims=True)
        return {str(k): with_interval(draws[:, i]) for i, k in enumerate(KS)}


def section_hits(u: np.ndarray, r: np.ndarray, section: np.ndarray) -> tuple[np.ndarray, list]:
    """Hits [N,len(KS)] where each spot searches its own section, and chance K/N by K."""
    hits = np.zeros((len(u), len(KS)))
    chance = np.zeros((len(u), len(KS)))
    for name in np.unique(section):
        rows = section == name
        hits[rows] = recall_hits(u[rows], r[rows], KS)
        chance[rows] = np.minimum(np.array(KS) / rows.sum(), 1)
    return hits, chance.mean(axis=0).tolist()


def summary(sets: list[dict]) -> dict[str, float]:
    """Means over gene sets, the median R2, and how many sets pass."""
    def mean(name: str) -> float:
        return float(np.mean([s[name]["value"] for s in sets]))

    return {
        "rho": mean("rho"),
        "rho_given_depth": mean("rho_given_depth"),
        "pearson": mean("pearson"),
        "r2": float(np.median([s["r2"]["value"] for s in sets])),
        "r2_raw": float(np.median([s["r2_raw"] for s in sets])),
        "r2_above_zero": sum(s["r2_above_zero"] for s in sets),
        "beyond_depth": sum(s["beyond_depth"] for s in sets),
        "both": sum(s["r2_above_zero"] and s["beyond_depth"] for s in sets),
    }
