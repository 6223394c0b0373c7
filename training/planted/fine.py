"""Fine mode: token quantities averaged over four grids, half a token apart (2 x 2).

A cell's evidence should not depend on where the token grid happens to lie. Here the grid is moved
under the same cells and the ranks before and after are compared: for one grid, and for the average
of four. What is averaged is the cell's own sum, shared out on each grid.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from training.head.model import HeadOutput
from training.head.statistics import aurocs, block_weights, spearmans
from training.head.subjects import measured
from training.planted.data import PlantedFields

QUANTITIES = ("attention", "contribution")
# Moves in quarter tokens, to the right and down alike. A half is the farthest that one grid can be
# off, a quarter the farthest for four.
MOVES = {"quarter": 1, "half": 2}


class Followed(NamedTuple):
    """Planted and other cells seen in every grid: place [C] (number of the place they lie at),
    planted [C], and the row of the cell table in each grid, row [C,G]; shift [G,2]."""

    place: np.ndarray
    planted: np.ndarray
    row: np.ndarray
    shift: np.ndarray


def follow(fields: PlantedFields) -> Followed:
    """The cells of a set in which every place is shown in the same G grids, one after the other,
    and that are centred inside the field in all of them."""
    count = len(np.unique(fields.shift, axis=0))
    cells = fields.cells
    rows = np.flatnonzero(cells.inside)
    place, grid = np.divmod(cells.field[rows], count)
    key = np.column_stack([place, cells.x[rows], cells.y[rows]])
    _, first, cell = np.unique(key, axis=0, return_index=True, return_inverse=True)
    row = np.full((len(first), count), -1)
    row[cell.ravel(), grid] = rows
    whole = (row >= 0).all(axis=1)
    planted = cells.kind[rows[first[whole]]] == fields.target
    return Followed(place[first[whole]], planted, row[whole], fields.shift[:count])


def averaged(values: np.ndarray, shift: np.ndarray, first: int) -> np.ndarray:
    """Mean [C] of values [C,G] over the four grids from quarter token `first` on."""
    four = np.isin(shift, (first, first + 2)).all(axis=1)
    return values[:, four].mean(axis=1)


def one_grid(values: np.ndarray, shift: np.ndarray, at: int) -> np.ndarray:
    return values[:, (shift == at).all(axis=1)][:, 0]


def quantity_figures(values: np.ndarray, cells: Followed) -> dict[str, dict[str, object]]:
    """Of a cell quantity [C,G]: rank correlation under both moves for one grid and four, the gain
    at the farthest that each can be off, and the AUROC for planted cells; intervals by a bootstrap
    over places."""
    weight = np.concatenate([np.ones((1, len(cells.place))), block_weights(cells.place)])
    together = np.zeros(len(cells.place))
    result: dict[str, dict[str, object]] = {}
    ranks, areas = {}, {}
    for name, cut in (("one", one_grid), ("four", averaged)):
        still = cut(values, cells.shift, 0)
        areas[name] = aurocs(still, cells.planted, weight)
        for move, steps in MOVES.items():
            moved = cut(values, cells.shift, steps)
            ranks[name, move] = spearmans(still, moved, together, weight)
        result[name] = {
            **{move: measured(ranks[name, move]) for move in MOVES},
            "auroc": measured(areas[name]),
        }
    result["gain"] = {
        "farthest": measured(ranks["four", "quarter"] - ranks["one", "half"]),
        "auroc": measured(areas["four"] - areas["one"]),
    }
    return result


def fine_figures(fields: PlantedFields, out: HeadOutput) -> dict[str, object]:
    """The comparison for attention and contribution; `out`: the head's outputs on `fields`."""
    cells = follow(fields)
    by_quantity = {
        name: quantity_figures(
            fields.cells.share_out(getattr(out, name).numpy())[cells.row], cells
        )
        for name in QUANTITIES
    }
    return {"places": int(len(np.unique(cells.place))), "cells": len(cells.place), **by_quantity}
