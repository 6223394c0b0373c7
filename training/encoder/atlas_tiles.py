"""Cut tissue tiles of 256 px from a Deep Zoom pyramid, for pretraining and for stain tests.

    python -m training.encoder.atlas_tiles --source <folder, git directory or .szi> --image HE \\
        --slide fistula-unknown --out ../runs/tiles --count 600

Pathology Atlas (MIT) publishes its slides this way. A tile is taken as it is stored, never
recompressed. `--levels-down 1` (the default) reads half the top level: 0.5 um/px of a 40x slide.
The pyramids give no pixel size; that the top level is 40x is read from the nuclei, which are as
large as those of the slides with a known one.
"""

from __future__ import annotations

import argparse
import io
import tarfile
from pathlib import Path

import numpy as np

from training.encoder.pyramid import DeepZoom, decode
from training.encoder.tiles import TILE_PX

TISSUE_SHARE = 0.6
GLASS = 225  # glass is brighter than this in its darkest channel
LEAST_CONTRAST = 12  # SD of grey values; an empty or wholly blurred tile has less


def is_tissue(rgb: np.ndarray) -> bool:
    """Whether most of a square [H,W,3] uint8 is stained tissue and not glass."""
    stained = (rgb.min(axis=2) < GLASS).mean() >= TISSUE_SHARE
    return bool(stained and rgb.mean(axis=2).std() >= LEAST_CONTRAST)


def cut(pyramid: DeepZoom, slide: str, out: Path, count: int, levels_down: int, seed: int) -> int:
    """Write `out/<slide>.tar` with up to `count` random tissue tiles `<slide>_<col>_<row>.jpg`;
    returns how many there are."""
    level = pyramid.top - levels_down
    there = sorted((p for p in pyramid.tiles if p[0] == level), key=pyramid.tiles.__getitem__)
    order = [there[i] for i in np.random.default_rng(seed).permutation(len(there))]
    out.mkdir(parents=True, exist_ok=True)
    kept = 0
    with tarfile.open(out / f"{slide}.tar", "w") as tar:
        for (_, column, row), data in zip(order, pyramid.read(order), strict=True):
            rgb = decode(data)
            if rgb.shape != (TILE_PX, TILE_PX, 3) or not is_tissue(rgb):
                continue
            entry = tarfile.TarInfo(f"{slide}_{column}_{row}.jpg")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
            kept += 1
            if kept == count:
                break
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--image", default="HE", help="name before `_files`")
    parser.add_argument("--slide", required=True, help="slide name, ending with its scanner")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--levels-down", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    pyramid = DeepZoom(args.source, args.image)
    kept = cut(pyramid, args.slide, args.out, args.count, args.levels_down, args.seed)
    print(f"{args.slide}: {kept} tiles")


if __name__ == "__main__":
    main()
