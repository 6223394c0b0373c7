"""Molecular prompting: golden values, retrieval, prototypes, pixels as in the viewer, training."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.special import expit

from training.common.manifest import check_model, check_network, identity
from training.common.paths import REPO_ROOT, DataMissingError, data_path
from training.head.expression import read_counts
from training.head.losses import symmetric_info_nce
from training.head.spots import load_section
from training.head.statistics import spearmans
from training.head.tasks import spot_blocks
from training.molecular.data import Spots, choose_vocabulary, neighbour_mean, normalised, spots
from training.molecular.files import read_library
from training.molecular.fixture import fixture
from training.molecular.genesets import RENAMED, compact, hallmark, membership, places
from training.molecular.knn import recall_hits, soft_knn
from training.molecular.library import FEWEST_SPOTS, prototypes, unit
from training.molecular.measures import KS, Examination, section_hits, slopes
from training.molecular.model import principal_axes
from training.molecular.pixels import linear_taps, read_region, shrink_centre, viewer_fields
from training.molecular.ssgsea import ssgsea
from training.molecular.train import Prepared, Recipe, thinned, train


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def planted(count: int = 160, genes: int = 60, seed: int = 0) -> Spots:
    """Spots whose embedding tells how much of genes 0..19 they hold, beside 8 channels of noise."""
    rng = np.random.default_rng(seed)
    signal = rng.normal(size=count)
    share = np.tile(rng.uniform(0.5, 4, genes), (count, 1))
    share[:, :20] *= 3 * expit(2 * signal)[:, None]
    depth = rng.integers(800, 3000, count)
    counts = rng.poisson(share / share.sum(axis=1, keepdims=True) * depth[:, None])
    image = np.column_stack([signal, rng.normal(size=(count, 8))]).astype(np.float32)
    place = np.stack(np.divmod(np.arange(count), 16), axis=1)
    return Spots(
        {"class": image}, [f"G{i}" for i in range(genes)], counts.astype(np.float32),
        counts.sum(axis=1).astype(float), np.full(count, "P"), np.full(count, "P1"),
        np.array([f"{x // 4} {y // 4}" for x, y in place]), place,
    )  # fmt: skip


def test_ssgsea_has_the_golden_values_of_the_methods_sheet():
    values = np.array([[9.0, 7, 5, 3, 2, 1]])
    scores = ssgsea(values, membership(list("ABCDEF"), ["AC", "AB", "EF", "BE"]))
    assert scores[0] == pytest.approx([2.300640, 3.011393, -2.956786, 0.171057], abs=1e-6)


def test_ssgsea_does_not_depend_on_the_order_of_tied_genes():
    rng = np.random.default_rng(0)
    values, member = rng.integers(0, 3, (20, 30)).astype(float), np.zeros((30, 1))
    member[:7] = 1
    order = rng.permutation(30)
    assert ssgsea(values, member) == pytest.approx(ssgsea(values[:, order], member[order]))


def test_ssgsea_refuses_what_it_cannot_score():
    with pytest.raises(ValueError, match="some of the genes"):
        ssgsea(np.ones((1, 4)), np.zeros((4, 1)))
    with pytest.raises(ValueError, match="not numbers"):
        ssgsea(np.array([[1.0, np.nan, 2]]), np.array([[1.0], [0], [0]]))


def test_the_viewers_fixture_is_what_this_code_says():
    stored = json.loads((REPO_ROOT / "src/molecular/testing/ssgsea.json").read_text())
    assert stored["values"] == fixture()["values"]
    assert np.allclose(stored["scores"], fixture()["scores"], atol=1e-9)


def test_soft_knn_has_the_golden_values():
    library = unit(np.array([[3.0, 4], [1, 0], [0, 1], [-1, 0]]))
    query, y = unit(np.array([[3.0, 4]])), np.array([[2.0], [-1], [1], [-2]])
    four = soft_knn(query, library, 0.5, 4)
    assert four.average(y)[0, 0] == pytest.approx(0.990305, abs=1e-6)
    assert four.effective[0] == pytest.approx(3.0684, abs=1e-4)
    assert soft_knn(query, library, 0.5, 2).average(y)[0, 0] == pytest.approx(1.598688, abs=1e-6)
    assert soft_knn(query, library, 0.07, 4).average(y)[0, 0] == pytest.approx(1.936527, abs=1e-6)
    # By hand: weights of the two nearest are e^2 and e^1.6, values 2 and 1.
    w = 1 / (1 + np.exp(-0.4))
    spread = soft_knn(query, library, 0.5, 2).spread(y)[0, 0]
    assert spread == pytest.approx(np.sqrt(w * (1 - w)), abs=1e-9)


def test_clip_loss_has_the_golden_value():
    similarity = torch.tensor([[0.9, 0.1, 0.2], [0, 0.8, 0.3], [0.2, 0.1, 0.7]])
    assert symmetric_info_nce(similarity, 0.07).item() == pytest.approx(0.001009374, abs=1e-8)


def test_recall_of_the_same_is_one_and_of_constants_nothing():
    r = unit(np.random.default_rng(0).normal(size=(60, 5)))
    assert recall_hits(r, r, KS).mean() == 1
    same = np.ones((60, 1))
    assert recall_hits(same, same, KS).sum() == 0
    hits, chance = section_hits(r, r[::-1], np.repeat(["a", "b"], 30))
    assert chance == pytest.approx([1 / 30, 5 / 30, 10 / 30, 1])
    assert hits[:, 3].all()


def test_prototypes_keep_every_spot_they_stand_for():
    spots = planted(200)
    r = unit(np.random.default_rng(1).normal(size=(200, 6)))
    library = prototypes(r, spots, 12)
    assert library.spots.sum() == 200 and library.spots.min() >= FEWEST_SPOTS
    assert np.allclose(np.linalg.norm(library.r, axis=1), 1)
    assert library.expression.shape == (len(library.r), 60)


def test_former_symbols_find_their_genes():
    assert places(["CYR61", "CCN2", "KRT8"], ["CCN1", "CCN2", "CYR61", "NONE"]) == [0, 1]
    assert len(set(RENAMED.values())) == len(RENAMED)


def test_regions_are_those_of_the_viewer():
    """The ramp of region.test.ts: enlarging keeps every place."""
    ramp = np.tile(np.clip(28 * (np.arange(130) - 98.99), 0, 255), (32, 1))
    image = np.repeat(ramp[..., None], 3, axis=2).astype(np.uint8)
    window = read_region(image, 94.3, 4, 14, 20)
    places_px = 94.3 + (np.arange(20) + 0.5) * 0.7
    inside = (places_px > 101.5) & (places_px < 106.5)
    assert np.abs(window[5, inside, 0] / 28 + 99.49 - places_px[inside]).max() < 0.05
    assert (read_region(image, -50, -50, 20, 20) == 255).all()
    first, weight = linear_taps(10, 1, 4)
    assert first.tolist() == [10, 11, 12, 13] and not weight.any()


def test_shrinking_averages_two_by_two():
    window = np.zeros((512, 512, 3), np.uint8)
    window[32:34, 32:34] = [[[10] * 3, [20] * 3], [[30] * 3, [41] * 3]]
    small = shrink_centre(window)
    assert small.shape == (224, 224, 3) and small[0, 0, 0] == 25 and not small[1:].any()


def test_neighbours_mean_leaves_the_spot_itself_out():
    place = np.array([[0, 0], [0, 1], [1, 1], [9, 9]])
    mean = neighbour_mean(np.array([[1.0], [2], [6], [7]]), place)
    assert mean[:, 0].tolist() == [4, 3.5, 1.5, 7]


def test_thinning_keeps_depth_within_its_bounds():
    spots = planted()
    copy = thinned(spots, np.random.default_rng(0))
    assert copy.shape == spots.counts.shape
    assert (copy == 0).mean() > (spots.counts == 0).mean()
    assert normalised(np.array([[10.0]]), np.array([100.0])) == pytest.approx(np.log(1001))


def test_axes_are_orthonormal_and_scaled():
    spots = planted()
    axes = principal_axes(spots.expression, spots.section, 5)
    assert np.allclose(axes.loadings @ axes.loadings.T, np.eye(5), atol=1e-4)
    assert axes.scores(spots.expression).std(axis=0) == pytest.approx(np.ones(5), rel=0.02)


def test_slopes_and_r2():
    """R2 of a prediction that is right up to scale and a section's offset is 1; of noise, below."""
    spots = planted()
    exam = Examination.of(spots, rounds=20)
    measured = np.random.default_rng(0).normal(size=160)
    predicted = measured / 3 + 5
    slope = slopes(predicted[:, None], measured[:, None], spots.section)
    assert slope == pytest.approx([3])
    figures, noise = exam.sets(
        np.column_stack([predicted, np.random.default_rng(1).normal(size=160)]),
        np.column_stack([measured, measured]), np.array([slope[0], 1.0]),
    )  # fmt: skip
    assert figures["r2"]["value"] == pytest.approx(1) and figures["r2_above_zero"]
    assert figures["r2_raw"] < 0 and figures["pearson"]["value"] == pytest.approx(1)
    assert noise["r2"]["value"] < 0 and not noise["r2_above_zero"]


def test_spearman_agrees_with_the_heads_statistics():
    spots = planted()
    exam = Examination.of(spots, rounds=3)
    rng = np.random.default_rng(0)
    predicted, measured = rng.normal(size=(2, 160, 1))
    measured = np.round(measured + 0.5 * predicted)
    rho, beyond = exam.spearman(predicted, measured)
    scores = predicted[:, 0], measured[:, 0], spots.section, exam.weight[:1]
    assert rho[0, 0] == pytest.approx(spearmans(*scores)[0])
    assert beyond[0, 0] == pytest.approx(spearmans(*scores, np.log(spots.depth))[0])


RECIPE = Recipe(embedding=("class",), width=8, hidden=16, rank=4, epochs=40, drop=0.1)


@pytest.mark.parametrize("contrastive,regression", [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_training_finds_what_is_planted(contrastive: float, regression: float):
    recipe = replace(RECIPE, contrastive=contrastive, regression=regression)
    prepared = Prepared.of(planted())
    alignment = train(prepared, recipe)
    held = planted(seed=1)
    u, predicted = alignment.look(held)
    member = np.zeros((60, 1))
    member[:20] = 1
    score, truth = ssgsea(predicted, member)[:, 0], ssgsea(held.expression, member)[:, 0]
    assert np.corrcoef(score, truth)[0, 1] > 0.7
    r = alignment.read(held.expression)
    assert recall_hits(u, r, (10,)).mean() > 1.5 * 10 / 160
    again = train(prepared, recipe)
    assert np.allclose(again.look(held)[0], u)


def test_shuffled_pairs_teach_nothing():
    prepared = Prepared.of(planted())
    alignment = train(prepared, RECIPE, order=np.random.default_rng(0).permutation(160))
    held = planted(seed=1)
    member = np.zeros((60, 1))
    member[:20] = 1
    score = ssgsea(alignment.look(held)[1], member)[:, 0]
    assert abs(np.corrcoef(score, ssgsea(held.expression, member)[:, 0])[0, 1]) < 0.6


MODEL = REPO_ROOT / "models/molecular-c"


def test_shipped_model_reproduces_its_reference_and_never_saw_patient_b():
    manifest = json.loads((MODEL / "manifest.json").read_text())
    facts = manifest["alignment"]
    assert set(check_model(MODEL)) == {"image-f32.onnx"}
    assert set(check_network(MODEL, facts["expression"])) == {"expression-f32.onnx"}
    for part in (facts["vocabulary"], facts["library"], facts["spectrum"]):
        assert identity(MODEL / part["path"]).items() <= part.items()
    genes = json.loads((MODEL / facts["vocabulary"]["path"]).read_text())["genes"].split(" ")
    assert len(set(genes)) == facts["vocabulary"]["genes"]
    library = read_library(MODEL, facts["library"], facts["width"], len(genes))
    assert facts["library"]["bytes"] <= 4e6
    assert "B" not in library.patients and library.spots.sum(axis=1).min() >= FEWEST_SPOTS
    assert np.allclose(np.linalg.norm(library.r, axis=1), 1, atol=2e-3)


def test_spectrum_says_what_the_evaluation_says():
    drawn = json.loads((MODEL / "spectrum.json").read_text())
    figures = json.loads((MODEL / "evaluation.json").read_text())["headline"]["C to B"]
    assert len(drawn["sets"]) == 50
    for entry in drawn["sets"]:
        own = figures["predictor"]["sets"][entry["name"]]
        assert entry["predictor"]["r2"][0] == pytest.approx(own["r2"]["value"], abs=1e-4)
        if entry["predictor"]["readable"]:
            assert own["r2"]["interval"][0] > 0
            assert entry["predictor"]["r2"][0] > entry["predictor"]["r2_shuffled"]


def test_training_on_fields_of_b4():
    """From pixels and counts to scores, on 48 spots with their mean colour as embedding."""
    try:
        section = load_section("B4")
    except DataMissingError as error:
        pytest.skip(str(error))
    few = replace(section, kept=section.kept[:48], centre=section.centre[:48])
    fields = viewer_fields(few)
    assert fields.shape == (48, 224, 224, 3)
    # The heads' fields are cut by another interpolation of the same place.
    assert np.abs(fields.mean(axis=(1, 2)) - few.fields(224).mean(axis=(1, 2))).max() < 3
    colour = {"class": (fields.mean(axis=(1, 2)) / 255).astype(np.float32)}
    genes = choose_vocabulary([section.counts], 400)
    rows = spots(section.counts, few.kept, "B4", "B", genes, colour, spot_blocks(few))
    prepared = Prepared.of(rows)
    alignment = train(prepared, replace(RECIPE, epochs=2, least_steps=10))
    u, predicted = alignment.look(rows)
    assert np.allclose(np.linalg.norm(u, axis=1), 1, atol=1e-5)
    assert predicted.shape == (48, 400) and np.isfinite(predicted).all()


def test_hallmark_sets_ship_as_the_data_has_them():
    try:
        sets = hallmark()
    except DataMissingError as error:
        pytest.skip(str(error))
    shipped = json.loads((REPO_ROOT / "public/genesets/hallmark.json").read_text())
    assert shipped == json.loads(json.dumps(compact(sets)))
    assert len(sets) == 50


def test_vocabulary_prefers_genes_of_the_sets():
    try:
        data_path("spatial", "her2st")
    except DataMissingError as error:
        pytest.skip(str(error))
    counts = read_counts("B4")
    genes = choose_vocabulary([counts], 3000)
    assert len(genes) == len(set(genes)) == 3000
    in_sets = {counts.genes[p] for s in hallmark() for p in places(counts.genes, s.genes)}
    assert len(in_sets & set(genes)) > 0.5 * len(in_sets)
