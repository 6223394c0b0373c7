"""Losses of the segmenter over one batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training.nuclei.model import DIST_UNIT, TYPE_COUNT
from training.nuclei.targets import StarTargets


@dataclass
class Batch:
    """x [B, 3, H, W]; prob, certain [B, h, w]; dist, known [B, RAYS, h, w]; kind [B, h, w]."""

    x: Tensor
    prob: Tensor
    certain: Tensor
    dist: Tensor
    known: Tensor
    kind: Tensor


def collate(crops: list[tuple[np.ndarray, StarTargets]]) -> Batch:
    """Stack crops into tensors."""

    def stack(arrays: list[np.ndarray], dtype: type) -> Tensor:
        return torch.from_numpy(np.stack(arrays).astype(dtype))

    targets = [t for _, t in crops]
    return Batch(
        stack([x for x, _ in crops], np.float32),
        stack([t.prob for t in targets], np.float32),
        stack([t.certain for t in targets], np.float32),
        stack([t.dist for t in targets], np.float32),
        stack([t.known for t in targets], np.float32),
        stack([t.kind for t in targets], np.int64),
    )


def type_weights(counts: np.ndarray) -> Tensor:
    """Inverse square root of each type's nucleus count, mean 1: rare types count for more
    without letting the few miscellaneous nuclei dominate."""
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def losses(
    outputs: tuple[Tensor, Tensor, Tensor], batch: Batch, weights: Tensor
) -> dict[str, Tensor]:
    """prob: soft-target cross-entropy; dist: L1 in units of DIST_UNIT; iou: 1 - polar IoU
    (PolarMask, arXiv:1909.13226); type: weighted cross-entropy. The last three are weighted by the
    target probability, so a nucleus' centre counts for more than its rim."""
    prob, dist, kind = outputs
    bce = F.binary_cross_entropy_with_logits(prob[:, 0], batch.prob, reduction="none")
    # Soft targets leave an entropy floor; subtract it so that a perfect fit reads 0.
    floor = F.binary_cross_entropy(batch.prob, batch.prob, reduction="none")
    certain = batch.certain.sum().clamp(min=1)
    rays = batch.known * batch.prob[:, None]
    norm = rays.sum().clamp(min=1)
    l1 = (rays * (dist - batch.dist).abs()).sum() / norm / DIST_UNIT
    positive = dist.clamp(min=0.5)
    inter = (rays * torch.minimum(positive, batch.dist)).sum(1)
    union = (rays * torch.maximum(positive, batch.dist)).sum(1)
    weight = batch.prob * (union > 0)
    iou = 1 - (weight * inter / union.clamp(min=1e-3)).sum() / weight.sum().clamp(min=1)
    ce = F.cross_entropy(kind, batch.kind.clamp(min=0), weight=weights, reduction="none")
    inside = batch.prob * (batch.kind >= 0) * weights[batch.kind.clamp(min=0)]
    typed = batch.prob * (batch.kind >= 0)
    assert kind.shape[1] == TYPE_COUNT
    return {
        "prob": ((bce - floor) * batch.certain).sum() / certain,
        "dist": l1,
        "iou": iou,
        "type": (ce * typed).sum() / inside.sum().clamp(min=1),
    }


LOSS_WEIGHTS = {"prob": 4.0, "dist": 0.5, "iou": 1.0, "type": 0.5}


def total_loss(parts: dict[str, Tensor]) -> Tensor:
    """Weighted sum; the weights bring the four terms to a similar size after a few minutes."""
    return torch.stack([LOSS_WEIGHTS[name] * value for name, value in parts.items()]).sum()
