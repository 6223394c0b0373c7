"""What the figures must be compared with: chance, random gene sets, simple images, more spots."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from training.head.baselines import DENSITY
from training.molecular.data import joined
from training.molecular.knn import soft_knn
from training.molecular.library import prototypes
from training.molecular.measures import Examination, section_hits, summary
from training.molecular.ssgsea import ssgsea
from training.molecular.train import Prepared, Recipe, train
from training.molecular.trials import (
    DIRECTIONS, KNN_K, KNN_TAU, Trial, World, ask, prepared_rows,
)  # fmt: skip

# Image sides that read something simpler than the encoder's tokens.
CONTROLS = {
    "nuclear composition alone": (f"simple {DENSITY}",),
    "haematoxylin alone": ("simple haematoxylin fraction",),
    "colour histogram": ("simple colour histogram",),
    "random encoder": ("random class", "random patch_mean"),
}
SHUFFLES = 3
RANDOM_SETS = 1000
FRACTIONS = (0.0, 0.01, 0.05, 0.10, 0.25)
DRAWS = 2
SIZES = (64, 128, 256, 384)


def random_sets(world: World, trial: Trial) -> dict[str, object]:
    """Spearman of 1,000 random gene sets, 20 of the size of each Hallmark set, by the predictor:
    their 5th, 50th and 95th percentile, and how many Hallmark sets lie above the 95th."""
    rng = np.random.default_rng(0)
    exam = Examination.of(world.spots.rows(trial.tested), rounds=1)
    each = RANDOM_SETS // len(world.names)
    sizes = np.repeat(world.member.sum(axis=0).astype(int), each)
    member = np.zeros((len(world.member), len(sizes)))
    for column, size in enumerate(sizes):
        member[rng.choice(len(member), size, replace=False), column] = 1
    measured = ssgsea(world.spots.rows(trial.tested).expression, member)
    predicted = ssgsea(trial.answer.expression, member)
    random = exam.spearman(predicted, measured)
    hallmark = exam.spearman(trial.answer.predictor, world.measured[trial.tested])
    result: dict[str, object] = {"sets": len(sizes)}
    for name, drawn, own in zip(("rho", "rho_given_depth"), random, hallmark, strict=True):
        low, middle, high = np.percentile(drawn[0], [5, 50, 95])
        above = int((own[0] > high).sum())
        result[name] = {"percentiles": [low, middle, high], "hallmark_above": above}
    return result


def depth_alone(world: World, tested: np.ndarray) -> float:
    """Mean over sets of |Spearman| between measured score and the spots' depth."""
    exam = Examination.of(world.spots.rows(tested), rounds=1)
    measured = world.measured[tested]
    depth = np.broadcast_to(exam.spots.depth[:, None], measured.shape)
    return float(np.abs(exam.spearman(depth, measured)[0][0]).mean())


def adapted(
    world: World, recipe: Recipe, direction: str, slope: dict[str, np.ndarray]
) -> Iterator[tuple[float, int, Trial]]:
    """Trials when a share of the target patient's spots, drawn at random, is trained on too: share,
    spots added, trial; every draw in turn.

    A draw tests the same 75 % at every share, so that shares compare; drawn spots lie among them,
    so part of the gain is that of neighbouring tissue."""
    trained, target = (world.patient(p) for p in DIRECTIONS[direction])
    index = np.flatnonzero(target)
    own = Prepared.of(world.spots.rows(trained))
    for draw in range(DRAWS):
        order = np.random.default_rng(draw).permutation(index)
        tested = target.copy()
        tested[order[: round(max(FRACTIONS) * len(index))]] = False
        for share in FRACTIONS:
            added = round(share * len(index))
            keep = trained.copy()
            keep[order[:added]] = True
            prepared = Prepared.of(world.spots.rows(keep)) if added else own
            answer = ask(world, train(prepared, recipe), prepared.spots, tested, library=False)
            hits = section_hits(answer.u, answer.r, world.spots.section[tested])
            yield share, added, Trial(tested, answer, *hits, slope)


def library_variants(
    world: World, recipe: Recipe, direction: str, cache: dict
) -> dict[str, dict[str, float]]:
    """Soft-kNN over whole spots and over prototypes, of the training patient, of others, of all."""
    trained, tested = (world.patient(p) for p in DIRECTIONS[direction])
    prepared = prepared_rows(world, trained, cache)
    alignment = train(prepared, recipe)
    spots = world.spots.rows(tested)
    exam = Examination.of(spots, rounds=1)
    u, _ = alignment.look(spots)
    pools = {
        "training patient": prepared.spots,
        "patients without an image": world.others,
        "both": joined([prepared.spots, world.others]),
    }
    ones = np.ones(len(world.names))
    result = {}

    def figures(r: np.ndarray, expression: np.ndarray) -> dict[str, float]:
        near = soft_knn(u, r, KNN_TAU, KNN_K)
        predicted = near.average(ssgsea(expression, world.member))
        short = summary(exam.sets(predicted, world.measured[tested], ones))
        return {"samples": len(r), "rho": short["rho"],
                "rho_given_depth": short["rho_given_depth"]}  # fmt: skip

    for name, pool in pools.items():
        r = alignment.read(pool.expression)
        result[f"spots, {name}"] = figures(r, pool.expression)
        for size in SIZES if name == "both" else (256,):
            library = prototypes(r, pool, size)
            result[f"{size} prototypes, {name}"] = figures(library.r, library.expression)
    return result
