"""Variance-invariance-covariance loss, whole field and token by token.

VICReg: Bardes et al. 2022 (arXiv:2105.04906); on matched local features: VICRegL
(arXiv:2210.01571). The variance term is the guard against collapse.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WEIGHT_INVARIANCE = 25.0
WEIGHT_VARIANCE = 25.0
WEIGHT_COVARIANCE = 1.0
TEMPERATURE = 0.1


def expander(dim: int, width: int) -> nn.Sequential:
    """Projection used by the loss alone; it is not part of the encoder."""
    return nn.Sequential(
        nn.Linear(dim, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, width)
    )


def spread(z: Tensor) -> Tensor:
    """Variance and covariance terms of z [N,D]."""
    centred = z - z.mean(dim=0)
    deviation = torch.sqrt(centred.var(dim=0) + 1e-4)
    covariance = centred.T @ centred / (z.shape[0] - 1)
    off = covariance.pow(2).sum() - covariance.diagonal().pow(2).sum()
    return WEIGHT_VARIANCE * F.relu(1 - deviation).mean() + WEIGHT_COVARIANCE * off / z.shape[1]


def vicreg(a: Tensor, b: Tensor) -> Tensor:
    """Loss of two matched embeddings [N,D]."""
    return WEIGHT_INVARIANCE * F.mse_loss(a, b) + 0.5 * (spread(a) + spread(b))


def effective_rank(features: Tensor) -> float:
    """exp of the entropy of the normalised singular values of centred features [N,D]
    (Roy and Vetterli 2007)."""
    values = torch.linalg.svdvals(features - features.mean(dim=0))
    share = values / values.sum()
    return float(torch.exp(-(share * torch.log(share + 1e-12)).sum()))


def turn_contrast(a: Tensor, b: Tensor, exact: Tensor) -> Tensor:
    """Symmetric InfoNCE (arXiv:1807.03748) of class tokens [B,D]: an exact turn (`exact` [B], bool)
    must be found among all fields of the batch. Tokens are centred first, as they share a mean.

    A plain squared distance would not do: it is smallest when all fields look alike.
    """
    centre = torch.cat([a, b]).mean(dim=0)
    similarity = F.normalize(a - centre, dim=1) @ F.normalize(b - centre, dim=1).T / TEMPERATURE
    target = torch.arange(len(a), device=a.device)[exact]
    one_way = F.cross_entropy(similarity[exact], target)
    return (one_way + F.cross_entropy(similarity.T[exact], target)) / 2
