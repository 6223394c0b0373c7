"""The encoder's measures: published examples, hand-made cases, and what must not leak."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from training.encoder import evaluate
from training.encoder.atlas_tiles import cut, is_tissue
from training.encoder.bank import (
    bank_distance,
    choose_rows,
    held_out_distances,
    percentiles,
    spread_rows,
    unit_rows,
    write_bank,
)
from training.encoder.neighbours import adjacent, mutual_neighbours, retrieval
from training.encoder.probe import auroc
from training.encoder.pyramid import DeepZoom
from training.encoder.robustness import croma, robustness_index, typed_distances
from training.encoder.rotation import PATCH_PX, turn, turning_agreement
from training.encoder.tiles import load_tiles, tile_places
from training.encoder.unfamiliar import like_ihc, painted_families

SHEET = np.array([(1, 0), (0.9, 0.1), (0.8, 0.3), (0, 1), (0.1, 0.9), (0.3, 0.8)])


def sheet_case() -> object:
    """The example of the methods sheet, section 6: t or n in centres 1 and 2, distinct slides."""
    return typed_distances(SHEET, np.array(list("ttnnnt")), np.array(list("121212")), np.arange(6))


def test_auroc_known_values() -> None:
    assert auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0, 0, 1, 1])) == pytest.approx(0.75)
    assert auroc(np.ones(4), np.array([0, 1, 0, 1])) == pytest.approx(0.5)


def test_robustness_golden() -> None:
    typed = sheet_case()
    by_k = {k: robustness_index(typed, k) for k in (1, 2, 3)}
    assert [by_k[k]["ri"] for k in (1, 2, 3)] == pytest.approx([1, 0.5, 0.6])
    assert [by_k[k]["ratio"] for k in (2, 3)] == pytest.approx([1, 1.3333], abs=1e-4)
    assert np.isnan(by_k[1]["ratio"])
    expected = [0.824716, 0.986343, -0.821287] * 2
    assert croma(typed, m=1) == pytest.approx(expected, abs=1e-6)


def test_robustness_extremes() -> None:
    """Embeddings of pure biology reach 1, of pure centre 0; the own slide is never counted."""
    biology = np.repeat(list("ab"), 8)
    centre = np.tile(np.repeat(list("12"), 4), 2)
    slide = np.arange(16) // 2
    rng = np.random.default_rng(0)
    jitter = rng.normal(0, 0.01, (16, 2))
    for labels, ri in ((biology, 1.0), (centre, 0.0)):
        points = np.where(labels[:, None] == labels[0], [1.0, 0.0], [0.0, 1.0]) + jitter
        typed = typed_distances(points, biology, centre, slide)
        assert robustness_index(typed, 6)["ri"] == ri
        assert (typed.kind[slide[:, None] == slide[None]] == -1).all()


def test_scanner_measure_leaves_unknown_slides_out() -> None:
    slides = np.repeat(["duodenum-net-at2", "duodenum-adenoma-gt450", "lung-squamous-gt450-1",
                        "breast-lobular-at2", "crohn-gt450"], 20)  # fmt: skip
    found = evaluate.scanner_measure(np.random.default_rng(0).normal(size=(100, 8)), slides)
    assert found["shared"] == ["duodenum"] and found["queries"] == 40
    assert "crohn-gt450" not in found["slides"]


def test_retrieval_of_a_map() -> None:
    """Features that are the tile's place find the tiles beside it; random ones do not."""
    places = np.array([(x, y) for x in range(10) for y in range(10)] * 2)
    slides = np.repeat(["a", "b"], 100)
    assert adjacent(slides, places)[0].nonzero()[0].tolist() == [1, 10, 11]
    angle = np.column_stack([places, 40 * (slides == "b")]) * 0.03
    good = torch.from_numpy(np.concatenate([np.cos(angle), np.sin(angle)], axis=1))
    bad = torch.from_numpy(np.random.default_rng(0).normal(size=(200, 16)))
    assert retrieval(good, slides, places)["all"]["at_1"] > 0.9
    found = retrieval(bad, slides, places)
    assert found["all"]["at_k"] == pytest.approx(found["all"]["chance"], abs=0.03)


def test_mutual_neighbours() -> None:
    points = torch.randn(60, 8, generator=torch.Generator().manual_seed(0))
    assert mutual_neighbours(points, points * 3, 10) == 1
    assert mutual_neighbours(points, points.flip(0), 10) < 0.4


def test_turning_shows_no_corner() -> None:
    """A uniform patch stays uniform at every angle, and quarter turns are exact."""
    plain = np.full((1, PATCH_PX, PATCH_PX, 3), 200, np.uint8)
    assert all(int(turn(plain, d).min()) == 200 for d in (15, 45, 75))
    noise = np.random.default_rng(0).integers(0, 256, plain.shape, dtype=np.uint8)
    assert torch.equal(turn(noise, 90), torch.rot90(turn(noise, 0), 1, (2, 3)))


def test_turning_agreement_of_a_blind_measure() -> None:
    patches = np.random.default_rng(0).integers(0, 256, (24, 320, 320, 3), dtype=np.uint8)
    patches[:, :, :, 0] //= np.arange(1, 25, dtype=np.uint8)[:, None, None]
    result = turning_agreement(lambda rgb: rgb.float().mean(dim=(2, 3)), patches, (45, 90))
    assert result["multiples_of_90"] == 1
    assert result["other_angles"] > 0.8


def test_bank_holds_the_own_source_out() -> None:
    rng = np.random.default_rng(0)
    centres = {"a": [1, 0, 0], "b": [0, 1, 0], "c": [0.1, 1, 0]}
    sources = np.repeat(list(centres), 30)
    features = np.concatenate([rng.normal(v, 0.02, (30, 3)) for v in centres.values()])
    chosen = choose_rows(features, sources, 30)
    assert [int((sources[chosen] == s).sum()) for s in centres] == [10, 10, 10]
    assert len(set(chosen.tolist())) == 30
    rows = unit_rows(features[chosen])
    held = held_out_distances(features, sources, rows, sources[chosen])
    assert held[sources == "a"].min() > 0.5 > held[sources == "b"].max()
    assert bank_distance(features, rows).max() < 0.05
    quantiles = percentiles(held, sources)
    assert (np.diff(quantiles) >= 0).all()
    assert quantiles[100] < 0.1 < held.max()  # the typical source, not the farthest


def test_bank_distance_by_hand() -> None:
    rows = unit_rows(np.array([[1.0, 0], [0, 1], [-1, 0]]))
    assert bank_distance(np.array([[2.0, 0]]), rows, 2) == pytest.approx([0.5])
    assert spread_rows(np.array([[1.0, 0.1], [1, 0], [0, 1], [1, 0.05]]), 2).tolist() == [0, 2]


def test_bank_file(tmp_path) -> None:
    rows = unit_rows(np.random.default_rng(0).normal(size=(7, 4)))
    entry = write_bank(rows, np.linspace(0, 1, 101), tmp_path / "bank.f32", "a test")
    stored = np.frombuffer((tmp_path / "bank.f32").read_bytes(), "<f4").reshape(7, 4)
    assert np.array_equal(stored, rows)
    assert entry["threshold"] == pytest.approx(0.95) and entry["count"] == 7


def test_ihc_like_turns_pink_to_brown() -> None:
    pink = np.full((1, 8, 8, 3), (235, 160, 200), np.uint8)
    brown = like_ihc(pink)[0, 0, 0].astype(int)
    assert brown[0] > brown[1] > brown[2]
    assert {f.images.shape for f in painted_families(3).values()} == {(3, 224, 224, 3)}


def write_pyramid(folder, image: np.ndarray) -> None:
    """Two levels of a Deep Zoom pyramid with lossless tiles under their usual names."""
    for level, picture in ((1, image), (0, image[::2, ::2])):
        target = folder / "HE_files" / str(level)
        target.mkdir(parents=True)
        height, width = picture.shape[:2]
        for column in range(-(-width // 254)):
            for row in range(-(-height // 254)):
                y, x = max(254 * row - 1, 0), max(254 * column - 1, 0)
                tile = picture[y : 254 * row + 255, x : 254 * column + 255]
                stored = io.BytesIO()
                Image.fromarray(np.ascontiguousarray(tile)).save(stored, "PNG")
                (target / f"{column}_{row}.jpeg").write_bytes(stored.getvalue())


def test_pyramid_regions_and_tiles(tmp_path) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(60, 200, (1100, 1300, 3), dtype=np.uint8)
    image[:, 800:] = 250
    write_pyramid(tmp_path / "slide", image)
    slide = DeepZoom(tmp_path / "slide", "HE")
    assert np.array_equal(slide.region(1, 200, 300, 400), image[300:700, 200:600])
    assert (slide.region(1, 1250, 1000, 200)[:, 60:] == 255).all()
    kept = cut(slide, "slide-at2", tmp_path / "tiles", 5, levels_down=0, seed=0)
    tiles, names = load_tiles(tmp_path / "tiles")
    assert kept == len(tiles) == 5 and set(names) == {"slide-at2"}
    assert all(is_tissue(t) for t in tiles)
    for tile, (column, row) in zip(tiles, tile_places(tmp_path / "tiles"), strict=True):
        y, x = 254 * row - 1, 254 * column - 1
        assert np.array_equal(tile, image[y : y + 256, x : x + 256])
    with pytest.raises(ValueError, match="no tiles"):
        _ = DeepZoom(tmp_path / "slide", "CHR").tiles
