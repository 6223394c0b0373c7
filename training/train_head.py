"""Train a head on your own tiles and labels, for the tokens of one encoder.

    python -m training.train_head --encoder models-own/uni --tiles tiles.csv \\
        --target "Tumour" --out models-own/uni-tumour

tiles.csv has the columns tile (image file, at the encoder's um per px), label (0/1, or a number
that is split at its median) and group (patient). docs/bring-your-own-encoder.md walks through it.
"""

from __future__ import annotations

import argparse
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.byo.head_card import card
from training.byo.held_out import HeldOut, evaluate, train
from training.byo.tiles import Tiles, read_square, read_tiles
from training.common.manifest import check_model, finish_model
from training.export_encoder import model_id
from training.head.export import OUTPUTS, TOLERANCE, parity_tokens, write_onnx
from training.head.features import Encoder, TokenSet
from training.head.held_out import described
from training.head.model import TokenHierarchyHead

FILE = "head-f32.onnx"
SHUFFLES = 5


@dataclass(frozen=True)
class Named:
    """What the person training says about the head."""

    id: str
    target: str
    tissue: str
    licence: str


def encode(encoder: Encoder, tiles: Tiles) -> TokenSet:
    """Tokens of all tiles by the encoder's first file, one view; patch tokens in half precision."""
    classes, patches = [], []
    for i, path in enumerate(tiles.paths):
        c, p = encoder(read_square(path, encoder.px)[None])
        classes.append(c)
        patches.append(p)
        if (i + 1) % 100 == 0 or i + 1 == len(tiles.paths):
            print(f"tokens of {i + 1} of {len(tiles.paths)} tiles", flush=True)
    label = torch.from_numpy(tiles.label)
    return TokenSet(
        torch.cat(classes)[None],
        torch.cat(patches)[None],
        label,
        label,
        tiles.label.astype(float),
        tiles.group,
        tiles.group,
    )


def note(held: HeldOut) -> str:
    """The sentence beside the score, with the figures it rests on."""
    figures, head = held.evaluation, held.evaluation["subjects"]["head"]
    low, high = head["interval"]
    text = (
        f"Trained on {figures['tiles']} tiles of {figures['groups']} groups; on groups it had not "
        f"seen, AUROC {head['auroc']:.2f} ({low:.2f} to {high:.2f})."
    )
    return text + (" That is no better than chance." if held.trust == "chance" else "")


def manifest(
    named: Named, encoder: Encoder, head: TokenHierarchyHead, held: HeldOut
) -> dict[str, Any]:
    """The head's manifest, without files' hashes."""
    figures, given = held.evaluation, held.evaluation["rule"].startswith("0 and 1")
    files = [
        {"provider": provider, "dtype": "float32", "path": FILE, "tolerance": TOLERANCE}
        for provider in ("wasm", "webgpu")
    ]
    return {
        "id": named.id, "name": named.target, "role": "head", "version": "1.0.0",
        "licence": named.licence, "card": "card.md",
        "outputs": {name: name for name in OUTPUTS},
        "files": files,
        "parity": {"outputs": [{"name": name, "step": 1} for name in OUTPUTS]},
        "head": {
            "tokens": encoder.layout, "dim": encoder.dim, "count": encoder.count,
            "targetId": re.sub(r"[^a-z0-9]+", "-", named.target.lower()).strip("-"),
            "variant": "baseline", "target": named.target,
            "label": f"Predicted {named.target}",
            "negative": "no" if given else "low", "positive": "yes" if given else "high",
            "bias": head.bias.item(), "temperature": held.temperature,
            "patients": figures["groups"], "trust": held.trust, "tissue": named.tissue,
            "note": note(held), "ece": figures["ece"],
            "calibration": described(
                figures["calibration"], "group",
                f"{figures['tiles']:,} tiles of {figures['groups']} groups",
            ),
        },
        "metrics": [{
            "name": "AUROC", "value": figures["subjects"]["head"]["auroc"],
            "interval": figures["subjects"]["head"]["interval"],
            "on": f"{figures['tiles']} tiles, each group held out once",
        }],
    }  # fmt: skip


def train_on(
    encoder_folder: Path, table: Path, out: Path, named: Named, shuffles: int = SHUFFLES
) -> dict[str, Any]:
    """Train, evaluate and write the head's model folder; its evaluation. ValueError says what is
    wrong with the table or its tiles."""
    tiles = read_tiles(table)
    if not (encoder_folder / "manifest.json").is_file():
        raise ValueError(f"{encoder_folder} is not a model folder: it has no manifest.json.")
    encoder = Encoder(encoder_folder)
    data = encode(encoder, tiles)
    held = evaluate(data, shuffles)
    held.evaluation.update(encoder=encoder.manifest["name"], rule=tiles.rule)
    head = train(data)
    out.mkdir(parents=True, exist_ok=True)
    write_onnx(head, out / FILE, encoder.count)
    complete = finish_model(out, manifest(named, encoder, head, held), parity_tokens(encoder))
    (out / "evaluation.json").write_text(json.dumps(held.evaluation, indent=1) + "\n")
    (out / "card.md").write_text(card(held.evaluation, complete))
    check_model(out)
    return held.evaluation


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--tiles", type=Path, required=True, help="CSV: tile, label, group")
    parser.add_argument("--target", required=True, help="what the score is of, as shown")
    parser.add_argument("--out", type=Path, required=True, help="folder; its name becomes the id")
    parser.add_argument("--tissue", default="tissue like that of the tiles")
    parser.add_argument("--licence", default="not stated")
    parser.add_argument("--shuffles", type=int, default=SHUFFLES, help="control trainings")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    try:
        named = Named(model_id(args.out), args.target, args.tissue, args.licence)
        evaluation = train_on(args.encoder, args.tiles, args.out, named, args.shuffles)
    except ValueError as refused:
        raise SystemExit(str(refused)) from refused
    print(json.dumps(evaluation, indent=1))


if __name__ == "__main__":
    main()
