"""What weakening strong stain does (strong_stain.py), by the shipped int8 file.

python -m training.nuclei.stain_figures --model models/nuclei-star-2 \\
    --fields <a folder of folders of fields> --evaluation <runs>/evaluation.json

On annotated images: the figures with and without. On fields of other slides, PNG of 512 x 512 px at
0.25 um/px with their margins, a folder a slide: nuclei a field, and the share of what is stained
like nuclei that lies outside of every outline (as src/analysis/missed.ts). Adds `strong_stain` to
the evaluation.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from scipy.ndimage import binary_opening, distance_transform_edt

from training.nuclei.data import MPP, load_images, normalise
from training.nuclei.decode import Nuclei, StarMaps, decode
from training.nuclei.external import load_external
from training.nuclei.folds import score_maps
from training.nuclei.infer import FIELD_MARGIN, INPUT, Network, fields, onnx_network, predict
from training.nuclei.scores import SEGMENTATION, summarise
from training.nuclei.stitch import LabelledImage
from training.nuclei.strong_stain import (
    SQUARE, STRONGEST, power, squares, stained_squares, weakened,
)  # fmt: skip

SHOWN = {"before": np.inf, "after": STRONGEST}
# Outlines count as this much larger, um: their rims are less exact than their places.
RIM_UM = 1.0
WIDE = np.ones((3, 3), bool)


def annotated(
    network: Network, images: list[LabelledImage], settings: dict[str, float]
) -> dict[str, Any]:
    """How many fields are weakened, and the figures without types before and after."""
    powers = [power(f, FIELD_MARGIN, STRONGEST) for i in images for _, _, f in fields(i.rgb)]
    result: dict[str, Any] = {
        "images": len(images), "fields": len(powers), "weakened": int(np.less(powers, 1).sum()),
    }  # fmt: skip
    for name, strongest in SHOWN.items():
        maps = [predict(network, i.rgb, strongest) for i in images]
        figures = summarise(score_maps(images, maps, settings))
        result[name] = {row: figures[row] for row in SEGMENTATION}
    return result


def outside(field: np.ndarray, found: Nuclei) -> np.ndarray:
    """Squares of a field stained like nuclei: all, and those outside of every outline. Only what is
    three squares wide in both directions counts: fibres and membranes are narrower."""
    stained = stained_squares(squares(field, FIELD_MARGIN))
    away = distance_transform_edt(found.labels == 0) > RIM_UM / MPP
    middle = slice(FIELD_MARGIN + SQUARE // 2, INPUT - FIELD_MARGIN, SQUARE)
    parts = [binary_opening(p, WIDE) for p in (stained, stained & away[middle, middle])]
    return np.asarray([p.sum() for p in parts])


def elsewhere(
    network: Network, shown: Iterator[np.ndarray], settings: dict[str, float]
) -> dict[str, Any]:
    """Fields of one slide: how many are weakened; nuclei centred in a field and the share outside,
    before and after."""
    powers: list[float] = []
    count = dict.fromkeys(SHOWN, 0)
    area = {name: np.zeros(2) for name in SHOWN}
    for field in shown:
        powers.append(power(field, FIELD_MARGIN, STRONGEST))
        for name, strongest in SHOWN.items():
            seen = normalise(weakened(field, FIELD_MARGIN, strongest))[None]
            prob, dist, kind = network(seen)
            found = decode(StarMaps(prob[0, 0], dist[0], kind[0]), INPUT, INPUT,
                           settings["threshold"], settings["nms"])  # fmt: skip
            place = found.centre - FIELD_MARGIN
            inside = ((place >= 0) & (place < INPUT - 2 * FIELD_MARGIN)).all(axis=1)
            count[name] += int(inside.sum())
            area[name] += outside(field, found)
    return {
        "fields": len(powers), "weakened": int(np.less(powers, 1).sum()),
        "power": float(np.median(powers)),
        **{name: {"nuclei": count[name] / len(powers), "outside": area[name][1] / area[name][0]}
           for name in SHOWN},
    }  # fmt: skip


def read_fields(folder: Path) -> Iterator[np.ndarray]:
    """Its PNG files as uint8 [512,512,3]."""
    for path in sorted(folder.glob("*.png")):
        yield np.asarray(Image.open(path).convert("RGB"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the segmenter's folder")
    parser.add_argument("--fields", type=Path, required=True)
    parser.add_argument("--evaluation", type=Path, required=True, help="written by evaluate")
    args = parser.parse_args()
    torch.set_num_threads(1)
    evaluation = json.loads(args.evaluation.read_text())
    settings = {**evaluation["folds"][0]["chosen"], "stretch": 0.0}  # it is in the file's weights
    network = onnx_network(args.model / "wasm-int8.onnx")
    images = {
        "held-out images": load_images("test"),
        "validation images": load_images("validation"),
        "DSB2018": load_external(),
    }
    evaluation["strong_stain"] = {
        "strongest": STRONGEST,
        "annotated": {n: annotated(network, part, settings) for n, part in images.items()},
        "slides": {
            folder.name: elsewhere(network, read_fields(folder), settings)
            for folder in sorted(args.fields.iterdir())
        },
    }
    args.evaluation.write_text(json.dumps(evaluation, indent=1) + "\n")


if __name__ == "__main__":
    main()
