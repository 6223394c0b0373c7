"""Random views of a tile and the places at which two views see the same tissue.

Stain jitter: HED matrix and form of the methods sheet, section 2 (s' = alpha s + beta).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

HED = torch.tensor([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]])


def hed_jitter(rgb: Tensor, strength: float, generator: torch.Generator) -> Tensor:
    """Scale and shift the stains of each image; rgb [B,3,H,W] in 0..1."""
    b = rgb.shape[0]
    rows = HED / HED.norm(dim=1, keepdim=True)
    alpha = 1 + strength * (2 * torch.rand(b, 3, generator=generator) - 1)
    beta = 0.25 * strength * (2 * torch.rand(b, 3, generator=generator) - 1)
    density = -torch.log(rgb.clamp(1 / 255, 1)).flatten(2)
    change = torch.linalg.inv(rows) @ torch.diag_embed(alpha) @ rows
    out = change.transpose(1, 2) @ density + (beta @ rows)[:, :, None]
    return torch.exp(-out).clamp(0, 1).reshape(rgb.shape)


def light_jitter(rgb: Tensor, generator: torch.Generator) -> Tensor:
    """Brightness, contrast and gamma, as scanners differ."""

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(rgb.shape[0], 1, 1, 1, generator=generator)

    mean = rgb.mean(dim=(1, 2, 3), keepdim=True)
    out = (rgb - mean) * draw(0.75, 1.3) + mean * draw(0.85, 1.12)
    return out.clamp(1e-3, 1) ** draw(0.8, 1.25)


def blur(rgb: Tensor, sigma: float) -> Tensor:
    """Gaussian blur with `sigma` in pixels."""
    reach = max(1, round(2.5 * sigma))
    axis = torch.arange(-reach, reach + 1).float()
    kernel = torch.exp(-(axis**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).repeat(3, 1)
    padded = F.pad(rgb, (reach,) * 4, mode="reflect")
    across = F.conv2d(padded, kernel.view(3, 1, 1, -1), groups=3)
    return F.conv2d(across, kernel.view(3, 1, -1, 1), groups=3)


def colour(rgb: Tensor, generator: torch.Generator) -> Tensor:
    """All colour and focus changes of one view."""
    rgb = light_jitter(hed_jitter(rgb, 0.35, generator), generator)
    order = torch.randperm(rgb.shape[0], generator=generator)
    some = max(1, rgb.shape[0] // 4)
    sigma = 0.4 + 1.0 * torch.rand(1, generator=generator).item()
    rgb[order[:some]] = blur(rgb[order[:some]], sigma)
    grey = order[some : some + some // 2]
    rgb[grey] = rgb[grey].mean(dim=1, keepdim=True).expand(-1, 3, -1, -1)
    return rgb


def affine(count: int, px: int, tile_px: int, generator: torch.Generator) -> Tensor:
    """Random view geometry [B,2,3], from view to tile coordinates in -1..1.

    Any multiple of 90 degrees plus up to 12 degrees, mirrored half the time, 0.8 to 1.25 in scale,
    placed anywhere that keeps the view mostly inside its tile.
    """

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, generator=generator)

    turn = torch.randint(0, 4, (count,), generator=generator) * (math.pi / 2)
    turn = turn + draw(-1, 1) * math.radians(12)
    mirror = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    extent = torch.exp(draw(math.log(0.8), math.log(1.25))) * (px / tile_px)
    cos, sin = torch.cos(turn) * extent, torch.sin(turn) * extent
    room = (1 - extent).clamp(min=0)
    theta = torch.stack(
        [cos * mirror, -sin, draw(-1, 1) * room, sin * mirror, cos, draw(-1, 1) * room], dim=1
    )
    return theta.view(count, 2, 3)


def turned(theta: Tensor, generator: torch.Generator) -> Tensor:
    """The same places [B,2,3], looked at from another side: turned by 90, 180 or 270 degrees."""
    quarter = torch.randint(1, 4, (len(theta),), generator=generator)
    cos = torch.tensor([1.0, 0.0, -1.0, 0.0])[quarter]
    sin = torch.tensor([0.0, 1.0, 0.0, -1.0])[quarter]
    turn = torch.stack([cos, -sin, sin, cos], dim=1).view(-1, 2, 2)
    return torch.cat([theta[:, :, :2] @ turn, theta[:, :, 2:]], dim=2)


def render(rgb: Tensor, theta: Tensor, px: int) -> Tensor:
    """Sample views [B,C,px,px] from tiles [B,C,H,W]; outside the tile mirrors its edge."""
    grid = F.affine_grid(theta, [rgb.shape[0], 1, px, px], align_corners=False)
    return F.grid_sample(rgb, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def correspond(theta_a: Tensor, theta_b: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Where each token centre of view A lies in view B.

    Returns the grid [B,side,side,2] for `grid_sample` on B's token map and the mask [B,side,side]
    of tokens whose tissue B also shows.
    """
    b = theta_a.shape[0]
    centres = F.affine_grid(theta_a, [b, 1, side, side], align_corners=False)
    offset = centres.reshape(b, -1, 2) - theta_b[:, None, :, 2]
    back = torch.linalg.inv(theta_b[:, :, :2])
    grid = (offset @ back.transpose(1, 2)).reshape(b, side, side, 2)
    valid = (grid.abs() < 1 - 1 / side).all(dim=-1)
    return grid, valid
