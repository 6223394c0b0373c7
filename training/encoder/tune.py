"""Tune the pretrained encoder on nuclei.

Patch tokens learn the share of each 8 um token under background and the four nuclear types, the
class token the mean over the field (CoNSeP, training images alone). An anchor holds the tokens of
unlabelled tiles near those of the pretrained encoder; its student sees changed colours and its
teacher the plain tile, so the anchor also trains stain stability.

    python -m training.encoder.tune --start runs/encoder/pretrain.pt --out runs/encoder/tuned.pt
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.common.paths import data_path
from training.encoder.composition import TYPES, load_composition, random_fields
from training.encoder.model import DIM, FIELD_PX, FieldEncoder, normalise
from training.encoder.pretrain import TILE_PX, average, parameter_groups, schedule
from training.encoder.tiles import load_tiles
from training.encoder.views import affine, colour, render
from training.encoder.weights import load_encoder, save_encoder

ANCHOR_PX = 144
# Miscellaneous is 3 % of the nuclei: weigh it up, background down.
CLASS_WEIGHT = torch.tensor([0.5, 2.0, 1.0, 1.0, 1.0])


class Tuner(nn.Module):
    """Encoder under tuning with the two composition read-outs, which are dropped afterwards."""

    def __init__(self, model: FieldEncoder) -> None:
        super().__init__()
        self.model = model
        self.token_head = nn.Linear(DIM, TYPES + 1)
        self.field_head = nn.Linear(DIM, TYPES + 1)

    def encode(self, rgb: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            image = normalise(rgb).contiguous(memory_format=torch.channels_last)
            c, p = self.model.masked(image, None)
        return c.float(), p.float()

    def composition(self, rgb: Tensor, shares: Tensor) -> Tensor:
        """Cross-entropy with soft targets; rgb [B,3,224,224], shares [B,196,5]."""
        c, p = self.encode(rgb)
        token = -(CLASS_WEIGHT * shares * F.log_softmax(self.token_head(p), -1)).sum(-1).mean()
        field = shares.mean(dim=1)
        whole = -(CLASS_WEIGHT * field * F.log_softmax(self.field_head(c), -1)).sum(-1).mean()
        return token + 0.3 * whole


def anchor(
    tuner: Tuner, teacher: FieldEncoder, tiles: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Squared distance to the pretrained class and patch tokens on unlabelled tiles."""
    view = render(tiles, affine(len(tiles), ANCHOR_PX, TILE_PX, generator), ANCHOR_PX)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        plain = normalise(view).contiguous(memory_format=torch.channels_last)
        target_c, target_p = teacher.masked(plain, None)
    c, p = tuner.encode(colour(view, generator))
    return F.mse_loss(c, target_c.float()), F.mse_loss(p, target_p.float())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--fields", type=int, default=12)
    parser.add_argument("--tiles", type=int, default=24)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--anchor", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(1)

    teacher = load_encoder(args.start).to(memory_format=torch.channels_last)
    tuner = Tuner(copy.deepcopy(teacher))
    teacher.requires_grad_(False)
    averaged = copy.deepcopy(tuner.model).requires_grad_(False)
    labelled = load_composition("train")
    images, _ = load_tiles(data_path("tiles"))
    tiles = torch.from_numpy(images).permute(0, 3, 1, 2)
    optimiser = torch.optim.AdamW(parameter_groups(tuner), lr=args.rate)
    generator = torch.Generator().manual_seed(args.seed)

    step, spent = 0, 0.0
    while spent < args.minutes * 60:
        start = time.monotonic()
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group["rate"] * schedule(spent / (args.minutes * 60))
        rgb, shares = random_fields(labelled, args.fields, FIELD_PX, generator)
        task = tuner.composition(colour(rgb, generator), shares)
        pick = torch.randint(0, len(tiles), (args.tiles,), generator=generator)
        near_c, near_p = anchor(tuner, teacher, tiles[pick].float() / 255, generator)
        optimiser.zero_grad(set_to_none=True)
        (task + args.anchor * (near_c + 0.5 * near_p)).backward()
        nn.utils.clip_grad_norm_(tuner.parameters(), 2.0)
        optimiser.step()
        average(averaged, tuner.model, min(0.995, (1 + step) / (10 + step)))
        step += 1
        spent += time.monotonic() - start
        if step % 20 == 0:
            print(
                json.dumps(
                    {
                        "step": step,
                        "seconds": round(spent),
                        "task": round(task.item(), 4),
                        "anchor_class": round(near_c.item(), 4),
                        "anchor_patch": round(near_p.item(), 4),
                    }
                ),
                flush=True,
            )
        if step % 200 == 0:
            save_encoder(averaged, args.out)
    save_encoder(averaged, args.out)


if __name__ == "__main__":
    main()
