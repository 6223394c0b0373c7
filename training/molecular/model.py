"""Two small networks on frozen embeddings and expression, and a decoder back to genes.

    u = norm(MLP_v(embedding)),  r = norm(MLP_r(expression))      after arXiv:2606.29949
    expression^ = mean + (scores of u) . loadings                 our predictor

The first layer of MLP_r and the last of the decoder are principal axes of the training patients'
expression and stay as they are: 5,000 genes of some hundred spots hold no more than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F


@dataclass(frozen=True)
class Axes:
    """mean [G] and loadings [K,G] (orthonormal rows) of expression; scale [K]: standard deviation
    of the training spots' scores."""

    mean: np.ndarray
    loadings: np.ndarray
    scale: np.ndarray

    def scores(self, expression: np.ndarray) -> np.ndarray:
        """Scores [N,K] of expression [N,G], each of about unit variance on training spots."""
        return ((expression - self.mean) @ self.loadings.T / self.scale).astype(np.float32)


def principal_axes(expression: np.ndarray, section: np.ndarray, count: int) -> Axes:
    """The `count` axes of most variance inside sections [N,G]; the mean is that of all spots."""
    inside = expression.copy()
    for name in np.unique(section):
        inside[section == name] -= inside[section == name].mean(axis=0)
    # Far fewer spots than genes: the spots' Gram matrix is the small one.
    variance, along = np.linalg.eigh(inside @ inside.T)
    size = np.sqrt(np.maximum(variance[::-1][:count], 1e-6))
    loadings = (along[:, ::-1][:, :count] / size).T @ inside
    return Axes(
        expression.mean(axis=0), loadings, (size / np.sqrt(len(inside))).astype(np.float32)
    )


class Perceptron(nn.Module):
    """Linear, GELU, linear, to length one: [B,inputs] -> [B,width]. `mean` and `std` [inputs] of
    the training spots are part of it."""

    def __init__(self, mean: Tensor, std: Tensor, hidden: int, width: int, drop: float) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        self.layers = nn.Sequential(
            nn.Dropout(drop), nn.Linear(len(mean), hidden), nn.GELU(),
            nn.Dropout(drop), nn.Linear(hidden, width),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return F.normalize(self.layers((x - self.mean) / self.std), dim=1)


class ImageSide(nn.Module):
    """Embedding [B,D] -> u [B,W] and expression [B,G] (log1p counts per 10,000)."""

    def __init__(self, network: Perceptron, axes: Axes, rank: int, width: int) -> None:
        super().__init__()
        self.network = network
        self.to_scores = nn.Linear(width, rank)
        self.register_buffer("loadings", torch.from_numpy(axes.loadings[:rank]))
        self.register_buffer("scale", torch.from_numpy(axes.scale[:rank]))
        self.register_buffer("gene_mean", torch.from_numpy(axes.mean))

    def forward(self, embedding: Tensor) -> tuple[Tensor, Tensor]:
        u = self.network(embedding)
        return u, self.gene_mean + (self.to_scores(u) * self.scale) @ self.loadings


class ExpressionSide(nn.Module):
    """Expression [B,G] -> r [B,W]."""

    def __init__(self, network: Perceptron, axes: Axes) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("loadings", torch.from_numpy(axes.loadings / axes.scale[:, None]))
        self.register_buffer("gene_mean", torch.from_numpy(axes.mean))

    def forward(self, expression: Tensor) -> Tensor:
        return self.network((expression - self.gene_mean) @ self.loadings.T)
