"""Fields with planted cells (written by fields.ts), their tokens, and what tokens give to cells."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.head.features import Encoder, TokenSet

FIELD_PX = 224
TOKENS = 196


@dataclass
class Cells:
    """True cells of F fields as flat columns [C], and the viewer's partition of tokens among them:
    entry e says that cell `cell[e]` covers `share[e]` of token `token[e]` (field * 196 + token).
    x, y: level-0 px of the slide; area: um2; inside: the centre lies in the field."""

    field: np.ndarray
    kind: np.ndarray
    x: np.ndarray
    y: np.ndarray
    area: np.ndarray
    inside: np.ndarray
    cell: np.ndarray
    token: np.ndarray
    share: np.ndarray

    def share_out(self, values: np.ndarray) -> np.ndarray:
        """Token values [F,196] to cells [C]: C_c = sum_i o_ci v_i (methods sheet, section 1)."""
        given = self.share * values.reshape(-1)[self.token]
        return np.bincount(self.cell, given, len(self.kind))

    def covered(self, which: np.ndarray) -> np.ndarray:
        """Share of every token that the cells `which` [C] cover: [F * 196]."""
        tokens = TOKENS * (int(self.field.max()) + 1)
        return np.bincount(self.token, self.share * which[self.cell], tokens)


@dataclass
class PlantedFields:
    """rgb [F,224,224,3] uint8; planted [F]: 1 as drawn, 0 redrawn; seed [F]: of the drawn slide. In
    a set with twins, fields 2i and 2i + 1 are a pair. shift [F,2]: quarter tokens to the right and
    down of the viewer's grid. types: names of the cell kinds; target: index of the planted kind."""

    rgb: np.ndarray
    planted: np.ndarray
    seed: np.ndarray
    shift: np.ndarray
    cells: Cells
    types: list[str]
    target: int


def load_fields(folder: Path, name: str) -> PlantedFields:
    """One set of fields.ts; raises FileNotFoundError that says how to make it."""
    path = folder / f"{name}.json"
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there. Make it with: npx tsx training/planted/fields.ts {folder}"
        )
    stored = json.loads(path.read_text())
    fields = stored["fields"]
    counts = [len(f["cells"]["type"]) for f in fields]
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])

    def column(name: str, dtype: type) -> np.ndarray:
        return np.concatenate([np.asarray(f["cells"][name], dtype) for f in fields])

    def entries(name: str, step: np.ndarray, dtype: type) -> np.ndarray:
        lists = [np.asarray(f["overlap"][name], dtype) for f in fields]
        return np.concatenate([v + offset for v, offset in zip(lists, step, strict=True)])

    number = np.arange(len(fields))
    cells = Cells(
        field=np.repeat(number, counts),
        kind=column("type", np.int64),
        x=column("x", np.float64),
        y=column("y", np.float64),
        area=column("area", np.float64),
        inside=column("inside", np.bool_),
        cell=entries("cell", first, np.int64),
        token=entries("token", number * TOKENS, np.int64),
        share=entries("share", 0 * number, np.float64),
    )
    shape = (len(fields), FIELD_PX, FIELD_PX, 3)
    return PlantedFields(
        rgb=np.memmap(folder / f"{name}.rgb", np.uint8, "r", shape=shape),
        planted=np.array([f["planted"] for f in fields], np.int64),
        seed=np.array([str(f["seed"]) for f in fields]),
        shift=np.array([f["shift"] for f in fields], np.int64),
        cells=cells,
        types=stored["types"],
        target=stored["types"].index(stored["planted"]),
    )


def token_set(fields: PlantedFields, encoder: Encoder) -> TokenSet:
    """Tokens of all fields as they are; the label is whether cells are planted."""
    classes, patches = encoder(fields.rgb)
    label = torch.from_numpy(fields.planted)
    return TokenSet(
        classes[None],
        patches[None],
        label,
        label,
        fields.planted.astype(np.float64),
        fields.seed,
        fields.seed,
    )
