"""Checkpoints of timm, DINOv2 and transformers, read into our vision transformer.

Three families of parameter names are known; all are brought to timm's first:
  timm          blocks.0.attn.qkv.weight, reg_token
  DINOv2        as timm, but register_tokens and mlp.w12, mlp.w3 (packed SwiGLU)
  transformers  encoder.layer.0.attention.attention.query.weight, embeddings.register_tokens
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from training.byo.architectures import Architecture
from training.byo.vit import VisionTransformer

State = dict[str, Tensor]

# Left by training; an encoder does not use them.
UNUSED = re.compile(r"mask_token|head\..*|(?:.*\.)?num_batches_tracked")
# Where a checkpoint keeps its tensors when they are not at the top.
WRAPPERS = ("state_dict", "model", "teacher")
RENAMED = [
    (r"^embeddings\.position_embeddings$", "pos_embed"),
    (r"^embeddings\.patch_embeddings\.projection\.", "patch_embed.proj."),
    (r"^embeddings\.", ""),
    (r"^encoder\.layer\.", "blocks."),
    (r"^layernorm\.", "norm."),
    (r"\.attention\.output\.dense\.", ".attn.proj."),
    (r"\.layer_scale([12])\.lambda1$", r".ls\1.gamma"),
    (r"\.mlp\.(?:w12|weights_in)\.", ".mlp.fc1."),
    (r"\.mlp\.(?:w3|weights_out)\.", ".mlp.fc2."),
    (r"^register_tokens$", "reg_token"),
]
PROJECTION = re.compile(r"(blocks\.\d+)\.attention\.attention\.(query|key|value)\.(weight|bias)")


def read_checkpoint(path: Path) -> State:
    """Tensors of a .bin/.pt/.pth file or of a .safetensors file, by their names there.

    Raises ValueError with a sentence when the file is absent or holds no tensors.
    """
    if not path.is_file():
        raise ValueError(f"There is no weights file at {path}.")
    if path.suffix == ".safetensors":
        try:
            from safetensors.torch import load_file
        except ImportError as missing:
            raise ValueError(
                f"{path.name} needs the package safetensors: pip install safetensors."
            ) from missing
        return load_file(path)
    saved = torch.load(path, map_location="cpu", weights_only=True)
    for name in WRAPPERS:
        if isinstance(saved, dict) and isinstance(saved.get(name), dict):
            saved = saved[name]
    tensors = {k: v for k, v in saved.items() if isinstance(v, Tensor)}
    if not tensors:
        raise ValueError(f"{path.name} holds no named tensors.")
    return tensors


def encoder_part(state: State) -> State:
    """The tensors of the encoder inside a larger model: those beside `cls_token`, by their names
    from there. CONCH's lie under visual.trunk., wrapped training runs under module. or backbone."""
    places = [name.removesuffix("cls_token") for name in state if name.endswith("cls_token")]
    if len(places) != 1:
        raise ValueError(
            f"Expected one class token in the weights, found {len(places)}: is it a vision "
            "transformer of timm, DINOv2 or transformers?"
        )
    prefix = places[0].removesuffix("embeddings.")
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def timm_names(state: State) -> State:
    """The same tensors under timm's names; separate query, key and value become one `qkv`."""
    result: State = {}
    apart: dict[str, dict[str, Tensor]] = {}
    for name, tensor in encoder_part(state).items():
        if UNUSED.fullmatch(name.removeprefix("embeddings.")):
            continue
        for pattern, replacement in RENAMED:
            name = re.sub(pattern, replacement, name)
        match = PROJECTION.fullmatch(name)
        if match:
            block, part, kind = match.groups()
            apart.setdefault(f"{block}.attn.qkv.{kind}", {})[part] = tensor
        else:
            result[name] = tensor
    for name, parts in apart.items():
        result[name] = torch.cat([parts[p] for p in ("query", "key", "value") if p in parts])
    return result


def fold_positions(state: State, arch: Architecture) -> State:
    """Replace `cls_token`, `reg_token` and `pos_embed` by `prefix` and `positions`.

    Position embeddings cover the patches alone, the class token too, or the whole prefix; which
    one shows in their number, since the patches form a square. Another grid than the
    architecture's is resampled as timm does (bicubic, antialiased).
    """
    state = dict(state)
    for name in ("cls_token", "pos_embed", *(["reg_token"] if arch.registers else [])):
        if name not in state:
            raise ValueError(f"The weights lack {name}, which {arch.title} has.")
    prefix = [state.pop("cls_token"), *([state.pop("reg_token")] if arch.registers else [])]
    tokens = torch.cat([t.reshape(1, -1, t.shape[-1]) for t in prefix], dim=1).float()
    embedded = state.pop("pos_embed").float()
    embedded = embedded.reshape(1, -1, embedded.shape[-1])
    covered = [k for k in (0, 1, tokens.shape[1]) if is_square(embedded.shape[1] - k)]
    if not covered:
        raise ValueError(f"{embedded.shape[1]} position embeddings form no square grid of patches.")
    skip = covered[0]
    tokens[:, :skip] += embedded[:, :skip]
    return {**state, "prefix": tokens, "positions": resample(embedded[:, skip:], arch.grid)}


def is_square(count: int) -> bool:
    return count > 0 and math.isqrt(count) ** 2 == count


def resample(positions: Tensor, grid: int) -> Tensor:
    """[1,n*n,D] position embeddings on a grid x grid lattice."""
    side = math.isqrt(positions.shape[1])
    if side == grid:
        return positions
    lattice = positions.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    resized = F.interpolate(lattice, size=(grid, grid), mode="bicubic", antialias=True)
    return resized.permute(0, 2, 3, 1).reshape(1, grid * grid, -1)


def build_encoder(arch: Architecture, checkpoint: State) -> VisionTransformer:
    """The encoder with these weights, in float32. ValueError names what is missing, left over or
    of another shape."""
    state = fold_positions(timm_names(checkpoint), arch)
    with torch.device("meta"):
        model = VisionTransformer(arch)
    wanted = {name: tuple(p.shape) for name, p in model.state_dict().items()}
    for words, names in (
        ("lack", sorted(wanted.keys() - state.keys())),
        ("hold what the architecture has no place for:", sorted(state.keys() - wanted.keys())),
    ):
        if names:
            more = f" and {len(names) - 4} more" if len(names) > 4 else ""
            raise ValueError(
                f"These are not the weights of {arch.title}: they {words} "
                f"{', '.join(names[:4])}{more}."
            )
    for name, shape in wanted.items():
        if tuple(state[name].shape) != shape:
            raise ValueError(
                f"These are not the weights of {arch.title}: {name} has shape "
                f"{list(state[name].shape)}, expected {list(shape)}."
            )
    model.load_state_dict({k: v.float() for k, v in state.items()}, assign=True)
    return model.eval().requires_grad_(False)
