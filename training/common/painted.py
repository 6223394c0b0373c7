"""A painted stand-in for a tissue tile, so that parity files hold no pixel of anyone's slide."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


def painted_tissue(px: int, mpp: float, seed: int = 7) -> np.ndarray:
    """[px, px, 3] uint8: purple nuclei of 5-12 um on uneven pink, with a pale gap."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(0, 1, (9, 9))
    field = Image.fromarray(coarse.astype(np.float32)).resize((px, px), Image.Resampling.BICUBIC)
    wave = np.asarray(field)[..., None]
    pink = np.asarray([226.0, 172.0, 202.0]) + wave * np.asarray([6.0, 14.0, 9.0])
    pale = 1 / (1 + np.exp(-6 * (wave - 1.1)))
    ground = pink * (1 - pale) + 242.0 * pale
    canvas = Image.fromarray(np.clip(ground, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    area_mm2 = (px * mpp / 1000) ** 2
    for _ in range(int(3500 * area_mm2)):
        x, y = rng.uniform(0, px, 2)
        radius = rng.uniform(2.5, 6.0) / mpp
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        squash, turn = rng.uniform(0.55, 1.0), rng.uniform(0, np.pi)
        wobble = radius * (1 + 0.08 * np.sin(3 * angle + turn))
        dx, dy = wobble * np.cos(angle), wobble * squash * np.sin(angle)
        points = np.stack(
            [x + dx * np.cos(turn) - dy * np.sin(turn), y + dx * np.sin(turn) + dy * np.cos(turn)],
            axis=1,
        )
        shade = rng.uniform(0.8, 1.25)
        fill = tuple(int(min(255, c * shade)) for c in (104, 74, 148))
        draw.polygon([(float(a), float(b)) for a, b in points], fill=fill)
    soft = canvas.filter(ImageFilter.GaussianBlur(0.2 / mpp))
    # Steps of 4 grey levels keep the deflated file small.
    return np.asarray(soft) & np.uint8(0xFC)
