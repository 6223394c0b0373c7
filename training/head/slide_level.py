"""One score of many fields: the mean of their logits, or this head's attention over all tokens.

With the gates g of the fields in a bag, w = softmax(g) and score = sum_f w_f logit_f, which is
gated attention over every token of the bag (model.py). Heads learn their attention within fields
alone, so nothing makes the gates of different fields comparable: it is measured here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from scipy.special import softmax

from training.head.features import TokenSet
from training.head.model import TokenHierarchyHead
from training.head.statistics import aurocs, block_weights
from training.head.subjects import measured

BAG = 8
# Bags behind the figure itself, and behind each of the bootstrap rounds.
VALUE_BAGS, BAGS, ROUNDS = 20_000, 1000, 200
CHUNK = 128


def logits_and_gates(head: TokenHierarchyHead, data: TokenSet) -> tuple[np.ndarray, np.ndarray]:
    """Logit and gate [N] of the plain view."""
    chunks = zip(data.class_token[0].split(CHUNK), data.patch_tokens[0].split(CHUNK), strict=True)
    with torch.no_grad():
        parts = [head(c.float(), p.float()) for c, p in chunks]
    return tuple(torch.cat([getattr(p, n) for p in parts]).numpy() for n in ("logit", "gate"))


def pooled(logit: np.ndarray, gate: np.ndarray, bags: np.ndarray) -> dict[str, np.ndarray]:
    """Scores [B] of bags [B,K] (rows of logit and gate [N]), and how many fields carry the gated
    one: 1 / sum w^2 [B], K for equal weights."""
    weight = softmax(gate[bags], axis=1)
    return {
        "mean": logit[bags].mean(axis=1),
        "attention": (weight * logit[bags]).sum(axis=1),
        "fields": 1 / (weight**2).sum(axis=1),
    }


def compare(scores: dict[str, np.ndarray], label: np.ndarray) -> list[float]:
    """AUROC by mean, by attention, and the latter minus the former; nan where all labels agree."""
    one = np.ones((1, len(label)))
    areas = [float(aurocs(scores[name], label, one)[0]) for name in ("mean", "attention")]
    return [*areas, areas[1] - areas[0]]


def summary(rounds: np.ndarray, fields: float) -> dict[str, object]:
    """Rounds of `compare` [R,3], the first on the fields as they are, as figures with intervals;
    `fields`: mean number of fields that carry the gated score."""
    names = ("mean", "attention", "difference")
    figures = {name: measured(column) for name, column in zip(names, rounds.T, strict=True)}
    return {**figures, "effective_fields": fields}


def section_bags(
    value: np.ndarray, section: np.ndarray, weight: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """About `count` bags [B,8] of fields of one section each, drawn by weight [N], and whether
    their mean value [N] is above the median of the section's bags [B]."""
    names = np.unique(section)
    bags, labels = [], []
    for name in names:
        rows = np.flatnonzero(section == name)
        if weight[rows].sum() == 0:
            continue
        chance = weight[rows] / weight[rows].sum()
        drawn = rng.choice(rows, (-(-count // len(names)), BAG), p=chance)
        mean = value[drawn].mean(axis=1)
        bags.append(drawn)
        labels.append(mean > np.median(mean))
    return np.concatenate(bags), np.concatenate(labels).astype(int)


def bag_figures(
    logit: np.ndarray, gate: np.ndarray, value: np.ndarray, section: np.ndarray, block: np.ndarray
) -> dict[str, object]:
    """Both ways of pooling on bags of held-out fields, all columns [N]: AUROC for the bag's mean
    value, high or low in its section, with intervals by a bootstrap over blocks; every round draws
    its bags anew."""
    rng = np.random.default_rng(0)
    weights = np.concatenate([np.ones((1, len(block))), block_weights(block, ROUNDS)])
    rounds, fields = [], []
    for count, weight in zip([VALUE_BAGS] + [BAGS] * ROUNDS, weights, strict=True):
        bags, label = section_bags(value, section, weight, count, rng)
        scores = pooled(logit, gate, bags)
        rounds.append(compare(scores, label))
        fields.append(scores["fields"].mean())
    return {"bag": BAG, **summary(np.array(rounds), float(fields[0]))}


def recommended(results: list[dict[str, Any]], trust: str) -> str:
    """`attention` where every test puts it above the mean with its whole interval and the head
    itself is above chance (`trust` of the manifest), else `mean`."""
    better = all(entry["difference"]["interval"][0] > 0 for entry in results)
    return "attention" if better and trust != "chance" else "mean"
