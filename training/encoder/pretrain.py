"""Self-supervised pretraining on unlabelled tiles.

Two views of each tile differ in place, turn, scale, stain and focus. Class tokens of one tile, and
patch tokens over the same tissue, are drawn together; the variance and covariance terms keep them
from collapsing. One view in two has a part of its stem tokens masked, so a token also has to be
read from its surroundings (as in iBOT, arXiv:2111.07832, but without a teacher).

    python -m training.encoder.pretrain --out runs/encoder --minutes 45
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.common.paths import data_path
from training.encoder.losses import effective_rank, expander, vicreg
from training.encoder.model import DIM, TOKEN_PX, FieldEncoder, build, normalise
from training.encoder.tiles import load_tiles
from training.encoder.views import affine, colour, correspond, render

TOKENS_A_FIELD = 24
MASKED_SHARE = 0.3
TILE_PX = 256


class Pretrainer(nn.Module):
    """Encoder and the two expanders; `loss` takes raw tiles."""

    def __init__(self, model: FieldEncoder) -> None:
        super().__init__()
        self.model = model
        self.whole = expander(DIM, 768)
        self.local = expander(DIM, 512)

    def loss(self, tiles: Tensor, px: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Tiles [B,3,256,256] in 0..1 -> (whole-field loss, token loss)."""
        count, side = tiles.shape[0], px // TOKEN_PX
        theta = [affine(count, px, TILE_PX, generator) for _ in range(2)]
        classes, maps = [], []
        for t in theta:
            image = normalise(colour(render(tiles, t, px), generator))
            mask = torch.rand(count, side * side, generator=generator) < MASKED_SHARE
            mask &= torch.rand(count, 1, generator=generator) < 0.5
            with torch.autocast("cpu", torch.bfloat16):
                image = image.contiguous(memory_format=torch.channels_last)
                c, p = self.model.masked(image, mask)
            classes.append(c.float())
            maps.append(p.float())
        whole = vicreg(self.whole(classes[0]), self.whole(classes[1]))
        grid, valid = correspond(theta[0], theta[1], side)
        map_b = maps[1].transpose(1, 2).reshape(count, DIM, side, side)
        there = F.grid_sample(map_b, grid, mode="bilinear", align_corners=False)
        keys = torch.rand(valid.shape, generator=generator).masked_fill(~valid, -1).flatten(1)
        pick = keys.topk(min(TOKENS_A_FIELD, side * side), dim=1)
        index = pick.indices[..., None].expand(-1, -1, DIM)
        here = maps[0].gather(1, index)[pick.values > 0]
        there = there.flatten(2).transpose(1, 2).gather(1, index)[pick.values > 0]
        return whole, vicreg(self.local(here), self.local(there))


def parameter_groups(trainer: Pretrainer) -> list[dict[str, object]]:
    """Late stem at a tenth of the rate; no decay on vectors; early stem fixed."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, value in trainer.named_parameters():
        if name.startswith("model.stem."):
            late = any(name.startswith(f"model.stem.stages.{i}.") for i in (3, 4))
            if not late:
                value.requires_grad_(False)
                continue
        rate = 0.1 if name.startswith("model.stem.") else 1.0
        groups.setdefault((rate, 0.04 if value.ndim > 1 else 0.0), []).append(value)
    return [{"params": p, "rate": r, "weight_decay": d} for (r, d), p in groups.items()]


def schedule(progress: float) -> float:
    """Warm-up over 4 %, then cosine to 2 % of the peak."""
    if progress < 0.04:
        return max(progress / 0.04, 0.02)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))


def average(target: FieldEncoder, source: FieldEncoder, keep: float) -> None:
    """Exponential average of the weights; the averaged encoder is what is kept."""
    with torch.no_grad():
        for t, s in zip(target.parameters(), source.parameters(), strict=True):
            t.lerp_(s, 1 - keep)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--px", type=int, default=160)
    parser.add_argument("--final-px", type=int, default=224, help="size in the last 15 %%")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tiles", type=int, default=0, help="first N tiles only, for a trial")
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)

    images, _ = load_tiles(data_path("tiles"))
    data = torch.from_numpy(images[: args.tiles or None]).permute(0, 3, 1, 2)
    trainer = Pretrainer(build(seed=args.seed))
    trainer.model.to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(trainer.model).requires_grad_(False)
    optimiser = torch.optim.AdamW(parameter_groups(trainer), lr=args.rate)
    generator = torch.Generator().manual_seed(args.seed)
    step, spent = 0, 0.0
    checkpoint = args.out / "pretrain.pt"
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        trainer.load_state_dict(saved["trainer"])
        averaged.load_state_dict(saved["averaged"])
        optimiser.load_state_dict(saved["optimiser"])
        step, spent = saved["step"], saved["spent"]
        generator.manual_seed(args.seed + step)

    def save() -> None:
        state = {
            "trainer": trainer.state_dict(),
            "averaged": averaged.state_dict(),
            "optimiser": optimiser.state_dict(),
            "step": step,
            "spent": spent,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)

    last_save, order = spent, torch.empty(0, dtype=torch.long)
    trainer.train()
    while spent < args.minutes * 60:
        start = time.monotonic()
        progress = spent / (args.minutes * 60)
        if order.numel() < args.batch:
            order = torch.randperm(len(data), generator=generator)
        batch, order = order[: args.batch], order[args.batch :]
        px = args.final_px if progress > 0.85 else args.px
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group["rate"] * schedule(progress)
        whole, local = trainer.loss(data[batch].float() / 255, px, generator)
        optimiser.zero_grad(set_to_none=True)
        (whole + local).backward()
        nn.utils.clip_grad_norm_(trainer.parameters(), 5.0)
        optimiser.step()
        average(averaged, trainer.model, min(0.995, (1 + step) / (10 + step)))
        step += 1
        spent += time.monotonic() - start
        if step % 20 == 0:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                sample = data[:: max(1, len(data) // 256)][:256, :, 48:208, 48:208].float() / 255
                rank = (
                    effective_rank(averaged.masked(normalise(sample), None)[0].float())
                    if step % 100 == 0
                    else None
                )
            print(
                json.dumps(
                    {
                        "step": step,
                        "seconds": round(spent),
                        "px": px,
                        "whole": round(whole.item(), 3),
                        "local": round(local.item(), 3),
                        "rank": rank and round(rank, 1),
                    }
                ),
                flush=True,
            )
        if spent - last_save > 240:
            save()
            last_save = spent
    save()


if __name__ == "__main__":
    main()
