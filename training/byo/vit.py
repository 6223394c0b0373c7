"""One compact vision transformer for every architecture of the table.

Pre-norm blocks (Dosovitskiy et al. 2021, arXiv:2010.11929) with optional LayerScale
(arXiv:2103.17239), registers (arXiv:2309.16588) and SwiGLU (arXiv:2002.05202). Parameter names are
timm's, so that most checkpoints load as they are. Attention is written as MatMul and Softmax: the
fused operator was wrong on one WebGPU device.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.byo.architectures import Architecture

EPSILON = 1e-6


class Attention(nn.Module):
    """Multi-head self-attention on [B,T,D]."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)

    def forward(self, x: Tensor) -> Tensor:
        # Plain integers keep shape arithmetic out of the exported graph; the batch stays free.
        tokens, dim = int(x.shape[1]), int(x.shape[2])
        width = dim // self.heads
        q, k, v = self.qkv(x).split(dim, dim=-1)
        q = q.reshape(-1, tokens, self.heads, width).transpose(1, 2)
        k = k.reshape(-1, tokens, self.heads, width).permute(0, 2, 3, 1)
        v = v.reshape(-1, tokens, self.heads, width).transpose(1, 2)
        # Scaled before the product, which keeps float16 away from its largest number.
        weights = torch.softmax(q * (1 / math.sqrt(width)) @ k, dim=-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(-1, tokens, dim))


class Mlp(nn.Module):
    """GELU MLP, or SwiGLU with gate and value packed in `fc1`: fc2(silu(gate) * value)."""

    def __init__(self, dim: int, rows: int, swiglu: bool) -> None:
        super().__init__()
        self.swiglu = swiglu
        self.fc1 = nn.Linear(dim, rows)
        self.fc2 = nn.Linear(rows // 2 if swiglu else rows, dim)

    def forward(self, x: Tensor) -> Tensor:
        if not self.swiglu:
            return self.fc2(F.gelu(self.fc1(x)))
        gate, value = self.fc1(x).split(self.fc2.in_features, dim=-1)
        return self.fc2(F.silu(gate) * value)


class LayerScale(nn.Module):
    """Product with one factor a channel."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Block(nn.Module):
    """x + ls1(attn(norm1(x))), then x + ls2(mlp(norm2(x)))."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(arch.dim, eps=EPSILON)
        self.attn = Attention(arch.dim, arch.heads)
        self.ls1 = LayerScale(arch.dim) if arch.layer_scale else nn.Identity()
        self.norm2 = nn.LayerNorm(arch.dim, eps=EPSILON)
        self.mlp = Mlp(arch.dim, arch.mlp, arch.swiglu)
        self.ls2 = LayerScale(arch.dim) if arch.layer_scale else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


class VisionTransformer(nn.Module):
    """Image [B,3,px,px], normalised -> class token [B,D] and patch tokens [B,N,D].

    Both after the final LayerNorm, registers left out; token i lies at row i // grid, column
    i % grid. `prefix` [1,1+R,D] is class token and registers with their position embeddings
    added, `positions` [1,N,D] those of the patches.
    """

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch = arch
        self.patch_embed = nn.ModuleDict(
            {"proj": nn.Conv2d(3, arch.dim, arch.patch, stride=arch.patch)}
        )
        self.prefix = nn.Parameter(torch.zeros(1, 1 + arch.registers, arch.dim))
        self.positions = nn.Parameter(torch.zeros(1, arch.grid**2, arch.dim))
        self.blocks = nn.Sequential(*[Block(arch) for _ in range(arch.depth)])
        self.norm = nn.LayerNorm(arch.dim, eps=EPSILON)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.patch_embed["proj"](image)
        patches = maps.reshape(-1, self.arch.dim, self.arch.grid**2).transpose(1, 2)
        # Repeated over the batch by a sum: `expand` exports as nine operators on shapes.
        prefix = self.prefix + 0 * patches[:, :1]
        x = torch.cat([prefix, patches + self.positions], dim=1)
        x = self.norm(self.blocks(x))
        return x[:, 0], x[:, 1 + self.arch.registers :]
