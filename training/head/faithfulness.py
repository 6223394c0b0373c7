"""Deletion curves: does the logit fall faster when the tokens said to carry it are removed first?
(methods sheet, section 1; protocol after xMIL patch dropping)."""

from __future__ import annotations

import numpy as np
import torch

from training.head.features import TokenSet
from training.head.model import TokenHierarchyHead

STEPS = 100
RANDOM_ORDERS = 3


def curves(attention: np.ndarray, contribution: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Attended part of the logit after removing the first 0, 1, ... 99 % of `order`: [N,100].

    All inputs [N,T]. Removed tokens leave the attention's softmax, so the rest is weighted anew:
    the sum of the kept contributions over the sum of the kept attention. Class token and bias stay
    and cancel in every difference of curves.
    """
    a = np.take_along_axis(attention.astype(np.float64), order, axis=1)
    c = np.take_along_axis(contribution.astype(np.float64), order, axis=1)
    kept = [x[:, ::-1].cumsum(axis=1)[:, ::-1] for x in (a, c)]
    at = order.shape[1] * np.arange(STEPS) // STEPS
    return kept[1][:, at] / kept[0][:, at]


def deletion(
    head: TokenHierarchyHead, data: TokenSet, fields: int = 200, seed: int = 0
) -> dict[str, dict[str, object]]:
    """Mean over the curve of (random order - relevant order), in logits towards the predicted side.

    Positive: the relevant order takes the logit down faster. Orders: signed contribution towards
    the predicted class, and attention. Interval by bootstrap over fields.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(data.class_token.shape[1])[:fields]
    with torch.no_grad():
        out = head(data.class_token[0, chosen].float(), data.patch_tokens[0, chosen].float())
    attention, contribution = out.attention.numpy(), out.contribution.numpy()
    side = np.sign(out.logit.numpy())[:, None]
    shuffled = [
        curves(attention, contribution, rng.permuted(np.tile(np.arange(n), (len(side), 1)), axis=1))
        for n in [attention.shape[1]] * RANDOM_ORDERS
    ]
    random = np.mean(shuffled, axis=0)
    result: dict[str, dict[str, object]] = {}
    for name, relevance in (("contribution", side * contribution), ("attention", attention)):
        fall = curves(attention, contribution, np.argsort(-relevance, axis=1))
        area = (side * (random - fall)).mean(axis=1)
        draws = rng.choice(area, (1000, len(area))).mean(axis=1)
        result[name] = {
            "value": float(area.mean()),
            "interval": [float(v) for v in np.percentile(draws, [2.5, 97.5])],
            "fields": len(area),
        }
    return result
