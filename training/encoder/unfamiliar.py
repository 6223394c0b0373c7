"""Inputs that the encoder was not made for, to test the bank on, by family.

Each family is a `Family`: fields uint8 [N,224,224,3] and the source of each field ("" where it has
none), so that a field's own slide can be left out of the bank.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from training.encoder.baselines import stain_density
from training.encoder.model import FIELD_PX
from training.encoder.slides import SLIDES, open_slide, slide_fields, tissue_centres
from training.encoder.tiles import load_tiles, middle
from training.encoder.views import HED, blur

# Levels below the top (0.25 um/px) of each magnification relative to 0.5 um/px. 4x has no level:
# the middle of 2x, enlarged.
MAGNIFICATIONS = {"magnification 0.25x": 3, "magnification 0.5x": 2, "magnification 2x": 0}
# The bank names the slides of these two as the tiles do; both lung slides may be of one patient.
SLIDE_SOURCES = {"duodenum-giardia-at2": "duodenum-giardia-at2", "lung-squamous-gt450": "lung"}

IHC_SOURCE = "duodenum-net-at2"


@dataclass
class Family:
    """Fields uint8 [N,224,224,3] and the source of each [N]."""

    images: np.ndarray
    sources: np.ndarray


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 [N,H,W,3] -> 0..1 [N,3,H,W]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def to_images(rgb: Tensor) -> np.ndarray:
    """0..1 [N,3,H,W] -> uint8 [N,H,W,3]."""
    return (rgb.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()


def like_ihc(images: np.ndarray) -> np.ndarray:
    """Eosin painted as DAB: brown where the tissue was pink, haematoxylin as it was."""
    rows = HED / HED.norm(dim=1, keepdim=True)
    density = stain_density(to_tensor(images))
    restained = torch.stack([density[:, 0], torch.zeros_like(density[:, 1]), density[:, 1]], dim=1)
    return to_images(torch.exp(-(rows.T @ restained)).reshape(to_tensor(images).shape))


def blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    """Out of focus; sigma in px of 0.5 um."""
    return to_images(blur(to_tensor(images), sigma))


def glass(count: int, rng: np.random.Generator) -> np.ndarray:
    """Empty slide: near white, a slight tint and shading, sensor noise."""
    tint = rng.uniform(225, 248, (count, 1, 1, 3))
    slope = rng.uniform(-4, 4, (count, 2, 1, 1))
    y, x = np.mgrid[-1 : 1 : FIELD_PX * 1j, -1 : 1 : FIELD_PX * 1j]
    shade = (slope[:, 0] * y + slope[:, 1] * x)[..., None]
    noise = rng.normal(0, 1.5, (count, FIELD_PX, FIELD_PX, 3))
    return np.clip(tint + shade + noise, 0, 255).astype(np.uint8)


def pen(count: int, rng: np.random.Generator) -> np.ndarray:
    """A broad translucent stroke of blue, green, red or black marker across empty slide."""
    inks = np.array([[30, 60, 170], [30, 130, 60], [190, 40, 40], [35, 35, 40]], float)
    y, x = np.mgrid[-1 : 1 : FIELD_PX * 1j, -1 : 1 : FIELD_PX * 1j]
    result = []
    for base in glass(count, rng):
        angle, shift = rng.uniform(0, np.pi), rng.uniform(-0.5, 0.5)
        away = np.abs(np.cos(angle) * x + np.sin(angle) * y - shift) - rng.uniform(0.5, 1.2)
        ink = rng.uniform(0.6, 0.95) / (1 + np.exp(np.clip(away * 30, -50, 50)))
        result.append(base * (1 - ink[..., None]) + inks[rng.integers(4)] * ink[..., None])
    return np.stack(result).round().astype(np.uint8)


def checkerboards(count: int, rng: np.random.Generator) -> np.ndarray:
    """Two random colours in squares of 4 to 40 px."""
    y, x = np.mgrid[:FIELD_PX, :FIELD_PX]
    result = []
    for side in rng.integers(4, 41, count):
        pair = rng.integers(0, 256, (2, 3))
        result.append(pair[(y // side + x // side) % 2])
    return np.stack(result).astype(np.uint8)


def photo_like(count: int, rng: np.random.Generator) -> np.ndarray:
    """Coloured noise with the 1/f amplitude spectrum of photographs (Field 1987)."""
    frequency = np.hypot(np.fft.fftfreq(FIELD_PX)[:, None], np.fft.fftfreq(FIELD_PX)[None])
    frequency[0, 0] = 1 / FIELD_PX
    spectrum = np.fft.fft2(rng.normal(size=(count, 3, FIELD_PX, FIELD_PX))) / frequency
    value = np.real(np.fft.ifft2(spectrum))
    value = (value - value.mean(axis=(2, 3), keepdims=True)) / value.std(axis=(2, 3), keepdims=True)
    # Channels of a photograph go together: mix each with their mean.
    value = 0.7 * value.mean(axis=1, keepdims=True) * 3**0.5 + 0.3 * value
    return np.clip(value * 55 + 128, 0, 255).astype(np.uint8).transpose(0, 2, 3, 1)


def without_source(images: np.ndarray) -> Family:
    """Fields that come from no slide."""
    return Family(images, np.full(len(images), ""))


def tissue_families(tissue: Family) -> dict[str, Family]:
    """Changes of H&E fields that are themselves familiar."""
    rgb = tissue.images
    changed = {
        "IHC-like (eosin as DAB)": like_ihc(rgb),
        "blurred, sigma 2 um": blurred(rgb, 4),
        "blurred, sigma 4 um": blurred(rgb, 8),
        "inverted": 255 - rgb,
    }
    return {name: Family(images, tissue.sources) for name, images in changed.items()}


def painted_families(count: int, seed: int = 0) -> dict[str, Family]:
    """No tissue at all."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 256, (count, FIELD_PX, FIELD_PX, 3), dtype=np.uint8)
    painted = {
        "glass": glass(count, rng),
        "pen on glass": pen(count, rng),
        "noise": noise,
        "checkerboard": checkerboards(count, rng),
        "photo-like": photo_like(count, rng),
    }
    return {name: without_source(images) for name, images in painted.items()}


def enlarge(image: np.ndarray) -> np.ndarray:
    """uint8 [H,W,3] -> [224,224,3], bicubic."""
    size = (FIELD_PX, FIELD_PX)
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def magnified_families(count: int, seed: int = 1) -> dict[str, Family]:
    """The same places of the two SZI slides at other scales; 1x is the control."""
    result: dict[str, list[np.ndarray]] = {}
    sources = np.repeat([SLIDE_SOURCES[s] for s in SLIDES], count)
    for name in SLIDES:
        slide = open_slide(name)
        centres = tissue_centres(slide, count, seed)
        for scale, down in {"magnification 1x (control)": 1, **MAGNIFICATIONS}.items():
            result.setdefault(scale, []).append(slide_fields(slide, centres, down, FIELD_PX))
        near = slide_fields(slide, centres, 0, FIELD_PX // 2)
        result.setdefault("magnification 4x", []).append(np.stack([enlarge(f) for f in near]))
    return {name: Family(np.concatenate(parts), sources) for name, parts in result.items()}


def stain_families(folder: Path | None) -> dict[str, Family]:
    """Real stains other than H&E, one family a tar file of `atlas_tiles`, where there are any:
    sections of the same biopsies as IHC_SOURCE."""
    if folder is None:
        return {}
    images, slides = load_tiles(folder)
    fields = middle(images, FIELD_PX)
    families = {f"IHC: {name}": fields[slides == name] for name in np.unique(slides)}
    return {n: Family(images, np.full(len(images), IHC_SOURCE)) for n, images in families.items()}
