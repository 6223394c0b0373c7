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


@dataclass
class TrainingImage:
    """A labelled image with what the crops need precomputed."""

    image: LabelledImage
    padded: np.ndarray  # [H + 2 BORDER, W + 2 BORDER] labels
    radii: np.ndarray  # [n + 1] px


def load_split() -> dict[str, list[int]]:
    """Image numbers of `train`, `validation` and `test`."""
    return json.loads((Path(__file__).parent / "split.json").read_text())["images"]


def load_images(part: str) -> list[LabelledImage]:
    """Stitched images of one part of the split."""
    folder = data_path("nuclei", "consep")
    return [stitch_image(folder, number) for number in load_split()[part]]


def prepare(image: LabelledImage) -> TrainingImage:
    """Pad labels and measure inscribed radii once."""
    padded = np.pad(image.labels, BORDER, constant_values=UNKNOWN)
    return TrainingImage(image, padded, inscribed_radii(image.labels, len(image.types)))


def normalise(rgb: np.ndarray) -> np.ndarray:
    """[..., H, W, 3] uint8 or float 0..255 -> [..., 3, H, W] float32 network input."""
    x = (rgb.astype(np.float32) / 255 - MEAN) / STD
    return np.ascontiguousarray(np.moveaxis(x, -1, -3))


def jitter_stain(rgb: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Scale and shift each stain, then gain, offset and gamma: float [H, W, 3] 0..255."""
    density = -np.log((rgb.astype(np.float32) + 1) / 256)
    stains = density @ HED_INVERSE
    strength = 0.35 if rng.random() < 0.7 else 0.15
    scale = rng.uniform(1 - strength, 1 + strength, 3)
    shift = rng.uniform(-0.1, 0.1, 3) * strength
    density = (stains * scale + shift).astype(np.float32) @ HED
    out = np.clip(np.exp(-density), 0, 1)
    if rng.random() < 0.5:
        out = out ** rng.uniform(0.75, 1.33)
    if rng.random() < 0.7:
        out = out * rng.uniform(0.85, 1.12, 3) + rng.uniform(-0.06, 0.06)
    return (np.clip(out, 0, 1) * 255).astype(np.float32)


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
        colour = colour + rng.normal(0, rng.uniform(1, 6), colour.shape).astype(np.float32)
    radii = source.radii * size / side
    targets = star_targets(np.ascontiguousarray(window), MARGIN, radii, source.image.types)
    return normalise(np.clip(colour, 0, 255)), targets
