"""Frozen-encoder tokens of all fields, by the ONNX file that the viewer runs.

    python -m training.head.features --encoder models/encoder-tokens-3 --cache ../runs/head
    python -m training.head.features --encoder models/encoder-tokens-3 --cache ../runs/head --random

One file a slide; slides that are done are skipped, so that a stopped run continues. Pixels are cut
and perturbed once and kept for the next encoder. `--random` writes the plain tokens of the same
network with random weights, for the control.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from training.common.manifest import network_input, open_session
from training.head.epithelium import load_composition_images
from training.head.perturb import (
    HELD_OUT, SCANNERS, held_out_views, scanner_field, training_view,
)  # fmt: skip
from training.head.spots import load_patients

TRAINING_VIEWS = 2
# Every how many fields one is shown in the held-out looks: both patients weigh alike.
HELD_OUT_STEP = {"B": 2, "C": 6, "test": 1}
SCANNER_NAME = "five-scanners"
RANDOM = "random"
OUTPUTS = ["class_token", "patch_tokens"]


@dataclass
class TokenSet:
    """Tokens of N fields in W views: class_token [W,N,D], patch_tokens [W,N,T,D]; view 0 is the
    field as it is. label [N] (target), training_label [N] (-1: not trained on), expression [N]
    (the measured value behind the label), patient [N], section [N]."""

    class_token: Tensor
    patch_tokens: Tensor
    label: Tensor
    training_label: Tensor
    expression: np.ndarray
    patient: np.ndarray
    section: np.ndarray

    def rows(self, keep: np.ndarray) -> TokenSet:
        """The fields where `keep` [N] is true."""
        index = torch.from_numpy(np.flatnonzero(keep))
        return TokenSet(
            self.class_token[:, index],
            self.patch_tokens[:, index],
            self.label[index],
            self.training_label[index],
            self.expression[keep],
            self.patient[keep],
            self.section[keep],
        )

    def plain(self) -> TokenSet:
        """View 0 alone."""
        return replace(
            self, class_token=self.class_token[:1], patch_tokens=self.patch_tokens[:1]
        )


@dataclass
class ViewSet:
    """M fields in V looks that no head was trained on: class_token [V,M,D], patch_tokens
    [V,M,T,D], family [V]; look 0 is the field as it is. patient [M]."""

    class_token: Tensor
    patch_tokens: Tensor
    family: list[str]
    patient: np.ndarray

    def rows(self, keep: np.ndarray) -> ViewSet:
        """The fields where `keep` [M] is true."""
        index = torch.from_numpy(np.flatnonzero(keep))
        return ViewSet(
            self.class_token[:, index], self.patch_tokens[:, index], self.family, self.patient[keep]
        )


class FieldSource(Protocol):
    """A section or an image that cuts its fields as uint8 [N,px,px,3]."""

    name: str
    patient: str

    def fields(self, px: int, field_um: float = ...) -> np.ndarray: ...


class Encoder:
    """An exported encoder: the first file of its manifest, one field at a time as in the viewer."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.px = self.manifest["input"]["px"]
        self.layout = self.manifest["encoder"]["tokens"]
        self.dim = self.manifest["encoder"]["dim"]
        self.count = int(np.prod(self.manifest["encoder"]["grid"]))
        self.names = [self.manifest["outputs"][name] for name in OUTPUTS]
        self.session = open_session(folder / self.manifest["files"][0]["path"])

    def __call__(self, fields: np.ndarray) -> tuple[Tensor, Tensor]:
        """uint8 [N,px,px,3] -> class tokens [N,D], patch tokens [N,T,D] in half precision."""
        name = self.manifest["input"]["name"]
        parts = [
            self.session.run(self.names, {name: network_input(self.manifest, field)})
            for field in fields
        ]
        classes, patches = (np.concatenate(p) for p in zip(*parts, strict=True))
        return torch.from_numpy(classes), torch.from_numpy(patches).half()


def stack(parts: Sequence[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    classes, patches = zip(*parts, strict=True)
    return torch.stack(classes), torch.stack(patches)


def pixels(source: FieldSource, px: int, cache: Path) -> dict[str, np.ndarray]:
    """Looks of one slide: `training` [1+TRAINING_VIEWS,N,px,px,3], the first plain, and, for slides
    that heads are tested on, `held_<family>` [V,M,px,px,3] of every HELD_OUT_STEP-th field."""
    path = cache / "pixels" / f"{source.name}.npz"
    if not path.exists():
        fields = source.fields(px)
        # The slide's name seeds its views: slides can be made in any order.
        generator = torch.Generator().manual_seed(int.from_bytes(source.name.encode()[-6:], "big"))
        views = [training_view(fields, generator) for _ in range(TRAINING_VIEWS)]
        looks = {"training": np.stack([fields, *views])}
        step = HELD_OUT_STEP.get(source.patient)
        if step:
            held = held_out_views(fields[::step])
            looks |= {f"held_{family}": np.stack(views) for family, views in held.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, **looks)
        part.rename(path)
    return dict(np.load(path))


def save_slide(encoder: Encoder, source: FieldSource, cache: Path, path: Path) -> None:
    """Tokens of one slide's fields in all their looks."""
    looks = pixels(source, encoder.px, cache)
    classes, patches = stack([encoder(view) for view in looks["training"][: 1 + TRAINING_VIEWS]])
    saved = {"class_token": classes, "patch_tokens": patches}
    families = [name for name in HELD_OUT if f"held_{name}" in looks]
    if families:
        step = HELD_OUT_STEP[source.patient]
        tokens = [(classes[0, ::step], patches[0, ::step])]
        tokens += [encoder(view) for name in families for view in looks[f"held_{name}"]]
        saved["held_class"], saved["held_patch"] = stack(tokens)
        saved["family"] = ["plain", *(n for n in families for _ in looks[f"held_{n}"])]
    store(saved, path)


def save_plain(encoder: Encoder, source: FieldSource, cache: Path, path: Path) -> None:
    """Tokens of one slide's fields as they are."""
    classes, patches = stack([encoder(pixels(source, encoder.px, cache)["training"][0])])
    store({"class_token": classes, "patch_tokens": patches}, path)


def store(saved: dict[str, object], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(saved, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)
    print(path.name, flush=True)


def save_scanner_field(encoder: Encoder, path: Path) -> None:
    """The five-scanner field in its eight turns: looks [5,8,...], one a scanner.

    Its scale is not documented and coarser than 0.5 um/px by eye: the scores mean nothing there,
    only how far they move from scanner to scanner.
    """
    edge = (236 - encoder.px) // 2
    looks = []
    for name in SCANNERS:
        square = scanner_field(name)[edge : edge + encoder.px, edge : edge + encoder.px]
        turns = [np.rot90(side, k) for side in (square, square[:, ::-1]) for k in range(4)]
        looks.append(encoder(np.ascontiguousarray(np.stack(turns))))
    classes, patches = stack(looks)
    store({"held_class": classes, "held_patch": patches, "family": list(SCANNERS)}, path)


def write_random_encoder(folder: Path, like: Path) -> Path:
    """A model folder with the encoder's architecture under random weights."""
    from training.encoder.model import build
    from training.encoder.onnx_files import write_float

    folder.mkdir(parents=True, exist_ok=True)
    write_float(build(imagenet=False).eval(), folder / "float.onnx")
    manifest = json.loads((like / "manifest.json").read_text())
    manifest["files"] = [{"path": "float.onnx"}]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def asked_encoder(description: str | None) -> tuple[Encoder, Path, argparse.Namespace]:
    """The encoder that the command line names (its weights random with `--random`), the folder of
    its tokens, and the arguments."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="a folder outside the repository")
    parser.add_argument("--random", action="store_true", help="random weights, for the control")
    args = parser.parse_args()
    torch.set_num_threads(1)
    folder = args.cache / (RANDOM if args.random else args.encoder.name)
    encoder = Encoder(
        write_random_encoder(folder / "model", args.encoder) if args.random else args.encoder
    )
    return encoder, folder, args


def main() -> None:
    encoder, folder, args = asked_encoder(__doc__)
    sources: list[FieldSource] = [*load_patients(), *load_composition_images()]
    for source in sources:
        path = folder / f"{source.name}.pt"
        if not path.exists():
            (save_plain if args.random else save_slide)(encoder, source, args.cache, path)
    if not args.random and not (folder / f"{SCANNER_NAME}.pt").exists():
        save_scanner_field(encoder, folder / f"{SCANNER_NAME}.pt")


if __name__ == "__main__":
    main()
