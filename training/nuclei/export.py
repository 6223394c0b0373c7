"""Export fold 0's checkpoint as models/nuclei-star-2, with its evaluation and card.

python -m training.nuclei.export --checkpoint <runs>/fold0/checkpoint.pt \\
    --evaluation <runs>/evaluation.json
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from training.common.manifest import check_model, finish_model, sha256
from training.common.painted import painted_tissue
from training.common.paths import MODELS_DIR
from training.common.quantize import export_onnx, quantize_static, quantize_weights
from training.nuclei.card import card
from training.nuclei.data import MEAN, MPP, STD, TYPES, jitter_stain, load_images, normalise
from training.nuclei.infer import INPUT, fields
from training.nuclei.model import NucleiStar
from training.nuclei.scores import GOALS
from training.nuclei.strong_stain import STRONGEST
from training.nuclei.targets import RAYS, STRIDE
from training.nuclei.train import load_trained

MODEL_ID = "nuclei-star-2"
OUTPUTS = ["prob", "dist", "type"]
# The float layers of the int8 file differ in the last bits between machines, which moves values
# across rounding borders: browser WASM against native was measured at up to .025 on the painted
# tile. A wrong file or wrong preprocessing is off by more than .3. The float arithmetic of the
# other file differs by about 1e-6 on WASM; GPUs reorder sums further.
TOLERANCE = {"wasm": 0.08, "webgpu": 0.02}
CALIBRATION_FIELDS = 24


def fold_stretch(model: NucleiStar, stretch: float) -> NucleiStar:
    """A copy whose distances come out stretched (`stretched` in infer.py): the mean over the rays
    is linear, so it folds into the distance head's own weights."""
    copied = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in (copied.head_dist.weight, copied.head_dist.bias):
            parameter += stretch * (parameter - parameter.mean(0, keepdim=True))
    return copied


class Deployed(nn.Module):
    """The network with its output activations: prob in 0..1, dist >= 0 px, type logits."""

    def __init__(self, model: NucleiStar) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        prob, dist, kind = self.model(x)
        return torch.sigmoid(prob), torch.relu(dist), kind


def calibration(count: int = CALIBRATION_FIELDS) -> Iterator[dict[str, np.ndarray]]:
    """Fields of the training images, every other one with jittered stain, and the painted tile:
    the ranges must cover colours that CoNSeP alone does not hold."""
    rng = np.random.default_rng(3)
    tiles = [pixels for image in load_images("train") for _, _, pixels in fields(image.rgb)]
    for index, pick in enumerate(rng.choice(len(tiles), count, replace=False)):
        pixels = tiles[pick] if index % 2 else jitter_stain(tiles[pick], rng)
        yield {"image": normalise(pixels)[None]}
    yield {"image": normalise(painted_tissue(INPUT, MPP))[None]}


def head_nodes(path: Path) -> list[str]:
    """Nodes after the last shared feature map: they stay float in the int8 file, since a
    quantized distance would be rounded to about 0.3 px on every ray."""
    graph = onnx.load(path).graph
    consumers: dict[str, list[onnx.NodeProto]] = {}
    producer = {name: node for node in graph.node for name in node.output}
    for node in graph.node:
        for name in node.input:
            consumers.setdefault(name, []).append(node)
    names: list[str] = []
    for output in graph.output:
        node = producer[output.name]
        while True:
            names.append(node.name)
            if node.op_type == "Conv":
                break
            node = producer[node.input[0]]
    return names


def early_nodes(path: Path) -> list[str]:
    """Convolutions before stride 4. Their few channels carry stain, and rounding them made most of
    the int8 file's error: relative RMS of the type logits .33 with them in int8, .12 in float, at
    the same speed."""
    early = ("/stem/", "/blocks.0/", "/blocks.1/")
    return [
        node.name
        for node in onnx.load(path).graph.node
        if node.op_type == "Conv" and any(part in node.name for part in early)
    ]


def export_files(model: NucleiStar, stretch: float, folder: Path, float_path: Path) -> None:
    """Write the float file to `float_path` and the two browser files to `folder`."""
    example = torch.zeros(1, 3, INPUT, INPUT)
    deployed = Deployed(fold_stretch(model, stretch)).eval()
    deployed = deployed.to(memory_format=torch.contiguous_format)
    export_onnx(deployed, (example,), float_path, ["image"], OUTPUTS)
    keep_float = early_nodes(float_path) + head_nodes(float_path)
    quantize_static(float_path, folder / "wasm-int8.onnx", calibration(), keep_float)
    quantize_weights(float_path, folder / "webgpu-w8.onnx")


def manifest_metrics(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """What the viewer shows: figures of the int8 file on fold 0's held-out images."""
    images = len(evaluation["folds"][0]["images"])
    figures = evaluation["files"]["wasm-int8"]["figures"]
    return [
        {"name": name, "on": f"{images} held-out CoNSeP images, int8 file",
         "value": round(figures[name]["value"], 3),
         "interval": [round(v, 3) for v in figures[name]["interval"]]}
        for name in (*GOALS, "Type accuracy of paired nuclei")
    ]  # fmt: skip


def manifest(evaluation: dict[str, Any]) -> dict[str, Any]:
    """The fixed fields of manifest.json."""
    chosen = evaluation["folds"][0]["chosen"]
    return {
        "id": MODEL_ID, "name": "Nuclei, star-convex", "role": "segmenter", "version": "2.1.0",
        "licence": "Apache-2.0", "card": "card.md",
        "input": {
            "name": "image", "px": INPUT, "mpp": MPP, "layout": "NCHW",
            "mean": [round(float(v), 8) for v in MEAN], "std": [round(float(v), 8) for v in STD],
        },
        "outputs": {name: name for name in OUTPUTS},
        "files": [
            {"provider": "wasm", "dtype": "int8", "path": "wasm-int8.onnx",
             "tolerance": TOLERANCE["wasm"]},
            {"provider": "webgpu", "dtype": "int8-weights", "path": "webgpu-w8.onnx",
             "tolerance": TOLERANCE["webgpu"]},
        ],
        "parity": {"outputs": [
            {"name": "prob", "step": 5}, {"name": "dist", "step": 97}, {"name": "type", "step": 17},
        ]},
        "segmenter": {"stride": STRIDE, "rays": RAYS, "types": TYPES,
                      "probThreshold": chosen["threshold"], "nmsIou": chosen["nms"],
                      "strongestStain": STRONGEST},
        "metrics": manifest_metrics(evaluation),
    }  # fmt: skip


def check_scored(evaluation: dict[str, Any], folder: Path) -> None:
    """Raise ValueError unless the files in `folder` are the ones that were evaluated."""
    for name, entry in evaluation["files"].items():
        if sha256(folder / f"{name}.onnx") != entry["sha256"]:
            raise ValueError(f"{name}.onnx is not the file that the evaluation scored.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=MODELS_DIR / MODEL_ID)
    parser.add_argument("--evaluation", type=Path, required=True, help="written by evaluate")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    evaluation = json.loads(args.evaluation.read_text())
    stretch = evaluation["folds"][0]["chosen"]["stretch"]
    with tempfile.TemporaryDirectory() as folder:
        float_path = Path(folder) / "float.onnx"
        export_files(load_trained(args.checkpoint), stretch, args.out, float_path)
    check_scored(evaluation, args.out)
    finished = finish_model(args.out, manifest(evaluation), {"image": painted_tissue(INPUT, MPP)})
    (args.out / "evaluation.json").write_text(json.dumps(evaluation, indent=1) + "\n")
    (args.out / "card.md").write_text(card(evaluation, finished))
    print(json.dumps(check_model(args.out), indent=2))


if __name__ == "__main__":
    main()
