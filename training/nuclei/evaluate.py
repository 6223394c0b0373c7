"""Choose the thresholds on the validation images, then score the held-out ones.

python -m training.nuclei.evaluate --checkpoint <run>/checkpoint.pt --out <run>/metrics.json

Scores the float network, both exported files, and three controls: a haematoxylin threshold split
at seeds (settings chosen on the validation images), the same network with random weights, and
the training images' commonest type for every nucleus.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.nuclei.baseline import SETTINGS, threshold_nuclei
from training.nuclei.data import TYPES, load_images
from training.nuclei.decode import Nuclei, StarMaps, decode
from training.nuclei.export import export_files
from training.nuclei.infer import Network, onnx_network, predict, torch_network
from training.nuclei.model import NucleiStar
from training.nuclei.scores import ImageScore, score_image, summarise
from training.nuclei.stitch import LabelledImage
from training.nuclei.train import load_trained

THRESHOLDS = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6]
NMS_IOUS = [0.1, 0.15, 0.2, 0.3, 0.4]


def outlines(image: LabelledImage, maps: StarMaps, threshold: float, nms_iou: float) -> Nuclei:
    """Decode the maps of one image."""
    height, width = image.labels.shape
    return decode(maps, height, width, threshold, nms_iou)


def choose(images: list[LabelledImage], maps: list[StarMaps]) -> dict[str, Any]:
    """Threshold and NMS IoU of the best sum of detection F1 and PQ on the validation images."""
    table = []
    for nms_iou in NMS_IOUS:
        for threshold in THRESHOLDS:
            scores = [
                score_image(i, outlines(i, m, threshold, nms_iou))
                for i, m in zip(images, maps, strict=True)
            ]
            summary = summarise(scores)
            table.append({
                "threshold": threshold, "nms": nms_iou,
                "f1": summary["Detection F1"]["value"], "pq": summary["PQ"]["value"],
            })  # fmt: skip
    best = max(table, key=lambda row: row["f1"] + row["pq"])
    return {**best, "table": table}


def run(
    network: Network, images: list[LabelledImage], threshold: float, nms_iou: float
) -> list[ImageScore]:
    """Score one network on images."""
    return [
        score_image(i, outlines(i, predict(network, i.rgb), threshold, nms_iou)) for i in images
    ]


def threshold_control(
    validation: list[LabelledImage], test: list[LabelledImage]
) -> dict[str, Any]:
    """Baseline, its settings chosen on the validation images as the network's thresholds are."""

    def scored(images: list[LabelledImage], index: int) -> list[ImageScore]:
        return [score_image(i, threshold_nuclei(i.rgb, SETTINGS[index])) for i in images]

    def merit(index: int) -> float:
        summary = summarise(scored(validation, index))
        return summary["Detection F1"]["value"] + summary["PQ"]["value"]

    chosen = max(range(len(SETTINGS)), key=merit)
    return {"settings": vars(SETTINGS[chosen]), **summarise(scored(test, chosen))}


def random_control(
    validation: list[LabelledImage], test: list[LabelledImage]
) -> dict[str, Any]:
    """Untrained weights, with a threshold of its own: the share of cells that validation nuclei
    cover, so that it may guess as often as there is something to find."""
    torch.manual_seed(11)
    network = torch_network(NucleiStar().eval())
    share = np.mean([(i.labels > 0).mean() for i in validation])
    values = np.concatenate([predict(network, i.rgb).prob.ravel() for i in validation])
    return summarise(run(network, test, float(np.quantile(values, 1 - share)), 0.3))


def majority_control(scores: list[ImageScore]) -> dict[str, Any]:
    """Type accuracy when every paired nucleus is called the training images' commonest type, and
    the best that any single type could reach on the held-out images."""
    counts = sum(
        np.bincount(i.types[1:], minlength=len(TYPES)) for i in load_images("train")
    )
    kind = int(np.argmax(counts))
    paired = sum(s.confusion.sum(1) for s in scores)
    best = int(np.argmax(paired))
    return {
        "type": TYPES[kind], "accuracy": float(paired[kind] / paired.sum()),
        "best_type": TYPES[best], "best_accuracy": float(paired[best] / paired.sum()),
    }  # fmt: skip


def evaluate(checkpoint: Path) -> dict[str, Any]:
    """Everything the card reports."""
    validation, test = load_images("validation"), load_images("test")
    model = load_trained(checkpoint)
    progress = torch.load(checkpoint, map_location="cpu", weights_only=True)["progress"]
    network = torch_network(model)
    chosen = choose(validation, [predict(network, i.rgb) for i in validation])
    at = (chosen["threshold"], chosen["nms"])
    scores = run(network, test, *at)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        export_files(model, path, path / "float.onnx")
        exported = {
            name: summarise(run(onnx_network(path / f"{name}.onnx"), test, *at))
            for name in ("wasm-int8", "webgpu-w8")
        }
    return {
        "training": {"steps": progress["step"], "seconds": progress["seconds"]},
        "chosen": chosen,
        "float": summarise(scores),
        "images": [
            {"name": s.name, "truths": s.truths, "predictions": s.predictions, **s.metrics}
            for s in scores
        ],
        "confusion": sum(s.confusion for s in scores).tolist(),
        **exported,
        "threshold": threshold_control(validation, test),
        "random": random_control(validation, test),
        "majority": majority_control(scores),
    }


def manifest_metrics(result: dict[str, Any], images: int) -> list[dict[str, Any]]:
    """What the viewer shows: figures of the int8 file on the held-out images."""
    on = f"{images} held-out CoNSeP images, int8 file"
    return [
        {"name": name, "on": on, "value": round(result["wasm-int8"][name]["value"], 3),
         "interval": [round(v, 3) for v in result["wasm-int8"][name]["interval"]]}
        for name in ("Detection F1", "AJI", "PQ", "Dice", "Type accuracy of paired nuclei")
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    result = evaluate(args.checkpoint)
    result["manifest"] = manifest_metrics(result, len(result["images"]))
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({k: v for k, v in result.items() if k != "chosen"}, indent=1))


if __name__ == "__main__":
    main()
