"""Simple descriptions of a field, to compare the encoder with."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from training.encoder.model import FieldEncoder, normalise
from training.encoder.views import HED

BINS = 6
HAEMATOXYLIN_THRESHOLD = 0.25


def colour_histogram(rgb: Tensor) -> Tensor:
    """Joint RGB histogram with 6 bins a channel, square root taken: [B,3,H,W] 0..1 -> [B,216]."""
    level = (rgb * BINS).long().clamp(0, BINS - 1)
    index = (level[:, 0] * BINS + level[:, 1]) * BINS + level[:, 2]
    rows = torch.stack([torch.bincount(i.flatten(), minlength=BINS**3) for i in index]).float()
    return (rows / rows.sum(dim=1, keepdim=True)).sqrt()


def stain_density(rgb: Tensor) -> Tensor:
    """Haematoxylin, eosin and DAB density of each pixel [B,3,H*W] (HED matrix, methods sheet)."""
    rows = HED / HED.norm(dim=1, keepdim=True)
    density = -torch.log(rgb.clamp(1 / 255, 1)).flatten(2)
    return torch.linalg.inv(rows).T @ density


def stain_vector(rgb: Tensor) -> Tensor:
    """Mean and standard deviation of each stain: [B,6]."""
    density = stain_density(rgb)
    return torch.cat([density.mean(dim=2), density.std(dim=2)], dim=1)


def haematoxylin_fraction(rgb: Tensor) -> Tensor:
    """Share of pixels with haematoxylin density above 0.25: [B,1]."""
    stained = stain_density(rgb)[:, 0] > HAEMATOXYLIN_THRESHOLD
    return stained.float().mean(dim=1, keepdim=True)


def stem_tokens(model: FieldEncoder, rgb: Tensor) -> Tensor:
    """Stride-16 features of the stem alone: [B,3,224,224] -> [B,196,112]."""
    image = normalise(rgb).contiguous(memory_format=torch.channels_last)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        tokens = model.stem.coarse(model.stem.fine(image)).flatten(2).transpose(1, 2)
    return tokens.float()


def unit(features: Tensor) -> Tensor:
    """Rows of length one."""
    return F.normalize(features, dim=1)
