"""Held-out figures of a head on a lab's tiles: whole groups are left out, with controls."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from training.encoder.probe import auroc, fit_linear
from training.head.calibration import fit_temperature
from training.head.evaluate import CHANCE, USEFUL
from training.head.features import TokenSet
from training.head.held_out import HeldOutFields, calibration
from training.head.model import TokenHierarchyHead
from training.head.statistics import aurocs, block_weights, interval
from training.head.train import BASELINE, Recipe, predict, train_head

FOLDS = 10
PROBE_DECAY = 0.01
# Small tables get more rounds, so that every head is trained to the end.
MIN_STEPS = 150
# With fewer groups a bootstrap over groups has too few different draws.
FEW_GROUPS = 5


@dataclass(frozen=True)
class HeldOut:
    """evaluation: what is stored and shown. temperature: divides the shipped head's logits."""

    evaluation: dict[str, object]
    temperature: float
    trust: str


def recipe_for(count: int) -> Recipe:
    """The published heads' settings, with at least MIN_STEPS steps for `count` tiles."""
    steps = -(-count // BASELINE.batch)
    return replace(BASELINE, epochs=max(BASELINE.epochs, -(-MIN_STEPS // steps)))


def train(data: TokenSet, labels: torch.Tensor | None = None) -> TokenHierarchyHead:
    return train_head(data, recipe_for(len(data.label)), labels=labels)


def folds_of(group: np.ndarray, label: np.ndarray, count: int = FOLDS) -> np.ndarray:
    """Fold [N] of each tile: one for each group, or groups dealt out to `count` folds. Raises
    ValueError when a fold takes all tiles of one label with it."""
    names, member = np.unique(group, return_inverse=True)
    fold = member if len(names) <= count else member % count
    for k in np.unique(fold):
        if len(np.unique(label[fold != k])) < 2:
            raise ValueError(
                f"Without {', '.join(names[np.unique(member[fold == k])])} all tiles have one "
                "label: more groups with both labels are needed to hold one out."
            )
    return fold


def shuffled(label: np.ndarray, group: np.ndarray, seed: int) -> np.ndarray:
    """Labels without meaning: exchanged between groups where every group has one label, else
    within the groups, so that what tiles of a group share is kept."""
    rng = np.random.default_rng(seed)
    names, member = np.unique(group, return_inverse=True)
    first = np.array([label[member == g][0] for g in range(len(names))])
    if np.array_equal(first[member], label):
        return rng.permutation(first)[member]
    result = label.copy()
    for g in range(len(names)):
        result[member == g] = rng.permutation(label[member == g])
    return result


def head_logits(data: TokenSet, fold: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Logits [N], each from the head that did not see the tile's fold."""
    result = np.zeros(len(fold))
    for k in np.unique(fold):
        held = fold == k
        head = train(data.rows(~held), torch.from_numpy(labels[~held]))
        result[held] = predict(head, data.rows(held))
    return result


def probe_logits(x: np.ndarray, fold: np.ndarray, label: np.ndarray) -> np.ndarray:
    """The same for a logistic probe on features x [N,D]."""
    result = np.zeros(len(fold))
    for k in np.unique(fold):
        held = fold == k
        mean, std = x[~held].mean(axis=0), x[~held].std(axis=0) + 1e-6
        z = np.column_stack([(x - mean) / std, np.ones(len(x))])
        weight = fit_linear(z[~held, :-1], label[~held], 2, PROBE_DECAY)
        result[held] = (z[held] @ weight) @ np.array([-1.0, 1.0])
    return result


def temperature(logit: np.ndarray, label: np.ndarray) -> float:
    """Fitted temperature; 1 where the logits part the labels without a mistake, since the log
    loss then asks for ever more confidence."""
    if logit[label == 1].min() > logit[label == 0].max():
        return 1.0
    return fit_temperature(logit, label)


def held_out_temperatures(logit: np.ndarray, label: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Temperature [N] of each tile, fitted on the other folds' held-out logits."""
    result = np.ones(len(fold))
    for k in np.unique(fold):
        held = fold == k
        result[held] = temperature(logit[~held], label[~held])
    return result


def trust(interval_low: float, value: float, controls: list[float]) -> str:
    """chance, weak or useful by the interval's lower end and the shuffled runs (docs/models.md)."""
    if interval_low <= CHANCE or value <= max(controls):
        return "chance"
    return "useful" if interval_low >= USEFUL else "weak"


def evaluate(data: TokenSet, shuffles: int) -> HeldOut:
    """All figures on tokens of one view; `data.patient` holds the groups."""
    label, group = data.label.numpy(), data.patient
    fold = folds_of(group, label)
    names = np.unique(group)
    few = len(names) < FEW_GROUPS
    block = np.arange(len(label)) if few else group
    weights = block_weights(block)
    logits = {
        "head": head_logits(data, fold, label),
        "class-token probe": probe_logits(data.class_token[0].numpy(), fold, label),
        "mean-token probe": probe_logits(
            data.patch_tokens[0].float().mean(dim=1).numpy(), fold, label
        ),
    }
    subjects = {
        name: {"auroc": auroc(z, label), "interval": interval(aurocs(z, label, weights))}
        for name, z in logits.items()
    }
    runs = []
    for seed in range(shuffles):
        z = head_logits(data, fold, shuffled(label, group, seed))
        runs.append(auroc(z, label))
        print(f"shuffled labels, run {seed + 1} of {shuffles}: AUROC {runs[-1]:.3f}", flush=True)
    own = logits["head"]
    within = [auroc(own[group == g], label[group == g]) for g in names]
    within = [v for v in within if np.isfinite(v)]
    # All folds together: single ones may be too small for a calibration error.
    together = np.zeros(len(label))
    held = HeldOutFields(
        own, label, together, group, block, held_out_temperatures(own, label, fold)
    )
    shipped = temperature(own, label)
    calibrated = calibration(held, shipped)
    head = subjects["head"]
    evaluation: dict[str, object] = {
        "tiles": len(label), "positive": int(label.sum()), "groups": len(names),
        "folds": len(np.unique(fold)), "drawn": "tiles" if few else "groups",
        "subjects": subjects, "shuffled": runs,
        "within_groups": {"auroc": float(np.mean(within)) if within else None,
                          "groups": len(within)},
        "ece": {name: calibrated[name] for name in ("before", "after")},
        "calibration": calibrated,
    }  # fmt: skip
    return HeldOut(
        evaluation,
        shipped,
        trust(head["interval"][0], head["auroc"], runs),
    )
