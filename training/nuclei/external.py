"""DSB2018 as a test from elsewhere: colour images of other laboratories, never trained on.

By eye most are stained violet throughout and some look like Giemsa, none like the H&E of CoNSeP,
and the borders of the pale ones are crude: too far off and too rough to learn outlines from, but a
hard test. Their scale is unknown and mixed. Each image is resized so that its median annotated
nucleus is as wide as the median CoNSeP nucleus; the labels serve for nothing else before scoring.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from training.common.paths import data_path
from training.nuclei.baseline import ThresholdSettings, threshold_nuclei
from training.nuclei.folds import score_maps
from training.nuclei.infer import Network, predict
from training.nuclei.scores import SEGMENTATION, score_image, summarise
from training.nuclei.stitch import LabelledImage
from training.nuclei.targets import USUAL_AREA


def usual_scale(path: Path) -> LabelledImage:
    """One DSB2018 image and its labels at the scale of CoNSeP, without types."""
    picture = Image.open(path).convert("RGB")
    numbers = np.asarray(Image.open(path.parents[1] / "instances" / f"{path.stem}.png"))
    _, labels = np.unique(numbers, return_inverse=True)
    labels = labels.reshape(numbers.shape).astype(np.int32)
    area = float(np.median(np.bincount(labels.ravel())[1:]))
    zoom = float(np.sqrt(USUAL_AREA / area))
    size = (round(picture.width * zoom), round(picture.height * zoom))
    rgb = np.asarray(picture.resize(size, Image.Resampling.LANCZOS))
    resized = np.asarray(Image.fromarray(labels).resize(size, Image.Resampling.NEAREST))
    kept, compact = np.unique(np.append(0, resized), return_inverse=True)
    types = np.full(len(kept), -1, np.int64)
    return LabelledImage(path.stem, rgb, compact[1:].reshape(resized.shape).astype(np.int32), types)


def load_external() -> list[LabelledImage]:
    """All DSB2018 images of the data folder; raises DataMissingError without them."""
    folder = data_path("nuclei", "dsb2018") / "images"
    return [usual_scale(path) for path in sorted(folder.iterdir())]


def external_network(
    network: Network, images: list[LabelledImage], settings: dict[str, float]
) -> dict[str, Any]:
    """Detection and outlines of a network with the settings chosen on CoNSeP."""
    summary = summarise(score_maps(images, [predict(network, i.rgb) for i in images], settings))
    return {name: summary[name] for name in SEGMENTATION}


def external_threshold(
    images: list[LabelledImage], settings: ThresholdSettings
) -> dict[str, Any]:
    """The haematoxylin threshold with the settings chosen on CoNSeP."""
    summary = summarise([score_image(i, threshold_nuclei(i.rgb, settings)) for i in images])
    return {name: summary[name] for name in SEGMENTATION}
