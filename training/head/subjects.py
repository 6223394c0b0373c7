"""Scores of one subject (a head, probe or baseline) on held-out fields, and linear probes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from training.encoder.probe import fit_linear
from training.head.statistics import aurocs, block_weights, interval, spearmans
from training.head.tasks import Task, above_median
from training.head.train import BASELINE, predict, train_head

PROBE_DECAY = 0.01
SHUFFLES = 10


@dataclass
class Examination:
    """Held-out fields `rows` [N] (bool) of a task, with the weights that give every figure its
    value (row 0, all ones) and its bootstrap draws (the other rows)."""

    task: Task
    rows: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, task: Task, rows: np.ndarray) -> Examination:
        draws = block_weights(task.block[rows])
        return cls(task, rows, np.concatenate([np.ones((1, rows.sum())), draws]))

    @property
    def label(self) -> np.ndarray:
        return self.task.data.label.numpy()[self.rows]

    def auroc_draws(self, score: np.ndarray) -> np.ndarray:
        """Value and bootstrap draws [R] for score [N]."""
        return aurocs(score, self.label, self.weight)

    def scores(self, score: np.ndarray) -> dict[str, object]:
        """AUROC and Spearman of score [N]; where counts are known, also the partial Spearman given
        depth and the AUROC for the neighbourhood's value."""
        value = self.task.data.expression[self.rows]
        section = self.task.data.section[self.rows]
        draws = {
            "auroc": self.auroc_draws(score),
            "spearman": spearmans(score, value, section, self.weight),
        }
        if self.task.depth is not None and self.task.smoothed is not None:
            depth, smoothed = self.task.depth[self.rows], self.task.smoothed[self.rows]
            draws["partial"] = spearmans(score, value, section, self.weight, depth)
            label = np.zeros(len(smoothed), int)
            for name in np.unique(section):
                label[section == name] = above_median(smoothed[section == name])
            draws["smoothed"] = aurocs(score, label, self.weight)
        return {name: measured(values) for name, values in draws.items()}

    def difference(self, before: np.ndarray, after: np.ndarray) -> dict[str, object]:
        """AUROC of `after` minus that of `before`, on the same draws."""
        return measured(self.auroc_draws(after) - self.auroc_draws(before))


def measured(draws: np.ndarray) -> dict[str, object]:
    """Value (first entry) with the interval of the rest."""
    return {"value": float(draws[0]), "interval": interval(draws[1:])}


def probe(x: np.ndarray, train: np.ndarray, test: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Logistic probe on features x [N,D], fitted on `train` fields that have a training label;
    logits of the `test` fields."""
    used = train & (label >= 0)
    mean, std = x[used].mean(axis=0), x[used].std(axis=0) + 1e-6
    z = (x - mean) / std
    weight = fit_linear(z[used], label[used], 2, PROBE_DECAY)
    logits = np.column_stack([z[test], np.ones(test.sum())]) @ weight
    return logits[:, 1] - logits[:, 0]


def compared(
    task: Task, simple: dict[str, np.ndarray], train: np.ndarray, test: np.ndarray
) -> dict[str, np.ndarray]:
    """Scores [N] of the test fields by probes on tokens, by simple features and by the same head
    on an encoder with random weights."""
    label = task.data.training_label.numpy()
    features = {
        "class-token probe": task.data.class_token[0].numpy(),
        "mean-token probe": task.data.patch_tokens[0].mean(dim=1, dtype=torch.float32).numpy(),
        **simple,
    }
    result = {name: probe(x, train, test, label) for name, x in features.items()}
    control = train_head(task.random.rows(train), BASELINE)
    result["head on a random encoder"] = predict(control, task.random.rows(test))
    return result


def shuffled_controls(task: Task, train: np.ndarray, exam: Examination) -> list[float]:
    """AUROC of heads trained on shuffled labels, one a seed."""
    plain = task.data.plain()
    seen, held = plain.rows(train), plain.rows(exam.rows)
    result = []
    for seed in range(SHUFFLES):
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(seen.training_label), generator=generator)
        head = train_head(seen, BASELINE, seed, labels=seen.training_label[order])
        result.append(float(exam.auroc_draws(predict(head, held))[0]))
    return result


def section_out(task: Task, patient: str) -> dict[str, object]:
    """The ceiling inside one patient: every section tested by a baseline head trained on the
    patient's other sections."""
    data = task.data.plain()
    inside = data.patient == patient
    score = np.zeros(len(inside))
    for name in np.unique(data.section[inside]):
        test = inside & (data.section == name)
        head = train_head(data.rows(inside & ~test), BASELINE)
        score[test] = predict(head, data.rows(test))
    return Examination.of(task, inside).scores(score[inside])
