"""Every table of every shipped model, from its stored evaluation (models/<id>/evaluation.json).

    python -m training.report            print the tables of all cards
    python -m training.report --check    fail where a card.md differs from what its numbers say
    python -m training.report --write    write the cards anew

Standard library only, so that it runs wherever Python does.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training.encoder.card import card as encoder_card
from training.head.card import card as head_card
from training.molecular.card import card as molecular_card
from training.nuclei.card import card as nuclei_card
from training.planted.card import card as planted_card

MODELS = Path(__file__).parents[1] / "models"
Card = Callable[[dict[str, Any], dict[str, Any]], str]


def card_of(manifest: dict[str, Any]) -> Card:
    """The function that writes a model's card."""
    if manifest["role"] == "segmenter":
        return nuclei_card
    if manifest["role"] == "encoder":
        return encoder_card
    if manifest["role"] == "alignment":
        return molecular_card
    return planted_card if manifest["head"]["targetId"] == "planted" else head_card


def shipped(models: Path = MODELS) -> list[Path]:
    """Folders that models/index.json names, in its order."""
    index = json.loads((models / "index.json").read_text())
    names = [index["segmenter"], index["encoder"], *index["heads"], *index.get("alignments", [])]
    return [models / name for name in names]


def written(folder: Path) -> str:
    """The card as evaluation and manifest say it now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    evaluation = json.loads((folder / "evaluation.json").read_text())
    return card_of(manifest)(evaluation, manifest)


def tables(card: str) -> str:
    """Title, headings that hold a table, and the tables of a card."""
    lines = card.splitlines()
    kept: list[str] = []
    heading = ""
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("#"):
            heading = line
        elif line.startswith("|"):
            if heading:
                kept += ["", heading]
                heading = ""
            elif not before.startswith("|"):
                kept.append("")
            kept.append(line)
    return "\n".join(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare cards with their numbers")
    parser.add_argument("--write", action="store_true", help="write the cards")
    args = parser.parse_args()
    stale = []
    for folder in shipped():
        card = written(folder)
        path = folder / "card.md"
        if args.write:
            path.write_text(card)
        elif args.check and path.read_text() != card:
            stale.append(folder.name)
        elif not args.check:
            print(f"\n{'=' * 8} {folder.name} {'=' * 8}\n{tables(card)}")
    if stale:
        sys.exit(f"These cards differ from their evaluation.json: {', '.join(stale)}. "
                 "Run python -m training.report --write.")  # fmt: skip


if __name__ == "__main__":
    main()
