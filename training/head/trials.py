"""One recipe trained and tested in every direction of a task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.head.calibration import fit_temperature
from training.head.model import TokenHierarchyHead
from training.head.tasks import Task
from training.head.train import Recipe, predict, train_head

IMAGE_FOLDS = 4


@dataclass
class Trial:
    """One recipe in every direction: the heads, their held-out logits and the temperatures that
    were fitted without the tested fields."""

    heads: dict[str, TokenHierarchyHead]
    logits: dict[str, np.ndarray]
    temperatures: dict[str, float]
    shipped_temperature: float


def run(task: Task, recipe: Recipe) -> Trial:
    """Train and test `recipe` in every direction of the task.

    A direction's temperature comes from the other direction's held-out logits; with one direction
    alone, from folds of the training images. The shipped temperature uses all of those logits.
    """
    heads, held = {}, {}
    plain = task.data.plain()
    data = task.data if recipe.views else plain
    for direction, (trained, tested) in task.directions.items():
        heads[direction] = train_head(data.rows(data.patient == trained), recipe)
        held[direction] = predict(heads[direction], plain.rows(plain.patient == tested))
    if len(held) == 1:
        temperature = fit_temperature(*fold_logits(task, recipe))
        return Trial(heads, held, dict.fromkeys(held, temperature), temperature)
    labels = task.data.label.numpy()
    label = {d: labels[task.data.patient == t] for d, (_, t) in task.directions.items()}
    temperatures = {
        d: fit_temperature(
            np.concatenate([held[o] for o in held if o != d]),
            np.concatenate([label[o] for o in held if o != d]),
        )
        for d in held
    }
    shipped = fit_temperature(np.concatenate([*held.values()]), np.concatenate([*label.values()]))
    return Trial(heads, held, temperatures, shipped)


def fold_logits(task: Task, recipe: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """Held-out logits and labels of the training fields, whole images left out in turn."""
    rows = np.flatnonzero(task.shipped)
    _, image = np.unique(task.block[rows], return_inverse=True)
    logit = np.zeros(len(rows))
    for fold in range(IMAGE_FOLDS):
        out = np.zeros(len(task.shipped), bool)
        out[rows[image % IMAGE_FOLDS == fold]] = True
        head = train_head(task.data.rows(task.shipped & ~out), recipe)
        logit[image % IMAGE_FOLDS == fold] = predict(head, task.data.rows(out))
    return logit, task.data.label.numpy()[rows]
