"""Losses of robust heads on frozen features (after arXiv:2602.22347; methods sheet, section 2).

L = L_task + lambda_e L_emb + lambda_s L_score over two views u, v of the same fields. The paper
names an embedding loss and a score loss; their form here is ours.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

TAU = 0.07


def symmetric_info_nce(similarity: Tensor, tau: float = TAU) -> Tensor:
    """1/2 [CE(S/tau, I) + CE(S^T/tau, I)] of cosine similarities S [B,B] (van den Oord et al.
    2018, arXiv:1807.03748, in the symmetric form of CLIP, arXiv:2103.00020)."""
    target = torch.arange(len(similarity))
    rows = F.cross_entropy(similarity / tau, target)
    return (rows + F.cross_entropy(similarity.T / tau, target)) / 2


def embedding_loss(u: Tensor, v: Tensor) -> Tensor:
    """L_emb of the bag embeddings [B,D] of two views: a field finds itself among the batch."""
    return symmetric_info_nce(F.normalize(u, dim=1) @ F.normalize(v, dim=1).T)


def score_loss(u: Tensor, v: Tensor) -> Tensor:
    """L_score of the scores [B] of two views: mean squared difference in units of the variance of
    all 2B scores.

    Without that unit the loss is met by shrinking every score: on planted tokens the probabilities
    then moved 24 times less between views, and no less beside the spread between fields.
    """
    return (u - v).pow(2).mean() / torch.cat([u, v]).var(unbiased=False).clamp(min=1e-8)
