"""Measure an encoder beside controls and baselines.

    python -m training.encoder.evaluate --weights runs/encoder/tuned.pt --out runs/encoder/eval.json

Subjects: the encoder, the encoder before tuning (`--before`), the same architecture with random
weights, the ImageNet stem alone, colour histogram and stain vector.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from training.common.paths import data_path
from training.encoder.baselines import colour_histogram, stain_vector, stem_tokens
from training.encoder.composition import TYPES, CompositionImages, fixed_fields, load_composition
from training.encoder.losses import effective_rank
from training.encoder.model import FIELD_PX, FieldEncoder, build, encode
from training.encoder.neighbours import (
    balanced_accuracy,
    bootstrap_balanced,
    mutual_neighbours,
    organ_votes,
)
from training.encoder.probe import type_probe
from training.encoder.tiles import load_tiles
from training.encoder.weights import load_encoder

# A field's features [B,D] and its token features [B,196,D'] (None where there are no tokens).
Describe = Callable[[Tensor], tuple[Tensor, Tensor | None]]
NUCLEAR_SHARE = 0.25
ROTATION_BATCH = 792
TILE_STEP = 2  # every second tile halves the time and moves the figures little


def encoder_features(model: FieldEncoder) -> Describe:
    model = model.to(memory_format=torch.channels_last)
    return lambda rgb: encode(model, rgb)


def stem_features(model: FieldEncoder) -> Describe:
    def describe(rgb: Tensor) -> tuple[Tensor, Tensor]:
        tokens = stem_tokens(model, rgb)
        return tokens.mean(dim=1), tokens

    return describe


def centre(images: np.ndarray) -> Tensor:
    """uint8 [N,256,256,3] -> uint8 [N,3,224,224], the middle of each tile."""
    edge = (images.shape[1] - FIELD_PX) // 2
    cut = images[:, edge : edge + FIELD_PX, edge : edge + FIELD_PX]
    return torch.from_numpy(np.ascontiguousarray(cut)).permute(0, 3, 1, 2)


def whole_features(describe: Describe, images: Tensor, turns: int = 0) -> Tensor:
    """Field features of uint8 images, turned by `turns` x 90 degrees."""
    return torch.cat(
        [describe(torch.rot90(c.float() / 255, turns, (2, 3)))[0] for c in images.split(32)]
    )


def typed_tokens(
    describe: Describe, images: CompositionImages
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens at least a quarter under nuclei: features, the dominant type, the image's index."""
    rgb, shares, owner = fixed_fields(images)
    tokens = torch.cat([t for c in rgb.split(16) if (t := describe(c)[1]) is not None])
    kinds = shares[..., 1 : 1 + TYPES]
    keep = kinds.sum(dim=-1) >= NUCLEAR_SHARE
    owners = owner[:, None].expand(keep.shape)
    return tokens[keep].numpy(), kinds.argmax(dim=-1)[keep].numpy(), owners[keep].numpy()


def measure(
    describe: Describe,
    tiles: Tensor,
    slides: np.ndarray,
    parts: tuple[CompositionImages, CompositionImages],
) -> dict[str, object]:
    features = whole_features(describe, tiles)
    votes = organ_votes(features, slides)
    step = max(1, len(tiles) // ROTATION_BATCH)
    sample = slice(0, step * ROTATION_BATCH, step)
    turned = whole_features(describe, tiles[sample], turns=1)
    result: dict[str, object] = {
        "organ": {
            "value": balanced_accuracy(votes),
            "interval": bootstrap_balanced(votes),
            "by_slide": {s: float(v.mean()) for s, v in votes.items()},
        },
        "effective_rank": effective_rank(features),
        "dimensions": features.shape[1],
        "tiles": len(features),
        "rotation_90": {
            "value": mutual_neighbours(features[sample], turned),
            "k": 10,
            "batch": len(turned),
        },
    }
    if describe(tiles[:2].float() / 255)[1] is not None:
        train, test = (typed_tokens(describe, p) for p in parts)
        result["token_type"] = type_probe(train[:2], test[:2], test[2], TYPES)
        result["token_counts"] = [len(train[1]), len(test[1])]
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--before", type=Path, help="the encoder before tuning")
    parser.add_argument("--only", nargs="*", help="subjects to measure, by name")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    images, slides = load_tiles(data_path("tiles"))
    tiles, slides = centre(images[::TILE_STEP]), slides[::TILE_STEP]
    parts = (load_composition("train"), load_composition("test"))
    random = build(imagenet=False).eval()
    imagenet = build(imagenet=True).eval()

    def scaled(describe: Callable[[Tensor], Tensor]) -> Describe:
        """Few columns of very different size: standardise on the tiles."""
        table = torch.cat([describe(c.float() / 255) for c in tiles.split(64)])
        mean, std = table.mean(dim=0), table.std(dim=0) + 1e-6
        return lambda rgb: ((describe(rgb) - mean) / std, None)

    subjects: dict[str, Callable[[], Describe]] = {
        "encoder": lambda: encoder_features(load_encoder(args.weights)),
        "random weights": lambda: encoder_features(random),
        "ImageNet stem, mean": lambda: stem_features(imagenet),
        "colour histogram": lambda: lambda rgb: (colour_histogram(rgb), None),
        "stain vector": lambda: scaled(stain_vector),
    }
    if args.before:
        subjects["before tuning"] = lambda: encoder_features(load_encoder(args.before))
    results = json.loads(args.out.read_text()) if args.out.exists() else {}
    for name, make in subjects.items():
        if args.only and name not in args.only:
            continue
        results[name] = measure(make(), tiles, slides, parts)
        print(name, json.dumps(results[name]), flush=True)
        args.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
