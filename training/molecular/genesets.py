"""The 50 MSigDB Hallmark gene sets, and the compact file of them that ships with the viewer.

    python -m training.molecular.genesets --out public/genesets/hallmark.json

The file is ours: names, genes, a plain description of each set, source, licence and citation.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.common.paths import REPO_ROOT, data_path
from training.molecular.hallmark_text import DESCRIPTIONS

GMT = ("genesets", "hallmark-v7.0.symbols.gmt")
# Today's symbol -> the one that HGNC had before, for the Hallmark genes that her2st still lists so;
# one table for training and viewer.
RENAMED = json.loads((REPO_ROOT / "src" / "molecular" / "renamed.json").read_text())


@dataclass(frozen=True)
class GeneSet:
    """A named set of gene symbols in the order of its file; `source` is an address."""

    name: str
    source: str
    genes: tuple[str, ...]


def read_gmt(path: Path) -> list[GeneSet]:
    """One set a line: name, description, genes, separated by tabs. Genes named twice count once."""
    sets = []
    for line in path.read_text().splitlines():
        name, source, *genes = line.split("\t")
        sets.append(GeneSet(name, source, tuple(dict.fromkeys(g for g in genes if g))))
    return sets


def hallmark() -> list[GeneSet]:
    """The 50 Hallmark sets (Liberzon et al. 2015, Cell Systems 1:417)."""
    return read_gmt(data_path(*GMT))


def places(genes: Sequence[str], members: Iterable[str]) -> list[int]:
    """Where the members of a set stand among `genes`, under their own or their former symbol."""
    at = {gene: i for i, gene in enumerate(genes)}
    known = [at.get(g, at.get(RENAMED.get(g, ""))) for g in members]
    return sorted({p for p in known if p is not None})


def membership(genes: Sequence[str], sets: Iterable[Iterable[str]]) -> np.ndarray:
    """0/1 matrix [N,S]: which of the N genes each of S sets holds."""
    columns = [places(genes, members) for members in sets]
    result = np.zeros((len(genes), len(columns)))
    for column, rows in enumerate(columns):
        result[rows, column] = 1
    return result


def compact(sets: list[GeneSet]) -> dict[str, object]:
    """What ships: genes as one string a set, separated by spaces."""
    return {
        "format": "cytolens-genesets/1",
        "collection": "MSigDB Hallmark 7.0",
        "licence": "CC BY 4.0",
        "attribution": "MSigDB Hallmark gene sets 7.0, copyright Broad Institute, Massachusetts "
        "Institute of Technology and Regents of the University of California, CC BY 4.0; symbols "
        "as in that release, descriptions by Cytolens.",
        "citation": "Liberzon et al. 2015, Cell Systems 1:417-425",
        "sets": [
            {
                "name": s.name,
                "description": DESCRIPTIONS[s.name],
                "source": s.source,
                "genes": " ".join(s.genes),
            }
            for s in sets
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(compact(hallmark()), indent=2) + "\n")


if __name__ == "__main__":
    main()
