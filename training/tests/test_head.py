"""Heads: exact decomposition, robust losses, calibration, statistics, and seconds of training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit
from scipy.stats import rankdata, spearmanr

from training.common.manifest import open_session, read_inputs, write_input
from training.common.paths import DataMissingError
from training.encoder.probe import auroc
from training.head.calibration import calibration_error, fit_temperature
from training.head.expression import Counts, neighbourhood, pearson_residuals, signature
from training.head.export import INPUTS, OUTPUTS, write_onnx
from training.head.faithfulness import curves, deletion
from training.head.features import TokenSet
from training.head.losses import embedding_loss, score_loss, symmetric_info_nce
from training.head.model import Standardiser, TokenHierarchyHead, fold
from training.head.perturb import (
    Stains, fit_macenko, fit_reinhard, held_out_views, macenko, reinhard, training_view,
)  # fmt: skip
from training.head.robustness import consistency
from training.head.statistics import aurocs, block_weights, spearmans, weighted_ranks
from training.head.train import BASELINE, Recipe, logits, predict, train_head

DIM, TOKENS = 192, 196


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def folded_head(seed: int = 0) -> tuple[TokenHierarchyHead, TokenHierarchyHead, Standardiser]:
    torch.manual_seed(seed)
    head = TokenHierarchyHead()
    torch.nn.init.constant_(head.bias, 0.4)
    scale = Standardiser(
        torch.randn(DIM), torch.rand(DIM) + 0.5, torch.randn(DIM), torch.rand(DIM) + 0.5
    )
    return head, fold(head, scale), scale


def planted(
    fields: int = 240, tokens: int = 16, dim: int = 24, views: int = 1, noise: float = 0.0
) -> TokenSet:
    """The label shows in channel 5 of three tokens, and in channel 6 of all of them; views move
    channel 6 of a whole field by `noise`, as a stain does."""
    generator = torch.Generator().manual_seed(1)
    plain = torch.randn(fields, tokens, dim, generator=generator)
    label = torch.arange(fields) % 2
    plain[label == 1, :3, 5] += 3
    patch = plain.repeat(views, 1, 1, 1)
    if noise:
        patch[:, :, :, 6] += label[:, None]
        patch[1:, :, :, 6] += noise * torch.randn(views - 1, fields, 1, generator=generator)
    return TokenSet(
        torch.zeros(views, fields, dim), patch, label, label, label.numpy().astype(float),
        np.full(fields, "P"), np.full(fields, "P1"),
    )  # fmt: skip


# --- The head ---


def test_decomposition_is_exact() -> None:
    _, head, _ = folded_head()
    out = head(torch.randn(5, DIM), torch.randn(5, TOKENS, DIM))
    total = head.bias + out.class_share + out.contribution.sum(dim=1)
    assert torch.allclose(total, out.logit, atol=1e-5)
    assert torch.allclose(out.attention.sum(dim=1), torch.ones(5), atol=1e-5)


@pytest.mark.parametrize("seed", range(20))
def test_gates_make_one_attention_of_the_whole_slide(seed: int) -> None:
    """Fields of different sizes, weighed by the softmax of their gates: the same as this head on
    all tokens of the slide at once, logit and every part of it."""
    torch.manual_seed(seed)
    head = TokenHierarchyHead(8, 4).double().eval()
    for parameter in head.parameters():
        torch.nn.init.normal_(parameter, std=3)
    sizes = torch.randint(1, 30, (int(torch.randint(1, 9, (1,))),)).tolist()
    c, p = torch.randn(len(sizes), 8).double(), torch.randn(sum(sizes), 8).double()
    with torch.no_grad():
        fields = [head(c[i, None], part[None]) for i, part in enumerate(p.split(sizes))]
        weight = torch.softmax(torch.cat([f.gate for f in fields]), dim=0)
        whole = head((weight @ c)[None], p[None])

    def over_slide(name: str) -> torch.Tensor:
        return torch.cat([w * getattr(f, name)[0] for w, f in zip(weight, fields, strict=True)])

    assert torch.allclose(over_slide("attention"), whole.attention[0])
    assert torch.allclose(over_slide("contribution"), whole.contribution[0])
    logit = sum(w * f.logit for w, f in zip(weight, fields, strict=True))
    assert torch.allclose(logit, whole.logit)
    shares = sum(w * f.class_share for w, f in zip(weight, fields, strict=True))
    assert torch.allclose(head.bias + shares + over_slide("contribution").sum(), logit)


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


def test_export_equals_torch(tmp_path) -> None:
    _, head, _ = folded_head()
    path = tmp_path / "head.onnx"
    write_onnx(head, path, TOKENS)
    c, p = torch.randn(3, DIM), torch.randn(3, TOKENS, DIM)
    with torch.no_grad():
        expected = head(c, p)
    got = open_session(path).run(OUTPUTS, dict(zip(INPUTS, (c.numpy(), p.numpy()), strict=True)))
    for a, b in zip(expected, got, strict=True):
        assert np.allclose(a.numpy(), b, atol=1e-5)


def test_float_parity_inputs_survive_deflation(tmp_path) -> None:
    tokens = (np.random.default_rng(0).normal(size=(1, 4, 8)) * 64).round() / 64
    entry = write_input(tmp_path, "patch_tokens", tokens.astype(np.float32), only=True)
    back = read_inputs(tmp_path, {"parity": {"inputs": [entry]}})
    assert entry["encoding"] == "deflate"
    assert np.array_equal(back["patch_tokens"], tokens)


# --- Losses of robust heads ---


def test_info_nce_golden() -> None:
    """Methods sheet: row .000612260, column .001406487, mean .001009374 at tau .07."""
    s = torch.tensor([[0.9, 0.1, 0.2], [0.0, 0.8, 0.3], [0.2, 0.1, 0.7]], dtype=torch.float64)
    assert symmetric_info_nce(s, 0.07).item() == pytest.approx(0.001009374, abs=1e-8)
    rows = torch.nn.functional.cross_entropy(s / 0.07, torch.arange(3))
    assert rows.item() == pytest.approx(0.000612260, abs=1e-8)
    assert 2 * symmetric_info_nce(s, 0.07).item() - rows.item() == pytest.approx(
        0.001406487, abs=1e-8
    )


def test_embedding_loss_ignores_length_and_prefers_the_same_field() -> None:
    u = torch.eye(4)
    assert embedding_loss(u, 5 * u) == pytest.approx(embedding_loss(u, u).item())
    assert embedding_loss(u, u) < embedding_loss(u, u.roll(1, dims=0))


def test_score_loss_by_hand() -> None:
    """Scores 0, 2 and 1, 1: squared differences of 1, variance of all four .5. Halving all scores
    changes nothing."""
    u, v = torch.tensor([0.0, 2.0]), torch.tensor([1.0, 1.0])
    assert score_loss(u, v).item() == pytest.approx(2.0)
    assert score_loss(u / 2, v / 2).item() == pytest.approx(2.0)


def test_head_learns_planted_tokens() -> None:
    """The label depends on one channel of a few tokens: the head finds it in held-out fields, and
    names them; shuffled labels do not give it."""
    data = planted()
    half = np.arange(240) < 120
    recipe = Recipe(hidden=8, epochs=12, batch=16, rate=1e-2, decay=0.01, views=False)
    head, held = train_head(data.rows(half), recipe), data.rows(~half)
    assert auroc(predict(head, held), held.label.numpy()) > 0.85
    area = deletion(head, held)["contribution"]
    assert area["interval"][0] > 0
    order = torch.randperm(120, generator=torch.Generator().manual_seed(0))
    control = train_head(data.rows(half), recipe, labels=data.label[:120][order])
    assert auroc(predict(control, held), held.label.numpy()) < 0.75


def test_training_is_repeatable() -> None:
    data, recipe = planted(views=2, noise=1.0), Recipe(hidden=8, epochs=1, embedding=0.1, score=1.0)
    a, b = (train_head(data, recipe, seed=3) for _ in range(2))
    assert np.array_equal(predict(a, data), predict(b, data))


def test_score_loss_makes_heads_consistent() -> None:
    """The baseline leans on the channel that views move; the robust head moves less beside its
    spread between fields, and still learns the task."""
    data = planted(fields=160, views=4, noise=2.0)
    recipe = {"hidden": 8, "epochs": 20, "batch": 16, "rate": 1e-2, "decay": 0.01}
    recipes = Recipe(**recipe, views=False), Recipe(**recipe, score=0.1)
    heads = [train_head(data, r) for r in recipes]
    moved = [
        consistency(expit(logits(h, data.class_token, data.patch_tokens)))["relative"]
        for h in heads
    ]
    assert moved[1] < 0.7 * moved[0]
    assert auroc(predict(heads[1], data), data.label.numpy()) > 0.8


def test_consistency_by_hand() -> None:
    """Field 0 never changes class, field 1 does in one of two looks."""
    p = np.array([[0.9, 0.6], [0.9, 0.6], [0.6, 0.3]])
    result = consistency(p)
    assert result["flips"] == 1 and result["looks"] == 4
    assert result["agreement"] == pytest.approx((1 + 1 / 3) / 2)
    assert result["inconsistency"] == pytest.approx(np.std([0.9, 0.9, 0.6]))


# --- Faithfulness, calibration, statistics ---


def test_deletion_curve_equals_the_head_on_kept_tokens() -> None:
    _, head, _ = folded_head(2)
    c, p = torch.randn(1, DIM), torch.randn(1, 50, DIM)
    with torch.no_grad():
        out = head(c, p)
        order = np.random.default_rng(0).permutation(50)[None]
        curve = curves(out.attention.numpy(), out.contribution.numpy(), order)
        for step in (0, 30, 99):
            kept = p[:, order[0, 50 * step // 100 :]]
            expected = head(c, kept).logit - head.bias - out.class_share
            assert curve[0, step] == pytest.approx(expected.item(), abs=1e-4)


def test_calibration_error_by_hand() -> None:
    """Four predictions at confidence .9, three of them right: a gap of .15; two at .6, one right:
    a gap of .1; weighted 4 to 2."""
    p = np.array([0.9, 0.9, 0.9, 0.1, 0.6, 0.4])
    label = np.array([1, 1, 0, 0, 1, 1])
    logit = np.log(p / (1 - p))
    assert calibration_error(logit, label) == pytest.approx((4 * 0.15 + 2 * 0.1) / 6)


def test_temperature_recovers_a_known_scale() -> None:
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, 20000)
    label = (rng.random(20000) < 1 / (1 + np.exp(-true))).astype(int)
    assert fit_temperature(3 * true, label) == pytest.approx(3, rel=0.05)
    assert calibration_error(3 * true, label, 3.0) < 0.02 < calibration_error(3 * true, label)


def test_weighted_figures_equal_those_of_repeated_fields() -> None:
    rng = np.random.default_rng(0)
    score, value = rng.integers(0, 9, 40).astype(float), rng.integers(0, 5, 40).astype(float)
    label, section = rng.integers(0, 2, 40), np.repeat(["a", "b"], 20)
    weight = block_weights(np.arange(40) // 4, rounds=3)
    for w, area, rank in zip(
        weight, aurocs(score, label, weight), spearmans(score, value, section, weight)
    ):
        rows = np.repeat(np.arange(40), w.astype(int))
        assert area == pytest.approx(auroc(score[rows], label[rows]))
        parts = [rows[section[rows] == s] for s in ("a", "b")]
        expected = np.average(
            [spearmanr(score[r], value[r])[0] for r in parts], weights=[len(r) for r in parts]
        )
        assert rank == pytest.approx(expected)
    assert np.allclose(weighted_ranks(score, np.ones((1, 40)))[0], rankdata(score) - 0.5)


def test_partial_spearman_removes_a_common_cause() -> None:
    rng = np.random.default_rng(0)
    depth = rng.normal(size=2000)
    a, b = depth + 0.3 * rng.normal(size=2000), depth + 0.3 * rng.normal(size=2000)
    one, section = np.ones((1, 2000)), np.full(2000, "s")
    assert spearmans(a, b, section, one)[0] > 0.8
    assert abs(spearmans(a, b, section, one, depth)[0]) < 0.1


# --- Labels and views ---


def test_neighbours_add_a_quarter() -> None:
    place = np.array([[0, 0], [0, 1], [1, 1], [5, 5]])
    counts = Counts(["A"], place, np.array([[4.0], [8.0], [0.0], [2.0]], np.float32))
    assert neighbourhood(counts).values[:, 0].tolist() == [6.0, 9.0, 2.0, 2.0]


def test_set_score_does_not_follow_depth() -> None:
    """Counts that differ by depth alone: the residual score ignores it."""
    rng = np.random.default_rng(0)
    depth = rng.uniform(500, 5000, 300)
    share = rng.dirichlet(np.ones(40) * 5)
    values = rng.poisson(np.outer(depth, share)).astype(np.float32)
    counts = Counts([f"g{i}" for i in range(40)], np.zeros((300, 2)), values)
    assert abs(spearmanr(signature(counts, ["g0", "g1", "g2"]), depth)[0]) < 0.2
    assert abs(pearson_residuals(values, values.sum(axis=1)).mean()) < 0.05
    with pytest.raises(ValueError, match="none of the genes"):
        signature(counts, ["absent"])


def test_macenko_finds_the_stains_it_was_painted_with() -> None:
    rng = np.random.default_rng(0)
    vectors = np.array([[0.56, 0.22], [0.72, 0.80], [0.41, 0.56]])
    vectors /= np.linalg.norm(vectors, axis=0)
    amount = rng.exponential(0.6, (2, 20000)) * (rng.random((2, 20000)) < 0.7)
    pixels = np.clip(240 * np.exp(-(vectors @ amount)) - 1, 0, 255).T
    found = fit_macenko(pixels)
    assert np.allclose(found.vectors, vectors, atol=0.06)
    field = pixels[:14400].reshape(1, 120, 120, 3).astype(np.uint8)
    assert np.abs(macenko(field, found, found).astype(int) - field).max() <= 3
    paler = Stains(found.vectors, found.highest / 2)
    assert macenko(field, found, paler).mean() > field.mean()


def test_reinhard_keeps_its_own_colours() -> None:
    field = np.random.default_rng(0).integers(60, 200, (1, 32, 32, 3), dtype=np.uint8)
    own = fit_reinhard(field.reshape(-1, 3))
    assert np.abs(reinhard(field, own, own).astype(int) - field).max() <= 1


def test_views_of_painted_fields() -> None:
    from training.common.painted import painted_tissue

    fields = np.stack([painted_tissue(64, 0.5, seed=s) for s in range(3)])
    view = training_view(fields, torch.Generator().manual_seed(0))
    assert view.shape == fields.shape and view.dtype == np.uint8
    try:
        looks = held_out_views(fields)
    except DataMissingError as missing:
        pytest.skip(f"Shared data is absent: {missing}")
    assert {name: len(v) for name, v in looks.items()} == {"macenko": 2, "reinhard": 2, "jpeg": 2}
    assert all(v.shape == fields.shape for family in looks.values() for v in family)


def test_baseline_recipe_sees_plain_fields_only() -> None:
    noisy = planted(views=3, noise=5.0)
    plain, recipe = noisy.plain(), replace(BASELINE, epochs=1)
    a, b, c = (
        predict(train_head(data, r), plain)
        for data, r in ((plain, recipe), (noisy, recipe), (noisy, replace(recipe, views=True)))
    )
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
