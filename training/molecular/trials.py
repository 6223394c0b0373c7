"""One alignment trained on some spots and asked about others, in every direction of the report."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.molecular.data import Sections, Spots, joined
from training.molecular.genesets import hallmark, membership
from training.molecular.knn import soft_knn
from training.molecular.library import Library, prototypes
from training.molecular.measures import section_hits, slopes
from training.molecular.ssgsea import ssgsea
from training.molecular.train import Alignment, Prepared, Recipe, train

KNN_TAU = 0.1
KNN_K = 32
FOLDS = 4
CEILING = "section out, inside C"
LIBRARY_MEMBERS = ("knn", "effective", "nearest")
ANSWERS = ("predictor", "knn")
DIRECTIONS = {"C to B": ("C", "B"), "B to C": ("B", "C")}


@dataclass
class World:
    """All spots over one vocabulary, chosen on `patient`; member [G,50]: the Hallmark sets;
    measured [N,50]: ssGSEA of the spots' own expression."""

    spots: Spots
    others: Spots
    names: list[str]
    member: np.ndarray
    measured: np.ndarray

    @classmethod
    def of(cls, sections: Sections, folders: dict, patient: str) -> World:
        genes = sections.vocabulary([patient])
        sets = hallmark()
        member = membership(genes, [s.genes for s in sets])
        spots = sections.imaged_spots(folders, genes)
        return cls(spots, sections.library_spots(genes), [s.name for s in sets], member,
                   ssgsea(spots.expression, member))  # fmt: skip

    def patient(self, name: str) -> np.ndarray:
        return self.spots.patient == name


@dataclass
class Answer:
    """What an alignment says of tested spots: u and r [N,W], predicted expression [N,G], its scores
    `predictor` [N,S]; where a library was asked, the scores of soft-kNN `knn` [N,S], the effective
    number of neighbours [N] and the similarity of the nearest [N]."""

    u: np.ndarray
    r: np.ndarray
    expression: np.ndarray
    predictor: np.ndarray
    knn: np.ndarray | None = None
    effective: np.ndarray | None = None
    nearest: np.ndarray | None = None


def build_library(world: World, alignment: Alignment, trained: Spots) -> Library:
    """Prototypes of the training spots and of the patients without an image."""
    pool = joined([trained, world.others])
    return prototypes(alignment.read(pool.expression), pool)


def ask(
    world: World, alignment: Alignment, trained: Spots, tested: np.ndarray, library: bool
) -> Answer:
    """Answers for the spots `tested` [N] (mask); with `library`, also by soft-kNN."""
    spots = world.spots.rows(tested)
    u, expression = alignment.look(spots)
    r = alignment.read(spots.expression)
    answer = Answer(u, r, expression, ssgsea(expression, world.member))
    if library:
        known = build_library(world, alignment, trained)
        near = soft_knn(u, known.r, KNN_TAU, KNN_K)
        answer.knn = near.average(ssgsea(known.expression, world.member))
        answer.effective, answer.nearest = near.effective, near.similarity[:, 0]
    return answer


def folds_of(spots: Spots) -> np.ndarray:
    """Fold [N] of training spots: their section, or, for a patient with one, four stripes of it."""
    if len(np.unique(spots.section)) > 1:
        return spots.section
    edges = np.quantile(spots.place[:, 0], np.arange(1, FOLDS) / FOLDS)
    return np.searchsorted(edges, spots.place[:, 0], side="right").astype(str)


@dataclass
class Trial:
    """A recipe's answers for the spots `tested` [N] (mask over the world), hits [M,len(KS)] with
    their chance, and the slopes that training spots give to each answer."""

    tested: np.ndarray
    answer: Answer
    hits: np.ndarray
    chance: list[float]
    slopes: dict[str, np.ndarray]


def prepared_rows(world: World, keep: np.ndarray, cache: dict) -> Prepared:
    """Axes and thinned profiles of the spots `keep`, once for all recipes."""
    key = (id(world), keep.tobytes())
    if key not in cache:
        cache[key] = Prepared.of(world.spots.rows(keep))
    return cache[key]


def out_of_fold(
    world: World, recipe: Recipe, rows: np.ndarray, cache: dict, library: bool,
    shuffle: int | None = None,
) -> Answer:  # fmt: skip
    """Every spot of `rows` (mask) answered by an alignment of the other folds; with `shuffle`, a
    seed, trained on images paired with the expression of other spots."""
    index = np.flatnonzero(rows)
    fold = folds_of(world.spots.rows(index))
    parts, order = [], []
    for name in np.unique(fold):
        tested = np.zeros(len(rows), bool)
        tested[index[fold == name]] = True
        prepared = prepared_rows(world, rows & ~tested, cache)
        pairs = None
        if shuffle is not None:
            pairs = np.random.default_rng(shuffle).permutation(len(prepared.spots.depth))
        alignment = train(prepared, recipe, shuffle or 0, pairs)
        parts.append(ask(world, alignment, prepared.spots, tested, library))
        order.append(np.flatnonzero(tested))
    back = np.argsort(np.concatenate(order))
    members = ["u", "r", "expression", "predictor", *(LIBRARY_MEMBERS if library else ())]
    return Answer(*(np.concatenate([getattr(p, m) for p in parts])[back] for m in members))


def fitted_slopes(world: World, answer: Answer, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Slope of each answer that is there, from out-of-fold answers for `rows`."""
    fold = folds_of(world.spots.rows(rows))
    return {
        name: slopes(scores, world.measured[rows], fold)
        for name in ANSWERS
        if (scores := getattr(answer, name)) is not None
    }


def ceiling(world: World, answer: Answer) -> Trial:
    """Each section of C by the others, from out-of-fold answers: as near as tissue of one patient
    comes to itself."""
    rows = world.patient("C")
    hits = section_hits(answer.u, answer.r, world.spots.section[rows])
    # One slope for all five sections: 50 numbers beside 910 spots each.
    return Trial(rows, answer, *hits, fitted_slopes(world, answer, rows))


def between(
    world: World, recipe: Recipe, direction: str, slope: dict[str, np.ndarray], cache: dict,
    library: bool = False, seed: int = 0, order: np.ndarray | None = None,
) -> Trial:  # fmt: skip
    """Trained on one patient, tested on the other; `slope` from the training patient."""
    trained, tested = (world.patient(p) for p in DIRECTIONS[direction])
    prepared = prepared_rows(world, trained, cache)
    alignment = train(prepared, recipe, seed, order)
    answer = ask(world, alignment, prepared.spots, tested, library)
    hits = section_hits(answer.u, answer.r, world.spots.section[tested])
    return Trial(tested, answer, *hits, slope)
