"""Reliability bins and conformal sets, by hand and on exchangeable data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from training.head.calibration import calibration_error, calibration_errors, reliability, wilson
from training.head.conformal import (
    ALPHA, conformal, group_out, groups_needed, quantile, scores, sets, shares,
)  # fmt: skip
from training.head.held_out import HeldOutFields, calibration, described, stored, written
from training.report import MODELS, shipped

EXAMPLE = Path(__file__).parents[2] / "src/audit/testing/conformal.json"


def test_weighted_error_is_that_of_repeated_fields() -> None:
    rng = np.random.default_rng(0)
    logit, label = rng.normal(size=60), rng.integers(0, 2, 60)
    weight = rng.integers(0, 4, (5, 60)).astype(float)
    got = calibration_errors(expit(logit), label, weight)
    for row, error in zip(weight, got, strict=True):
        times = row.astype(int)
        repeated = calibration_error(np.repeat(logit, times), np.repeat(label, times))
        assert error == pytest.approx(repeated)


def test_wilson_by_the_books() -> None:
    """Newcombe 1998, table I: 81 of 263 and 15 of 148."""
    assert wilson(81, 263) == pytest.approx([0.2553, 0.3662], abs=1e-4)
    assert wilson(15, 148) == pytest.approx([0.0624, 0.1605], abs=1e-4)


def test_bins_hold_equal_numbers_and_every_field_once() -> None:
    rng = np.random.default_rng(1)
    p = rng.random(107)
    label = (rng.random(107) < p).astype(int)
    bins = reliability(p, label)
    assert [b["fields"] for b in bins] == [16, 16, 15, 15, 15, 15, 15]
    assert sum(b["fields"] * b["observed"] for b in bins) == pytest.approx(label.sum())
    assert [b["predicted"] for b in bins] == sorted(b["predicted"] for b in bins)
    assert len(reliability(p[:9], label[:9])) == 1


def test_quantile_by_hand() -> None:
    """Nine scores: the 9th; ten: the 10th; eight are too few for 90 %."""
    score = np.arange(1, 11) / 20
    assert quantile(score[:9]) == 0.45
    assert quantile(score) == 0.5
    assert quantile(score[:8]) == 1.0
    assert quantile(np.arange(1, 20) / 20, 0.5) == 0.5
    assert groups_needed(0.1) == 9
    assert groups_needed(0.05) == 19


def test_shared_example() -> None:
    """The viewer draws the same sets (src/audit/abstain.test.ts)."""
    example = json.loads(EXAMPLE.read_text())
    p, label = np.array(example["p"]), np.array(example["label"])
    assert quantile(scores(p, label), example["alpha"]) == pytest.approx(example["quantile"])
    for entry in example["sets"]:
        negative, positive = sets(np.array(example["ask"]), entry["quantile"])
        names = {(0, 0): "none", (1, 0): "negative", (0, 1): "positive", (1, 1): "both"}
        got = [names[int(n), int(q)] for n, q in zip(negative, positive, strict=True)]
        assert got == entry["expected"]


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("count", [12, 40, 200])
def test_exchangeable_data_are_covered(count: int, alpha: float) -> None:
    """Mean coverage over many calibrations is at least 1 - alpha, and at most 1 / (n + 1) above,
    however wrong the probabilities are."""
    rng = np.random.default_rng(count)
    covered = []
    for _ in range(1500):
        true = rng.normal(0, 2, count + 50)
        label = (rng.random(count + 50) < expit(true)).astype(int)
        p = expit(4 * true - 1)
        limit = np.full(50, quantile(scores(p[:count], label[:count]), alpha))
        covered.append(shares(p[count:], label[count:], limit)["coverage"])
    error = 4 * np.std(covered) / np.sqrt(len(covered))
    assert 1 - alpha - error < np.mean(covered)
    if count >= 1 / alpha - 1:
        assert np.mean(covered) < 1 - alpha + 1 / (count + 1) + error


def test_sets_do_not_depend_on_the_temperature() -> None:
    rng = np.random.default_rng(2)
    logit, label = rng.normal(size=90), rng.integers(0, 2, 90)
    group = np.repeat(["a", "b", "c"], 30)
    first, second = (conformal(expit(logit / t), label, group) for t in (1.0, 3.0))
    assert first["quantile"] != second["quantile"]
    for name in ("coverage", "worst", "single", "both", "none"):
        assert first[name] == second[name]


def test_a_group_unlike_the_others_is_not_covered() -> None:
    """Two groups told apart well, one the wrong way round: pooled fields would not show it."""
    logit = np.tile([-3.0, 3.0], 30)
    label = np.concatenate([np.tile([0, 1], 20), np.tile([1, 0], 10)])
    group = np.repeat(["a", "b", "c"], 20)
    assert group_out(expit(logit), label, group, ALPHA)["worst"] == 0


def test_described_calibration_and_its_columns() -> None:
    rng = np.random.default_rng(3)
    true = rng.normal(0, 2, 400)
    label = (rng.random(400) < expit(true)).astype(int)
    group = np.repeat(["B", "C"], 200)
    block = np.repeat(np.arange(40).astype(str), 10)
    held = HeldOutFields(3 * true, label, group, group, block, np.full(400, 3.0))
    figures = calibration(held, 3.0)
    assert figures["after"] < 0.08 < figures["before"]
    low, high = figures["interval"]["before"]
    assert low < figures["before"] < high
    assert described(figures, "patient", "x")["conformal"]["groupsNeeded"] == 9
    columns = stored({"baseline": held})
    text = written({"held_out": columns, "note": "a [list]\nof"})
    assert json.loads(text) == {"held_out": columns, "note": "a [list]\nof"}
    assert len(text.splitlines()) < 40
    assert [columns["group"]["names"][i] for i in columns["group"]["index"]] == group.tolist()


@pytest.mark.parametrize(
    "folder", [f for f in shipped() if f.name.startswith("head-")], ids=lambda f: f.name
)
def test_shipped_calibration_is_what_its_predictions_say(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())["head"]
    if "calibration" not in manifest:
        pytest.skip("no held-out predictions are kept for this head")
    evaluation = json.loads((folder / "evaluation.json").read_text())
    held, shown = evaluation["held_out"], manifest["calibration"]
    p = expit(np.array(held["logit"][manifest["variant"]]) / manifest["temperature"])
    label, group = np.array(held["label"]), np.array(held["group"]["index"])
    again = conformal(p, label, group)
    for name in ("quantile", "coverage", "worst", "both"):
        assert shown["conformal"][name] == pytest.approx(again[name], abs=2e-3)
    assert sum(b["fields"] for b in shown["bins"]) == shown["fields"] == len(label)
    assert manifest["ece"]["after"] == evaluation["calibration"][manifest["variant"]]["after"]
