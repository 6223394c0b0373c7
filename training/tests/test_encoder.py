"""Encoder: export, token order, views and losses, and a few steps of training."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from training.common.painted import painted_tissue
from training.common.paths import DataMissingError
from training.encoder import pretrain
from training.encoder.composition import fixed_fields, load_composition, random_fields
from training.encoder.losses import turn_contrast
from training.encoder.model import DIM, FIELD_PX, GRID, TOKEN_PX, FieldEncoder, build, normalise
from training.encoder.onnx_files import run_file, write_float
from training.encoder.pretrain import Pretrainer, parameter_groups
from training.encoder.tune import Tuner, turn_tokens
from training.encoder.views import affine, correspond, render, turned

TOKENS = GRID * GRID


@pytest.fixture(scope="module")
def encoder() -> FieldEncoder:
    torch.set_num_threads(1)
    return build(imagenet=False, seed=3).eval()


@pytest.fixture(scope="module")
def pretrained() -> FieldEncoder:
    """The ImageNet stem: where tokens lie is a matter of its weights too."""
    try:
        return build(imagenet=True).eval()
    except ModuleNotFoundError as missing:
        pytest.skip(f"ImageNet weights are not installed: {missing}")


def painted_batch(count: int, px: int) -> torch.Tensor:
    """Painted fields [count,3,px,px] in 0..1."""
    images = np.stack([painted_tissue(px, 0.5, seed=s) for s in range(count)])
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def test_export_equals_torch(encoder, tmp_path) -> None:
    path = tmp_path / "encoder.onnx"
    write_float(encoder, path)
    images = np.stack([painted_tissue(FIELD_PX, 0.5, seed=s) for s in range(3)])
    with torch.no_grad():
        expected = encoder(normalise(painted_batch(3, FIELD_PX)))
    for a, b in zip(expected, run_file(path, images), strict=True):
        assert a.shape == b.shape
        assert np.allclose(a.numpy(), b, atol=1e-3)


@pytest.mark.parametrize(("row", "col"), [(2, 11), (9, 4)])
def test_token_order_is_row_major(pretrained, row: int, col: int) -> None:
    """A blot on one 16 px square changes stem token row * 14 + col the most."""
    plain = torch.full((1, 3, FIELD_PX, FIELD_PX), 0.8)
    blot = plain.clone()
    y, x = row * TOKEN_PX, col * TOKEN_PX
    blot[:, :, y : y + TOKEN_PX, x : x + TOKEN_PX] = 0.2
    with torch.no_grad():
        change = pretrained.embed(normalise(blot)) - pretrained.embed(normalise(plain))
    assert int(change.norm(dim=-1).argmax()) == row * GRID + col


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_transformer_has_no_upright(encoder, turn: int) -> None:
    """Turned stem tokens give the same class token and turned patch tokens."""
    tokens = torch.randn(2, GRID, GRID, DIM, generator=torch.Generator().manual_seed(0))
    other = torch.rot90(tokens, turn, (1, 2))
    with torch.no_grad():
        c, p = encoder.mix(tokens.reshape(2, TOKENS, DIM), encoder.positions)
        tc, tp = encoder.mix(other.reshape(2, TOKENS, DIM), encoder.positions)
    assert torch.allclose(c, tc, atol=1e-4)
    back = torch.rot90(tp.reshape(2, GRID, GRID, DIM), -turn, (1, 2)).reshape(2, TOKENS, DIM)
    assert torch.allclose(p, back, atol=1e-4)
    middle, corner = encoder.positions[0, 7 * GRID + 7], encoder.positions[0, 0]
    assert not torch.allclose(middle, corner, atol=0.1)


def test_stem_grid_is_centred(pretrained) -> None:
    """Mirroring the field mirrors the stem's tokens: none lies half a token beside its tissue."""
    image = normalise(painted_batch(1, FIELD_PX))
    with torch.no_grad():
        straight = pretrained.embed(image).reshape(GRID, GRID, DIM)
        mirrored = pretrained.embed(image.flip(3)).reshape(GRID, GRID, DIM)
    inner = slice(2, -2)

    def similarity(a: torch.Tensor, b: torch.Tensor) -> float:
        a, b = a - straight.mean(dim=(0, 1)), b - straight.mean(dim=(0, 1))
        return float(torch.cosine_similarity(a[inner, inner], b[inner, inner], dim=-1).mean())

    same = similarity(straight, mirrored.flip(1))
    assert same > similarity(straight, mirrored.flip(1).roll(1, dims=1))
    assert same > similarity(straight, mirrored.flip(1).roll(-1, dims=1))


def test_views_correspond() -> None:
    """Colours sampled at matching places of two views agree."""
    generator = torch.Generator().manual_seed(0)
    ramp = torch.linspace(0, 1, 256)
    tile = torch.stack(
        [ramp.expand(256, 256), ramp[:, None].expand(256, 256), torch.zeros(256, 256)]
    )[None].repeat(4, 1, 1, 1)
    a, b = (affine(4, 144, 256, generator) for _ in range(2))
    grid, valid = correspond(a, b, 9)
    here = torch.nn.functional.avg_pool2d(render(tile, a, 144), TOKEN_PX)
    there = torch.nn.functional.grid_sample(
        torch.nn.functional.avg_pool2d(render(tile, b, 144), TOKEN_PX), grid, align_corners=False
    )
    difference = (here - there).abs().max(dim=1).values[valid]
    assert valid.any() and difference.median() < 0.02


def test_turned_views_are_exact() -> None:
    """Each turned view is its partner turned by 90, 180 or 270 degrees, pixel by pixel."""
    generator = torch.Generator().manual_seed(0)
    tiles = torch.rand(8, 3, 256, 256, generator=generator)
    theta = affine(8, 128, 256, generator)
    straight, other = render(tiles, theta, 128), render(tiles, turned(theta, generator), 128)
    seen = set()
    for a, b in zip(straight, other, strict=True):
        off = [float((torch.rot90(a, k, (1, 2)) - b).abs().max()) for k in range(4)]
        assert min(off) < 1e-3 < off[0]
        seen.add(int(np.argmin(off)))
    assert len(seen) > 1


def test_turn_contrast_cannot_be_won_by_collapse() -> None:
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randn(16, DIM, generator=generator)
    exact = torch.arange(16) < 8
    noise = 0.1 * torch.randn(16, DIM, generator=generator)
    alike = 1e-3 * torch.randn(2, 16, DIM, generator=generator)
    matched = turn_contrast(tokens, tokens + noise, exact)
    assert matched < 0.1
    assert turn_contrast(alike[0], alike[1], exact) > 1
    smaller = turn_contrast(tokens / 9, (tokens + noise) / 9, exact)
    assert torch.allclose(matched, smaller, atol=1e-4)


def test_pretraining_step_learns() -> None:
    torch.manual_seed(0)
    trainer = Pretrainer(build(imagenet=False))
    optimiser = torch.optim.AdamW(parameter_groups(trainer), lr=1e-3)
    tiles = painted_batch(8, 256)
    losses = []
    for step in range(4):
        terms = trainer.loss(tiles, 64, torch.Generator().manual_seed(step))
        total = torch.stack(list(terms.values())).sum()
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        losses.append(total.item())
    assert np.isfinite(losses).all() and losses[-1] < losses[0]
    assert trainer.model.stem.conv.weight.grad is None


def test_pretraining_continues_where_it_stopped(tmp_path, monkeypatch) -> None:
    """Stopped half-way and continued, it gives the same weights as in one go."""
    tiles = (painted_batch(6, 256) * 255).byte().permute(0, 2, 3, 1).numpy()
    monkeypatch.setattr(pretrain, "load_tiles", lambda *folders: (tiles, np.full(6, "painted")))
    monkeypatch.setattr(pretrain, "data_path", lambda *parts: Path())
    common = ["pretrain", "--px", "64", "--final-share", "0", "--batch", "4", "--scratch"]

    class Stopped(Exception):
        pass

    def run(name: str, stop_at: int | None) -> dict[str, torch.Tensor]:
        out = tmp_path / name
        monkeypatch.setattr(sys, "argv", [*common, "--steps", "4", "--out", str(out)])
        if stop_at is not None:
            steps = iter(range(stop_at))
            original = pretrain.average

            def average(*given: object) -> None:
                original(*given)
                if next(steps, None) is None:
                    raise Stopped

            monkeypatch.setattr(pretrain, "SAVE_SECONDS", -1)
            monkeypatch.setattr(pretrain, "average", average)
            with pytest.raises(Stopped):
                pretrain.main()
            monkeypatch.setattr(pretrain, "average", original)
        pretrain.main()
        return torch.load(out / "pretrain.pt", weights_only=True)["averaged"]

    whole, parts = run("whole", None), run("parts", 2)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_patch_tokens_turn_with_the_field(pretrained, turn: int) -> None:
    """The anchor compares tokens over the same tissue."""
    field = normalise(painted_batch(2, FIELD_PX))
    with torch.no_grad():
        straight = pretrained(field)[1]
        other = pretrained(torch.rot90(field, turn, (2, 3)))[1]
    off = [float((other - turn_tokens(straight, k)).square().mean()) for k in range(4)]
    assert int(np.argmin(off)) == turn


def test_tuning_step_on_real_fields() -> None:
    try:
        images = load_composition("validation")
    except DataMissingError as missing:
        pytest.skip(f"Shared data is absent: {missing}")
    rgb, shares = random_fields(images, 2, FIELD_PX, torch.Generator().manual_seed(0))
    assert shares.shape == (2, TOKENS, 5)
    assert torch.allclose(shares.sum(dim=-1), torch.ones(2, TOKENS), atol=1e-3)
    tuner = Tuner(build(imagenet=False))
    loss = tuner.composition(rgb, shares)
    loss.backward()
    assert torch.isfinite(loss)


def test_both_scales_show_the_same_nuclei() -> None:
    """Fields at 0.25 um/px hold the nuclear area of those at 0.5."""
    try:
        coarse, fine = (load_composition("validation", halve) for halve in (True, False))
    except DataMissingError as missing:
        pytest.skip(f"Shared data is absent: {missing}")
    a, b = fixed_fields(coarse), fixed_fields(fine)
    assert len(a[0]) == 4 * len(coarse.names) and len(b[0]) == 16 * len(fine.names)
    share_a, share_b = (float(f[1][..., 1:].sum(dim=-1).mean()) for f in (a, b))
    assert share_a == pytest.approx(share_b, rel=1e-3)
