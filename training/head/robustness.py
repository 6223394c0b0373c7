"""How far a score moves when only the look of the tissue changes (methods sheet, section 2)."""

from __future__ import annotations

import numpy as np
import torch
from scipy.special import expit

from training.encoder.losses import effective_rank
from training.head.features import TokenSet, ViewSet
from training.head.model import TokenHierarchyHead
from training.head.train import logits

ROUNDS = 500


def consistency(p: np.ndarray) -> dict[str, float]:
    """Of probabilities p [V,M] of M fields in V looks, look 0 plain.

    inconsistency: mean over fields of the standard deviation over looks; relative: that over the
    standard deviation between fields, since a head that says the same of every field is consistent
    too; agreement: share of pairs of looks with the same class (threshold .5); flips: looks whose
    class differs from the plain one.
    """
    looks = len(p)
    positive = p > 0.5
    inconsistency = float(p.std(axis=0).mean())
    spread = float(p.mean(axis=0).std())
    votes = positive.sum(axis=0)
    same = votes * (votes - 1) + (looks - votes) * (looks - votes - 1)
    return {
        "inconsistency": inconsistency,
        "relative": inconsistency / max(spread, 1e-9),
        "agreement": float((same / (looks * (looks - 1))).mean()),
        "flips": int((positive[1:] != positive[0]).sum()),
        "looks": int(positive[1:].size),
        "views": looks,
        "fields": p.shape[1],
    }


def by_family(p: np.ndarray, family: list[str]) -> dict[str, dict[str, float]]:
    """`consistency` over all looks and over the plain look with each held-out family."""
    names = list(dict.fromkeys(family[1:]))
    result = {"all": consistency(p)}
    for name in names:
        result[name] = consistency(p[[0, *(i for i, f in enumerate(family) if f == name)]])
    return result


def paired_fall(before: np.ndarray, after: np.ndarray, seed: int = 0) -> dict[str, object]:
    """Fall of the inconsistency from head `before` to head `after`, both [V,M] probabilities of
    the same looks, with an interval by bootstrap over fields."""
    fall = before.std(axis=0) - after.std(axis=0)
    draws = np.random.default_rng(seed).choice(fall, (ROUNDS, len(fall))).mean(axis=1)
    return {
        "value": float(fall.mean()),
        "interval": [float(v) for v in np.percentile(draws, [2.5, 97.5])],
    }


def probabilities(head: TokenHierarchyHead, views: ViewSet, temperature: float) -> np.ndarray:
    """[V,M] as the viewer shows them."""
    return expit(logits(head, views.class_token, views.patch_tokens) / temperature)


def bag_rank(head: TokenHierarchyHead, data: TokenSet) -> float:
    """Effective rank of the bag embeddings sum_i a_i p_i of the plain fields: a fall beside the
    baseline's would be collapse."""
    bags = []
    with torch.no_grad():
        for c, p in zip(data.class_token[0].split(128), data.patch_tokens[0].split(128)):
            p = p.float()
            bags.append(torch.einsum("bn,bnd->bd", head(c.float(), p).attention, p))
    return effective_rank(torch.cat(bags))
