"""Linear probes and the rank measures they are judged by."""

from __future__ import annotations

import numpy as np
import torch
from scipy.stats import rankdata
from torch.nn import functional as F


def fit_linear(x: np.ndarray, y: np.ndarray, classes: int, decay: float) -> np.ndarray:
    """Multinomial logistic regression with L2 penalty `decay`; x [N,D] standardised by the caller,
    y [N] -> weights [D+1, classes], the last row the bias."""
    features = torch.from_numpy(np.column_stack([x, np.ones(len(x))]).astype(np.float32))
    target = torch.from_numpy(y).long()
    weight = torch.zeros(features.shape[1], classes, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight], max_iter=80, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = F.cross_entropy(features @ weight, target) + decay * weight[:-1].pow(2).sum()
        loss.backward()
        return loss

    optimiser.step(closure)
    return weight.detach().numpy()


def auroc(score: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve by ranks (ties count half)."""
    positive = positive.astype(bool)
    n1, n0 = int(positive.sum()), int((~positive).sum())
    if n1 == 0 or n0 == 0:
        return float("nan")
    return float((rankdata(score)[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def macro_auroc(scores: np.ndarray, y: np.ndarray) -> float:
    """Mean one-against-rest AUROC over the classes present; scores [N,K], y [N]."""
    values = [auroc(scores[:, k], y == k) for k in range(scores.shape[1])]
    return float(np.nanmean(values))


def type_probe(
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    owner: np.ndarray,
    classes: int,
    decay: float = 1e-3,
    rounds: int = 300,
) -> dict[str, object]:
    """Train a linear probe on (features, type) and score it on held-out images; the interval
    draws images (`owner` [N] names each token's image)."""
    mean, std = train[0].mean(axis=0), train[0].std(axis=0) + 1e-6
    weight = fit_linear((train[0] - mean) / std, train[1], classes, decay)
    score = np.column_stack([(test[0] - mean) / std, np.ones(len(test[0]))]) @ weight
    rng = np.random.default_rng(0)
    images = np.unique(owner)
    rows = {i: np.flatnonzero(owner == i) for i in images}
    draws = []
    for _ in range(rounds):
        pick = np.concatenate([rows[i] for i in rng.choice(images, len(images))])
        draws.append(macro_auroc(score[pick], test[1][pick]))
    return {
        "value": macro_auroc(score, test[1]),
        "interval": [float(v) for v in np.percentile(draws, [2.5, 97.5])],
        "by_type": [auroc(score[:, k], test[1] == k) for k in range(classes)],
    }
