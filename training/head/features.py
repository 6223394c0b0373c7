"""Frozen-encoder tokens of spots, with a few augmented views for training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from training.encoder.model import FieldEncoder, encode
from training.encoder.views import hed_jitter, light_jitter
from training.head.spots import Section


@dataclass
class TokenSet:
    """Tokens of N spots in W views: class_token [W,N,D], patch_tokens [W,N,196,D]; view 0 is the
    field as it is. label [N] (target), training_label [N] (-1: not trained on), expression [N],
    patient [N], section [N]."""

    class_token: Tensor
    patch_tokens: Tensor
    label: Tensor
    training_label: Tensor
    expression: np.ndarray
    patient: np.ndarray
    section: np.ndarray

    def rows(self, keep: np.ndarray) -> TokenSet:
        index = torch.from_numpy(np.flatnonzero(keep))
        return TokenSet(
            self.class_token[:, index],
            self.patch_tokens[:, index],
            self.label[index],
            self.training_label[index],
            self.expression[keep],
            self.patient[keep],
            self.section[keep],
        )


def augmented(rgb: Tensor, generator: torch.Generator) -> Tensor:
    """One turned, mirrored and restained copy."""
    out = light_jitter(hed_jitter(rgb, 0.25, generator), generator)
    turns = int(torch.randint(0, 4, (1,), generator=generator))
    out = torch.rot90(out, turns, (2, 3))
    return out.flip(3) if torch.rand(1, generator=generator) < 0.5 else out


def token_set(model: FieldEncoder, sections: list[Section], views: int, seed: int = 5) -> TokenSet:
    """Tokens of all spots of `sections` in `views` views."""
    generator = torch.Generator().manual_seed(seed)
    fields = np.concatenate([s.fields for s in sections])
    rgb = torch.from_numpy(fields).permute(0, 3, 1, 2)
    classes, patches = [], []
    for view in range(views):
        parts = []
        for chunk in rgb.split(32):
            image = chunk.float() / 255
            parts.append(encode(model, augmented(image, generator) if view else image))
        classes.append(torch.cat([c for c, _ in parts]))
        patches.append(torch.cat([p for _, p in parts]))
    return TokenSet(
        torch.stack(classes),
        torch.stack(patches),
        torch.from_numpy(np.concatenate([s.label for s in sections])),
        torch.from_numpy(np.concatenate([s.training_label for s in sections])),
        np.concatenate([s.expression for s in sections]),
        np.concatenate([np.full(len(s.label), s.patient) for s in sections]),
        np.concatenate([np.full(len(s.label), s.name) for s in sections]),
    )
