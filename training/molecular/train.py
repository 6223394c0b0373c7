"""Train image and expression side together on frozen embeddings.

Spots of B4 hold a twelfth of the molecules of C2-C6. So that r does not read depth, the expression
side sees thinned copies of its spots: each molecule is kept with one probability a spot, down to
`SHALLOWEST` molecules.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training.head.losses import symmetric_info_nce
from training.molecular.data import Spots, normalised
from training.molecular.model import Axes, ExpressionSide, ImageSide, Perceptron, principal_axes

AXES = 48
COPIES = 4
SHALLOWEST = 400
SMALLEST_SPREAD = 1e-3


@dataclass(frozen=True)
class Recipe:
    """Settings of one training, small and strongly regularised: there are two patients.

    embedding: names of the embeddings that are read side by side. contrastive, regression: weights
    of the losses; with `contrastive` 0 the image side learns from the regression alone, and the
    expression side is fitted to it. tau: temperature of the contrastive loss. rank: of the decoder.
    """

    embedding: tuple[str, ...] = ("class", "patch_mean")
    contrastive: float = 1.0
    regression: float = 1.0
    tau: float = 0.2
    rank: int = 16
    width: int = 32
    hidden: int = 64
    drop: float = 0.3
    epochs: int = 60
    least_steps: int = 300
    batch: int = 128
    rate: float = 1e-3
    decay: float = 0.1


@dataclass
class Alignment:
    """A trained pair and the settings it was trained with."""

    image: ImageSide
    expression: ExpressionSide
    recipe: Recipe

    def look(self, spots: Spots) -> tuple[np.ndarray, np.ndarray]:
        """u [N,W] and predicted expression [N,G]."""
        with torch.no_grad():
            u, predicted = self.image(torch.from_numpy(embedding(spots, self.recipe)))
        return u.numpy(), predicted.numpy()

    def read(self, expression: np.ndarray) -> np.ndarray:
        """r [N,W] of expression [N,G]."""
        with torch.no_grad():
            return self.expression(torch.from_numpy(expression)).numpy()


def embedding(spots: Spots, recipe: Recipe) -> np.ndarray:
    """What the image side reads [N,D]."""
    return np.concatenate([spots.image[n] for n in recipe.embedding], axis=1).astype(np.float32)


def thinned(spots: Spots, rng: np.random.Generator) -> np.ndarray:
    """Expression [N,G] of the spots at a depth drawn log-evenly from SHALLOWEST to their own."""
    own = np.maximum(spots.depth, SHALLOWEST)
    depth = np.exp(rng.uniform(np.log(SHALLOWEST), np.log(own)))
    share = np.minimum(depth / np.maximum(spots.depth, 1), 1)
    counts = rng.binomial(spots.counts.astype(np.int64), share[:, None])
    return normalised(counts.astype(np.float32), spots.depth * share)


@dataclass
class Prepared:
    """Training spots with their axes and the scores [1+COPIES,N,K] of their (thinned) profiles; one
    serves many recipes."""

    spots: Spots
    axes: Axes
    scores: Tensor

    @classmethod
    def of(cls, spots: Spots, seed: int = 0) -> Prepared:
        rng = np.random.default_rng(seed)
        expression = spots.expression
        axes = principal_axes(expression, spots.section, AXES)
        copies = [expression, *(thinned(spots, rng) for _ in range(COPIES))]
        return cls(spots, axes, torch.from_numpy(np.stack([axes.scores(c) for c in copies])))


def statistics(x: Tensor) -> tuple[Tensor, Tensor]:
    return x.mean(dim=0), x.std(dim=0) + SMALLEST_SPREAD


def build(prepared: Prepared, x: Tensor, recipe: Recipe) -> tuple[ImageSide, ExpressionSide]:
    def network(sample: Tensor) -> Perceptron:
        return Perceptron(*statistics(sample), recipe.hidden, recipe.width, recipe.drop)

    image = ImageSide(network(x), prepared.axes, recipe.rank, recipe.width)
    return image, ExpressionSide(network(prepared.scores.flatten(0, 1)), prepared.axes)


def train(
    prepared: Prepared, recipe: Recipe, seed: int = 0, order: np.ndarray | None = None
) -> Alignment:
    """An alignment of the prepared spots. `order` [N] pairs spot i's image with the expression of
    spot order[i], for the shuffled control."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    x = torch.from_numpy(embedding(prepared.spots, recipe))
    image, expression = build(prepared, x, recipe)
    scores = prepared.scores if order is None else prepared.scores[:, torch.from_numpy(order)]
    scale = torch.from_numpy(prepared.axes.scale[: recipe.rank])
    optimiser = torch.optim.AdamW(
        [*image.parameters(), *expression.parameters()], lr=recipe.rate, weight_decay=recipe.decay
    )
    each = max(1, len(x) // recipe.batch)
    epochs = max(recipe.epochs, -(-recipe.least_steps // each))
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * each)
    for _ in range(epochs):
        shuffled = torch.randperm(len(x), generator=generator)
        for rows in shuffled.tensor_split(each):
            copy = torch.randint(len(scores), (len(rows),), generator=generator)
            u = image.network(x[rows])
            r = expression.network(scores[copy, rows])
            against = u if recipe.contrastive else u.detach()
            loss = (recipe.contrastive or 1.0) * symmetric_info_nce(against @ r.T, recipe.tau)
            read = image.to_scores(u if recipe.regression else u.detach())
            error = (scale * (read - scores[0, rows, : recipe.rank])).square().sum(dim=1)
            loss = loss + (recipe.regression or 1.0) * error.mean() / scale.square().sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            plan.step()
    return Alignment(image.eval(), expression.eval(), recipe)
