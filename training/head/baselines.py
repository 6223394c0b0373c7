"""What simple measurements of a field say about a target.

    python -m training.head.baselines --segmenter models/nuclei-star-2 --cache ../runs/head

Haematoxylin fraction, colour histogram, and the number of nuclei of each type found by the
segmenter; one file a slide, slides that are done are skipped.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch

from training.encoder.baselines import colour_histogram, haematoxylin_fraction
from training.encoder.model import FIELD_PX
from training.head.epithelium import load_composition_images
from training.head.features import FieldSource
from training.head.spots import FIELD_UM, load_patients
from training.nuclei.data import MPP, normalise
from training.nuclei.decode import StarMaps, decode
from training.nuclei.infer import FIELD_MARGIN, INPUT, onnx_network
from training.nuclei.strong_stain import weakened

DENSITY = "nuclear density by type"
NAMES = ("haematoxylin fraction", "colour histogram", DENSITY)


def nuclei_by_type(folder: Path, wide: Iterable[np.ndarray]) -> np.ndarray:
    """log(1 + count) [N,types] of the nuclei centred in each field; `wide` yields uint8
    [512,512,3] at 0.25 um/px, the field with a margin of 32 px."""
    manifest = json.loads((folder / "manifest.json").read_text())
    known = manifest["segmenter"]
    network = onnx_network(folder / manifest["files"][0]["path"])
    rows = []
    for pixels in wide:
        shown = weakened(pixels, FIELD_MARGIN, known.get("strongestStain", math.inf))
        prob, dist, kind = network(normalise(shown)[None])
        found = decode(
            StarMaps(prob[0, 0], dist[0], kind[0]), INPUT, INPUT,
            known["probThreshold"], known["nmsIou"],
        )  # fmt: skip
        offset = found.centre - FIELD_MARGIN
        inside = ((offset >= 0) & (offset < INPUT - 2 * FIELD_MARGIN)).all(axis=1)
        rows.append(np.bincount(found.kind[inside], minlength=len(known["types"])))
    return np.log1p(np.stack(rows)).astype(np.float32)


def pixel_features(fields: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Haematoxylin fraction [N,1] and colour histogram [N,216] of uint8 [N,P,P,3]."""
    chunks = torch.from_numpy(fields).permute(0, 3, 1, 2).split(64)
    rgb = [c.float() / 255 for c in chunks]
    return (
        torch.cat([haematoxylin_fraction(c) for c in rgb]).numpy(),
        torch.cat([colour_histogram(c) for c in rgb]).numpy(),
    )


def folder_of(cache: Path, segmenter: str) -> Path:
    return cache / f"simple-{segmenter}"


def load_simple(cache: Path, segmenter: str, slides: list[str]) -> dict[str, np.ndarray]:
    """Features [N,K] of the named slides' fields, by baseline; `segmenter` is a model's id."""
    files = [np.load(folder_of(cache, segmenter) / f"{name}.npz") for name in slides]
    return {name: np.concatenate([f[name] for f in files]) for name in NAMES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--segmenter", type=Path, required=True, help="its model folder")
    parser.add_argument("--cache", type=Path, required=True, help="a folder outside the repository")
    args = parser.parse_args()
    torch.set_num_threads(1)
    folder = folder_of(args.cache, args.segmenter.name)
    folder.mkdir(parents=True, exist_ok=True)
    wide_um = FIELD_UM + 2 * FIELD_MARGIN * MPP
    sources: list[FieldSource] = [*load_patients(), *load_composition_images()]
    for source in sources:
        path = folder / f"{source.name}.npz"
        if path.exists():
            continue
        fraction, histogram = pixel_features(source.fields(FIELD_PX))
        nuclei = nuclei_by_type(args.segmenter, source.fields(INPUT, wide_um))
        np.savez(path, **dict(zip(NAMES, (fraction, histogram, nuclei), strict=True)))
        print(source.name, flush=True)


if __name__ == "__main__":
    main()
