"""Train the segmenter on one fold.

python -m training.nuclei.train --out <folder outside the repository> --fold 0

The schedule counts steps and every step draws from its own seed, so a stopped run continues from
its last checkpoint as if it had not stopped.
"""

from __future__ import annotations

import argparse
import copy
import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.common.seed import seed_everything
from training.nuclei.data import TrainingImage, load_images, prepare, sample_crop
from training.nuclei.losses import Batch, collate, losses, total_loss, type_weights
from training.nuclei.model import TYPE_COUNT, NucleiStar, load_imagenet_weights

PEAK_RATE = 2e-3
ENCODER_SHARE = 0.5  # of the peak rate, for the pretrained layers
WARMUP = 0.03  # share of the run
EMA_DECAY = 0.997
REPORT_STEPS = 100
SAVE_SECONDS = 120


@dataclass
class Progress:
    """What a checkpoint continues from."""

    step: int = 0
    seconds: float = 0.0
    history: list[dict[str, float]] = field(default_factory=list)


def rate_at(progress: float) -> float:
    """Linear warm-up then cosine to 1 % of the peak; `progress` in 0..1."""
    if progress < WARMUP:
        return progress / WARMUP
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - WARMUP) / (1 - WARMUP)))


def make_optimizer(model: NucleiStar) -> torch.optim.AdamW:
    """AdamW with a lower rate for the pretrained layers."""
    encoder = list(model.stem.parameters()) + list(model.blocks.parameters())
    known = {id(p) for p in encoder}
    rest = [p for p in model.parameters() if id(p) not in known]
    groups = [{"params": encoder, "share": ENCODER_SHARE}, {"params": rest, "share": 1.0}]
    return torch.optim.AdamW(groups, lr=PEAK_RATE, weight_decay=1e-4)


class Average:
    """Exponential moving average of weights; batch-norm statistics are averaged alike."""

    def __init__(self, model: nn.Module) -> None:
        self.model = copy.deepcopy(model).eval()

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(EMA_DECAY, (1 + step) / (10 + step))
        for mine, theirs in zip(
            self.model.state_dict().values(), model.state_dict().values(), strict=True
        ):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - decay)
            else:
                mine.copy_(theirs)


class Sampler:
    """Random crops; half of the draws favour images by their nucleus count."""

    def __init__(self, images: list[TrainingImage], size: int, batch: int) -> None:
        counts = np.asarray([len(i.image.types) - 1 for i in images], float)
        self.images, self.size, self.batch = images, size, batch
        self.chance = 0.5 / len(images) + 0.5 * counts / counts.sum()

    def draw(self, rng: np.random.Generator) -> Batch:
        picks = rng.choice(len(self.images), self.batch, p=self.chance)
        return collate([sample_crop(self.images[i], self.size, rng) for i in picks])


def train_step(
    model: NucleiStar, optimizer: torch.optim.Optimizer, batch: Batch, weights: torch.Tensor
) -> dict[str, float]:
    """One optimizer step; returns the loss terms."""
    model.train()
    shared = model.features(batch.x.contiguous(memory_format=torch.channels_last))
    parts = losses(model.heads(shared), model.contour(shared), batch, weights)
    optimizer.zero_grad(set_to_none=True)
    total_loss(parts).backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    return {name: float(value.detach()) for name, value in parts.items()}


def set_rate(optimizer: torch.optim.Optimizer, share: float) -> None:
    """Apply the schedule's share of the peak rate to every group."""
    for group in optimizer.param_groups:
        group["lr"] = PEAK_RATE * share * group["share"]


def save(path: Path, model: nn.Module, average: Average, optimizer: Any, done: Progress) -> None:
    """Write a checkpoint; the previous one stays until the new one is complete."""
    state = {
        "model": model.state_dict(), "average": average.model.state_dict(),
        "optimizer": optimizer.state_dict(), "progress": vars(done),
    }  # fmt: skip
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def restore(
    path: Path, model: nn.Module, average: Average, optimizer: Any, device: torch.device
) -> Progress:
    """Load a checkpoint into its parts."""
    state = torch.load(path, map_location=device, weights_only=True)
    model.load_state_dict(state["model"])
    average.model.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return Progress(**state["progress"])


def load_trained(path: Path) -> NucleiStar:
    """The averaged weights of a checkpoint, in evaluation mode."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    model = NucleiStar()
    model.load_state_dict(state["average"])
    return model.eval()


@dataclass(frozen=True)
class Recipe:
    """steps: optimizer steps; batch: crops a step; size: px of a crop; start: "imagenet" (layers
    up to stride 4 frozen) or "scratch" (all layers trained from random weights)."""

    steps: int = 6000
    batch: int = 4
    size: int = 256
    start: str = "imagenet"
    seed: int = 1


def train(out: Path, fold: int, recipe: Recipe, device: torch.device) -> Progress:
    """Train on one fold until the steps are done; checkpoints go to `out/checkpoint.pt`."""
    out.mkdir(parents=True, exist_ok=True)
    images = [prepare(image) for image in load_images("train", fold)]
    counts = sum(np.bincount(i.image.types[1:], minlength=TYPE_COUNT) for i in images)
    weights = type_weights(counts).to(device)
    seed_everything(recipe.seed)
    model = NucleiStar(frozen=recipe.start == "imagenet")
    if recipe.start == "imagenet":
        load_imagenet_weights(model)
    model = model.to(device, memory_format=torch.channels_last)
    average, optimizer, done = Average(model), make_optimizer(model), Progress()
    path = out / "checkpoint.pt"
    if path.exists():
        done = restore(path, model, average, optimizer, device)
    sampler = Sampler(images, recipe.size, recipe.batch)
    recent: list[dict[str, float]] = []
    last, saved = time.monotonic(), time.monotonic()
    while done.step < recipe.steps:
        set_rate(optimizer, rate_at(done.step / recipe.steps))
        batch = sampler.draw(np.random.default_rng((recipe.seed, done.step))).to(device)
        recent.append(train_step(model, optimizer, batch, weights))
        done.step += 1
        average.update(model, done.step)
        now = time.monotonic()
        done.seconds, last = done.seconds + now - last, now
        if done.step % REPORT_STEPS == 0:
            means = {k: float(np.mean([r[k] for r in recent])) for k in recent[0]}
            done.history.append({"step": done.step, "seconds": done.seconds, **means})
            terms = " ".join(f"{k} {v:.4f}" for k, v in means.items())
            print(f"step {done.step} at {done.seconds:.0f} s: {terms}", flush=True)
            recent = []
        if now - saved > SAVE_SECONDS:
            save(path, model, average, optimizer, done)
            saved = now
    save(path, model, average, optimizer, done)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--batch", type=int, default=Recipe.batch)
    parser.add_argument("--size", type=int, default=Recipe.size)
    parser.add_argument("--start", choices=["imagenet", "scratch"], default=Recipe.start)
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    recipe = Recipe(args.steps, args.batch, args.size, args.start, args.seed)
    train(args.out, args.fold, recipe, torch.device(args.device))


if __name__ == "__main__":
    main()
