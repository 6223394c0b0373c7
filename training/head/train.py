"""Train the ERBB2 head on frozen tokens.

    python -m training.head.train --weights runs/encoder/tuned.pt --tokens runs/head/tokens.pt \\
        --out runs/head/head.pt
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from training.encoder.weights import load_encoder
from training.head.features import TokenSet, token_set
from training.head.model import Standardiser, TokenHierarchyHead, fold
from training.head.spots import load_patients

VIEWS = 2


@dataclass
class Recipe:
    """Settings of one training. Small and strongly regularised: there are two patients."""

    hidden: int = 32
    epochs: int = 8
    batch: int = 64
    rate: float = 1e-3
    decay: float = 0.3
    drop: float = 0.3
    smoothing: float = 0.1


def standardiser(data: TokenSet) -> Standardiser:
    """Token statistics of the training spots, plain view."""
    c, p = data.class_token[0], data.patch_tokens[0].flatten(0, 1)
    return Standardiser(c.mean(0), c.std(0) + 1e-3, p.mean(0), p.std(0) + 1e-3)


def train_head(
    data: TokenSet, recipe: Recipe, seed: int = 0, labels: Tensor | None = None
) -> TokenHierarchyHead:
    """Head on raw tokens (standardisation folded in), trained on the spots of `data` that have a
    training label, in random views. `labels` replaces the training labels, for the shuffled
    control."""
    label = data.training_label if labels is None else labels
    chosen = torch.nonzero(label >= 0).flatten()
    target = label.float() * (1 - recipe.smoothing) + 0.5 * recipe.smoothing
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    head = TokenHierarchyHead(data.class_token.shape[-1], recipe.hidden)
    scale = standardiser(data)
    trained = [p for p in head.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=recipe.rate, weight_decay=recipe.decay)
    steps = recipe.epochs * -(-len(chosen) // recipe.batch)
    plan = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    head.train()
    for _ in range(recipe.epochs):
        order = torch.randperm(len(chosen), generator=generator)
        for index in chosen[order].split(recipe.batch):
            view = torch.randint(0, len(data.class_token), (len(index),), generator=generator)
            c, p = scale(data.class_token[view, index], data.patch_tokens[view, index])
            # One mask a spot and channel: dropping single tokens' channels would average out.
            mask = F.dropout(torch.ones(len(index), 2, c.shape[-1]), recipe.drop)
            logit = head(c * mask[:, 0], p * mask[:, 1:]).logit
            loss = F.binary_cross_entropy_with_logits(logit, target[index])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            plan.step()
    return fold(head, scale)


def predict(head: TokenHierarchyHead, data: TokenSet) -> np.ndarray:
    """Logits [N] of the plain view."""
    with torch.no_grad():
        classes, patches = data.class_token[0].split(128), data.patch_tokens[0].split(128)
        logits = [head(c, p).logit for c, p in zip(classes, patches, strict=True)]
        return torch.cat(logits).numpy()


def save_tokens(data: TokenSet, path: Path) -> None:
    """Keep tokens between runs, in half precision."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(
        {
            "class_token": data.class_token,
            "patch_tokens": data.patch_tokens.half(),
            "label": data.label,
            "training_label": data.training_label,
            "expression": torch.from_numpy(data.expression),
            "patient": data.patient.tolist(),
            "section": data.section.tolist(),
        },
        path,
    )


def load_tokens(path: Path) -> TokenSet:
    saved = torch.load(path, weights_only=True)
    return TokenSet(
        saved["class_token"],
        saved["patch_tokens"].float(),
        saved["label"],
        saved["training_label"],
        saved["expression"].numpy(),
        np.array(saved["patient"]),
        np.array(saved["section"]),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="encoder weights")
    parser.add_argument("--tokens", type=Path, required=True, help="token file, made if absent")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    if not args.tokens.exists():
        encoder = load_encoder(args.weights).to(memory_format=torch.channels_last)
        save_tokens(token_set(encoder, load_patients(), VIEWS), args.tokens)
    recipe = Recipe()
    head = train_head(load_tokens(args.tokens), recipe)
    torch.save({"head": head.state_dict(), "recipe": asdict(recipe)}, args.out)


if __name__ == "__main__":
    main()
