"""Tune the pretrained encoder on nuclei.

Patch tokens learn the share of each 8 um token under background and the four nuclear types, the
class token the mean over the field (CoNSeP, training images alone). An anchor holds the tokens of
unlabelled tiles near those of the pretrained encoder. Its teacher sees the plain view, its student
the same view in other colours and turned by any multiple of 90 degrees: what minimises a squared
distance is the mean over all of them, so the anchor also trains stability against turn and stain.

    python -m training.encoder.tune --start ../runs/encoder/pretrain.pt --more ../runs/tiles \\
        --out ../runs/encoder/tuned.pt
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
from training.encoder.model import DIM, FIELD_PX, GRID, FieldEncoder, normalise
from training.encoder.pretrain import SAVE_SECONDS, average, parameter_groups, schedule
from training.encoder.tiles import TILE_PX, load_tiles
from training.encoder.views import affine, colour, render
from training.encoder.weights import load_encoder, save_encoder

# Miscellaneous is 3 % of the nuclei: weigh it up, background down.
CLASS_WEIGHT = (0.5, 2.0, 1.0, 1.0, 1.0)
WHOLE_WEIGHT = 0.3
PATCH_WEIGHT = 0.5


class Tuner(nn.Module):
    """Encoder under tuning with the two composition read-outs, which are dropped afterwards."""

    def __init__(self, model: FieldEncoder) -> None:
        super().__init__()
        self.model = model
        self.token_head = nn.Linear(DIM, TYPES + 1)
        self.field_head = nn.Linear(DIM, TYPES + 1)

    def composition(self, rgb: Tensor, shares: Tensor) -> Tensor:
        """Cross-entropy with soft targets; rgb [B,3,224,224], shares [B,196,5]."""
        c, p = tokens(self.model, rgb)
        shares, weight = shares.to(c.device), torch.tensor(CLASS_WEIGHT, device=c.device)
        token = -(weight * shares * F.log_softmax(self.token_head(p), -1)).sum(-1).mean()
        field = shares.mean(dim=1)
        whole = -(weight * field * F.log_softmax(self.field_head(c), -1)).sum(-1).mean()
        return token + WHOLE_WEIGHT * whole


def tokens(model: FieldEncoder, rgb: Tensor) -> tuple[Tensor, Tensor]:
    """Class and patch tokens of fields in 0..1, on the model's device, with gradients."""
    device = model.mask_token.device
    image = normalise(rgb).contiguous(memory_format=torch.channels_last).to(device)
    with torch.autocast(device.type, torch.bfloat16):
        c, p = model(image)
    return c.float(), p.float()


def turn_tokens(patch_tokens: Tensor, turn: int) -> Tensor:
    """Patch tokens [B,196,D] as they lie after the field is turned by `turn` x 90 degrees."""
    grid = patch_tokens.unflatten(1, (GRID, GRID))
    return torch.rot90(grid, turn, (1, 2)).flatten(1, 2)


def anchor(
    student: FieldEncoder, teacher: FieldEncoder, tiles: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Squared distance of the student's class and patch tokens, seen turned and recoloured, to
    the teacher's; tiles [B,3,256,256] in 0..1."""
    view = render(tiles, affine(len(tiles), FIELD_PX, TILE_PX, generator), FIELD_PX)
    with torch.no_grad():
        target_c, target_p = tokens(teacher, view)
    turn = int(torch.randint(0, 4, (1,), generator=generator))
    c, p = tokens(student, colour(torch.rot90(view, turn, (2, 3)), generator))
    return F.mse_loss(c, target_c), F.mse_loss(p, turn_tokens(target_p, turn))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="further tile folders")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--fields", type=int, default=12)
    parser.add_argument("--tiles", type=int, default=16)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--anchor", type=float, default=1.0)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)

    teacher = load_encoder(args.start).to(args.device, memory_format=torch.channels_last)
    tuner = Tuner(copy.deepcopy(teacher)).to(args.device)
    teacher.requires_grad_(False)
    averaged = copy.deepcopy(tuner.model).requires_grad_(False)
    labelled = load_composition("train")
    images, _ = load_tiles(data_path("tiles"), *args.more)
    tiles = torch.from_numpy(images).permute(0, 3, 1, 2)
    optimiser = torch.optim.AdamW(parameter_groups(tuner), lr=args.rate)
    generator = torch.Generator().manual_seed(args.seed)
    step = 0
    checkpoint = args.out.with_suffix(".checkpoint.pt")
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
        tuner.load_state_dict(saved["tuner"])
        averaged.load_state_dict(saved["averaged"])
        optimiser.load_state_dict(saved["optimiser"])
        generator.set_state(saved["generator"])
        step = saved["step"]

    def save() -> None:
        state = {
            "tuner": tuner.state_dict(),
            "averaged": averaged.state_dict(),
            "optimiser": optimiser.state_dict(),
            "generator": generator.get_state(),
            "step": step,
        }
        torch.save(state, checkpoint.with_suffix(".tmp"))
        checkpoint.with_suffix(".tmp").replace(checkpoint)

    start = last_save = time.monotonic()
    while step < args.steps:
        for group in optimiser.param_groups:
            group["lr"] = args.rate * group["rate"] * schedule(step / args.steps)
        rgb, shares = random_fields(labelled, args.fields, FIELD_PX, generator)
        task = tuner.composition(colour(rgb, generator), shares)
        pick = torch.randint(0, len(tiles), (args.tiles,), generator=generator)
        near_c, near_p = anchor(tuner.model, teacher, tiles[pick].float() / 255, generator)
        optimiser.zero_grad(set_to_none=True)
        (task + args.anchor * (near_c + PATCH_WEIGHT * near_p)).backward()
        nn.utils.clip_grad_norm_(tuner.parameters(), 2.0)
        optimiser.step()
        average(averaged, tuner.model, step)
        step += 1
        if step % 20 == 0:
            line = {"step": step, "seconds": round(time.monotonic() - start)}
            terms = {"task": task, "anchor_class": near_c, "anchor_patch": near_p}
            line |= {name: round(t.item(), 4) for name, t in terms.items()}
            print(json.dumps(line), flush=True)
        if time.monotonic() - last_save > SAVE_SECONDS:
            save()
            last_save = time.monotonic()
    save()
    save_encoder(averaged, args.out)


if __name__ == "__main__":
    main()
