"""Expression of a section's spots: counts, neighbourhoods, and the score of a gene set.

Counts: her2st (Andersson et al. 2021, Zenodo 4751624), spots x genes. A single gene is scored by
log1p counts per million, a gene set by the mean Pearson residual of its genes. The mean z-score of
log1p counts per million was tried for sets and left: with a few thousand molecules a spot it
measures depth (Spearman .69 to .95 with total counts for EMT, E2F and interferon sets), because a
gene that is seen at all already scores high.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.common.paths import data_path

NEIGHBOUR_WEIGHT = 0.25
# A gene seen in fewer spots of a section is noise there; a single gene is scored all the same.
SMALLEST_DETECTION = 0.05
THETA = 100.0


@dataclass
class Counts:
    """values [N,G] of N spots; genes [G]; place [N,2] on the spot lattice."""

    genes: list[str]
    place: np.ndarray
    values: np.ndarray

    def rows(self, index: np.ndarray) -> Counts:
        return Counts(self.genes, self.place[index], self.values[index])


def read_counts(name: str) -> Counts:
    """Counts of one section."""
    places, rows = [], []
    with gzip.open(data_path("spatial", "her2st", "counts", f"{name}.tsv.gz"), "rt") as handle:
        genes = handle.readline().rstrip("\n").split("\t")[1:]
        for line in handle:
            spot, *counts = line.rstrip("\n").split("\t")
            places.append([int(v) for v in spot.split("x")])
            rows.append(np.array(counts, np.float32))
    return Counts(genes, np.array(places), np.stack(rows))


def neighbourhood(counts: Counts, weight: float = NEIGHBOUR_WEIGHT) -> Counts:
    """Counts with `weight` of those of the four lattice neighbours (200 um) added.

    A single spot of section B4 holds 648 molecules at the median: its own score is mostly noise.
    """
    apart = np.abs(counts.place[:, None] - counts.place[None]).sum(axis=2)
    mixing = np.eye(len(apart), dtype=np.float32) + np.float32(weight) * (apart == 1)
    return Counts(counts.genes, counts.place, mixing @ counts.values)


def signature(
    counts: Counts, genes: Sequence[str], detected: np.ndarray | None = None
) -> np.ndarray:
    """Score [N] of a gene or gene set in one section; genes that the section lacks are left out.

    detected: share of spots [G] in which each gene was seen, by default that of `counts`.
    Raises ValueError when no gene is left.
    """
    at = {gene: i for i, gene in enumerate(counts.genes)}
    columns = np.array([at[g] for g in genes if g in at], int)
    if len(genes) > 1:
        share = (counts.values > 0).mean(axis=0) if detected is None else detected
        columns = columns[share[columns] >= SMALLEST_DETECTION]
    if len(columns) == 0:
        raise ValueError(f"The section has none of the genes {', '.join(genes[:5])}.")
    depth = np.maximum(counts.values.sum(axis=1), 1)
    if len(genes) == 1:
        return np.log1p(1e6 * counts.values[:, columns[0]] / depth)
    return pearson_residuals(counts.values[:, columns], depth).mean(axis=1)


def pearson_residuals(values: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """How far counts [N,K] lie from what depth [N] alone predicts, in standard deviations of a
    negative binomial with theta 100, clipped at sqrt(N) (Lause et al. 2021, Genome Biology 22)."""
    expected = np.outer(depth, values.sum(axis=0) / depth.sum())
    spread = np.sqrt(expected + expected**2 / THETA)
    limit = np.sqrt(len(values))
    return np.clip((values - expected) / np.maximum(spread, 1e-12), -limit, limit)


def read_gene_set(name: str, path: Path | None = None) -> list[str]:
    """Genes of one MSigDB Hallmark set; raises KeyError for an unknown name."""
    path = path or data_path("genesets", "hallmark-v7.0.symbols.gmt")
    for line in path.read_text().splitlines():
        title, _, *genes = line.split("\t")
        if title == name:
            return genes
    raise KeyError(f"{path.name} has no gene set {name}.")
