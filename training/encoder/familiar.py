"""Build the bank of familiar tissue and test it on unfamiliar inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.common.paths import data_path
from training.encoder.bank import (
    THRESHOLD_PERCENTILE,
    choose_rows,
    held_out_distances,
    percentiles,
    unit_rows,
)
from training.encoder.composition import fixed_fields, load_composition
from training.encoder.model import FIELD_PX
from training.encoder.probe import auroc
from training.encoder.subjects import Describe, fields_of
from training.encoder.tiles import load_tiles, middle
from training.encoder.unfamiliar import (
    Family,
    magnified_families,
    painted_families,
    stain_families,
    tissue_families,
    to_images,
)
from training.head.spots import FIELD_UM, load_section

SECTIONS = ("B4", "C2")
EACH = 20  # changed tiles of every slide, and half the number of painted fields


@dataclass
class Bank:
    """rows [M,D] of length one and their sources [M]; quantiles [101]."""

    rows: np.ndarray
    sources: np.ndarray
    quantiles: np.ndarray

    def distance(self, features: np.ndarray, sources: np.ndarray) -> np.ndarray:
        """Distances of fields to the rows of other sources."""
        return held_out_distances(features, sources, self.rows, self.sources)


def source_of(slide: str) -> str:
    """The slide, or what slides that may be of one patient share."""
    return "lung" if slide.startswith("lung-squamous") else slide


def familiar_fields() -> Family:
    """H&E fields of the tiles (11 slides), of CoNSeP (one laboratory: one source) and of two
    her2st sections (two patients)."""
    images, slides = load_tiles(data_path("tiles"))
    parts = [middle(images, FIELD_PX)]
    sources = [np.array([source_of(s) for s in slides])]
    for part in ("train", "validation", "test"):
        fields = to_images(fixed_fields(load_composition(part))[0])
        parts.append(fields)
        sources.append(np.full(len(fields), "consep"))
    for name in SECTIONS:
        section = load_section(name)
        fields = section.fields(FIELD_PX, FIELD_UM)
        parts.append(fields)
        sources.append(np.full(len(fields), f"her2st-{section.patient}"))
    return Family(np.concatenate(parts), np.concatenate(sources))


def features_of(describe: Describe, images: np.ndarray) -> np.ndarray:
    """Class tokens [N,D] of uint8 fields [N,224,224,3]."""
    return fields_of(describe, torch.from_numpy(images).permute(0, 3, 1, 2)).numpy()


def build_bank(features: np.ndarray, sources: np.ndarray) -> tuple[Bank, np.ndarray]:
    """The bank of these fields, and their held-out distances."""
    chosen = choose_rows(features, sources)
    rows = unit_rows(features[chosen])
    held_out = held_out_distances(features, sources, rows, sources[chosen])
    return Bank(rows, sources[chosen], percentiles(held_out, sources)), held_out


def test_families(tissue: Family, ihc: Path | None) -> dict[str, Family]:
    """All unfamiliar inputs. tissue: familiar fields, of which every slide gives some."""
    rng = np.random.default_rng(2)
    names = [n for n in np.unique(tissue.sources) if not n.startswith(("consep", "her2st"))]
    pick = np.concatenate(
        [rng.permutation(np.flatnonzero(tissue.sources == n))[:EACH] for n in names]
    )
    some = Family(tissue.images[pick], tissue.sources[pick])
    return {
        **stain_families(ihc),
        **tissue_families(some),
        **painted_families(2 * EACH),
        **magnified_families(2 * EACH),
    }


def measure_bank(describe: Describe, ihc: Path | None) -> tuple[Bank, dict[str, object]]:
    """Bank of an encoder and how it judges each family: the share called unfamiliar, and the
    AUROC of the distance against held-out familiar tissue."""
    tissue = familiar_fields()
    bank, held_out = build_bank(features_of(describe, tissue.images), tissue.sources)
    threshold = bank.quantiles[THRESHOLD_PERCENTILE]
    families = {}
    for name, family in test_families(tissue, ihc).items():
        distance = bank.distance(features_of(describe, family.images), family.sources)
        positive = np.concatenate([np.ones(len(distance)), np.zeros(len(held_out))])
        families[name] = {
            "flagged": float((distance > threshold).mean()),
            "auroc": auroc(np.concatenate([distance, held_out]), positive),
            "median_distance": float(np.median(distance)),
            "count": len(distance),
        }
    by_source = {
        str(n): {
            "fields": int((tissue.sources == n).sum()),
            "rows": int((bank.sources == n).sum()),
            "flagged": float((held_out[tissue.sources == n] > threshold).mean()),
        }
        for n in np.unique(tissue.sources)
    }
    return bank, {
        "threshold": float(threshold),
        "percentile": THRESHOLD_PERCENTILE,
        "familiar": by_source,
        "families": families,
    }
