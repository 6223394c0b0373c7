"""Score one trained fold on its held-out images.

python -m training.nuclei.folds --runs <folder with fold0, fold1, ...> --fold 0

Thresholds are chosen on the fold's validation images. Writes <runs>/fold0/figures.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.nuclei.data import load_images, load_split
from training.nuclei.decode import StarMaps, decode
from training.nuclei.infer import Network, predict, stretched, torch_network
from training.nuclei.scores import GOALS, ImageScore, merit, plain, score_image, summarise
from training.nuclei.stitch import LabelledImage
from training.nuclei.train import load_trained

# Settings to choose from, and where the search starts. One is chosen after the other.
STRETCHES = [0.0, 0.25, 0.5, 0.75]
THRESHOLDS = [0.35, 0.4, 0.45, 0.5, 0.55]
NMS_IOUS = [0.1, 0.2]
START = {"stretch": 0.0, "threshold": 0.5, "nms": 0.1}


def score_maps(
    images: list[LabelledImage], maps: list[StarMaps], settings: dict[str, float]
) -> list[ImageScore]:
    """Decode and score the maps of each image."""
    stretch, threshold, nms_iou = (settings[key] for key in START)
    return [
        score_image(i, decode(stretched(m, stretch), *i.labels.shape, threshold, nms_iou))
        for i, m in zip(images, maps, strict=True)
    ]


def choose(
    images: list[LabelledImage], maps: list[StarMaps], stretches: list[float] = STRETCHES
) -> dict[str, Any]:
    """The settings of best `merit`: stretch, then threshold, then NMS IoU."""
    chosen: dict[str, Any] = dict(START)
    table: list[dict[str, float]] = []
    grids = {"stretch": stretches, "threshold": THRESHOLDS, "nms": NMS_IOUS}
    for key, values in grids.items():
        tried = [{**chosen, key: value} for value in values]
        merits = [merit(score_maps(images, maps, settings)) for settings in tried]
        table.extend({**t, "merit": m} for t, m in zip(tried, merits, strict=True))
        chosen = tried[int(np.argmax(merits))]
    return {**chosen, "table": table}


def score_network(
    network: Network, validation: list[LabelledImage], test: list[LabelledImage],
    stretches: list[float] = STRETCHES,
) -> tuple[dict[str, Any], list[ImageScore]]:  # fmt: skip
    """Settings chosen on the validation images, scores on the test images."""
    chosen = choose(validation, [predict(network, i.rgb) for i in validation], stretches)
    return chosen, score_maps(test, [predict(network, i.rgb) for i in test], chosen)


def training_of(checkpoint: Path) -> dict[str, Any]:
    """Steps and seconds that a checkpoint took."""
    done = torch.load(checkpoint, map_location="cpu", weights_only=True)["progress"]
    return {"steps": done["step"], "seconds": done["seconds"]}


def evaluate_fold(runs: Path, fold: int) -> dict[str, Any]:
    """Settings, figures and the scores of every held-out image of one fold."""
    checkpoint = runs / f"fold{fold}" / "checkpoint.pt"
    chosen, scores = score_network(
        torch_network(load_trained(checkpoint)),
        load_images("validation", fold), load_images("test", fold),
    )  # fmt: skip
    return {
        "fold": fold, "training": training_of(checkpoint), "split": load_split(fold),
        "chosen": chosen, "figures": summarise(scores), "images": [plain(s) for s in scores],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--fold", type=int, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    result = evaluate_fold(args.runs, args.fold)
    (args.runs / f"fold{args.fold}" / "figures.json").write_text(json.dumps(result, indent=1))
    print(f"fold {args.fold}:", {g: round(result["figures"][g]["value"], 3) for g in GOALS})


if __name__ == "__main__":
    main()
