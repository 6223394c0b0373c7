"""Gather the folds, then score the shipped files, controls, comparisons and an external set.

python -m training.nuclei.folds --runs <runs> --fold 0        (and 1, 2, 3, 4)
python -m training.nuclei.evaluate --runs <runs> --out <runs>/evaluation.json \\
    --equal <runs of five folds at one number of steps> \\
    --compare "no ImageNet start=<runs>/scratch0/checkpoint.pt"

Fold 0 made the shipped weights: its files, controls and comparisons are scored on its own held-out
images. --compare takes checkpoints and exported files; each gets thresholds of its own. --equal
gathers further folds that were scored by `folds`, all trained over the same number of steps. What
--out holds already is kept; a second call adds to it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from training.common.manifest import sha256
from training.nuclei.baseline import ThresholdSettings
from training.nuclei.controls import majority_control, random_control, threshold_control
from training.nuclei.data import TYPES, load_images, normalise
from training.nuclei.export import export_files
from training.nuclei.external import external_network, external_threshold, load_external
from training.nuclei.folds import STRETCHES, score_maps, score_network, training_of
from training.nuclei.infer import (
    Network,
    fields,
    onnx_network,
    predict,
    symmetric_network,
    torch_network,
)
from training.nuclei.model import NucleiStar
from training.nuclei.scores import restored, summarise
from training.nuclei.stitch import LabelledImage
from training.nuclei.train import load_trained

FILES = ("wasm-int8", "webgpu-w8")


def milliseconds(network: Network, image: LabelledImage, runs: int = 10) -> float:
    """Fastest of some runs over one field, one thread of this machine."""
    x = normalise(fields(image.rgb)[0][2])[None]
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        network(x)
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def any_network(path: Path) -> Network:
    """The network of a checkpoint or of an exported file."""
    return onnx_network(path) if path.suffix == ".onnx" else torch_network(load_trained(path))


def score_files(
    model: NucleiStar, test: list[LabelledImage], chosen: dict[str, float]
) -> dict[str, Any]:
    """Hash, size, speed and figures of the exported files; export makes the same ones again."""
    rows = {}
    settings = {**chosen, "stretch": 0.0}  # the files hold it in their weights
    with tempfile.TemporaryDirectory() as folder:
        export_files(model, chosen["stretch"], Path(folder), Path(folder) / "float.onnx")
        for name in FILES:
            path = Path(folder) / f"{name}.onnx"
            run = onnx_network(path)
            rows[name] = {
                "sha256": sha256(path), "bytes": path.stat().st_size,
                "milliseconds": milliseconds(run, test[0]),
                "figures": summarise(
                    score_maps(test, [predict(run, i.rgb) for i in test], settings)
                ),
            }  # fmt: skip
    return rows


def compare_network(
    path: Path, validation: list[LabelledImage], test: list[LabelledImage],
    elsewhere: list[LabelledImage],
) -> dict[str, Any]:  # fmt: skip
    """Another checkpoint or exported file, with settings of its own."""
    network = any_network(path)
    stretches = [0.0] if path.suffix == ".onnx" else STRETCHES  # files are scored as they are
    chosen, scores = score_network(network, validation, test, stretches)
    row: dict[str, Any] = {
        "chosen": chosen, "figures": summarise(scores),
        "external": external_network(network, elsewhere, chosen),
        "milliseconds": milliseconds(network, test[0]),
    }  # fmt: skip
    return row | ({"training": training_of(path)} if path.suffix == ".pt" else {})


def evaluate_shipped(checkpoint: Path, shipped: dict[str, Any]) -> dict[str, Any]:
    """Files, controls, own variants and the external test of fold 0's weights, with the settings
    that its fold chose."""
    train, validation, test = (load_images(part) for part in ("train", "validation", "test"))
    elsewhere = load_external()
    model = load_trained(checkpoint)
    network = torch_network(model)
    at = shipped["chosen"]
    threshold = threshold_control(validation, test)
    settings = ThresholdSettings(**threshold["settings"])
    comparisons = {}
    for name, (other, stretches) in {
        "without the stretch": (network, [0.0]),
        "eight turns averaged": (symmetric_network(network), STRETCHES),
    }.items():
        chosen, scores = score_network(other, validation, test, stretches)
        comparisons[name] = {"chosen": chosen, "figures": summarise(scores)}
    return {
        "parameters": model.deployed_parameters(),
        "files": score_files(model, test, at),
        "controls": {
            "threshold": threshold, "random": random_control(validation, test),
            "majority": majority_control(train, [restored(row) for row in shipped["images"]]),
        },
        "external": {
            "images": len(elsewhere), "network": external_network(network, elsewhere, at),
            "threshold": external_threshold(elsewhere, settings),
        },
        "comparisons": comparisons,
    }  # fmt: skip


def gather(runs: Path) -> dict[str, Any]:
    """The figures that `folds` stored, and those of all their images together.

    Raises ValueError without fold 0, which is the one that ships."""
    stored = [runs / f"fold{fold}" / "figures.json" for fold in range(5)]
    folds = [json.loads(path.read_text()) for path in stored if path.exists()]
    if not folds or folds[0]["fold"] != 0:
        raise ValueError(f"{runs} holds no scored fold 0, which is the one that ships.")
    scores = [restored(row) for fold in folds for row in fold["images"]]
    own = [restored(row) for row in folds[0]["images"]]
    return {
        "types": TYPES, "folds": folds,
        "pooled": {"images": len(scores), "figures": summarise(scores)},
        "confusion": sum(s.confusion for s in own).tolist(),
    }  # fmt: skip


def equal_steps(runs: Path) -> dict[str, Any]:
    """The folds in `runs` and their images together, as in `gather`.

    Raises ValueError unless all folds were trained over the same number of steps."""
    gathered = gather(runs)
    steps = {fold["training"]["steps"] for fold in gathered["folds"]}
    if len(steps) > 1:
        raise ValueError(f"The folds in {runs} were trained over {sorted(steps)} steps.")
    return {"steps": steps.pop(), "folds": gathered["folds"], "pooled": gathered["pooled"]}


def named_path(text: str) -> tuple[str, Path]:
    """`name=path` of the command line."""
    name, _, path = text.partition("=")
    return name, Path(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--equal", type=Path, help="folds of one number of steps")
    parser.add_argument("--compare", type=named_path, action="append", default=[])
    args = parser.parse_args()
    torch.set_num_threads(1)
    results = json.loads(args.out.read_text()) if args.out.exists() else {}
    if "files" not in results:
        results = gather(args.runs)
        results |= evaluate_shipped(args.runs / "fold0" / "checkpoint.pt", results["folds"][0])
    if args.equal:
        results["equal_steps"] = equal_steps(args.equal)
    new = {name: path for name, path in args.compare if name not in results["comparisons"]}
    if new:
        images = [*(load_images(part) for part in ("validation", "test")), load_external()]
        for name, path in new.items():
            results["comparisons"][name] = compare_network(path, *images)
    args.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
