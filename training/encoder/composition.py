"""Nuclear composition of tokens, from the CoNSeP instances and types.

The images have 0.25 um/px. Halved to the encoder's 0.5 um/px a token covers 8 um; read as they are
(`halve=False`), 4 um.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from training.encoder.model import FIELD_PX, TOKEN_PX
from training.encoder.views import affine, render
from training.nuclei.data import load_images

TYPES = 4


@dataclass
class CompositionImages:
    """rgb [N,3,S,S] in 0..1 and area [N,4,S,S], the share of each pixel by type; S is 500, or 1000
    at 0.25 um/px."""

    names: list[str]
    rgb: Tensor
    area: Tensor


def load_composition(part: str, halve: bool = True) -> CompositionImages:
    """`part` of the segmenter's split by image (fold 0): train, validation or test."""
    factor = 2 if halve else 1
    names, images, areas = [], [], []
    for image in load_images(part):
        kind = torch.from_numpy(image.types)[torch.from_numpy(image.labels).long()]
        layers = torch.stack([(kind == t).float() for t in range(TYPES)])
        areas.append(F.avg_pool2d(layers, factor))
        rgb = torch.from_numpy(image.rgb).permute(2, 0, 1).float() / 255
        images.append(F.avg_pool2d(rgb, factor))
        names.append(image.name)
    return CompositionImages(names, torch.stack(images), torch.stack(areas))


def token_shares(area: Tensor) -> Tensor:
    """Type areas [B,4,H,W] -> share of each token by background and type [B,T,5]."""
    pooled = F.avg_pool2d(area, TOKEN_PX).flatten(2).transpose(1, 2)
    background = 1 - pooled.sum(dim=-1, keepdim=True)
    return torch.cat([background, pooled], dim=-1)


def random_fields(
    images: CompositionImages, count: int, px: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Random turned and scaled fields [count,3,px,px] (colours untouched) and token shares."""
    index = torch.randint(0, len(images.names), (count,), generator=generator)
    theta = affine(count, px, images.rgb.shape[-1], generator)
    both = torch.cat([images.rgb[index], images.area[index]], dim=1)
    both = render(both, theta, px)
    return both[:, :3].clamp(0, 1), token_shares(both[:, 3:].clamp(0, 1))


def fixed_fields(images: CompositionImages) -> tuple[Tensor, Tensor, Tensor]:
    """All whole fields of each image, K = 4 (16 at 0.25 um/px), side by side: rgb [KN,3,224,224],
    shares [KN,196,5] and the image's index [KN]."""
    rgb, shares, owner = [], [], []
    corners = range(0, images.rgb.shape[-1] - FIELD_PX + 1, FIELD_PX)
    for y in corners:
        for x in corners:
            window = (slice(None), slice(None), slice(y, y + FIELD_PX), slice(x, x + FIELD_PX))
            rgb.append(images.rgb[window])
            shares.append(token_shares(images.area[window]))
            owner.append(torch.arange(len(images.names)))
    return torch.cat(rgb), torch.cat(shares), torch.cat(owner)
