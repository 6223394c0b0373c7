"""Deletion curves: does the logit fall faster when the tokens said to carry it are removed first?
(methods sheet, section 1; protocol after xMIL patch dropping)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from training.head.features import TokenSet
from training.head.model import TokenHierarchyHead

STEPS = 20


def curve(
    head: TokenHierarchyHead, class_token: Tensor, patch_tokens: Tensor, order: Tensor
) -> Tensor:
    """Logit of one spot after removing the first 0, 5, ... 95 % of `order` [N]: [STEPS].

    Removed tokens leave the attention's softmax, so the rest is weighted anew.
    """
    count = patch_tokens.shape[0]
    logits = []
    for step in range(STEPS):
        kept = order[round(count * step / STEPS) :]
        logits.append(head(class_token[None], patch_tokens[None, kept]).logit[0])
    return torch.stack(logits)


def deletion(
    head: TokenHierarchyHead, data: TokenSet, spots: int = 200, seed: int = 0
) -> dict[str, dict[str, object]]:
    """Mean over the curve of (random order - relevant order), in logits towards the predicted side.

    Positive: the relevant order takes the logit down faster. Orders: signed contribution towards
    the predicted class, and attention. Interval by bootstrap over spots.
    """
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(data.class_token.shape[1])[:spots]
    areas: dict[str, list[float]] = {"contribution": [], "attention": []}
    with torch.no_grad():
        for i in chosen:
            c, p = data.class_token[0, i], data.patch_tokens[0, i]
            out = head(c[None], p[None])
            side = torch.sign(out.logit[0])
            shuffled = [torch.from_numpy(rng.permutation(len(p))) for _ in range(3)]
            random = torch.stack([curve(head, c, p, order) for order in shuffled]).mean(dim=0)
            relevance = {"contribution": side * out.contribution[0], "attention": out.attention[0]}
            for name, value in relevance.items():
                fall = curve(head, c, p, value.argsort(descending=True))
                areas[name].append(float((side * (random - fall)).mean()))
    result: dict[str, dict[str, object]] = {}
    for name, values in areas.items():
        draws = [rng.choice(values, len(values)).mean() for _ in range(1000)]
        result[name] = {
            "value": float(np.mean(values)),
            "spots": len(values),
            "interval": [float(v) for v in np.percentile(draws, [2.5, 97.5])],
        }
    return result
