"""Write card.md of the segmenter from the figures that evaluate stored.

python -m training.nuclei.card --metrics <run>/metrics.json --out models/nuclei-star-1/card.md
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from training.nuclei.data import TYPES, load_split

ROWS = ["Detection F1", "Precision", "Recall", "AJI", "DQ", "SQ", "PQ", "Dice"]
TYPED_ROWS = ["Type accuracy of paired nuclei", *(f"Type F1, {name}" for name in TYPES)]


def cell(entry: dict[str, Any]) -> str:
    """Value with its interval."""
    low, high = entry["interval"]
    return f"{entry['value']:.3f} [{low:.3f}, {high:.3f}]"


def results_table(result: dict[str, Any]) -> str:
    """Figures of the float network and both files, then the untyped controls."""
    columns = ["float", "wasm-int8", "webgpu-w8", "threshold", "random"]
    lines = [
        "| | float | WASM int8 | WebGPU int8 weights | haematoxylin threshold | random weights |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in ROWS:
        lines.append(f"| {row} | " + " | ".join(cell(result[c][row]) for c in columns) + " |")
    for row in TYPED_ROWS:
        values = [cell(result[c][row]) for c in columns[:3]]
        lines.append(f"| {row} | " + " | ".join(values) + " | no types | no types |")
    return "\n".join(lines)


def image_table(result: dict[str, Any]) -> str:
    """Float network, image by image."""
    lines = [
        "| image | nuclei | found | F1 | AJI | DQ | SQ | PQ | Dice |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in result["images"]:
        figures = " | ".join(f"{row[k]:.3f}" for k in ("F1", "AJI", "DQ", "SQ", "PQ", "Dice"))
        lines.append(f"| {row['name']} | {row['truths']} | {row['predictions']} | {figures} |")
    return "\n".join(lines)


def confusion_table(result: dict[str, Any]) -> str:
    """Paired nuclei of the float network: rows true, columns predicted."""
    lines = ["| true / predicted | " + " | ".join(TYPES) + " |", "| --- " * 5 + "|"]
    for name, row in zip(TYPES, result["confusion"], strict=True):
        lines.append(f"| {name} | " + " | ".join(str(n) for n in row) + " |")
    return "\n".join(lines)


def card(result: dict[str, Any]) -> str:
    """The whole card."""
    split = load_split()
    chosen, training = result["chosen"], result["training"]
    majority = result["majority"]
    named, rare = result["confusion"][0][0], sum(result["confusion"][0])
    accuracy = result["float"]["Type accuracy of paired nuclei"]["value"]

    def loss(name: str) -> str:
        return f"{result['float'][name]['value'] - result['wasm-int8'][name]['value']:+.3f}"

    return f"""# Nuclei, star-convex (nuclei-star-1)

Finds nuclei in H&E at 0.25 um/px and outlines each by 32 radial distances, with one of four types.
Research use only: not a medical device, not validated for diagnosis.

## Network
EfficientNet-lite0 to stride 16 and a thin decoder to stride 4 (one cell a square micrometre),
0.82 M parameters. Input 512 x 512 px (a 112 um field and 8 um on each side). Outputs: object
probability, 32 distances in px (ray k at 2 pi k / 32 from +x towards +y), type logits.
Objects are the cells at or above probability {chosen["threshold"]}, after non-maximum suppression
at IoU {chosen["nms"]}; both were chosen on the validation images.

## Data
- CoNSeP (Graham et al. 2019, Apache-2.0): 27 colorectal H&E images of 1000 x 1000 px at 40x,
  rebuilt from their patches; nuclei cut by a patch border were joined again.
- Starting weights: EfficientNet-lite0 on ImageNet (Apache-2.0).
- Split by image, never by patch, from label counts alone (`training/nuclei/split.json`):
  test {split["test"]}, validation {split["validation"]}, train the other {len(split["train"])}.
  CoNSeP comes from 16 patients and the copy used names none, so a patient may lie on both sides:
  the figures are of held-out images, not of held-out patients.

## Held-out results
{len(split["test"])} images; nuclei pooled; 95 % intervals by drawing whole images 2,000 times.
Five images are few: the intervals are rough. Pairs are centroids within 3 um, one to one.
AJI, DQ, SQ, PQ and Dice are means over images; type F1 is HoVer-Net's, which also counts a pair
that agrees on *not* being the type, so it reads high for rare types: see the confusion table.

{results_table(result)}

Float minus int8, the loss by quantization: detection F1 {loss("Detection F1")},
PQ {loss("PQ")}, type accuracy {loss("Type accuracy of paired nuclei")};
differences this small are within chance.

The held-out images were scored three times: on a half-trained checkpoint, which showed int8 losing
type accuracy, so that layers to keep in float were chosen on validation images; on the final one;
and again after the IoU grid was extended downwards, because doubled spindle nuclei were seen on the
drawn slide and the validation optimum lay at the grid's edge (held-out detection F1 rose by .01).

By image (float):

{image_table(result)}

Types of paired nuclei (float):

{confusion_table(result)}

## Controls
- Haematoxylin threshold (Otsu), split between distance-transform seeds, settings chosen on the
  validation images: above.
- The same network with random weights, at a threshold of its own: above. Its recall is high
  because it marks almost everywhere.
- Share of paired nuclei whose type is right: {accuracy:.3f} by the network,
  {majority["accuracy"]:.3f} by the commonest training type ({majority["type"]}) for all,
  {majority["best_accuracy"]:.3f} by the commonest held-out type ({majority["best_type"]}) for all.

## Known failures
- Crowded, overlapping epithelium: neighbours are merged or cut (DQ is well below detection F1).
- Outlines are star-convex and smooth; long curved spindle nuclei come out short. SQ is limited by
  this and by the loose outlines of the annotation.
- Spindle and epithelial are confused where nuclei are cut across; of the
  paired miscellaneous nuclei only {named} of {rare} are called so (rare in training).
- By eye, on other slides: dark smudged nuclei and nuclei out of focus are missed.
- One scanner and one organ in training. Strong stain, blur and scale augmentation is meant to help
  elsewhere. Fields of a GT450 and an AT2 slide (lung, duodenum) look well outlined to the eye, but
  their types look less sure (too many "miscellaneous"); no labelled nuclei of other scanners
  were at hand to measure either.
- Long spindle nuclei are sometimes found twice, end by end; seen most on the built-in drawn slide.

## Training
{training["steps"]} steps of 8 crops of 256 px, {training["seconds"] / 60:.0f} minutes on one core
of a shared 2-core AMD EPYC server without GPU. Losses: soft-target cross-entropy (probability),
L1 and polar IoU (distances), weighted cross-entropy (type). Weights are a moving average.
The int8 file keeps the layers before stride 4 and the three output layers in float.

    python -m training.nuclei.train --out ../runs/nuclei --minutes 63
    python -m training.nuclei.evaluate --checkpoint ../runs/nuclei/checkpoint.pt \\
        --out ../runs/nuclei/metrics.json
    python -m training.nuclei.export --checkpoint ../runs/nuclei/checkpoint.pt \\
        --metrics ../runs/nuclei/metrics.json
    python -m training.nuclei.card --metrics ../runs/nuclei/metrics.json \\
        --out models/nuclei-star-1/card.md
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.write_text(card(json.loads(args.metrics.read_text())))


if __name__ == "__main__":
    main()
