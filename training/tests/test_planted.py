"""Planted evidence: the partition of tokens among cells, per-cell AUROC, and a head that finds
planted tokens."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from training.common.paths import MODELS_DIR
from training.head.features import TokenSet
from training.head.train import train_head
from training.planted.card import card
from training.planted.cells import auroc, by_kind, cell_auroc, neighbours
from training.planted.data import FIELD_PX, TOKENS, Cells, PlantedFields, load_fields
from training.planted.evaluate import RECIPE, limits, read, redrawn_auroc
from training.planted.fine import averaged, follow, quantity_figures

DIM = 8
EPITHELIAL, LYMPHOCYTE = 0, 1


def field(planted: bool, places: list[int], hosts: list[int]) -> dict[str, object]:
    """Planted cells fill half of the tokens `places`; on the tokens `hosts` another cell covers a
    quarter. The last cell is centred outside of the field."""
    tokens = places + hosts + [TOKENS - 1]
    kinds = [LYMPHOCYTE if planted else EPITHELIAL] * len(places) + [EPITHELIAL] * (len(hosts) + 1)
    return {
        "seed": 7, "col": 0, "row": 0, "shift": [0, 0], "planted": planted,
        "cells": {
            "type": kinds,
            "x": [float(t % 14) for t in tokens], "y": [float(t // 14) for t in tokens],
            "area": [32.0] * len(places) + [16.0] * (len(hosts) + 1),
            "inside": [True] * (len(tokens) - 1) + [False],
        },
        "overlap": {
            "cell": list(range(len(tokens))), "token": tokens,
            "share": [0.5] * len(places) + [0.25] * (len(hosts) + 1),
        },
    }  # fmt: skip


@pytest.fixture
def fields(tmp_path: Path) -> PlantedFields:
    """Three pairs; in the third, token 7 carries a planted cell and another one."""
    made = []
    for places, hosts in (([3, 9], [20, 30]), ([4], [21, 31]), ([7], [7, 40])):
        made += [field(True, places, hosts), field(False, places, hosts)]
    stored = {"types": ["epithelial", "lymphocyte"], "planted": "lymphocyte", "fields": made}
    (tmp_path / "test.json").write_text(json.dumps(stored))
    (tmp_path / "test.rgb").write_bytes(bytes(len(made) * FIELD_PX * FIELD_PX * 3))
    return load_fields(tmp_path, "test")


def token_values(fields: PlantedFields, planted: float, other: float) -> np.ndarray:
    """[F,196]: `planted` on tokens with a lymphocyte, `other` elsewhere."""
    covered = fields.cells.covered((fields.cells.kind == LYMPHOCYTE).astype(float))
    return np.where(covered.reshape(-1, TOKENS) > 0, planted, other)


def test_missing_fields_say_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="npx tsx training/planted/fields.ts"):
        load_fields(tmp_path, "test")


def test_tokens_are_shared_out_by_covered_area(fields: PlantedFields) -> None:
    values = np.arange(6 * TOKENS, dtype=float).reshape(6, TOKENS)
    cell = fields.cells.share_out(values)
    assert cell[:5].tolist() == [1.5, 4.5, 5.0, 7.5, (TOKENS - 1) / 4]
    # Conserved: what cells hold is what the tokens hold on their covered part.
    covered = fields.cells.covered(np.ones(len(cell)))
    assert cell.sum() == pytest.approx((covered * values.ravel()).sum())


def test_auroc_follows_the_evidence(fields: PlantedFields) -> None:
    right = fields.cells.share_out(token_values(fields, 1.0, -1.0))
    assert cell_auroc(fields, right)["auroc"] == 1.0
    assert cell_auroc(fields, -right)["auroc"] == 0.0
    assert cell_auroc(fields, np.zeros_like(right))["auroc"] == 0.5
    assert by_kind(fields, right)["epithelial"]["cells"] == 6


def test_cells_that_share_a_token_are_told_apart_from_the_others(fields: PlantedFields) -> None:
    planted = fields.cells.kind == LYMPHOCYTE
    beside = neighbours(fields.cells, planted)
    assert np.flatnonzero(beside).tolist() == [5 + 5 + 4 + 4 + 1]
    # Perfect tokens put evidence on the cell beside, but less than on the planted one.
    found = limits(fields, token_values(fields, 1.0, 0.0))
    assert found["sharing"]["cells"] == 1 and found["apart"]["cells"] == 5
    assert found["exact tokens"]["sum"]["auroc"] == 1.0


def test_redrawn_places_hold_no_evidence_of_their_own(fields: PlantedFields) -> None:
    by_cell = token_values(fields, 1.0, 0.0)
    # No token of a twin is planted, so all its cells tie.
    assert redrawn_auroc(fields, by_cell) == 0.5
    by_place = np.repeat(by_cell[::2], 2, axis=0)
    assert redrawn_auroc(fields, by_place) > 0.9
    fields.cells.x[0] += 1
    with pytest.raises(ValueError, match="same places"):
        redrawn_auroc(fields, by_cell)


def moved_grids(drop: bool = False) -> PlantedFields:
    """Two places in the eleven grids of fine mode: four cells each, a planted one at every place;
    with `drop`, one cell of the second place leaves the field in one grid."""
    shifts = [(x, y) for first in (0, 1, 2) for x in (first, first + 2) for y in (first, first + 2)]
    shifts = list(dict.fromkeys(shifts))
    field = np.repeat(np.arange(2 * len(shifts)), 4)
    cell = np.arange(len(field))
    inside = np.ones(len(field), bool)
    if drop:
        inside[-1] = False
    kind = np.where(cell % 4 == 0, LYMPHOCYTE, EPITHELIAL)
    x, one = (cell % 4).astype(float), np.ones(len(field))
    token = field * TOKENS + cell % 4
    cells = Cells(field, kind, x, 0 * x, one, inside, cell, token, one)
    return PlantedFields(
        np.zeros((0,)), np.ones(len(shifts) * 2), np.full(len(shifts) * 2, "7"),
        np.tile(shifts, (2, 1)), cells, ["epithelial", "lymphocyte"], LYMPHOCYTE,
    )  # fmt: skip


def test_cells_are_followed_through_all_grids() -> None:
    cells = follow(moved_grids())
    assert cells.row.shape == (8, 11) and cells.place.tolist() == [0] * 4 + [1] * 4
    assert cells.planted.tolist() == [True, False, False, False] * 2
    # A cell stays the same cell: its number within the field.
    assert (cells.row % 4 == cells.row[:, :1] % 4).all()
    assert len(follow(moved_grids(drop=True)).place) == 7


def test_four_grids_are_steadier_than_one_where_grids_disagree() -> None:
    cells = follow(moved_grids())._replace(
        place=np.repeat(np.arange(100), 4), planted=np.tile([1, 0, 0, 0], 100)
    )
    rng = np.random.default_rng(0)
    truth = rng.normal(0, 1, (400, 1)) + 2 * cells.planted[:, None]
    steady = quantity_figures(truth.repeat(11, axis=1), cells)
    assert steady["one"]["half"]["value"] == pytest.approx(1)
    assert steady["gain"]["farthest"]["value"] == pytest.approx(0)
    noisy = quantity_figures(truth + rng.normal(0, 2, (400, 11)), cells)
    assert noisy["gain"]["farthest"]["interval"][0] > 0
    assert noisy["gain"]["auroc"]["interval"][0] > 0
    values = np.arange(11.0)[None].repeat(4, axis=0)
    at = {tuple(s): i for i, s in enumerate(cells.shift.tolist())}
    quarter = np.mean([at[s] for s in ((1, 1), (1, 3), (3, 1), (3, 3))])
    assert averaged(values, cells.shift, 1).tolist() == [quarter] * 4


def test_a_head_finds_planted_tokens_and_a_shuffled_one_does_not() -> None:
    """240 fields of 49 noise tokens; where planted, three tokens are moved along one direction."""
    rng = np.random.default_rng(0)
    label = np.tile([1, 0], 120)
    tokens = rng.normal(0, 1, (240, 49, DIM)).astype(np.float32)
    mask = np.zeros((240, 49), bool)
    mask[label == 1, :3] = True
    mask = rng.permuted(mask, axis=1)
    tokens[mask, 0] += 6
    classes = torch.from_numpy(rng.normal(0, 1, (1, 240, DIM)).astype(np.float32))
    truth, names = torch.from_numpy(label), np.full(240, "drawn")
    data = TokenSet(
        classes, torch.from_numpy(tokens)[None], truth, truth, label.astype(float), names, names
    )
    recipe = replace(RECIPE, epochs=10, batch=16, rate=3e-3, decay=0.01, drop=0.0)

    def token_auroc(labels: torch.Tensor | None) -> float:
        found = read(train_head(data, recipe, labels=labels), data).contribution.numpy()
        return auroc(found[label == 1].ravel(), mask[label == 1].ravel())

    assert token_auroc(None) > 0.95
    order = torch.randperm(240, generator=torch.Generator().manual_seed(0))
    assert token_auroc(truth[order]) < 0.8


def test_the_card_agrees_with_the_stored_evaluation() -> None:
    folder = MODELS_DIR / "head-planted-baseline"
    evaluation, manifest = (
        json.loads((folder / f"{name}.json").read_text()) for name in ("evaluation", "manifest")
    )
    assert (folder / "card.md").read_text() == card(evaluation, manifest)
    assert evaluation["contribution"]["sum"]["interval"][0] >= 0.9
    for control in ("shuffled labels", "random weights"):
        assert abs(evaluation["controls"][control]["auroc"] - 0.5) < 0.1
