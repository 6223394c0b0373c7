"""Nucleus segmenter: metrics on hand-made cases, targets and decoding, a short training run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from training.common.painted import painted_tissue
from training.common.quantize import symmetric_int8
from training.nuclei import metrics
from training.nuclei.data import load_split
from training.nuclei.decode import StarMaps, centroids, decode
from training.nuclei.infer import FIELD, INPUT, predict, stretched, symmetric_network
from training.nuclei.stitch import LabelledImage, join_seams
from training.nuclei.targets import (
    STRIDE,
    UNKNOWN,
    StarTargets,
    contour_classes,
    inscribed_radii,
    nucleus_weights,
    star_targets,
)


def paint_discs(size: int, discs: list[tuple[float, float, float]]) -> np.ndarray:
    """Labels [size, size] of discs (x, y, radius)."""
    ys, xs = np.mgrid[:size, :size] + 0.5
    labels = np.zeros((size, size), np.int32)
    for label, (x, y, r) in enumerate(discs, 1):
        labels[(xs - x) ** 2 + (ys - y) ** 2 < r * r] = label
    return labels


def targets_of(labels: np.ndarray, types: np.ndarray, margin: int = 0) -> StarTargets:
    """Targets of a painted label map."""
    areas = np.bincount(np.maximum(labels, 0).ravel(), minlength=len(types)).astype(float)
    return star_targets(labels, margin, inscribed_radii(labels, len(types)), areas, types)


def painted_image() -> LabelledImage:
    """A 320 px image of dark discs on a pale ground, one type each in turn."""
    rng = np.random.default_rng(5)
    places = [(40 + 60 * i, 40 + 60 * j) for i in range(5) for j in range(5)]
    discs = [(x, y, rng.uniform(6, 16)) for x, y in places]
    labels = paint_discs(320, discs)
    rgb = np.where(labels[..., None] > 0, [90, 60, 140], [230, 200, 220])
    noisy = np.clip(rgb + rng.normal(0, 8, rgb.shape), 0, 255).astype(np.uint8)
    types = np.concatenate([[-1], np.arange(len(discs)) % 4])
    return LabelledImage("painted", noisy, labels, types)


def two_squares() -> tuple[np.ndarray, np.ndarray]:
    """Truth: 4 x 4 and 2 x 2. Prediction: half of the first (IoU .5), all of the second, and a
    stray pixel."""
    truth = np.zeros((10, 10), np.int32)
    truth[0:4, 0:4], truth[6:8, 6:8] = 1, 2
    found = np.zeros((10, 10), np.int32)
    found[0:4, 0:2], found[6:8, 6:8], found[9, 0] = 1, 2, 3
    return truth, found


def test_panoptic_counts_pairs_above_half() -> None:
    dq, sq, pq = metrics.panoptic(*two_squares())
    # IoU .5 is no pair: 1 TP, 2 FP, 1 FN.
    assert (dq, sq, pq) == pytest.approx((2 / 5, 1.0, 2 / 5))


def test_aggregated_jaccard_and_dice() -> None:
    truth, found = two_squares()
    # (8 + 4) shared over (16 + 4) united plus 1 unused pixel.
    assert metrics.aggregated_jaccard(truth, found) == pytest.approx(12 / 21)
    assert metrics.dice(truth, found) == pytest.approx(2 * 12 / (20 + 13))


def test_aggregated_jaccard_may_take_a_prediction_twice() -> None:
    truth = np.zeros((4, 8), np.int32)
    truth[:, :4], truth[:, 4:] = 1, 2
    merged = np.ones((4, 8), np.int32)
    # Both true nuclei take the one prediction: 16 + 16 shared over 32 + 32 united.
    assert metrics.aggregated_jaccard(truth, merged) == pytest.approx(0.5)


def test_perfect_and_empty_predictions() -> None:
    truth, _ = two_squares()
    assert metrics.panoptic(truth, truth) == (1.0, 1.0, 1.0)
    assert metrics.aggregated_jaccard(truth, truth) == 1.0
    empty = np.zeros_like(truth)
    assert metrics.panoptic(truth, empty) == (0.0, 0.0, 0.0)
    assert metrics.aggregated_jaccard(truth, empty) == 0.0


def test_pairing_is_one_to_one_and_within_the_radius() -> None:
    truth = np.asarray([[0.0, 0.0], [10.0, 0.0], [100.0, 0.0]])
    found = np.asarray([[8.0, 0.0], [19.0, 0.0], [113.0, 0.0]])
    pairing = metrics.pair_centroids(truth, found)
    # Nearest-first would give (10, 8) and strand the rest; 113 is 13 px away.
    assert sorted(map(tuple, pairing.pairs.tolist())) == [(0, 0), (1, 1)]
    assert metrics.f1(2, 3, 3) == pytest.approx(2 / 3)
    nothing = metrics.pair_centroids(truth, np.zeros((0, 2)))
    assert (len(nothing.pairs), nothing.truths, nothing.predictions) == (0, 3, 0)


def test_a_missed_nucleus_costs_a_pair_only_in_hovernets_order() -> None:
    # 20 was found at 18, 0 was missed, and 40 is false. Chained, 18 + 20 px is less than 2 + 40 px,
    # but both pairs of the chain are then too far apart.
    truth = np.asarray([[0.0, 0.0], [20.0, 0.0]])
    found = np.asarray([[18.0, 0.0], [40.0, 0.0]])
    assert metrics.pair_centroids(truth, found).pairs.tolist() == [[1, 0]]
    assert len(metrics.pair_centroids_first(truth, found).pairs) == 0


def test_type_f1_follows_hovernet() -> None:
    pairing = metrics.Pairing(np.asarray([[0, 0], [1, 1], [2, 2]]), 4, 4)
    truth, found = np.asarray([0, 0, 1, 0]), np.asarray([0, 1, 1, 0])
    # Type 0: TP 1, FP 0, FN 1 (weight 2), one unpaired truth, one unpaired prediction; the pair of
    # two other types is no part of it.
    top, bottom = metrics.type_f1_counts(pairing, truth, found, 0)
    assert (top, bottom) == (2.0, 2.0 + 2 + 1 + 1)


def test_bootstrap_of_equal_images_is_a_point() -> None:
    assert metrics.bootstrap(np.asarray([[3.0, 4.0]] * 5)) == pytest.approx((0.75, 0.75))


def test_centroids() -> None:
    assert centroids(two_squares()[0], 2).tolist() == [[2.0, 2.0], [7.0, 7.0]]


def test_targets_of_a_disc() -> None:
    labels = paint_discs(128, [(62.0, 66.0, 20.0)])
    targets = targets_of(labels, np.asarray([-1, 2]))
    row, col = 16, 15  # the cell centred at (62, 66)
    assert ((col + 0.5) * STRIDE, (row + 0.5) * STRIDE) == (62.0, 66.0)
    assert targets.prob[row, col] == 1.0
    assert np.abs(targets.dist[:, row, col] - 20).max() < 1.2
    assert targets.known.any() and targets.kind[row, col] == 2
    assert targets.prob[0, 0] == 0 and targets.kind[0, 0] == -1
    # 4 px right of the centre: 16 px left along +x (ray 0), 24 px along -x (ray 16).
    assert targets.dist[0, row, col + 1] == pytest.approx(16, abs=1.2)
    assert targets.dist[16, row, col + 1] == pytest.approx(24, abs=1.2)


def test_rays_that_leave_the_image_are_unknown() -> None:
    labels = np.pad(np.ones((40, 40), np.int32), 20, constant_values=UNKNOWN)
    targets = targets_of(labels, np.asarray([-1, 0]), margin=20)
    assert targets.kind.min() == 0  # the whole window is nucleus
    assert not targets.known.any()


def test_targets_decode_to_the_discs() -> None:
    discs = [(40.0, 44.0, 14.0), (66.0, 44.0, 12.0), (90.0, 95.0, 22.0), (20.0, 100.0, 7.0)]
    labels = paint_discs(128, discs)
    kinds = np.asarray([-1, 0, 1, 2, 3])
    targets = targets_of(labels, kinds)
    logits = np.eye(5)[targets.kind].transpose(2, 0, 1)[:4]
    found = decode(StarMaps(targets.prob, targets.dist, logits), 128, 128, 0.5, 0.3)
    pairing = metrics.pair_centroids(np.asarray([d[:2] for d in discs]), found.centroid, 3.0)
    assert len(pairing.pairs) == len(discs) == len(found.kind)
    assert (found.kind[pairing.pairs[:, 1]] == pairing.pairs[:, 0]).all()
    dq, sq, _ = metrics.panoptic(labels, found.labels)
    assert dq == 1.0 and sq > 0.85


def test_seams_are_joined_only_where_most_of_the_edges_touch() -> None:
    labels = np.zeros((300, 300), np.int32)
    labels[250:256, 10:30], labels[256:262, 11:30] = 1, 2  # one nucleus, cut
    labels[250:256, 100:120], labels[256:262, 116:140] = 3, 4  # two that touch at a corner
    rgb = np.zeros((300, 300, 3), np.uint8)
    joined = join_seams("painted", rgb, labels, np.asarray([-1, 2, 2, 2, 2]))
    assert joined.labels.max() == 3
    assert joined.labels[252, 20] == joined.labels[260, 20]
    assert joined.labels[252, 118] != joined.labels[260, 118]


def test_int8_weights_stay_within_half_a_step() -> None:
    weight = np.random.default_rng(0).normal(0, 1, (6, 5, 3, 3)).astype(np.float32)
    values, scale = symmetric_int8(weight, 0)
    error = np.abs(values * scale.reshape(-1, 1, 1, 1) - weight)
    assert (error <= scale.reshape(-1, 1, 1, 1) * 0.5001).all()


def test_small_nuclei_weigh_more_within_limits() -> None:
    weights = nucleus_weights(np.asarray([1.0, 106.0, 212.0, 848.0, 1e5]))
    assert weights == pytest.approx([3.0, 2**0.5, 1.0, 0.5, 0.5])


def test_contour_is_where_a_neighbour_differs() -> None:
    window = np.zeros((12, 12), np.int32)
    window[3:9, 3:6], window[3:9, 6:9] = 1, 2  # two that touch
    window[:, 11] = UNKNOWN
    classes = contour_classes(window, 2)
    assert classes.shape == (8, 8)
    assert classes[3].tolist() == [0, 2, 1, 2, 2, 1, 2, 0]
    assert classes[1].tolist() == [0, 2, 2, 2, 2, 2, 2, 0]
    assert contour_classes(window, 0)[0, 11] == -1


def test_every_image_is_held_out_once_and_parts_are_apart() -> None:
    folds = [load_split(fold) for fold in range(5)]
    assert sorted(n for f in folds for n in f["test"]) == list(range(1, 28))
    for fold in folds:
        parts = fold["test"] + fold["validation"] + fold["train"]
        assert sorted(parts) == list(range(1, 28))


def test_averaging_turns_puts_maps_back_in_place() -> None:
    """A stand-in network that outlines what is dark by the targets' own rules: it must agree with
    itself under every turn and flip, which a wrong turn or a wrong order of rays would spoil."""
    labels = paint_discs(INPUT, [(100.0, 140.0, 20.0), (330.0, 90.0, 12.0)])
    labels[300:340, 200:290] = 3  # not round, so that a turn of its rays shows

    def outline(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        seen = np.round(x[0, 0]).astype(np.int32)
        targets = targets_of(seen, np.asarray([-1, 0, 1, 2]))
        kind = np.eye(4)[targets.kind].transpose(2, 0, 1)[:3]
        return targets.prob[None, None], targets.dist[None], kind[None]

    x = np.repeat(labels[None, None].astype(np.float32), 3, axis=1)
    alone, together = outline(x), symmetric_network(outline)(x)
    inside = alone[0][0, 0] > 0.3
    # Rays are cast from pixel corners, so a turn may move a border by a pixel.
    assert np.abs(together[1] - alone[1])[0][:, inside].max() < 1.6
    assert np.abs(together[2] - alone[2])[0][:, inside].max() < 1e-6


def test_fields_cover_an_image_without_gap() -> None:
    """The maps of an image are those of its fields without their margins."""
    rgb = painted_tissue(FIELD + 60, 0.25)

    def brightness(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        cells = x[:, :1].reshape(1, 1, INPUT // STRIDE, STRIDE, INPUT // STRIDE, STRIDE)
        mean = cells.mean((3, 5))
        return mean, mean, mean

    maps = predict(brightness, rgb, strongest=np.inf)
    rows = len(rgb) // STRIDE
    grey = ((rgb[..., 0] / 255.0) - 127 / 255) / (128 / 255)
    expected = grey.reshape(rows, STRIDE, rows, STRIDE).mean((1, 3))
    assert maps.prob[:rows, :rows] == pytest.approx(expected, abs=1e-4)


def test_training_reduces_the_loss() -> None:
    torch = pytest.importorskip("torch")
    from training.nuclei.data import prepare
    from training.nuclei.losses import LOSS_WEIGHTS, type_weights
    from training.nuclei.model import NucleiStar
    from training.nuclei.train import Sampler, make_optimizer, set_rate, train_step

    torch.manual_seed(0)
    batch = Sampler([prepare(painted_image())], 128, 2).draw(np.random.default_rng(0))
    model = NucleiStar()
    optimizer = make_optimizer(model)
    set_rate(optimizer, 1.0)
    weights = type_weights(np.asarray([1, 1, 1, 1]))
    totals = []
    for _ in range(6):
        parts = train_step(model, optimizer, batch, weights)
        totals.append(sum(LOSS_WEIGHTS[name] * value for name, value in parts.items()))
    assert np.isfinite(totals).all() and totals[-1] < totals[0]


def test_a_folded_stretch_is_the_stretch_of_the_maps() -> None:
    torch = pytest.importorskip("torch")
    from training.nuclei.export import fold_stretch
    from training.nuclei.model import NucleiStar

    torch.manual_seed(2)
    model = NucleiStar().eval()
    torch.nn.init.normal_(model.head_dist.bias, 1.0, 0.5)
    x = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        prob, plain, kind = (v[0].numpy() for v in model(x))
        folded = fold_stretch(model, 0.5)(x)[1][0].clamp(min=0).numpy()
    expected = stretched(StarMaps(prob[0], plain, kind), 0.5).dist
    assert np.abs(folded - expected).max() < 1e-3 * np.abs(expected).max()
    assert np.abs(folded - plain).max() > 0.1


def test_frozen_layers_keep_weights_and_statistics() -> None:
    torch = pytest.importorskip("torch")
    from training.nuclei.data import prepare
    from training.nuclei.model import NucleiStar
    from training.nuclei.train import Sampler, make_optimizer, set_rate, train_step

    batch = Sampler([prepare(painted_image())], 128, 2).draw(np.random.default_rng(0))
    model = NucleiStar(frozen=True)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = make_optimizer(model)
    set_rate(optimizer, 1.0)
    train_step(model, optimizer, batch, torch.ones(4))
    changed = {n for n, value in model.state_dict().items() if not torch.equal(value, before[n])}
    early = ("stem.", "blocks.0.", "blocks.1.", "blocks.2.")
    assert not any(name.startswith(early) for name in changed)
    assert any(name.startswith("blocks.3.") for name in changed)


def test_a_stopped_run_continues_as_if_it_had_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    from training.nuclei import train as module

    monkeypatch.setattr(module, "load_images", lambda part, fold: [painted_image()])
    cpu = torch.device("cpu")
    recipe = module.Recipe(steps=4, batch=1, size=64, start="scratch")
    whole = module.train(tmp_path / "whole", 0, recipe, cpu)
    # The schedule looks at the share of all steps: stop after two of four.
    steps = iter([True, True, False])
    real = module.train_step

    def stopping(*args: object) -> dict[str, float]:
        if not next(steps):
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(module, "train_step", stopping)
    monkeypatch.setattr(module, "SAVE_SECONDS", 0)
    with pytest.raises(KeyboardInterrupt):
        module.train(tmp_path / "parts", 0, recipe, cpu)
    monkeypatch.setattr(module, "train_step", real)
    parts = module.train(tmp_path / "parts", 0, recipe, cpu)
    assert whole.step == parts.step == 4
    once = module.load_trained(tmp_path / "whole" / "checkpoint.pt").state_dict()
    twice = module.load_trained(tmp_path / "parts" / "checkpoint.pt").state_dict()
    for name, value in once.items():
        assert torch.allclose(value, twice[name], atol=1e-6), name


def write_fold(runs: Path, fold: int, steps: int, pairs: int) -> None:
    """figures.json of a fold with one image of 20 nuclei, of which `pairs` are found."""
    from training.nuclei.scores import ImageScore, plain

    metrics_of = dict.fromkeys(("AJI", "DQ", "SQ", "PQ", "Dice", "F1"), 0.5)
    kinds = np.ones((4, 2))
    image = ImageScore("i", pairs, pairs, 20, 20, metrics_of, kinds, 0, np.zeros((4, 4), int))
    stored = {"fold": fold, "training": {"steps": steps}, "images": [plain(image)]}
    (runs / f"fold{fold}").mkdir(parents=True)
    (runs / f"fold{fold}" / "figures.json").write_text(json.dumps(stored))


def test_folds_are_pooled_only_when_trained_alike(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from training.nuclei.evaluate import equal_steps

    write_fold(tmp_path, 0, 1500, 10)
    write_fold(tmp_path, 3, 1500, 20)
    both = equal_steps(tmp_path)
    assert both["steps"] == 1500 and [f["fold"] for f in both["folds"]] == [0, 3]
    assert both["pooled"]["images"] == 2
    assert both["pooled"]["figures"]["Detection F1"]["value"] == pytest.approx(0.75)
    write_fold(tmp_path, 1, 6000, 20)
    with pytest.raises(ValueError, match="1500, 6000"):
        equal_steps(tmp_path)
