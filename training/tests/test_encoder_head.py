"""Encoder and head: exact decomposition, export, token order, and a few steps of training."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from training.common.manifest import open_session
from training.common.painted import painted_tissue
from training.common.paths import DataMissingError
from training.encoder.composition import CompositionImages, load_composition, random_fields
from training.encoder.model import DIM, FIELD_PX, GRID, TOKEN_PX, FieldEncoder, build, normalise
from training.encoder.onnx_files import run_file, write_float
from training.encoder.pretrain import Pretrainer, parameter_groups
from training.encoder.probe import auroc
from training.encoder.tune import Tuner
from training.encoder.views import affine, correspond, render
from training.head.export import INPUTS, OUTPUTS, write_onnx
from training.head.features import TokenSet
from training.head.model import Standardiser, TokenHierarchyHead, fold
from training.head.train import Recipe, predict, train_head

TOKENS = GRID * GRID


@pytest.fixture(scope="module")
def encoder() -> FieldEncoder:
    torch.set_num_threads(1)
    return build(imagenet=False, seed=3).eval()


def painted_batch(count: int, px: int) -> torch.Tensor:
    """Painted fields [count,3,px,px] in 0..1."""
    images = np.stack([painted_tissue(px, 0.5, seed=s) for s in range(count)])
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


def folded_head(seed: int = 0) -> tuple[TokenHierarchyHead, TokenHierarchyHead, Standardiser]:
    torch.manual_seed(seed)
    head = TokenHierarchyHead()
    torch.nn.init.constant_(head.bias, 0.4)
    scale = Standardiser(
        torch.randn(DIM), torch.rand(DIM) + 0.5, torch.randn(DIM), torch.rand(DIM) + 0.5
    )
    return head, fold(head, scale), scale


def test_decomposition_is_exact() -> None:
    _, head, _ = folded_head()
    out = head(torch.randn(5, DIM), torch.randn(5, TOKENS, DIM))
    total = head.bias + out.class_share + out.contribution.sum(dim=1)
    assert torch.allclose(total, out.logit, atol=1e-5)
    assert torch.allclose(out.attention.sum(dim=1), torch.ones(5), atol=1e-5)


def test_folding_keeps_the_function() -> None:
    head, raw, scale = folded_head()
    c, p = torch.randn(4, DIM), torch.randn(4, TOKENS, DIM)
    plain, folded = head(*scale(c, p)), raw(c, p)
    for a, b in zip(plain, folded, strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_mean_token_contributes_nothing() -> None:
    _, raw, scale = folded_head()
    p = scale.patch_mean.expand(1, TOKENS, DIM)
    out = raw(scale.class_mean[None], p)
    assert out.contribution.abs().max() < 1e-5
    assert out.class_share.abs().max() < 1e-4


def test_head_export_equals_torch(tmp_path) -> None:
    _, head, _ = folded_head()
    path = tmp_path / "head.onnx"
    write_onnx(head, path)
    c, p = torch.randn(3, DIM), torch.randn(3, TOKENS, DIM)
    with torch.no_grad():
        expected = head(c, p)
    got = open_session(path).run(OUTPUTS, dict(zip(INPUTS, (c.numpy(), p.numpy()), strict=True)))
    for a, b in zip(expected, got, strict=True):
        assert np.allclose(a.numpy(), b, atol=1e-5)


def test_encoder_export_equals_torch(encoder, tmp_path) -> None:
    path = tmp_path / "encoder.onnx"
    write_float(encoder, path)
    images = np.stack([painted_tissue(FIELD_PX, 0.5, seed=s) for s in range(3)])
    with torch.no_grad():
        expected = encoder(normalise(painted_batch(3, FIELD_PX)))
    for a, b in zip(expected, run_file(path, images), strict=True):
        assert a.shape == b.shape
        assert np.allclose(a.numpy(), b, atol=1e-3)


@pytest.mark.parametrize(("row", "col"), [(2, 11), (9, 4)])
def test_token_order_is_row_major(encoder, row: int, col: int) -> None:
    """A blot on one 16 px square changes stem token row * 14 + col the most."""
    plain = torch.full((1, 3, FIELD_PX, FIELD_PX), 0.8)
    blot = plain.clone()
    y, x = row * TOKEN_PX, col * TOKEN_PX
    blot[:, :, y : y + TOKEN_PX, x : x + TOKEN_PX] = 0.2
    with torch.no_grad():
        change = (encoder.embed(normalise(blot)) - encoder.embed(normalise(plain))).norm(dim=-1)
    assert int(change.argmax()) == row * GRID + col


def test_stem_grid_is_centred() -> None:
    """Mirroring the field mirrors the stem's tokens: none lies half a token beside its tissue."""
    try:
        model = build(imagenet=True).eval()
    except ModuleNotFoundError as missing:
        pytest.skip(f"ImageNet weights are not installed: {missing}")
    image = normalise(painted_batch(1, FIELD_PX))
    with torch.no_grad():
        straight = model.embed(image).reshape(GRID, GRID, DIM)
        mirrored = model.embed(image.flip(3)).reshape(GRID, GRID, DIM)
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


def test_auroc_known_values() -> None:
    assert auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])) == pytest.approx(0.75)
    assert auroc(np.ones(4), np.array([0, 1, 0, 1])) == pytest.approx(0.5)


def test_pretraining_step_learns() -> None:
    torch.manual_seed(0)
    trainer = Pretrainer(build(imagenet=False))
    optimiser = torch.optim.AdamW(parameter_groups(trainer), lr=1e-3)
    tiles = painted_batch(8, 256)
    losses = []
    for step in range(4):
        whole, local = trainer.loss(tiles, 64, torch.Generator().manual_seed(step))
        optimiser.zero_grad()
        (whole + local).backward()
        optimiser.step()
        losses.append((whole + local).item())
    assert np.isfinite(losses).all() and losses[-1] < losses[0]
    assert trainer.model.stem.conv.weight.grad is None


def test_tuning_step_on_real_fields() -> None:
    try:
        images = load_composition("validation")
    except DataMissingError as missing:
        pytest.skip(f"Shared data is absent: {missing}")
    assert isinstance(images, CompositionImages)
    rgb, shares = random_fields(images, 2, FIELD_PX, torch.Generator().manual_seed(0))
    assert shares.shape == (2, TOKENS, 5)
    assert torch.allclose(shares.sum(dim=-1), torch.ones(2, TOKENS), atol=1e-3)
    tuner = Tuner(build(imagenet=False))
    loss = tuner.composition(rgb, shares)
    loss.backward()
    assert torch.isfinite(loss)


def test_head_learns_planted_tokens() -> None:
    """The label depends on one channel of a few tokens: the head finds it, in held-out spots."""
    generator = torch.Generator().manual_seed(1)
    spots, tokens, dim = 240, 16, 24
    patch = torch.randn(1, spots, tokens, dim, generator=generator)
    label = torch.arange(spots) % 2
    patch[0, label == 1, :3, 5] += 3
    data = TokenSet(
        torch.zeros(1, spots, dim),
        patch,
        label,
        label,
        label.numpy().astype(float),
        np.full(spots, "P"),
        np.full(spots, "P1"),
    )
    half = np.arange(spots) < spots // 2
    head = train_head(data.rows(half), Recipe(hidden=8, epochs=20, batch=16, rate=1e-2, decay=0.01))
    held = data.rows(~half)
    assert auroc(predict(head, held), held.label.numpy()) > 0.85
