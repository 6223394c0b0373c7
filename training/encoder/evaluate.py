"""Measure an encoder beside controls and baselines.

    python -m training.encoder.evaluate --weights ../runs/encoder/tuned.pt \\
        --further "before tuning=../runs/encoder/pretrain.pt" --ihc ../runs/ihc \\
        --out ../runs/encoder/eval.json

Every subject of subjects.py is measured in the same way and stored under `subjects` as soon as it
is done; a second call continues. `--further NAME=FILE` adds encoders (weights or ONNX files). The
bank of familiar tissue is built and tested for the encoder alone; it lies beside the evaluation as
`.bank.npz`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.common.paths import data_path
from training.encoder.composition import TYPES, CompositionImages, fixed_fields, load_composition
from training.encoder.familiar import measure_bank
from training.encoder.losses import effective_rank
from training.encoder.model import FIELD_PX
from training.encoder.neighbours import (
    balanced_accuracy,
    bootstrap_balanced,
    mutual_neighbours,
    organ_votes,
    retrieval,
)
from training.encoder.probe import type_probe
from training.encoder.robustness import (
    croma,
    croma_summary,
    neighbour_accuracy,
    robustness_index,
    typed_distances,
)
from training.encoder.rotation import ANGLES, turning_agreement, turning_patches
from training.encoder.subjects import Describe, fields_of, subjects, tokens_of
from training.encoder.tiles import ORGANS, load_tiles, middle, tile_places

NUCLEAR_SHARE = 0.25
ROTATION_BATCH = 792
PATCHES_EACH = 100
# Controls turn by fewer angles, to save time; only the encoder turns by all.
CONTROL_ANGLES = (45, 90, 180)
SCANNERS = ("at2", "gt450")
TRIED_K = (5, 10, 20, 40, 80)


def organ_measure(features: Tensor, slides: np.ndarray) -> dict[str, Any]:
    """Organ kNN across slides, with interval and recall by slide."""
    votes = organ_votes(features, slides)
    return {
        "value": balanced_accuracy(votes),
        "interval": bootstrap_balanced(votes),
        "by_slide": {s: float(v.mean()) for s, v in votes.items()},
    }


def scanner_of(slide: str) -> str | None:
    """AT2 or GT450, where the slide's name says so."""
    return next((s for s in SCANNERS if s in slide.split("-")), None)


def scanner_measure(features: np.ndarray, slides: np.ndarray) -> dict[str, Any]:
    """Robustness indices over scanners, organ as biology, on slides whose organ and scanner are
    known. Queries: tiles of organs that both scanners saw; k is the one with the best organ vote
    among TRIED_K. `shuffled` is the same with features handed to other tiles: what the mixture of
    slides alone gives."""
    known = np.array([bool(ORGANS[s] and scanner_of(s)) for s in slides])
    slide = slides[known]
    organ = np.array([str(ORGANS[s]) for s in slide])
    scanner = np.array([str(scanner_of(s)) for s in slide])
    shared = [o for o in np.unique(organ) if len(set(scanner[organ == o])) > 1]
    queries = np.flatnonzero(np.isin(organ, shared))
    typed = typed_distances(features[known], organ, scanner, slide, queries)
    accuracy = {k: neighbour_accuracy(typed, organ, queries, k) for k in TRIED_K}
    k = max(accuracy, key=lambda tried: accuracy[tried])
    order = np.random.default_rng(0).permutation(len(slide))
    shuffled = typed_distances(features[known][order], organ, scanner, slide, queries)
    return {
        **robustness_index(typed, k),
        "croma": croma_summary(croma(typed)),
        "accuracy": accuracy[k],
        "by_k": {str(t): robustness_index(typed, t) for t in TRIED_K},
        "by_slide": {
            s: robustness_index(
                typed_distances(features[known], organ, scanner, slide, np.flatnonzero(slide == s)),
                k,
            )
            for s in np.unique(slide[queries])
        },
        "shuffled": robustness_index(shuffled, k),
        "shared": shared,
        "slides": sorted(set(slide.tolist())),
        "queries": len(queries),
    }


def typed_tokens(
    describe: Describe, images: CompositionImages
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tokens at least a quarter under nuclei: features, the dominant type, the image's index."""
    rgb, shares, owner = fixed_fields(images)
    kinds = shares[..., 1 : 1 + TYPES]
    keep = (kinds.sum(dim=-1) >= NUCLEAR_SHARE).numpy()
    owners = owner[:, None].expand(keep.shape).numpy()
    return tokens_of(describe, rgb)[keep], kinds.argmax(dim=-1).numpy()[keep], owners[keep]


def type_measure(describe: Describe, halve: bool) -> dict[str, Any]:
    """Linear probe of the nuclear type under a token, at 0.5 (`halve`) or 0.25 um/px."""
    train, test = (typed_tokens(describe, load_composition(p, halve)) for p in ("train", "test"))
    result = type_probe(train[:2], test[:2], test[2], TYPES)
    return {**result, "tokens": [len(train[1]), len(test[1])]}


def measure(
    describe: Describe,
    tiles: Tensor,
    slides: np.ndarray,
    places: np.ndarray,
    patches: np.ndarray,
    angles: tuple[int, ...],
) -> dict[str, Any]:
    """All measures of one subject; tiles uint8 [N,3,224,224], patches uint8 [M,320,320,3]."""
    features = fields_of(describe, tiles)
    step = max(1, len(tiles) // ROTATION_BATCH)
    sample = slice(0, step * ROTATION_BATCH, step)
    turned = fields_of(describe, tiles[sample], turns=1)
    result: dict[str, Any] = {
        "organ": organ_measure(features, slides),
        "scanner": scanner_measure(features.numpy(), slides),
        "retrieval": retrieval(features, slides, places),
        "effective_rank": effective_rank(features),
        "dimensions": features.shape[1],
        "tiles": len(features),
        "rotation_90": {
            "value": mutual_neighbours(features[sample], turned),
            "k": 10,
            "batch": len(turned),
        },
        "rotation": turning_agreement(lambda rgb: fields_of(describe, rgb), patches, angles),
    }
    if describe(tiles[:2].float() / 255)[1] is not None:
        result["token_type"] = type_measure(describe, halve=True)
        result["token_type_025"] = type_measure(describe, halve=False)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--further", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--ihc", type=Path, help="folder of other stains, from atlas_tiles")
    parser.add_argument("--former", type=Path, help="a former release's folder: its bank is kept")
    parser.add_argument("--only", nargs="*", help="subjects to measure, or bank")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    images, slides = load_tiles(data_path("tiles"))
    places = tile_places(data_path("tiles"))
    tiles = torch.from_numpy(middle(images, FIELD_PX)).permute(0, 3, 1, 2)
    patches = turning_patches(PATCHES_EACH)
    further = {name: Path(file) for name, file in (f.split("=", 1) for f in args.further)}
    makers = subjects(args.weights, further, tiles)
    results = json.loads(args.out.read_text()) if args.out.exists() else {"subjects": {}}
    for name, make in makers.items():
        if name in results["subjects"] or (args.only and name not in args.only):
            continue
        angles = ANGLES if name == "encoder" else CONTROL_ANGLES
        results["subjects"][name] = measure(make(), tiles, slides, places, patches, angles)
        print(name, json.dumps(results["subjects"][name]), flush=True)
        args.out.write_text(json.dumps(results, indent=1))
    if "bank" not in results and (not args.only or "bank" in args.only):
        bank, results["bank"] = measure_bank(makers["encoder"](), args.ihc)
        if args.former:
            before = json.loads((args.former / "evaluation.json").read_text())["bank"]
            results["bank"]["former"] = {args.former.name: {"families": before["families"]}}
        np.savez(args.out.with_suffix(".bank.npz"), rows=bank.rows, quantiles=bank.quantiles)
        args.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
