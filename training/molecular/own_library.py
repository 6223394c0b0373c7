"""What soft-kNN says of section B4 from libraries that a user could load, by the shipped files.

    python -m training.molecular.own_library --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular --simple ../runs/head/simple-nuclei-star-2 \\
        --model models/molecular-c

The libraries are the sections without an image of patients A and D to H, whole spots. R2 is with
the slopes that were fitted with the shipped prototypes, as no other is known in advance. The
figures join the folder's evaluation.json (`own_library`), from which `training.report` writes the
card.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from training.common.manifest import open_session
from training.molecular.evaluate import BASE, SHIPPED, Evaluation
from training.molecular.files import (
    EXPRESSION_FILE, EXPRESSION_INPUT, EXPRESSION_OUTPUTS, IMAGE_FILE, IMAGE_INPUT, IMAGE_OUTPUTS,
    read_library,
)  # fmt: skip
from training.molecular.knn import soft_knn
from training.molecular.measures import Examination, summary
from training.molecular.ssgsea import ssgsea
from training.molecular.train import embedding
from training.molecular.trials import DIRECTIONS, KNN_K, KNN_TAU

# The smallest share of the vocabulary that the viewer takes, and further ones.
SHARES = (0.9, 0.75, 0.6)


def measured(args: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Summary over the Hallmark sets, by library."""
    world = Evaluation(args).world(SHIPPED)
    spots = world.spots.rows(world.patient(DIRECTIONS[SHIPPED][1]))
    exam = Examination.of(spots)
    truth = ssgsea(spots.expression, world.member)
    image = open_session(args.model / IMAGE_FILE)
    reader = open_session(args.model / EXPRESSION_FILE)
    u, _ = image.run(IMAGE_OUTPUTS, {IMAGE_INPUT: embedding(spots, BASE)})
    told = json.loads((args.model / "spectrum.json").read_text())["sets"]
    slope_of = {s["name"]: s["knn"]["slope"] for s in told}
    slope = np.array([slope_of[name] for name in world.names])

    def figures(r: np.ndarray, expression: np.ndarray) -> dict[str, float]:
        near = soft_knn(u, r, KNN_TAU, KNN_K)
        said = near.average(ssgsea(expression, world.member))
        return {
            "samples": len(r),
            "nearest": float(near.similarity[:, 0].mean()),
            "effective": float(near.effective.mean()),
            **summary(exam.sets(said, truth, slope)),
        }

    described = json.loads((args.model / "manifest.json").read_text())["alignment"]
    genes = world.spots.genes
    shipped = read_library(args.model, described["library"], described["width"], len(genes))
    mean = np.average(shipped.expression, axis=0, weights=shipped.spots.sum(axis=1))

    def own(
        expression: np.ndarray, listed: np.ndarray | None = None, instead: np.ndarray | float = 0
    ) -> dict[str, float]:
        """`instead`: what genes [G] that are not listed take in the network."""
        filled = expression if listed is None else np.where(listed, expression, instead)
        inputs = {EXPRESSION_INPUT: filled.astype(np.float32)}
        (r,) = reader.run(EXPRESSION_OUTPUTS, inputs)
        return figures(r, expression if listed is None else expression * listed)

    result = {"prototypes that ship": figures(shipped.r, shipped.expression)}
    others = world.others.expression
    result["A, D to H"] = own(others)
    for patient in np.unique(world.others.patient):
        result[f"{patient} alone"] = own(others[world.others.patient == patient])
    for share in SHARES:
        listed = np.random.default_rng(0).random(len(genes)) < share
        name = f"A, D to H, {share * 100:.0f} % of the genes"
        # The mean is what the viewer does (src/molecular/own/build.ts).
        result[name] = own(others, listed, mean)
        result[f"{name}, the rest 0"] = own(others, listed)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of features.py")
    parser.add_argument("--simple", type=Path, required=True, help="of training.head.baselines")
    parser.add_argument("--model", type=Path, required=True, help="the alignment's model folder")
    args = parser.parse_args()
    args.eval = args.cache / "eval"
    torch.set_num_threads(1)
    path = args.model / "evaluation.json"
    evaluation = {**json.loads(path.read_text()), "own_library": measured(args)}
    path.write_text(json.dumps(evaluation, indent=1) + "\n")


if __name__ == "__main__":
    main()
