"""Ways in which the same tissue looks different: stain, scanner, light, focus, compression.

Training families: HED stain jitter, brightness/contrast/gamma, blur. Held-out families: the shifts
between five scanners that saw one field (MultiScanner_SCC), carried over by Macenko (2009) and by
Reinhard (2001), and JPEG. Macenko constants: methods sheet, section 2 (as torchstain).

A scanner's shift is its departure from the mean of the five: that field is a low-power view, so its
own colours, imposed on fields of 112 um, would wipe out the nuclei.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image

from training.common.paths import data_path
from training.encoder.views import blur, hed_jitter, light_jitter

SCANNERS = ("3dhistech", "aperio", "leica", "nz2", "nz210")
HELD_OUT = ("macenko", "reinhard", "jpeg")
JPEG_QUALITIES = (40, 15)
VIEWS_EACH = 2
# Macenko: white level, optical density below which a pixel is glass, percentile of the angles.
WHITE, BETA, ALPHA = 240.0, 0.15, 1.0
# RGB -> LMS and LMS -> l alpha beta of Reinhard et al. 2001 (after Ruderman 1998).
LMS = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
OPPONENT = np.diag([3**-0.5, 6**-0.5, 2**-0.5]) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])


def training_view(fields: np.ndarray, generator: torch.Generator) -> np.ndarray:
    """Another look of fields uint8 [N,P,P,3] by the training families: restained and relit, a
    third blurred, all turned or mirrored."""
    rgb = torch.from_numpy(fields).permute(0, 3, 1, 2).float() / 255
    out = light_jitter(hed_jitter(rgb, 0.35, generator), generator)
    sigma = 0.5 + torch.rand(1, generator=generator).item()
    soft = torch.rand(len(out), generator=generator) < 1 / 3
    if soft.any():
        out[soft] = blur(out[soft], sigma)
    out = torch.rot90(out, int(torch.randint(0, 4, (1,), generator=generator)), (2, 3))
    if torch.rand(1, generator=generator) < 0.5:
        out = out.flip(3)
    return (out * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()


@dataclass
class Stains:
    """Macenko fit: vectors [3,2] in optical density, haematoxylin first, and the 99th percentile
    of each stain's concentration [2]."""

    vectors: np.ndarray
    highest: np.ndarray


def optical_density(pixels: np.ndarray) -> np.ndarray:
    return -np.log((pixels.astype(np.float64) + 1) / WHITE)


def concentrations(density: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Least-squares stain amounts [2,M] of optical densities [M,3]."""
    return np.linalg.lstsq(vectors, density.T, rcond=None)[0]


def fit_macenko(pixels: np.ndarray) -> Stains:
    """Stain vectors of pixels [M,3] (Macenko et al. 2009): the extreme angles in the plane of the
    two largest principal directions. Raises ValueError when fewer than 100 pixels are stained."""
    density = optical_density(pixels)
    stained = density[(density >= BETA).all(axis=1)]
    if len(stained) < 100:
        raise ValueError("Too little stained tissue to fit stain vectors.")
    plane = np.linalg.eigh(np.cov(stained.T))[1][:, 1:]
    # A principal direction has no sign: point both at the positive side of the densities.
    plane = plane * np.where(plane.sum(axis=0) < 0, -1, 1)
    angle = np.arctan2(*(stained @ plane).T[::-1])
    ends = [
        plane @ [np.cos(a), np.sin(a)] for a in np.percentile(angle, [ALPHA, 100 - ALPHA])
    ]
    # Haematoxylin absorbs more red than eosin does.
    vectors = np.stack(sorted(ends, key=lambda v: -v[0]), axis=1)
    return Stains(vectors, np.percentile(concentrations(density, vectors), 99, axis=1))


def macenko(fields: np.ndarray, source: Stains, target: Stains) -> np.ndarray:
    """Fields uint8 [N,P,P,3] with the stain vectors and amounts of `target`."""
    amount = concentrations(optical_density(fields.reshape(-1, 3)), source.vectors)
    amount *= (target.highest / source.highest)[:, None]
    out = WHITE * np.exp(-(target.vectors @ amount)) - 1
    return np.clip(np.round(out.T), 0, 255).astype(np.uint8).reshape(fields.shape)


@dataclass
class Colours:
    """Mean and standard deviation [3] of l alpha beta over tissue."""

    mean: np.ndarray
    std: np.ndarray


def opponent(pixels: np.ndarray) -> np.ndarray:
    """RGB [M,3] 0..255 -> l alpha beta [M,3]."""
    return np.log10(np.maximum(pixels / 255.0, 1 / 255) @ LMS.T) @ OPPONENT.T


def fit_reinhard(pixels: np.ndarray) -> Colours:
    """Colour statistics of the pixels [M,3] that are not glass."""
    tissue = pixels[pixels.min(axis=1) < 220]
    value = opponent(tissue if len(tissue) >= 100 else pixels)
    return Colours(value.mean(axis=0), value.std(axis=0))


def reinhard(fields: np.ndarray, source: Colours, target: Colours) -> np.ndarray:
    """Fields uint8 [N,P,P,3] with the colour statistics of `target` (Reinhard et al. 2001)."""
    value = (opponent(fields.reshape(-1, 3)) - source.mean) / source.std * target.std + target.mean
    rgb = 10 ** (value @ np.linalg.inv(OPPONENT).T) @ np.linalg.inv(LMS).T
    return np.clip(np.round(rgb * 255), 0, 255).astype(np.uint8).reshape(fields.shape)


def jpeg(field: np.ndarray, quality: int) -> np.ndarray:
    """One field [P,P,3] after JPEG compression."""
    buffer = io.BytesIO()
    Image.fromarray(field).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))


def scanner_field(scanner: str) -> np.ndarray:
    """The five-scanner field as `scanner` shows it, uint8 [236,236,3]."""
    path = data_path("scanners", "five-scanners-one-field", f"{scanner}.png")
    return np.asarray(Image.open(path).convert("RGB").crop((0, 0, 236, 236)))


def shifted_stains(source: Stains, fits: list[Stains], index: int) -> Stains:
    """`source` moved as scanner `index` departs from the mean of all `fits`."""
    vectors = np.stack([f.vectors for f in fits])
    moved = source.vectors + vectors[index] - vectors.mean(axis=0)
    moved = np.maximum(moved, 0.01)
    log_highest = np.log([f.highest for f in fits])
    ratio = np.exp(log_highest[index] - log_highest.mean(axis=0))
    return Stains(moved / np.linalg.norm(moved, axis=0), source.highest * ratio)


def shifted_colours(source: Colours, fits: list[Colours], index: int) -> Colours:
    """`source` moved as scanner `index` departs from the mean of all `fits`."""
    mean, log_std = np.stack([f.mean for f in fits]), np.log([f.std for f in fits])
    return Colours(
        source.mean + mean[index] - mean.mean(axis=0),
        source.std * np.exp(log_std[index] - log_std.mean(axis=0)),
    )


def held_out_views(fields: np.ndarray, seed: int = 11) -> dict[str, list[np.ndarray]]:
    """VIEWS_EACH looks of one slide's fields uint8 [N,P,P,3] by family.

    Source colours are those of all the fields together, because a scanner changes a slide as a
    whole. The scanners are drawn by slide.
    """
    rng = np.random.default_rng(seed)
    pixels = fields.reshape(-1, 3)[:: max(1, fields.size // 600_000)]
    scanners = [scanner_field(name).reshape(-1, 3) for name in SCANNERS]
    stains, stain_fits = fit_macenko(pixels), [fit_macenko(s) for s in scanners]
    colours, colour_fits = fit_reinhard(pixels), [fit_reinhard(s) for s in scanners]
    result: dict[str, list[np.ndarray]] = {"macenko": [], "reinhard": [], "jpeg": []}
    for index in rng.permutation(len(SCANNERS))[:VIEWS_EACH]:
        goal = shifted_stains(stains, stain_fits, index)
        looks = [macenko(f[None], stains, goal) for f in fields]
        result["macenko"].append(np.concatenate(looks))
    for index in rng.permutation(len(SCANNERS))[:VIEWS_EACH]:
        shifted = shifted_colours(colours, colour_fits, index)
        looks = [reinhard(f[None], colours, shifted) for f in fields]
        result["reinhard"].append(np.concatenate(looks))
    for quality in JPEG_QUALITIES:
        result["jpeg"].append(np.stack([jpeg(f, quality) for f in fields]))
    return result
