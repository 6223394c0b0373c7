"""How well a number per cell tells planted cells from the others (methods sheet, section 1:
per-cell AUROC against the planted mask)."""

from __future__ import annotations

import numpy as np

from training.head.statistics import aurocs, block_weights, interval
from training.planted.data import Cells, PlantedFields


def judged(fields: PlantedFields) -> np.ndarray:
    """Cells that are judged [C]: centred inside a field that holds planted cells."""
    return fields.cells.inside & (fields.planted[fields.cells.field] == 1)


def auroc(score: np.ndarray, label: np.ndarray) -> float:
    """AUROC of score [N] for label [N]."""
    return float(aurocs(score, label, np.ones((1, len(score))))[0])


def blocked_auroc(score: np.ndarray, label: np.ndarray, block: np.ndarray) -> dict[str, object]:
    """AUROC of score [N] for label [N], with a 95 % bootstrap interval over blocks [N]."""
    draws = aurocs(score, label, block_weights(block))
    return {"auroc": auroc(score, label), "interval": interval(draws)}


def cell_auroc(
    fields: PlantedFields, values: np.ndarray, among: np.ndarray | None = None
) -> dict[str, object]:
    """AUROC of `values` [C] for planted against other judged cells, pooled over fields; interval
    over fields. `among` [C] narrows the cells that are compared."""
    keep = judged(fields) if among is None else judged(fields) & among
    planted = fields.cells.kind[keep] == fields.target
    return blocked_auroc(values[keep], planted, fields.cells.field[keep])


def neighbours(cells: Cells, which: np.ndarray) -> np.ndarray:
    """Cells outside of `which` [C] that share a token with a cell of `which`: [C] bool."""
    touched = cells.covered(which.astype(float)) > 0
    shares = np.zeros(len(cells.kind), bool)
    np.logical_or.at(shares, cells.cell, touched[cells.token])
    return shares & ~which


def by_kind(fields: PlantedFields, values: np.ndarray) -> dict[str, dict[str, object]]:
    """Planted cells against each other kind alone, with the number of cells of that kind."""
    result = {}
    for kind, name in enumerate(fields.types):
        if kind == fields.target:
            continue
        others = fields.cells.kind == kind
        pair = cell_auroc(fields, values, others | (fields.cells.kind == fields.target))
        result[name] = {**pair, "cells": int((judged(fields) & others).sum())}
    return result
