"""Train a head on frozen tokens: the baseline on plain fields, a robust one on pairs of views."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training.head.features import TokenSet
from training.head.losses import embedding_loss, score_loss
from training.head.model import Standardiser, TokenHierarchyHead, fold


STATISTICS_TOKENS = 20_000


@dataclass(frozen=True)
class Recipe:
    """Settings of one training. Small and strongly regularised: there are two patients.

    least_steps: small sets get more epochs, so that every head is trained to the end.
    tokens: patch tokens of each field seen in one step, drawn anew each time: several times faster
    than all 196, and a mild regulariser. views: whether to train on pairs of perturbed views or on
    plain fields alone. embedding, score: lambda_e and lambda_s of the robust losses.
    """

    hidden: int = 32
    epochs: int = 8
    least_steps: int = 120
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.3
    drop: float = 0.3
    smoothing: float = 0.1
    tokens: int = 25
    views: bool = True
    embedding: float = 0.0
    score: float = 0.0


BASELINE = Recipe(views=False)
ROBUST = Recipe(embedding=0.1, score=0.1)
# What the ablation compares.
VARIANTS = {
    "task only, plain fields": BASELINE,
    "task only, with views": Recipe(),
    "with embedding loss": Recipe(embedding=ROBUST.embedding),
    "with score loss": Recipe(score=ROBUST.score),
    "with both losses": ROBUST,
}
RECIPES = {"baseline": BASELINE, "robust": ROBUST}


def standardiser(data: TokenSet) -> Standardiser:
    """Token statistics of the training fields, plain view, from up to about 20,000 patch tokens."""
    c, p = data.class_token[0].float(), data.patch_tokens[0].flatten(0, 1)
    p = p[:: max(1, len(p) // STATISTICS_TOKENS)].float()
    return Standardiser(c.mean(0), c.std(0) + 1e-3, p.mean(0), p.std(0) + 1e-3)


def draw_views(views: int, count: int, generator: torch.Generator) -> Tensor:
    """View of each field, [1,count] for a single view, else [2,count] with two different ones."""
    if views == 1:
        return torch.zeros(1, count, dtype=torch.long)
    first = torch.randint(0, views, (count,), generator=generator)
    step = torch.randint(1, views, (count,), generator=generator)
    return torch.stack([first, (first + step) % views])


def train_head(
    data: TokenSet, recipe: Recipe, seed: int = 0, labels: Tensor | None = None
) -> TokenHierarchyHead:
    """Head on raw tokens (standardisation folded in), trained on the fields of `data` that have a
    training label. With several views each step shows two of each field; the task loss is the mean
    of both. `labels` replaces the training labels, for the shuffled control."""
    if not recipe.views:
        data = data.plain()
    label = data.training_label if labels is None else labels
    chosen = torch.nonzero(label >= 0).flatten()
    target = label.float() * (1 - recipe.smoothing) + 0.5 * recipe.smoothing
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    views, _, count, dim = data.patch_tokens.shape
    head = TokenHierarchyHead(dim, recipe.hidden)
    scale = standardiser(data)
    trained = [p for p in head.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=recipe.rate, weight_decay=recipe.decay)
    each = -(-len(chosen) // recipe.batch)
    epochs = max(recipe.epochs, -(-recipe.least_steps // each))
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * each)
    head.train()
    for _ in range(epochs):
        order = torch.randperm(len(chosen), generator=generator)
        for index in chosen[order].split(recipe.batch):
            view = draw_views(views, len(index), generator)
            row = index.repeat(len(view))
            seen = torch.rand(len(row), count, generator=generator).argsort(dim=1)
            seen = seen[:, : recipe.tokens]
            c, p = scale(
                data.class_token[view.flatten(), row].float(),
                data.patch_tokens[view.flatten()[:, None], row[:, None], seen].float(),
            )
            # One mask a view and channel: dropping single tokens' channels would average out.
            mask = F.dropout(torch.ones(len(row), 2, dim), recipe.drop)
            out = head(c * mask[:, 0], p * mask[:, 1:])
            loss = F.binary_cross_entropy_with_logits(out.logit, target[row])
            if recipe.embedding and len(view) == 2:
                bag = torch.einsum("bn,bnd->bd", out.attention, p)
                loss = loss + recipe.embedding * embedding_loss(*bag.chunk(2))
            if recipe.score and len(view) == 2:
                loss = loss + recipe.score * score_loss(*out.logit.chunk(2))
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            plan.step()
    return fold(head, scale)


def logits(head: TokenHierarchyHead, class_token: Tensor, patch_tokens: Tensor) -> np.ndarray:
    """Logits [...] of tokens [...,D] and [...,T,D]."""
    shape = class_token.shape[:-1]
    classes = class_token.flatten(0, -2).float().split(128)
    patches = patch_tokens.flatten(0, -3).split(128)
    with torch.no_grad():
        parts = [head(c, p.float()).logit for c, p in zip(classes, patches, strict=True)]
    return torch.cat(parts).reshape(shape).numpy()


def predict(head: TokenHierarchyHead, data: TokenSet) -> np.ndarray:
    """Logits [N] of the plain view."""
    return logits(head, data.class_token[0], data.patch_tokens[0])
