"""Losses of the segmenter over one batch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training.nuclei.model import CONTOUR_CLASSES, DIST_UNIT, TYPE_COUNT
from training.nuclei.targets import StarTargets

# Cells near a nucleus' rim take part in the vote on its outline, so they are trained too.
RIM_WEIGHT = 0.25
# Background, inside, contour: contours are thin.
CONTOUR_WEIGHTS = (1.0, 1.0, 2.0)


@dataclass
class Batch:
    """x [B, 3, H, W]; prob, certain, weight [B, h, w]; dist, known [B, RAYS, h, w]; kind
    [B, h, w]; contour [B, H, W]. See StarTargets."""

    x: Tensor
    prob: Tensor
    certain: Tensor
    weight: Tensor
    dist: Tensor
    known: Tensor
    kind: Tensor
    contour: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same batch on another device."""
        return Batch(**{name: value.to(device) for name, value in vars(self).items()})


def collate(crops: list[tuple[np.ndarray, StarTargets]]) -> Batch:
    """Stack crops into tensors."""

    def stack(name: str, dtype: type) -> Tensor:
        arrays = np.stack([getattr(t, name) for _, t in crops])
        return torch.from_numpy(arrays.astype(dtype, copy=False))

    floats = ("prob", "certain", "weight", "dist", "known")
    return Batch(
        x=torch.from_numpy(np.stack([x for x, _ in crops])),
        **{name: stack(name, np.float32) for name in floats},
        kind=stack("kind", np.int64),
        contour=stack("contour", np.int64),
    )


def type_weights(counts: np.ndarray) -> Tensor:
    """Inverse square root of each type's nucleus count, mean 1: rare types count for more
    without letting the few miscellaneous nuclei dominate."""
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    return torch.from_numpy((weights / weights.mean()).astype(np.float32))


def losses(
    outputs: tuple[Tensor, Tensor, Tensor], contour: Tensor, batch: Batch, weights: Tensor
) -> dict[str, Tensor]:
    """Five terms; every cell counts by its nucleus' weight.

    prob: soft-target cross-entropy; dist: L1 in units of DIST_UNIT; iou: 1 - IoU of the areas that
    the rays span (polar IoU of PolarMask, arXiv:1909.13226, before its simplification to radii);
    type: weighted cross-entropy; contour: cross-entropy of every input pixel. Cells count for more
    towards the centre of their nucleus in dist, iou and type.
    """
    prob, dist, kind = outputs
    bce = F.binary_cross_entropy_with_logits(prob[:, 0], batch.prob, reduction="none")
    # Soft targets leave an entropy floor; subtract it so that a perfect fit reads 0.
    floor = F.binary_cross_entropy(batch.prob, batch.prob, reduction="none")
    certain = batch.certain * batch.weight
    nuclear = batch.kind >= 0
    inside = nuclear * batch.weight * (RIM_WEIGHT + (1 - RIM_WEIGHT) * batch.prob)
    # Rays of the cells inside nuclei: [n, RAYS].
    got, true, known = (v.permute(0, 2, 3, 1)[nuclear] for v in (dist, batch.dist, batch.known))
    cell = inside[nuclear]
    rays = known * cell[:, None]
    l1 = (rays * (got - true).abs()).sum() / rays.sum().clamp(min=1) / DIST_UNIT
    got = got.clamp(min=0.5)
    inter = (known * torch.minimum(got, true) ** 2).sum(1)
    union = (known * torch.maximum(got, true) ** 2).sum(1)
    spanned = cell * (union > 0)
    iou = (spanned * (1 - inter / union.clamp(min=1e-3))).sum() / spanned.sum().clamp(min=1)
    ce = F.cross_entropy(kind, batch.kind.clamp(min=0), weight=weights, reduction="none")
    typed = inside * weights[batch.kind.clamp(min=0)]
    assert kind.shape[1] == TYPE_COUNT and contour.shape[1] == CONTOUR_CLASSES
    return {
        "prob": ((bce - floor) * certain).sum() / certain.sum().clamp(min=1),
        "dist": l1,
        "iou": iou,
        "type": (ce * inside).sum() / typed.sum().clamp(min=1),
        "contour": F.cross_entropy(
            contour, batch.contour, contour.new_tensor(CONTOUR_WEIGHTS), ignore_index=-1
        ),
    }


LOSS_WEIGHTS = {"prob": 4.0, "dist": 0.5, "iou": 1.5, "type": 0.4, "contour": 0.5}


def total_loss(parts: dict[str, Tensor]) -> Tensor:
    """Weighted sum; the weights bring the terms to a similar size after a few minutes."""
    return torch.stack([LOSS_WEIGHTS[name] * value for name, value in parts.items()]).sum()
