"""One pattern for all tissue that moves an encoder's tokens as far as a small change can.

    python -m training.audit.pattern --encoder models/encoder-tokens-3

A universal perturbation (Moosavi-Dezfooli et al. 2017, arXiv:1610.08401), bounded by 4 of 255 in
every channel of every pixel, found by signed gradient steps on tiles of some slides and measured on
tiles of others. It is not an attack to fear: nobody prints it on glass. Beside noise of the same
strength (the pattern's own values, dealt out anew) it tells how much worse than chance a small
change can be.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from training.audit.graph import Graph
from training.common.manifest import open_session
from training.common.paths import data_path
from training.encoder.tiles import load_tiles, middle

PX = 224
LEVEL = 4
HELD_OUT = ("breast-lobular-at2", "duodenum-giardia-at2", "lung-squamous-gt450-3")
TESTED = 96


def normalised(images: np.ndarray) -> Tensor:
    """RGB uint8 [N,224,224,3] as the encoder reads it, [N,3,224,224]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def changed(x: Tensor, pattern: Tensor) -> Tensor:
    """Pictures [N,3,H,W] with a pattern [3,H,W] in 255ths added, within black and white."""
    return (x + pattern[None] / 127.5).clamp(-1, 1)


def moved(before: dict[str, Tensor], after: dict[str, Tensor]) -> Tensor:
    """Cosine distance by which class token and patch tokens moved, summed; mean over the batch."""
    return sum((1 - F.cosine_similarity(before[k], after[k], dim=-1)).mean() for k in before)


def find(encoder: Graph, tiles: np.ndarray, steps: int, batch: int, seed: int) -> Tensor:
    """The pattern [3,224,224], whole 255ths of at most LEVEL."""
    rng = np.random.default_rng(seed)
    start = torch.from_numpy(rng.uniform(-LEVEL, LEVEL, (3, PX, PX))).float()
    pattern = start.requires_grad_()
    for step in range(steps):
        x = normalised(tiles[rng.choice(len(tiles), batch, replace=False)])
        with torch.no_grad():
            before = encoder(x)
        distance = moved(before, encoder(changed(x, pattern)))
        (gradient,) = torch.autograd.grad(distance, pattern)
        with torch.no_grad():
            size = LEVEL / 8 * (1 - 0.8 * step / steps)
            pattern += size * gradient.sign()
            pattern.clamp_(-LEVEL, LEVEL)
        if step % 10 == 0:
            print(f"step {step}: moved {distance.item():.4f}", flush=True)
    return pattern.detach().round()


def shuffled(pattern: Tensor, seed: int) -> Tensor:
    """The same values at other places: noise of the very same strength by any norm."""
    order = torch.from_numpy(np.random.default_rng(seed).permutation(pattern.numel()))
    return pattern.reshape(-1)[order].reshape(pattern.shape)


class Head:
    """A shipped head: probability of token dictionaries."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text())
        path = folder / self.manifest["files"][0]["path"]
        self.session = open_session(path)

    def __call__(self, tokens: dict[str, Tensor]) -> np.ndarray:
        said = [
            self.session.run(["logit"], {k: v[i : i + 1].numpy() for k, v in tokens.items()})[0]
            for i in range(len(tokens["class_token"]))
        ]
        logit = np.concatenate([s.reshape(-1) for s in said])
        return 1 / (1 + np.exp(-logit / self.manifest["head"]["temperature"]))


@torch.no_grad()
def measure(encoder: Graph, heads: list[Head], tiles: np.ndarray, pattern: Tensor) -> dict:
    """What the pattern and equal noise move on tiles uint8 [N,224,224,3], at two levels."""
    looks = {
        f"{name}, {level} of 255": torch.round(one * level / LEVEL)
        for level in (LEVEL // 2, LEVEL)
        for name, one in (("pattern", pattern), ("noise", shuffled(pattern, 1)))
    }
    chunks = [normalised(tiles[i : i + 8]) for i in range(0, len(tiles), 8)]
    plain = [encoder(x) for x in chunks]
    asked = {h.manifest["id"]: np.concatenate([h(t) for t in plain]) for h in heads}
    figures = {}
    for name, look in looks.items():
        seen = [encoder(changed(x, look)) for x in chunks]
        found = {"moved": float(np.mean([moved(a, b).item() for a, b in zip(plain, seen)]))}
        for head in heads:
            before = asked[head.manifest["id"]]
            after = np.concatenate([head(t) for t in seen])
            found[head.manifest["id"]] = {
                "mean_change": float(np.abs(after - before).mean()),
                "flips": int(((after >= 0.5) != (before >= 0.5)).sum()),
            }
        figures[name] = found
    return figures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--heads", nargs="*", default=["epithelium", "erbb2"])
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    images, slides = load_tiles(data_path("tiles"))
    images = middle(images, PX)
    held = np.isin(slides, HELD_OUT)
    manifest_path = args.encoder / "manifest.json"
    manifest = json.loads(manifest_path.read_text())
    file = next(f["path"] for f in manifest["files"] if f["provider"] == "webgpu")
    encoder = Graph(args.encoder / file)
    pattern = find(encoder, images[~held], args.steps, args.batch, args.seed)

    rng = np.random.default_rng(args.seed)
    tested = images[rng.choice(np.flatnonzero(held), TESTED, replace=False)]
    heads = [
        Head(args.encoder.parent / f"head-{target}-{variant}")
        for target in args.heads
        for variant in ("baseline", "robust")
    ]
    figures = measure(encoder, heads, tested, pattern)

    data = pattern.permute(1, 2, 0).to(torch.int8).numpy().tobytes()
    (args.encoder / "pattern.i8").write_bytes(data)
    on = f"{TESTED} tiles of {len(HELD_OUT)} slides that it was not made on"
    manifest["encoder"]["pattern"] = {
        "path": "pattern.i8",
        "sha256": hashlib.sha256(data).hexdigest(),
        "level": LEVEL,
        "on": on,
    }
    manifest_path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    said = {"steps": args.steps, "batch": args.batch, "held_out": HELD_OUT, "on": on, **figures}
    (args.encoder / "pattern.json").write_text(json.dumps(said, indent=1) + "\n")
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
