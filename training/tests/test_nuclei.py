"""Nucleus segmenter: metrics on hand-made cases, targets and decoding, a short training run."""

from __future__ import annotations

import numpy as np
import pytest

from training.common.paths import DataMissingError, data_path
from training.common.quantize import symmetric_int8
from training.nuclei import metrics
from training.nuclei.decode import StarMaps, centroids, decode
from training.nuclei.stitch import join_seams
from training.nuclei.targets import STRIDE, UNKNOWN, inscribed_radii, star_targets


def paint_discs(size: int, discs: list[tuple[float, float, float]]) -> np.ndarray:
    """Labels [size, size] of discs (x, y, radius)."""
    ys, xs = np.mgrid[:size, :size] + 0.5
    labels = np.zeros((size, size), np.int32)
    for label, (x, y, r) in enumerate(discs, 1):
        labels[(xs - x) ** 2 + (ys - y) ** 2 < r * r] = label
    return labels


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


def test_type_f1_follows_hovernet() -> None:
    pairing = metrics.Pairing(np.asarray([[0, 0], [1, 1], [2, 2]]), 4, 4)
    truth, found = np.asarray([0, 0, 1, 0]), np.asarray([0, 1, 1, 0])
    # Type 0: TP 1, TN 1, FP 0, FN 1, one unpaired truth and one unpaired prediction.
    top, bottom = metrics.type_f1_counts(pairing, truth, found, 0)
    assert (top, bottom) == (4.0, 4.0 + 2 + 1 + 1)


def test_bootstrap_of_equal_images_is_a_point() -> None:
    assert metrics.bootstrap(np.asarray([[3.0, 4.0]] * 5)) == pytest.approx((0.75, 0.75))


def test_centroids() -> None:
    assert centroids(two_squares()[0], 2).tolist() == [[2.0, 2.0], [7.0, 7.0]]


def test_targets_of_a_disc() -> None:
    labels = paint_discs(128, [(62.0, 66.0, 20.0)])
    targets = star_targets(labels, 0, inscribed_radii(labels, 2), np.asarray([-1, 2]))
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
    targets = star_targets(labels, 20, np.asarray([0.0, 20.0]), np.asarray([-1, 0]))
    assert not targets.known.any()


def test_targets_decode_to_the_discs() -> None:
    discs = [(40.0, 44.0, 14.0), (66.0, 44.0, 12.0), (90.0, 95.0, 22.0), (20.0, 100.0, 7.0)]
    labels = paint_discs(128, discs)
    kinds = np.asarray([-1, 0, 1, 2, 3])
    targets = star_targets(labels, 0, inscribed_radii(labels, 5), kinds)
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


def test_training_reduces_the_loss() -> None:
    torch = pytest.importorskip("torch")
    try:
        folder = data_path("nuclei", "consep")
    except DataMissingError as missing:
        pytest.skip(str(missing))
    from training.nuclei.data import prepare
    from training.nuclei.losses import LOSS_WEIGHTS, type_weights
    from training.nuclei.model import NucleiStar
    from training.nuclei.stitch import stitch_image
    from training.nuclei.train import Sampler, make_optimizer, set_rate, train_step

    torch.manual_seed(0)
    source = prepare(stitch_image(folder, 10))
    assert source.image.labels.shape == (1000, 1000)
    batch = Sampler([source], 128, 2).draw(np.random.default_rng(0))
    model = NucleiStar()
    optimizer = make_optimizer(model)
    set_rate(optimizer, 1.0)
    weights = type_weights(np.asarray([1, 1, 1, 1]))
    totals = []
    for _ in range(6):
        parts = train_step(model, optimizer, batch, weights)
        totals.append(sum(LOSS_WEIGHTS[name] * value for name, value in parts.items()))
    assert np.isfinite(totals).all() and totals[-1] < totals[0]
