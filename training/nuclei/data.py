"""CoNSeP images, the split by image, and augmented training crops."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from training.common.paths import data_path
from training.nuclei.stitch import LabelledImage, stitch_image
from training.nuclei.targets import UNKNOWN, StarTargets, inscribed_radii, star_targets

TYPES = ["miscellaneous", "inflammatory", "epithelial", "spindle"]
MPP = 0.25
MEAN = np.full(3, 127 / 255, np.float32)  # as the ImageNet weights of EfficientNet-lite expect
STD = np.full(3, 128 / 255, np.float32)
MARGIN = 48  # px of labels around a crop, so that rays of cut nuclei end where they should
BORDER = 128  # px of UNKNOWN around an image's labels; covers MARGIN at the smallest scale
# Rows: haematoxylin, eosin, DAB in optical density (Ruifrok and Johnston 2001).
HED = np.asarray([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]], np.float32)
HED = HED / np.linalg.norm(HED, axis=1, keepdims=True)
HED_INVERSE = np.linalg.inv(HED).astype(np.float32)
DENSITY = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)  # optical density of each value


@dataclass
class TrainingImage:
    """A labelled image with what the crops need precomputed."""

    image: LabelledImage
    padded: np.ndarray  # [H + 2 BORDER, W + 2 BORDER] labels
    radii: np.ndarray  # [n + 1] px
    areas: np.ndarray  # [n + 1] px


def load_split(fold: int = 0) -> dict[str, list[int]]:
    """Image numbers of `train`, `validation` and `test` of one fold; fold 0 made the weights in
    models/. Raises IndexError for a fold that split.json does not hold."""
    return json.loads((Path(__file__).parent / "split.json").read_text())["folds"][fold]


def load_images(part: str, fold: int = 0) -> list[LabelledImage]:
    """Stitched images of one part of a fold."""
    folder = data_path("nuclei", "consep")
    return [stitch_image(folder, number) for number in load_split(fold)[part]]


def prepare(image: LabelledImage) -> TrainingImage:
    """Pad labels and measure inscribed radii and areas once."""
    padded = np.pad(image.labels, BORDER, constant_values=UNKNOWN)
    count = len(image.types)
    areas = np.bincount(image.labels.ravel(), minlength=count).astype(float)
    return TrainingImage(image, padded, inscribed_radii(image.labels, count), areas)


def normalise(rgb: np.ndarray) -> np.ndarray:
    """[..., H, W, 3] uint8 or float 0..255 -> [..., 3, H, W] float32 network input."""
    x = (rgb.astype(np.float32) / 255 - MEAN) / STD
    return np.ascontiguousarray(np.moveaxis(x, -1, -3))


def jitter_stain(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scale and shift each stain, then gain, offset and gamma: uint8 to float [H, W, 3] 0..255."""
    strength = 0.35 if rng.random() < 0.5 else 0.12
    scale = rng.uniform(1 - strength, 1 + strength, 3).astype(np.float32)
    shift = (rng.uniform(-0.1, 0.1, 3) * strength).astype(np.float32)
    # From density to stains, scaled, and back is one matrix.
    density = DENSITY[rgb] @ (HED_INVERSE * scale @ HED) + shift @ HED
    out = np.minimum(np.exp(-density), 1)
    if rng.random() < 0.5:
        out = out ** np.float32(rng.uniform(0.75, 1.33))
    if rng.random() < 0.7:
        gain, offset = rng.uniform(0.85, 1.12, 3), rng.uniform(-0.06, 0.06)
        out = out * gain.astype(np.float32) + np.float32(offset)
    return np.clip(out, 0, 1) * 255


def soften(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Random defocus, as scanners differ in sharpness."""
    if rng.random() < 0.3:
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.4)))
    return image


def sample_crop(
    source: TrainingImage, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, StarTargets]:
    """A random augmented crop: network input [3, size, size] and its targets."""
    height, width = source.image.labels.shape
    scale = float(np.exp(rng.uniform(np.log(0.8), np.log(1.25))))
    side = min(round(size / scale), height, width)
    y0, x0 = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    crop = Image.fromarray(source.image.rgb[y0 : y0 + side, x0 : x0 + side])
    crop = soften(crop.resize((size, size), Image.Resampling.BILINEAR), rng)
    steps = np.floor((np.arange(-MARGIN, size + MARGIN) + 0.5) * side / size).astype(int)
    window = source.padded[np.ix_(y0 + BORDER + steps, x0 + BORDER + steps)]
    turn, flip = int(rng.integers(4)), bool(rng.integers(2))
    rgb, window = np.rot90(np.asarray(crop), turn), np.rot90(window, turn)
    if flip:
        rgb, window = rgb[:, ::-1], window[:, ::-1]
    colour = jitter_stain(rgb, rng)
    if rng.random() < 0.2:
        noise = rng.standard_normal(colour.shape, np.float32)
        colour = colour + np.float32(rng.uniform(1, 6)) * noise
    zoom = size / side
    targets = star_targets(
        np.ascontiguousarray(window), MARGIN, source.radii * zoom, source.areas * zoom**2,
        source.image.types,
    )  # fmt: skip
    return normalise(np.clip(colour, 0, 255)), targets
