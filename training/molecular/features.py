"""Tokens of every spot's field, by the encoder file that the viewer runs.

    python -m training.molecular.features --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular
    python -m training.molecular.features --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular --random

One file a section; sections that are done are skipped. `--random` does it for the same network
under random weights, the control.
"""

from __future__ import annotations

import numpy as np

from training.head.features import Encoder, asked_encoder
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
    encoder, folder, _ = asked_encoder(__doc__)
    folder.mkdir(parents=True, exist_ok=True)
    for section in load_patients():
        path = folder / f"{section.name}.npz"
        if not path.exists():
            np.savez(path, **tokens(encoder, viewer_fields(section)))
            print(section.name, flush=True)


if __name__ == "__main__":
    main()
