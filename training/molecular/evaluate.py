"""Every figure of the card: leave one patient out, ceiling, controls, ablation, adaptation.

    python -m training.molecular.evaluate --encoder models/encoder-tokens-3 \\
        --cache ../runs/molecular --simple ../runs/head/simple-nuclei-star-2 \\
        --out ../runs/molecular/eval

One JSON file a part; parts that are done are skipped. All but the first need the headline part.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from training.head.features import RANDOM
from training.head.statistics import ROUNDS
from training.molecular.controls import (
    CONTROLS, SHUFFLES, adapted, depth_alone, library_variants, random_sets,
)  # fmt: skip
from training.molecular.data import Sections
from training.molecular.measures import KS, Examination, section_hits, summary
from training.molecular.train import Recipe
from training.molecular.trials import (
    ANSWERS, CEILING, DIRECTIONS, Answer, Trial, World, between, ceiling, fitted_slopes,
    out_of_fold,
)  # fmt: skip

BASE = Recipe()
FEW_ROUNDS = 60
# The direction of the model that ships, and how many shuffled models its sets must exceed.
SHIPPED = "C to B"
SHUFFLED_SETS = 10
PARTS = ["headline", "shuffled", "controls", "ablation", "adaptation", "library"]
NEAR = ("class around", "patch_mean around")
# What the ablation changes, one thing at a time.
VARIANTS = {
    "as shipped": BASE,
    "class token alone": replace(BASE, embedding=("class",)),
    "mean patch token alone": replace(BASE, embedding=("patch_mean",)),
    "with the neighbours' mean": replace(BASE, embedding=(*BASE.embedding, *NEAR)),
    "temperature 0.07": replace(BASE, tau=0.07),
    "temperature 0.5": replace(BASE, tau=0.5),
    "contrastive alone": replace(BASE, regression=0.0),
    "regression alone": replace(BASE, contrastive=0.0),
    "rank 4": replace(BASE, rank=4),
    "rank 32": replace(BASE, rank=32),
}


def described(world: World, trial: Trial, rounds: int = ROUNDS) -> dict[str, object]:
    """Recall and, for each answer, every set and their summary."""
    exam = Examination.of(world.spots.rows(trial.tested), rounds)
    measured = world.measured[trial.tested]
    result: dict[str, object] = {
        "spots": int(trial.tested.sum()),
        "recall": exam.recall(trial.hits),
        "chance": dict(zip(map(str, KS), trial.chance, strict=True)),
    }
    for name in trial.slopes:
        sets = exam.sets(getattr(trial.answer, name), measured, trial.slopes[name])
        result[name] = {**summary(sets), "sets": dict(zip(world.names, sets, strict=True))}
    return result


def brief(world: World, trial: Trial) -> dict[str, object]:
    """`described` without the single sets, of fewer bootstrap draws."""
    figures = described(world, trial, FEW_ROUNDS)
    for name in trial.slopes:
        del figures[name]["sets"]
    return figures


class Evaluation:
    """Data, trained axes and the base trials, each made when first asked for."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.folders = {
            "encoder": args.cache / args.encoder.name,
            "random": args.cache / RANDOM,
            "simple": args.simple,
        }
        self.out: Path = args.eval
        self.sections = Sections.read(args.cache)
        self.worlds: dict[str, World] = {}
        self.prepared: dict = {}
        self.held: dict[tuple[str, Recipe, bool], Answer] = {}
        self.bases: dict[str, Trial] = {}

    def world(self, direction: str) -> World:
        """The world whose vocabulary was chosen on the training patient."""
        patient = "B" if direction == "B to C" else "C"
        if patient not in self.worlds:
            self.worlds[patient] = World.of(self.sections, self.folders, patient)
        return self.worlds[patient]

    def trial(self, direction: str, recipe: Recipe, library: bool = False) -> Trial:
        """A recipe in one direction; slopes from the training patient."""
        world = self.world(direction)
        trained = "C" if direction == CEILING else DIRECTIONS[direction][0]
        rows = world.patient(trained)
        key = trained, recipe, library
        if key not in self.held:
            self.held[key] = out_of_fold(world, recipe, rows, self.prepared, library)
        if direction == CEILING:
            return ceiling(world, self.held[key])
        slope = fitted_slopes(world, self.held[key], rows)
        return between(world, recipe, direction, slope, self.prepared, library)

    def base(self, direction: str) -> Trial:
        """The shipped recipe, with soft-kNN."""
        if direction not in self.bases:
            self.bases[direction] = self.trial(direction, BASE, library=True)
        return self.bases[direction]

    def headline(self) -> dict[str, object]:
        result = {}
        for direction in (*DIRECTIONS, CEILING):
            world, trial = self.world(direction), self.base(direction)
            result[direction] = {
                **described(world, trial),
                "random_sets": random_sets(world, trial),
                "depth_alone": depth_alone(world, trial.tested),
                "effective_neighbours": float(trial.answer.effective.mean()),
                "vocabulary": len(world.spots.genes),
            }
        return result

    def slopes(self, direction: str, answers: Sequence[str]) -> dict[str, np.ndarray]:
        """The base recipe's, as the headline part found them."""
        figures = json.loads((self.out / "headline.json").read_text())["figures"][direction]
        sets = {name: figures[name]["sets"].values() for name in answers}
        return {name: np.array([s["slope"] for s in each]) for name, each in sets.items()}

    def shuffled_pairs(
        self, direction: str, count: int, answers: Sequence[str]
    ) -> Iterator[Trial]:
        """Trained on images paired with the expression of other spots; slopes of the real model."""
        world, slope = self.world(direction), self.slopes(direction, answers)
        spots = int(world.patient(DIRECTIONS[direction][0]).sum())
        for seed in range(count):
            order = np.random.default_rng(seed).permutation(spots)
            yield between(
                world, BASE, direction, slope, self.prepared, "knn" in answers, seed, order
            )

    def shuffled_inside(self, count: int) -> Iterator[Trial]:
        """The same inside the training patient, section out."""
        world = self.world(CEILING)
        rows = world.patient("C")
        for seed in range(count):
            answer = out_of_fold(world, BASE, rows, self.prepared, library=False, shuffle=seed)
            hits = section_hits(answer.u, answer.r, world.spots.section[rows])
            yield Trial(rows, answer, *hits, self.slopes(CEILING, ["predictor"]))

    def shuffled(self) -> dict[str, object]:
        """R2 of every set by models of shuffled pairs: what a set has to exceed to be readable."""
        r2: dict[str, dict[str, list[float]]] = {
            answer: {name: [] for name in self.world(SHIPPED).names} for answer in ANSWERS
        }
        for trial in self.shuffled_pairs(SHIPPED, SHUFFLED_SETS, ANSWERS):
            figures = described(self.world(SHIPPED), trial, rounds=1)
            for answer, sets in r2.items():
                for name, values in sets.items():
                    values.append(figures[answer]["sets"][name]["r2"]["value"])
        return {SHIPPED: r2}

    def controls(self) -> dict[str, object]:
        result = {}
        for direction in (*DIRECTIONS, CEILING):
            world = self.world(direction)
            subjects = {
                name: brief(world, self.trial(direction, replace(BASE, embedding=embedding)))
                for name, embedding in CONTROLS.items()
            }
            if direction in DIRECTIONS:
                trials = self.shuffled_pairs(direction, SHUFFLES, ["predictor"])
            else:
                trials = self.shuffled_inside(SHUFFLES)
            for i, trial in enumerate(trials):
                subjects[f"shuffled pairs, {i + 1}"] = brief(world, trial)
            result[direction] = subjects
            print("controls", direction, flush=True)
        return result

    def ablation(self) -> dict[str, object]:
        result = {}
        world = self.world(CEILING)
        for name, recipe in VARIANTS.items():
            trials = {d: self.trial(d, recipe) for d in (CEILING, "C to B")}
            result[name] = {d: brief(world, trial) for d, trial in trials.items()}
            print(name, flush=True)
        return result

    def adaptation(self) -> dict[str, object]:
        return {
            direction: [
                {"share": share, "added": added, **brief(self.world(direction), trial)}
                for share, added, trial in adapted(
                    self.world(direction), BASE, direction, self.slopes(direction, ["predictor"])
                )
            ]
            for direction in DIRECTIONS
        }

    def library(self) -> dict[str, object]:
        return {
            direction: library_variants(self.world(direction), BASE, direction, self.prepared)
            for direction in DIRECTIONS
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True, help="the encoder's model folder")
    parser.add_argument("--cache", type=Path, required=True, help="the folder of features.py")
    parser.add_argument("--simple", type=Path, required=True, help="of training.head.baselines")
    parser.add_argument("--out", dest="eval", type=Path, required=True)
    parser.add_argument("--parts", nargs="*", default=PARTS)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.eval.mkdir(parents=True, exist_ok=True)
    wanted = [p for p in args.parts if not (args.eval / f"{p}.json").exists()]
    if not wanted:
        return
    evaluation = Evaluation(args)
    parts: dict[str, Callable[[], dict]] = {p: getattr(evaluation, p) for p in wanted}
    for name, part in parts.items():
        result = {"encoder": args.encoder.name, "recipe": asdict(BASE), "figures": part()}
        (args.eval / f"{name}.json").write_text(json.dumps(result, indent=1))
        print("part", name, flush=True)


if __name__ == "__main__":
    main()
