"""Self-supervised pretraining on unlabelled tiles.

Two views of each tile differ in place, turn, scale, stain and focus. Class tokens of one tile, and
patch tokens over the same tissue, are drawn together; the variance and covariance terms keep them
from collapsing. One view in two has a part of its stem tokens masked, so a token also has to be
read from its surroundings (as in iBOT, arXiv:2111.07832, but without a teacher). Some pairs show
exactly the same place turned by a multiple of 90 degrees: each must find the other among the class
tokens as they are, without the expander, because neighbours are searched among class tokens.

    python -m training.encoder.pretrain --out ../runs/encoder --more ../runs/tiles
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.common.paths import data_path
from training.encoder.losses import effective_rank, expander, turn_contrast, vicreg
from training.encoder.model import DIM, FIELD_PX, TOKEN_PX, FieldEncoder, build, normalise
from training.encoder.tiles import TILE_PX, load_tiles
from training.encoder.views import affine, colour, correspond, render, turned

TOKENS_A_FIELD = 24
MASKED_SHARE = 0.3
TURN_WEIGHT = 2.0
# Share of pairs that are exact turns: some while views are small, most at the final size.
TURNED_SHARE = {"small": 0.25, "final": 0.75}
SAVE_SECONDS = 180


class Pretrainer(nn.Module):
    """Encoder and the two expanders; `loss` takes raw tiles."""

    def __init__(self, model: FieldEncoder) -> None:
        super().__init__()
        self.model = model
        self.whole = expander(DIM, 768)
        self.local = expander(DIM, 512)

    def look(self, view: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """A view [B,3,px,px] in 0..1, coloured and partly masked -> class and patch tokens."""
        count, tokens = len(view), (view.shape[-1] // TOKEN_PX) ** 2
        image = normalise(colour(view, generator)).contiguous(memory_format=torch.channels_last)
        mask = torch.rand(count, tokens, generator=generator) < MASKED_SHARE
        mask &= torch.rand(count, 1, generator=generator) < 0.5
        device = self.model.mask_token.device
        with torch.autocast(device.type, torch.bfloat16):
            c, p = self.model.masked(image.to(device), mask.to(device))
        return c.float(), p.float()

    def loss(self, tiles: Tensor, px: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Tiles [B,3,256,256] in 0..1 -> the loss terms `whole` (fields), `local` (tokens) and
        `turn` (exact turns). Views are made on the CPU and moved to the model's device."""
        count, side = len(tiles), px // TOKEN_PX
        share = TURNED_SHARE["final" if px == FIELD_PX else "small"]
        exact = torch.arange(count) < round(count * share)  # tiles come in random order
        theta_a, theta_b = (affine(count, px, TILE_PX, generator) for _ in range(2))
        theta_b = torch.where(exact[:, None, None], turned(theta_a, generator), theta_b)
        class_a, patch_a = self.look(render(tiles, theta_a, px), generator)
        class_b, patch_b = self.look(render(tiles, theta_b, px), generator)
        grid, valid = correspond(theta_a, theta_b, side)
        keys = torch.rand(valid.shape, generator=generator).masked_fill(~valid, -1).flatten(1)
        pick = keys.topk(min(TOKENS_A_FIELD, side * side), dim=1)
        device = class_a.device
        index = pick.indices[..., None].expand(-1, -1, DIM).to(device)
        seen = (pick.values > 0).to(device)
        map_b = patch_b.transpose(1, 2).reshape(count, DIM, side, side)
        there = F.grid_sample(map_b, grid.to(device), mode="bilinear", align_corners=False)
        there = there.flatten(2).transpose(1, 2).gather(1, index)[seen]
        here = patch_a.gather(1, index)[seen]
        return {
            "whole": vicreg(self.whole(class_a), self.whole(class_b)),
            "local": vicreg(self.local(here), self.local(there)),
            "turn": TURN_WEIGHT * turn_contrast(class_a, class_b, exact.to(device)),
        }


def parameter_groups(trainer: nn.Module, scratch: bool = False) -> list[dict[str, Any]]:
    """AdamW groups with a relative `rate`; no weight decay on vectors.

    From ImageNet weights the early stem is fixed and the late stem learns at a fifth of the rate;
    from `scratch` everything learns alike.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, value in trainer.named_parameters():
        rate = 1.0
        if name.startswith("model.stem.") and not scratch:
            rate = 0.2
            if not any(name.startswith(f"model.stem.stages.{i}.") for i in (3, 4)):
                value.requires_grad_(False)
                continue
        groups.setdefault((rate, 0.04 if value.ndim > 1 else 0.0), []).append(value)
    return [{"params": p, "rate": r, "weight_decay": d} for (r, d), p in groups.items()]


def schedule(progress: float) -> float:
    """Warm-up over 4 %, then cosine to 2 % of the peak."""
    if progress < 0.04:
        return max(progress / 0.04, 0.02)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def average(target: FieldEncoder, source: FieldEncoder, step: int) -> None:
    """Exponential average of the weights; the averaged encoder is what is kept."""
    keep = min(0.99, (1 + step) / (10 + step))
    with torch.no_grad():
        for t, s in zip(target.parameters(), source.parameters(), strict=True):
            t.lerp_(s, 1 - keep)


@torch.no_grad()
def class_rank(model: FieldEncoder, tiles: Tensor) -> float:
    """Effective rank of the class tokens of uint8 tiles, to watch for collapse."""
    device = model.mask_token.device
    sample = normalise(tiles[:, :, 48:208, 48:208].float() / 255).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        return effective_rank(model.masked(sample, None)[0].float())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="further tile folders")
    parser.add_argument("--steps", type=int, default=1120)
    parser.add_argument("--final-share", type=float, default=0.125, help="of the steps at 224 px")
    parser.add_argument("--px", type=int, default=128)
    parser.add_argument("--batch", type=int, default=56)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--scratch", action="store_true", help="control: no ImageNet weights")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)

    images, _ = load_tiles(data_path("tiles"), *args.more)
    data = torch.from_numpy(images).permute(0, 3, 1, 2)
    trainer = Pretrainer(build(imagenet=not args.scratch, seed=args.seed)).to(args.device)
    trainer.model.to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(trainer.model).requires_grad_(False)
    optimiser = torch.optim.AdamW(parameter_groups(trainer, args.scratch), lr=args.rate)
    generator = torch.Generator().manual_seed(args.seed)
    step, order = 0, torch.empty(0, dtype=torch.long)
    checkpoint = args.out / "pretrain.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        trainer.load_state_dict(saved["trainer"])
        averaged.load_state_dict(saved["averaged"])
        optimiser.load_state_dict(saved["optimiser"])
        generator.set_state(saved["generator"])
        step, order = saved["step"], saved["order"]

    def save() -> None:
        state = {
            "trainer": trainer.state_dict(),
            "averaged": averaged.state_dict(),
            "optimiser": optimiser.state_dict(),
            "generator": generator.get_state(),
            "step": step,
            "order": order,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)

    print(f"{len(data)} tiles, {args.steps} steps", flush=True)
    start = last_save = time.monotonic()
    trainer.train()
    while step < args.steps:
        progress = step / args.steps
        if order.numel() < args.batch:
            order = torch.randperm(len(data), generator=generator)
        batch, order = order[: args.batch], order[args.batch :]
        px = FIELD_PX if progress >= 1 - args.final_share else args.px
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group["rate"] * schedule(progress)
        terms = trainer.loss(data[batch].float() / 255, px, generator)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(terms.values())).sum().backward()
        nn.utils.clip_grad_norm_(trainer.parameters(), 5.0)
        optimiser.step()
        average(averaged, trainer.model, step)
        step += 1
        if step % 20 == 0:
            line: dict[str, float] = {"step": step, "seconds": round(time.monotonic() - start)}
            line |= {"px": px} | {name: round(t.item(), 3) for name, t in terms.items()}
            if step % 100 == 0:
                line["rank"] = round(class_rank(averaged, data[:: len(data) // 256]), 1)
            print(json.dumps(line), flush=True)
        if time.monotonic() - last_save > SAVE_SECONDS:
            save()
            last_save = time.monotonic()
    save()


if __name__ == "__main__":
    main()
