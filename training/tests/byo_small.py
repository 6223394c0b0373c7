"""Published architectures made small, with random weights, for the tests of training/byo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from training.byo.architectures import ARCHITECTURES, Architecture
from training.byo.vit import VisionTransformer

State = dict[str, torch.Tensor]
DIM = 24


def small(name: str) -> Architecture:
    """The architecture with two narrow blocks and a 3 x 3 grid; everything else as it is."""
    arch = ARCHITECTURES[name]
    rows = 4 * DIM if arch.swiglu else 2 * DIM
    return replace(arch, dim=DIM, depth=2, heads=3, mlp=rows, px=3 * arch.patch)


def scramble(state: State, seed: int = 0) -> State:
    """Random values of the same shapes, LayerNorm and LayerScale near one."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(value.shape, generator=generator) * 0.3
        + (1.0 if name.endswith(("norm1.weight", "norm2.weight", "norm.weight", "gamma")) else 0.0)
        for name, value in state.items()
    }


def random_checkpoint(arch: Architecture, covered: int = 1) -> State:
    """Weights under timm's names; position embeddings cover `covered` tokens of the prefix."""
    state = VisionTransformer(arch).state_dict()
    del state["prefix"], state["positions"]
    state["cls_token"] = torch.zeros(1, 1, arch.dim)
    state["pos_embed"] = torch.zeros(1, arch.grid**2 + covered, arch.dim)
    if arch.registers:
        state["reg_token"] = torch.zeros(1, arch.registers, arch.dim)
    return scramble(state)


def random_image(arch: Architecture, batch: int = 2) -> torch.Tensor:
    generator = torch.Generator().manual_seed(9)
    return torch.randn(batch, 3, arch.px, arch.px, generator=generator)


def save(state: State, folder: Path) -> Path:
    path = folder / "pytorch_model.bin"
    torch.save(state, path)
    return path
