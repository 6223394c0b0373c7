"""Pooling of fields: by their mean, and by gates as one attention over the slide."""

from __future__ import annotations

import numpy as np
import pytest

from training.head.slide_level import bag_figures, pooled, recommended, section_bags
from training.planted.slide_level import BAG, pair_bags, planted_bags


def test_pooling_by_hand() -> None:
    """Gates log 3 and 0 weigh 3 to 1."""
    logit, gate = np.array([2.0, -2.0]), np.array([np.log(3), 0.0])
    scores = pooled(logit, gate, np.array([[0, 1]]))
    assert scores["mean"] == pytest.approx([0])
    assert scores["attention"] == pytest.approx([0.75 * 2 - 0.25 * 2])
    assert scores["fields"] == pytest.approx([1 / (0.75**2 + 0.25**2)])


def test_equal_gates_give_the_mean() -> None:
    rng = np.random.default_rng(0)
    logit, bags = rng.normal(size=30), rng.integers(0, 30, (20, 5))
    scores = pooled(logit, np.full(30, 1.7), bags)
    assert scores["attention"] == pytest.approx(scores["mean"])
    assert scores["fields"] == pytest.approx(np.full(20, 5))


def test_bags_stay_inside_a_section_and_split_at_its_median() -> None:
    rng = np.random.default_rng(0)
    section = np.repeat(["a", "b"], 40)
    # Every value of b is above every value of a: labels must be high and low in both.
    value = np.where(section == "b", 100.0, 0.0) + rng.normal(size=80)
    weight = np.ones(80)
    weight[:10] = 0
    bags, label = section_bags(value, section, weight, 400, rng)
    assert bags.shape == (400, 8) and not np.isin(bags, np.arange(10)).any()
    inside_a = section[bags] == "a"
    assert (inside_a.all(axis=1) | ~inside_a.any(axis=1)).all()
    assert label[inside_a[:, 0]].mean() == label[~inside_a[:, 0]].mean() == 0.5


def test_gates_help_where_they_know_and_are_refused_where_they_do_not() -> None:
    """Logits are noise in half of the fields. Gates that mark those help; random gates that leave
    one field to speak for eight do harm."""
    rng = np.random.default_rng(1)
    value, names = rng.normal(size=400), np.full(400, "s")
    noisy = rng.random(400) < 0.5
    logit = np.where(noisy, rng.normal(0, 3, 400), value)
    block = np.arange(400) // 4
    knowing = bag_figures(logit, np.where(noisy, -9.0, 0.0), value, names, block)
    ignorant = bag_figures(logit, rng.normal(0, 9, 400), value, names, block)
    assert recommended([knowing], "weak") == "attention"
    assert recommended([ignorant], "weak") == recommended([knowing, ignorant], "weak") == "mean"
    assert recommended([knowing], "chance") == "mean"
    assert knowing["effective_fields"] > 2 > ignorant["effective_fields"]


def test_planted_bags_hold_as_many_planted_fields_as_they_say() -> None:
    bags = pair_bags(np.full(10, 0.1), 3, 50, np.random.default_rng(0))
    assert bags.shape == (50, BAG) and ((bags % 2 == 0).sum(axis=1) == 3).all()


def test_gates_find_one_planted_field_among_sixteen() -> None:
    """Planted fields (even rows) stand out in logit and gate; chance where they do in neither."""
    rng = np.random.default_rng(0)
    planted = np.arange(120) % 2 == 0
    logit = 2 * planted + rng.normal(0, 2, 120)
    found = planted_bags(logit, 4.0 * planted)["planted"]
    assert found["1"]["difference"]["interval"][0] > 0
    assert found["8"]["mean"]["value"] > found["1"]["mean"]["value"] > 0.5
    nothing = planted_bags(np.repeat(rng.normal(size=60), 2), np.zeros(120))["planted"]
    assert nothing["any"]["mean"]["value"] == pytest.approx(0.5, abs=0.02)
