"""What the viewer has to say of section B4, computed by the training code from the files it ships.

    python -m training.molecular.reference --encoder models/encoder-tokens-3 \\
        --model models/molecular-c --out e2e/b4-reference.json

Every fourth spot (even places of the lattice), so that a browser is through in seconds. Only
correlations and means are written: no count, score or pixel of a spot.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from training.head.features import Encoder
from training.head.spots import load_section
from training.molecular.data import aligned, normalised
from training.molecular.evaluate import BASE
from training.molecular.export import PASTED, PROBED, Shipped
from training.molecular.features import tokens
from training.molecular.files import read_library
from training.molecular.genesets import hallmark, membership
from training.molecular.pixels import viewer_fields
from training.molecular.ssgsea import ssgsea

SECTION = "B4"
STEP = 2


def reference(encoder: Encoder, folder: Path) -> dict[str, Any]:
    """Spearman of measured and predicted scores over the spots, and their means, by gene set."""
    alignment = json.loads((folder / "manifest.json").read_text())["alignment"]
    genes = json.loads((folder / alignment["vocabulary"]["path"]).read_text())["genes"].split(" ")
    described = alignment["library"]
    library = read_library(folder, described, alignment["width"], len(genes))
    section = load_section(SECTION)
    even = (section.counts.place[section.kept] % STEP == 0).all(axis=1)
    section = replace(section, kept=section.kept[even], centre=section.centre[even])

    own = section.counts.rows(section.kept)
    expression = normalised(aligned(own, genes), own.values.sum(axis=1))
    sets = {s.name: s.genes for s in hallmark() if s.name in PROBED} | {"pasted": list(PASTED)}
    member = membership(genes, list(sets.values()))
    measured = ssgsea(expression, member)
    seen = tokens(encoder, viewer_fields(section))
    embedding = np.concatenate([seen[name] for name in BASE.embedding], axis=1)
    said = Shipped(folder, library).scores(embedding.astype(np.float32), member)
    return {
        "section": SECTION,
        "step": STEP,
        "spots": len(section.kept),
        "mpp": section.mpp,
        "pasted": list(PASTED),
        "sets": {
            name: {
                "measured_mean": float(measured[:, i].mean()),
                "predictor_mean": float(said["predictor"][:, i].mean()),
                "knn_mean": float(said["knn"][:, i].mean()),
                "rho_predictor": float(spearmanr(measured[:, i], said["predictor"][:, i])[0]),
                "rho_knn": float(spearmanr(measured[:, i], said["knn"][:, i])[0]),
            }
            for i, name in enumerate(sets)
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--model", type=Path, required=True, help="the alignment's model folder")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    result = reference(Encoder(args.encoder), args.model)
    args.out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
