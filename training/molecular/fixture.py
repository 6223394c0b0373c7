"""Random profiles with ties and their scores, by which the viewer's ssGSEA is tested.

    python -m training.molecular.fixture --out src/molecular/testing/ssgsea.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from training.molecular.ssgsea import ssgsea

PROFILES, GENES = 12, 150
SETS = (1, 3, 10, 40, 149)


def fixture(seed: int = 0) -> dict[str, object]:
    """Half of the profiles are counts with many zeros, half are halves with either sign."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rng.gamma(0.3, 2.0, GENES), (PROFILES // 2, GENES))
    halves = np.round(rng.normal(0, 3, (PROFILES // 2, GENES)) * 2) / 2
    values = np.concatenate([counts.astype(float), halves])
    sets = [np.sort(rng.choice(GENES, size, replace=False)) for size in SETS]
    member = np.zeros((GENES, len(sets)))
    for column, places in enumerate(sets):
        member[places, column] = 1
    return {
        "genes": GENES,
        "values": values.tolist(),
        "sets": [places.tolist() for places in sets],
        "scores": ssgsea(values, member).tolist(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(fixture()) + "\n")


if __name__ == "__main__":
    main()
