"""A lab's own tiles: a CSV file with the columns tile, label and group."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

COLUMNS = ("tile", "label", "group")


@dataclass
class Tiles:
    """N tiles: image files, label [N] (0, 1), group [N] (patient) and how labels were made."""

    paths: list[Path]
    label: np.ndarray
    group: np.ndarray
    rule: str

    @property
    def groups(self) -> list[str]:
        return sorted(set(self.group.tolist()))


def read_tiles(table: Path) -> Tiles:
    """Read the CSV; tile paths are relative to it. Labels are 0 and 1, or numbers that are split
    at their median (above: 1). Raises ValueError with a sentence."""
    if not table.is_file():
        raise ValueError(f"There is no table of tiles at {table}.")
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [c for c in COLUMNS if c not in (reader.fieldnames or [])]
        if missing:
            raise ValueError(
                f"{table.name} lacks the column {missing[0]}; it needs {', '.join(COLUMNS)}."
            )
        rows = list(reader)
    if not rows:
        raise ValueError(f"{table.name} names no tiles.")
    paths = [table.parent / row["tile"] for row in rows]
    absent = [p for p in paths if not p.is_file()]
    if absent:
        raise ValueError(f"{len(absent)} of {len(paths)} tiles are not there, first {absent[0]}.")
    values = np.array([number(row["label"], row["tile"]) for row in rows])
    group = np.array([row["group"] for row in rows])
    if len(set(group.tolist())) < 2:
        raise ValueError(
            f"All tiles are of one group ({group[0]}): nothing could be held out. Name the patient "
            "of each tile."
        )
    if set(values.tolist()) <= {0.0, 1.0}:
        label, rule = values.astype(np.int64), "0 and 1 as given"
    else:
        median = float(np.median(values))
        label, rule = (values > median).astype(np.int64), f"1 above the median {median:g}"
    if label.min() == label.max():
        raise ValueError("All tiles have the same label: there is nothing to learn.")
    return Tiles(paths, label, group, rule)


def number(text: str, tile: str) -> float:
    """A finite label; ValueError names the tile."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise ValueError(f"The label of {tile} is {text!r}, not a number.")
    return value


def read_square(path: Path, px: int) -> np.ndarray:
    """Centre px x px of an image, uint8 [px,px,3]; ValueError when it is smaller or no image."""
    try:
        image = Image.open(path).convert("RGB")
    except OSError as broken:
        raise ValueError(f"{path.name} is not an image that can be read.") from broken
    width, height = image.size
    if min(width, height) < px:
        raise ValueError(f"{path.name} has {width} x {height} px; the encoder reads {px} px.")
    left, top = (width - px) // 2, (height - px) // 2
    return np.asarray(image.crop((left, top, left + px, top + px)))
