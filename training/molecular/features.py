"""Tokens of every spot's field, by the encoder file that the viewer runs.

    python -m training.molecular.features --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular
    python -m training.molecular.features --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular --random

One file a section; sections that are done are skipped. `--random` does it for the same network
under random weights, the control.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from training.head.features import RANDOM, Encoder, write_random_encoder
from training.head.spots import load_patients
from training.molecular.pixels import viewer_fields


def tokens(encoder: Encoder, fields: np.ndarray) -> dict[str, np.ndarray]:
    """class [N,D] and patch_mean [N,D] of fields uint8 [N,P,P,3]: tokens in half precision, as the
    viewer keeps them, averaged in single precision."""
    classes, patches = encoder(fields)
    return {
        "class": classes.half().float().numpy(),
        "patch_mean": patches.float().mean(dim=1).numpy(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="a folder outside the repository")
    parser.add_argument("--random", action="store_true", help="random weights, for the control")
    args = parser.parse_args()
    torch.set_num_threads(1)
    folder = args.cache / (RANDOM if args.random else args.encoder.name)
    encoder = Encoder(
        write_random_encoder(folder / "model", args.encoder) if args.random else args.encoder
    )
    folder.mkdir(parents=True, exist_ok=True)
    for section in load_patients():
        path = folder / f"{section.name}.npz"
        if not path.exists():
            np.savez(path, **tokens(encoder, viewer_fields(section)))
            print(section.name, flush=True)


if __name__ == "__main__":
    main()
