"""Bags of drawn fields of which some are planted: does pooling by gates find few among many?"""

from __future__ import annotations

import numpy as np

from training.head.slide_level import BAGS, ROUNDS, VALUE_BAGS, compare, pooled, summary
from training.head.statistics import block_weights

BAG = 16
# Planted fields in a bag; bags without any are what each is told from.
COUNTS = (1, 2, 4, 8)


def pair_bags(
    chance: np.ndarray, planted: int, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Bags [count,16] of places drawn by chance [P]: the first `planted` as drawn (row 2i of the
    test fields), the others as their twins (row 2i + 1)."""
    twin = np.arange(BAG) >= planted
    return 2 * rng.choice(len(chance), (count, BAG), p=chance) + twin


def one_round(
    logit: np.ndarray, gate: np.ndarray, chance: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Figures of `compare` and effective fields for each number of planted fields, and for all of
    them together (`any`), against as many bags without."""
    each = {m: pooled(logit, gate, pair_bags(chance, m, count, rng)) for m in (0, *COUNTS)}
    groups = {**{str(m): [m] for m in COUNTS}, "any": list(COUNTS)}
    areas, fields = {}, {}
    for name, members in groups.items():
        scores = {k: np.concatenate([each[m][k] for m in (0, *members)]) for k in each[0]}
        areas[name] = compare(scores, np.arange(len(scores["mean"])) >= count)
        fields[name] = float(np.mean([each[m]["fields"].mean() for m in members]))
    return areas, fields


def planted_bags(logit: np.ndarray, gate: np.ndarray) -> dict[str, object]:
    """Figures by number of planted fields; logit and gate [2P] of the test set, in pairs. Intervals
    by a bootstrap over pairs, every round with bags of its own."""
    rng = np.random.default_rng(0)
    pairs = np.arange(len(logit) // 2)
    weights = np.concatenate([np.ones((1, len(pairs))), block_weights(pairs, ROUNDS)])
    rounds = [
        one_round(logit, gate, w / w.sum(), VALUE_BAGS if r == 0 else BAGS, rng)
        for r, w in enumerate(weights)
    ]
    first = rounds[0]
    return {
        "bag": BAG,
        "planted": {
            name: summary(np.array([areas[name] for areas, _ in rounds]), first[1][name])
            for name in first[0]
        },
    }
