"""The field encoder: class token and 8 um patch tokens of a 112 um field.

Input [B,3,224,224] at 0.5 um/px, value (rgb/255 - 0.5)/0.5. Output class token [B,192] and patch
tokens [B,196,192], both after the final LayerNorm; token i lies at row i // 14, column i % 14.
Transformer: pre-norm blocks of Dosovitskiy et al. 2021 (arXiv:2010.11929) with LayerScale
(arXiv:2103.17239). Attention is written as MatMul and Softmax: the fused operator was wrong on one
WebGPU device (see the runtime sheet).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from training.encoder.stem import (
    COARSE_CHANNELS,
    FINE_CHANNELS,
    LiteStem,
    draw_random,
    load_imagenet,
)

DIM = 192
HEADS = 3
DEPTH = 4
GRID = 14
FIELD_PX = 224
TOKEN_PX = 16
MPP = 0.5
MEAN = (0.5, 0.5, 0.5)
STD = (0.5, 0.5, 0.5)
LAYOUT = "cytolens-tokens-192@3"


def dihedral_positions(side: int, dim: int = DIM) -> Tensor:
    """Fixed sine positions [side*side, dim], row-major, equal under every turn and mirroring.

    Sine features (Vaswani et al. 2017, arXiv:1706.03762) of a token's distances from the two
    middle lines, added up, so that neither sign nor axis matters: tissue has no upright. With
    them, the transformer treats a turned field exactly as the field; only the stem can differ.
    """
    half = dim // 2
    omega = 1.0 / 100.0 ** (torch.arange(half) / half)
    distance = (torch.arange(side) - (side - 1) / 2).abs()
    angle = distance[:, None] * omega[None]
    line = torch.cat([torch.sin(angle), torch.cos(angle)], dim=1)
    return (line[:, None] + line[None]).reshape(side * side, dim) / 2


class Block(nn.Module):
    """One pre-norm transformer block on [B,T,192]."""

    def __init__(self, dim: int = DIM, heads: int = HEADS, scale: float = 0.1) -> None:
        super().__init__()
        self.heads = heads
        self.norm1 = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)
        self.norm2 = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)
        self.act = nn.GELU()
        self.scale1 = nn.Parameter(torch.full((dim,), scale))
        self.scale2 = nn.Parameter(torch.full((dim,), scale))

    def attend(self, x: Tensor) -> Tensor:
        # Plain integers keep shape arithmetic out of the exported graph; the batch stays free.
        t, d = int(x.shape[1]), int(x.shape[2])
        width = d // self.heads
        q, k, v = self.qkv(x).split(d, dim=-1)
        q = q.reshape(-1, t, self.heads, width).transpose(1, 2)
        k = k.reshape(-1, t, self.heads, width).permute(0, 2, 3, 1)
        v = v.reshape(-1, t, self.heads, width).transpose(1, 2)
        weights = torch.softmax(q @ k * (1.0 / math.sqrt(width)), dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(-1, t, d))

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.scale1 * self.attend(self.norm1(x))
        return x + self.scale2 * self.down(self.act(self.up(self.norm2(x))))


class FieldEncoder(nn.Module):
    """Stem, projection to 192, class token, four blocks, LayerNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = LiteStem()
        self.from_fine = nn.Conv2d(FINE_CHANNELS, DIM, 2, 2)
        self.from_coarse = nn.Conv2d(COARSE_CHANNELS, DIM, 1)
        self.embed_norm = nn.LayerNorm(DIM)
        self.class_token = nn.Parameter(torch.zeros(1, 1, DIM))
        self.mask_token = nn.Parameter(torch.zeros(1, 1, DIM))
        self.position_gain = nn.Parameter(torch.tensor(0.2))
        self.blocks = nn.Sequential(*[Block() for _ in range(DEPTH)])
        self.norm = nn.LayerNorm(DIM)
        self.register_buffer("positions", dihedral_positions(GRID)[None], persistent=False)

    def embed(self, x: Tensor) -> Tensor:
        """Image [B,3,16r,16c] -> stem tokens [B,r*c,192], row-major, before positions."""
        fine = self.stem.fine(x)
        maps = self.from_fine(fine) + self.from_coarse(self.stem.coarse(fine))
        count = int(maps.shape[2]) * int(maps.shape[3])
        return self.embed_norm(maps.reshape(-1, DIM, count).transpose(1, 2))

    def mix(self, tokens: Tensor, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Stem tokens [B,T,192] -> class token [B,192], patch tokens [B,T,192]."""
        # The class token starts from the mean, so that it carries the stem's features from step 0.
        summary = self.class_token + tokens.mean(dim=1, keepdim=True)
        x = torch.cat([summary, tokens + self.position_gain * positions], dim=1)
        x = self.norm(self.blocks(x))
        return x[:, 0], x[:, 1:]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.mix(self.embed(x), self.positions)

    def masked(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Forward on any square field, with `mask` [B,T] (bool) hiding stem tokens."""
        side = x.shape[-1] // TOKEN_PX
        tokens = self.embed(x)
        if mask is not None:
            tokens = torch.where(mask[..., None], self.mask_token, tokens)
        positions = self.positions
        if side != GRID:
            positions = dihedral_positions(side)[None].to(tokens.device)
        return self.mix(tokens, positions)


def build(imagenet: bool = True, seed: int = 0) -> FieldEncoder:
    """A new encoder: ImageNet stem or, for controls, random weights throughout."""
    torch.manual_seed(seed)
    model = FieldEncoder()
    if imagenet:
        load_imagenet(model.stem)
    else:
        draw_random(model.stem)
    return model


def normalise(rgb: Tensor) -> Tensor:
    """RGB in 0..1, [B,3,H,W] -> network input."""
    mean = torch.tensor(MEAN, device=rgb.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=rgb.device).view(1, 3, 1, 1)
    return (rgb - mean) / std


@torch.no_grad()
def encode(model: FieldEncoder, rgb: Tensor) -> tuple[Tensor, Tensor]:
    """rgb [B,3,224,224] in 0..1 -> class tokens [B,192], patch tokens [B,196,192].

    In bfloat16, which halves the time on one core; its rounding is finer than that of int8.
    """
    image = normalise(rgb).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        class_token, patch_tokens = model(image)
    return class_token.float(), patch_tokens.float()
