"""Leave one patient out: train on C and test on B, train on B and test on C.

    python -m training.head.evaluate --weights runs/encoder/tuned.pt --tokens runs/head/tokens.pt \\
        --out runs/head/eval.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.stats import spearmanr

from training.encoder.baselines import colour_histogram, haematoxylin_fraction
from training.encoder.model import build
from training.encoder.probe import auroc, fit_linear
from training.encoder.weights import load_encoder
from training.head.faithfulness import deletion
from training.head.features import TokenSet, token_set
from training.head.spots import Section, load_patients
from training.head.train import VIEWS, Recipe, load_tokens, predict, save_tokens, train_head

DIRECTIONS = {"C to B": ("C", "B"), "B to C": ("B", "C")}
PROBE_DECAY = 0.01
SHUFFLES = 10


def section_spearman(score: np.ndarray, expression: np.ndarray, section: np.ndarray) -> float:
    """Spearman correlation within each section, averaged by its number of spots."""
    names = np.unique(section)
    values = [spearmanr(score[section == s], expression[section == s])[0] for s in names]
    return float(np.average(values, weights=[(section == s).sum() for s in names]))


def scores(score: np.ndarray, test: TokenSet, rounds: int = 500) -> dict[str, object]:
    """AUROC and Spearman with 95 % intervals by bootstrap over spots.

    Neighbouring spots and serial sections resemble each other: the intervals are optimistic.
    """
    label = test.label.numpy()
    rng = np.random.default_rng(0)
    areas, ranks = [], []
    for _ in range(rounds):
        pick = rng.integers(0, len(score), len(score))
        areas.append(auroc(score[pick], label[pick]))
        ranks.append(section_spearman(score[pick], test.expression[pick], test.section[pick]))
    return {
        "auroc": auroc(score, label),
        "auroc_interval": [float(v) for v in np.percentile(areas, [2.5, 97.5])],
        "spearman": section_spearman(score, test.expression, test.section),
        "spearman_interval": [float(v) for v in np.percentile(ranks, [2.5, 97.5])],
        "spots": len(score),
    }


def probe(x: np.ndarray, train: np.ndarray, test: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Logistic probe on spot features x [N,D], fitted on `train` rows; logits of `test` rows."""
    mean, std = x[train].mean(axis=0), x[train].std(axis=0) + 1e-6
    z = (x - mean) / std
    weight = fit_linear(z[train], label[train], 2, PROBE_DECAY)
    logits = np.column_stack([z[test], np.ones(test.sum())]) @ weight
    return logits[:, 1] - logits[:, 0]


def fit_temperature(logit: np.ndarray, label: np.ndarray) -> float:
    """Temperature that minimises the log loss of held-out logits (Guo et al. 2017)."""

    def loss(log_t: float) -> float:
        z = logit / np.exp(log_t)
        return float(np.mean(np.logaddexp(0, z) - label * z))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 4), method="bounded").x))


def simple_features(sections: list[Section]) -> dict[str, np.ndarray]:
    """Baselines computed from the pixels alone."""
    rgb = torch.from_numpy(np.concatenate([s.fields for s in sections])).permute(0, 3, 1, 2)
    chunks = [c.float() / 255 for c in rgb.split(64)]
    return {
        "haematoxylin fraction": torch.cat([haematoxylin_fraction(c) for c in chunks]).numpy(),
        "colour histogram": torch.cat([colour_histogram(c) for c in chunks]).numpy(),
    }


def direction(
    data: TokenSet,
    random: TokenSet,
    simple: dict[str, np.ndarray],
    train_patient: str,
    test_patient: str,
) -> tuple[dict[str, object], np.ndarray, np.ndarray]:
    """All subjects in one direction; also the head's held-out logits and labels."""
    train, test = data.patient == train_patient, data.patient == test_patient
    held, seen = data.rows(test), data.rows(train)
    label = data.training_label.numpy()
    head = train_head(seen, Recipe())
    logit = predict(head, held)
    table: dict[str, object] = {"head": scores(logit, held)}
    tokens = {
        "class-token probe": data.class_token[0].numpy(),
        "mean-token probe": data.patch_tokens[0].mean(dim=1).numpy(),
    }
    for name, x in {**tokens, **simple}.items():
        table[name] = scores(probe(x, train & (label >= 0), test, label), held)
    control = train_head(random.rows(train), Recipe())
    table["head on a random encoder"] = scores(predict(control, random.rows(test)), held)
    shuffled = []
    for seed in range(SHUFFLES):
        order = torch.randperm(
            len(seen.training_label), generator=torch.Generator().manual_seed(seed)
        )
        mixed = train_head(seen, Recipe(), seed, labels=seen.training_label[order])
        shuffled.append(auroc(predict(mixed, held), held.label.numpy()))
    table["shuffled labels"] = {"auroc": float(np.mean(shuffled)), "runs": shuffled}
    table["deletion"] = deletion(head, held)
    return table, logit, held.label.numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="encoder weights")
    parser.add_argument("--tokens", type=Path, required=True, help="token file, made if absent")
    parser.add_argument("--random-tokens", type=Path, required=True, help="made if absent")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    sections = load_patients()
    for path, make in (
        (args.tokens, lambda: load_encoder(args.weights)),
        (args.random_tokens, lambda: build(imagenet=False).eval()),
    ):
        if not path.exists():
            encoder = make().to(memory_format=torch.channels_last)
            save_tokens(token_set(encoder, sections, VIEWS), path)
    data, random = load_tokens(args.tokens), load_tokens(args.random_tokens)
    simple = simple_features(sections)
    results: dict[str, object] = {}
    logits, labels = [], []
    for name, (train_patient, test_patient) in DIRECTIONS.items():
        results[name], logit, label = direction(data, random, simple, train_patient, test_patient)
        logits.append(logit)
        labels.append(label)
        print(name, json.dumps(results[name]), flush=True)
    pooled, truth = np.concatenate(logits), np.concatenate(labels)
    results["temperature"] = fit_temperature(pooled, truth)
    args.out.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
