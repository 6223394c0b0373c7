"""What the shipped alignment says of made-up embeddings and counts, by its files, for the viewer.

    python -m training.molecular.fixture_shipped --model models/molecular-c \\
        --out src/molecular/testing/shipped.json

Both are made from whole numbers by the same rule here and in shipped.test.ts, so that the viewer's
networks (float32 on WASM), soft-kNN and ssGSEA are held to these numbers from the same input.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from training.common.manifest import open_session
from training.molecular.data import normalised
from training.molecular.export import PASTED, PROBED, Shipped
from training.molecular.files import (
    EXPRESSION_FILE, EXPRESSION_INPUT, EXPRESSION_OUTPUTS, read_library,
)  # fmt: skip
from training.molecular.genesets import hallmark, membership
from training.molecular.library import Library

ROWS, SAMPLES = 6, 40


def embeddings(width: int) -> np.ndarray:
    """[ROWS,width], from -2 to 2."""
    row, d = np.indices((ROWS, width))
    return (((row * 389 + d * 7919) % 2003) / 2003 * 4 - 2).astype(np.float32)


def counts(genes: int) -> np.ndarray:
    """Whole numbers [SAMPLES,genes], most of them 0."""
    sample, gene = np.indices((SAMPLES, genes))
    return np.maximum((sample * sample * 131 + gene * 7919) % 97 - 80, 0)


def fixture(folder: Path) -> dict[str, object]:
    facts = json.loads((folder / "manifest.json").read_text())["alignment"]
    genes = json.loads((folder / facts["vocabulary"]["path"]).read_text())["genes"].split(" ")
    shipped = read_library(folder, facts["library"], facts["width"], len(genes))
    sets = {s.name: s.genes for s in hallmark() if s.name in PROBED} | {"pasted": list(PASTED)}
    member = membership(genes, list(sets.values()))
    x = embeddings(facts["dim"] * len(facts["embedding"]))
    own = counts(len(genes))
    expression = normalised(own, own.sum(axis=1))
    reader = open_session(folder / EXPRESSION_FILE)
    (r,) = reader.run(EXPRESSION_OUTPUTS, {EXPRESSION_INPUT: expression})
    mine = Library(r, expression, ["mine"], np.ones((SAMPLES, 1), int))
    said, by_own = (Shipped(folder, library).scores(x, member) for library in (shipped, mine))
    return {
        "sets": {name: list(members) for name, members in sets.items()},
        "predictor": said["predictor"].tolist(),
        "knn": said["knn"].tolist(),
        "nearest": said["nearest"].tolist(),
        "own": {"samples": SAMPLES, "r": r[:, :4].tolist(), "knn": by_own["knn"].tolist()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the alignment's model folder")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.write_text(json.dumps(fixture(args.model)) + "\n")


if __name__ == "__main__":
    main()
