"""Spots with embeddings and expression, and the fixed gene vocabulary.

Expression is counts per 10,000 molecules of all genes of a spot (its depth), log1p, over the
vocabulary. The vocabulary is chosen on the training patients alone: the genes of the Hallmark sets
that are seen in at least 1 % of their spots, then the most often seen of the rest.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.head.expression import Counts, read_counts
from training.head.spots import Section, load_patients
from training.head.tasks import spot_blocks
from training.molecular.genesets import hallmark, places

SCALE = 10_000.0
VOCABULARY = 5000
SMALLEST_SHARE = 0.01
# Patients with expression alone: one section each.
LIBRARY_SECTIONS = {"A": "A1", "D": "D1", "E": "E1", "F": "F1", "G": "G2", "H": "H1"}
# Lattice steps that count as neighbours of a spot (200 um, and 283 um across).
REACH = 1


@dataclass
class Spots:
    """N spots of one or more patients. image [N,D] by embedding name (empty for sections without
    an image); counts [N,G] over `genes`, depth [N] molecules of all genes; patient, section,
    block [N]: names; place [N,2] on the lattice."""

    image: dict[str, np.ndarray]
    genes: list[str]
    counts: np.ndarray
    depth: np.ndarray
    patient: np.ndarray
    section: np.ndarray
    block: np.ndarray
    place: np.ndarray

    def rows(self, keep: np.ndarray) -> Spots:
        """The spots named by a mask or by numbers."""
        return Spots(
            {name: x[keep] for name, x in self.image.items()}, self.genes, self.counts[keep],
            self.depth[keep], self.patient[keep], self.section[keep], self.block[keep],
            self.place[keep],
        )  # fmt: skip

    @property
    def expression(self) -> np.ndarray:
        """log1p of counts per 10,000 [N,G]."""
        return normalised(self.counts, self.depth)


def normalised(counts: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """log1p of counts [N,G] per 10,000 of depth [N]."""
    scaled = counts * (SCALE / np.maximum(depth, 1))[:, None]
    return np.log1p(scaled).astype(np.float32)


def aligned(counts: Counts, genes: Sequence[str]) -> np.ndarray:
    """Counts [N,len(genes)]; zero where the section does not list a gene."""
    at = {gene: i for i, gene in enumerate(counts.genes)}
    listed = [(i, at[g]) for i, g in enumerate(genes) if g in at]
    result = np.zeros((len(counts.values), len(genes)), np.float32)
    to, source = (np.array(c) for c in zip(*listed, strict=True))
    result[:, to] = counts.values[:, source]
    return result


def choose_vocabulary(training: Sequence[Counts], size: int = VOCABULARY) -> list[str]:
    """`size` genes by the share of the training spots that show them, Hallmark genes first, in the
    order of the first section."""
    genes = training[0].genes
    stacked = np.concatenate([aligned(c, genes) > 0 for c in training])
    share = dict(zip(genes, stacked.mean(axis=0), strict=True))
    in_sets = {genes[p] for s in hallmark() for p in places(genes, s.genes)}
    preferred = {g for g in in_sets if share[g] >= SMALLEST_SHARE}
    ranked = sorted(genes, key=lambda g: (g not in preferred, -share[g]))
    chosen = set(ranked[:size])
    return [g for g in genes if g in chosen]


def neighbour_mean(embedding: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Mean embedding [N,D] of the up to eight spots around each; its own where it has none."""
    apart = np.abs(place[:, None] - place[None]).max(axis=2)
    near = ((apart > 0) & (apart <= REACH)).astype(np.float32)
    alone = near.sum(axis=1) == 0
    near[np.flatnonzero(alone), np.flatnonzero(alone)] = 1
    return near @ embedding / near.sum(axis=1, keepdims=True)


def image_section(section: Section, folders: dict[str, Path], genes: Sequence[str]) -> Spots:
    """Spots of one section with the embeddings of features.py (and, from `simple`, the baselines of
    training.head.baselines); names of other folders than `encoder` are put before an embedding's.
    Raises FileNotFoundError."""
    embedding = {}
    for owner, folder in folders.items():
        saved = dict(np.load(folder / f"{section.name}.npz"))
        prefix = "" if owner == "encoder" else f"{owner} "
        embedding |= {f"{prefix}{name}": x for name, x in saved.items()}
    place = section.counts.place[section.kept]
    around = {f"{name} around": neighbour_mean(x, place) for name, x in embedding.items()}
    return spots(section.counts, section.kept, section.name, section.patient, genes,
                 embedding | around, spot_blocks(section))  # fmt: skip


def spots(
    counts: Counts, kept: np.ndarray, name: str, patient: str, genes: Sequence[str],
    image: dict[str, np.ndarray], block: np.ndarray,
) -> Spots:  # fmt: skip
    """Spots `kept` of one section over the vocabulary."""
    own = counts.rows(kept)
    return Spots(
        image, list(genes), aligned(own, genes), own.values.sum(axis=1),
        np.full(len(kept), patient), np.full(len(kept), name), block, own.place,
    )  # fmt: skip


def joined(parts: Sequence[Spots]) -> Spots:
    """Spots of several sections over one vocabulary; embeddings only where all have them."""
    names = set.intersection(*(set(p.image) for p in parts))

    def together(member: str) -> np.ndarray:
        return np.concatenate([getattr(p, member) for p in parts])

    return Spots(
        {n: np.concatenate([p.image[n] for p in parts]) for n in sorted(names)}, parts[0].genes,
        *(together(m) for m in ("counts", "depth", "patient", "section", "block", "place")),
    )  # fmt: skip


@dataclass
class Sections:
    """Everything as read once: image sections and expression-only counts by patient."""

    imaged: list[Section]
    alone: dict[str, Counts]

    @classmethod
    def read(cls, cache: Path) -> Sections:
        """From the data folder, kept in `cache` because reading text counts takes a minute."""
        path = cache / "sections.pkl"
        if not path.exists():
            alone = {p: read_counts(n) for p, n in LIBRARY_SECTIONS.items()}
            path.write_bytes(pickle.dumps(cls(load_patients(), alone)))
        return pickle.loads(path.read_bytes())

    def vocabulary(self, patients: Sequence[str]) -> list[str]:
        """Chosen on the imaged sections of `patients`."""
        return choose_vocabulary([s.counts for s in self.imaged if s.patient in patients])

    def imaged_spots(self, folders: dict[str, Path], genes: Sequence[str]) -> Spots:
        return joined([image_section(s, folders, genes) for s in self.imaged])

    def library_spots(self, genes: Sequence[str]) -> Spots:
        """Spots of the patients without an image."""
        return joined([
            spots(c, np.arange(len(c.values)), LIBRARY_SECTIONS[p], p, genes, {},
                  np.full(len(c.values), LIBRARY_SECTIONS[p]))
            for p, c in self.alone.items()
        ])  # fmt: skip

