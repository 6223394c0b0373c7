"""What a segmenter must beat: a stain threshold, untrained weights, one type for every nucleus."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from training.nuclei.baseline import SETTINGS, threshold_nuclei
from training.nuclei.data import TYPES
from training.nuclei.decode import decode
from training.nuclei.infer import predict, torch_network
from training.nuclei.model import NucleiStar
from training.nuclei.scores import ImageScore, merit, score_image, summarise
from training.nuclei.stitch import LabelledImage

RANDOM_NMS = 0.3


def threshold_control(
    validation: list[LabelledImage], test: list[LabelledImage]
) -> dict[str, Any]:
    """Haematoxylin threshold split at seeds; its settings are chosen on the validation images as
    the network's thresholds are."""

    def scored(images: list[LabelledImage], index: int) -> list[ImageScore]:
        return [score_image(i, threshold_nuclei(i.rgb, SETTINGS[index])) for i in images]

    chosen = max(range(len(SETTINGS)), key=lambda index: merit(scored(validation, index)))
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
    threshold = float(np.quantile(values, 1 - share))
    scores = []
    for image in test:
        found = decode(predict(network, image.rgb), *image.labels.shape, threshold, RANDOM_NMS)
        scores.append(score_image(image, found))
    return summarise(scores)


def majority_control(train: list[LabelledImage], scores: list[ImageScore]) -> dict[str, Any]:
    """Type accuracy when every paired nucleus is called the training images' commonest type, and
    the best that any single type could reach on the held-out images."""
    counts = sum(np.bincount(i.types[1:], minlength=len(TYPES)) for i in train)
    kind = int(np.argmax(counts))
    paired = sum(s.confusion.sum(1) for s in scores)
    best = int(np.argmax(paired))
    return {
        "type": TYPES[kind], "accuracy": float(paired[kind] / paired.sum()),
        "best_type": TYPES[best], "best_accuracy": float(paired[best] / paired.sum()),
    }  # fmt: skip
