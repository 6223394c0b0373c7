"""What the evaluation compares: encoders and simple descriptions of a field, behind one call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.common.manifest import open_session
from training.encoder.baselines import colour_histogram, stain_vector, stem_tokens
from training.encoder.model import FieldEncoder, build, encode
from training.encoder.onnx_files import run_session
from training.encoder.weights import load_encoder

# Fields [B,3,224,224] in 0..1 -> their features [B,D] and token features [B,196,D'] (None where
# there are no tokens).
Describe = Callable[[Tensor], tuple[Tensor, Tensor | None]]
BATCH = 16


def describe_encoder(model: FieldEncoder) -> Describe:
    """Class and patch tokens."""
    model = model.eval().to(memory_format=torch.channels_last)
    return lambda rgb: encode(model, rgb)


def describe_stem(model: FieldEncoder) -> Describe:
    """Stride-16 features of the stem alone; the field is their mean."""
    def describe(rgb: Tensor) -> tuple[Tensor, Tensor]:
        tokens = stem_tokens(model, rgb)
        return tokens.mean(dim=1), tokens

    return describe


def describe_file(path: Path) -> Describe:
    """An exported encoder, by its ONNX file."""
    session = open_session(path)

    def describe(rgb: Tensor) -> tuple[Tensor, Tensor]:
        images = (rgb * 255).round().byte().permute(0, 2, 3, 1).numpy()
        class_token, patch_tokens = run_session(session, images)
        return torch.from_numpy(class_token), torch.from_numpy(patch_tokens)

    return describe


def describe_colours(measure: Callable[[Tensor], Tensor], tiles: Tensor | None) -> Describe:
    """A colour measure; with `tiles` (uint8), its columns are standardised on them."""
    if tiles is None:
        return lambda rgb: (measure(rgb), None)
    table = torch.cat([measure(c.float() / 255) for c in tiles.split(BATCH)])
    mean, std = table.mean(dim=0), table.std(dim=0) + 1e-6
    return lambda rgb: ((measure(rgb) - mean) / std, None)


def fields_of(describe: Describe, images: Tensor, turns: int = 0) -> Tensor:
    """Field features of uint8 images [N,3,224,224], turned by `turns` x 90 degrees."""
    parts = images.split(BATCH)
    return torch.cat([describe(torch.rot90(c.float() / 255, turns, (2, 3)))[0] for c in parts])


def tokens_of(describe: Describe, rgb: Tensor) -> np.ndarray:
    """Token features [N,196,D'] of fields in 0..1. ValueError for a subject without tokens."""
    found = [describe(c)[1] for c in rgb.split(BATCH)]
    tokens = [t for t in found if t is not None]
    if len(tokens) != len(found):
        raise ValueError("This subject has no tokens.")
    return torch.cat(tokens).numpy()


def subjects(
    weights: Path, further: dict[str, Path], tiles: Tensor
) -> dict[str, Callable[[], Describe]]:
    """Name and maker of every subject. further: encoders by name, as weights or ONNX files;
    tiles: uint8 [N,3,224,224] to standardise stain vectors on."""

    def load(path: Path) -> Describe:
        if path.suffix == ".onnx":
            return describe_file(path)
        return describe_encoder(load_encoder(path))

    return {
        "encoder": lambda: load(weights),
        **{name: (lambda path=path: load(path)) for name, path in further.items()},
        "random weights": lambda: describe_encoder(build(imagenet=False)),
        "ImageNet stem, mean": lambda: describe_stem(build(imagenet=True).eval()),
        "colour histogram": lambda: describe_colours(colour_histogram, None),
        "stain vector": lambda: describe_colours(stain_vector, tiles),
    }
