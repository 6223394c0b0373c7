"""Random u, predicted expression and library with both answers, by which the viewer's are tested.

    python -m training.molecular.fixture_answers --out src/molecular/testing/answers.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from training.molecular.knn import soft_knn
from training.molecular.library import unit
from training.molecular.ssgsea import ssgsea

ROWS, WIDTH, GENES, PROTOTYPES, K, TAU = 5, 4, 40, 9, 6, 0.1
SETS = (2, 12, 25)


def fixture(seed: int = 0) -> dict[str, object]:
    """Values are kept in single precision, the library's in half, as the viewer reads them."""
    rng = np.random.default_rng(seed)
    u = unit(rng.normal(size=(ROWS, WIDTH))).astype(np.float32)
    expression = rng.gamma(0.5, 2.0, (ROWS, GENES)).astype(np.float32)
    r = unit(rng.normal(size=(PROTOTYPES, WIDTH))).astype(np.float16).astype(np.float32)
    counts = rng.poisson(2.0, (PROTOTYPES, GENES))
    known = np.log1p(counts).astype(np.float16).astype(np.float32)
    sets = [np.sort(rng.choice(GENES, size, replace=False)) for size in SETS]
    member = np.zeros((GENES, len(sets)))
    for column, places in enumerate(sets):
        member[places, column] = 1
    near = soft_knn(u, r, TAU, K)
    y = ssgsea(known, member)
    return {
        "k": K, "tau": TAU, "u": u.tolist(), "expression": expression.tolist(),
        "r": r.tolist(), "library": known.tolist(), "sets": [s.tolist() for s in sets],
        "predictor": ssgsea(expression, member).tolist(), "knn": near.average(y).tolist(),
        "spread": near.spread(y).tolist(), "effective": near.effective.tolist(),
        "nearest": near.similarity[:, 0].tolist(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.write_text(json.dumps(fixture()) + "\n")


if __name__ == "__main__":
    main()
