"""Strong stain is weakened for the segmenter, in numbers that the viewer shares."""

from __future__ import annotations

import json

import numpy as np
import pytest

from training.common.paths import MODELS_DIR, REPO_ROOT
from training.nuclei.decode import Nuclei
from training.nuclei.strong_stain import (
    DENSITY, STRONGEST, otsu, power, squares, stained_squares, weakened,
)  # fmt: skip


def drawn_example(rows: list[str], colours: np.ndarray) -> np.ndarray:
    """The picture that strong-stain.json describes: uint8 [8 n, 8 n, 3]."""
    side = 8 * len(rows)
    y, x, c = np.mgrid[:side, :side, :3]
    place = np.asarray([[int(d) for d in row] for row in rows])[y[..., 0] // 8, x[..., 0] // 8]
    return (colours[place] + (x * y + x + c) % 7 - 3).astype(np.uint8)


def test_strong_stain_is_weakened_as_in_the_viewer() -> None:
    """The example that src/analysis/strong-stain.test.ts reads too."""
    example = json.loads((REPO_ROOT / "src/analysis/testing/strong-stain.json").read_text())
    margin, strongest = example["marginPx"], example["strongest"]
    for case in example["cases"]:
        picture = drawn_example(case["rows"], np.asarray(example["colours"]))
        shown = weakened(picture, margin, strongest)
        assert power(picture, margin, strongest) == pytest.approx(case["k"], abs=1e-12)
        if case["levels"] is None:
            assert shown is picture
        else:
            assert (shown == np.asarray(case["levels"])[picture]).all()
    assert [case["k"] < 1 for case in example["cases"]] == [True, False, False, False]


def test_a_weakened_field_has_the_strongest_stain_that_is_allowed() -> None:
    rng = np.random.default_rng(4)
    dark = rng.random((40, 40)) < 0.3
    # The means of 4 px squares are the colours themselves.
    colour = np.where(dark[..., None], [50, 30, 95], [205, 140, 185]).astype(np.uint8)
    field = colour.repeat(4, 0).repeat(4, 1)
    seen = squares(weakened(field, 0, STRONGEST), 0)
    middle = np.median(DENSITY[seen[stained_squares(seen)][:, 0]])
    assert middle == pytest.approx(STRONGEST, abs=0.005)
    assert weakened(field, 0, np.inf) is field


def test_nuclear_stain_without_an_outline_lies_outside() -> None:
    pytest.importorskip("torch")
    from training.nuclei.stain_figures import outside

    labels = np.zeros((512, 512), np.int32)
    for n in range(16):
        row, col = 80 + 100 * (n // 4), 80 + 100 * (n % 4)
        labels[row : row + 40, col : col + 40] = n + 1
    field = np.where(labels[..., None] > 0, [90, 60, 140], [230, 200, 220]).astype(np.uint8)
    nothing = np.zeros((0, 2))

    def share(kept: np.ndarray) -> float:
        found = Nuclei(kept, nothing, nothing, np.zeros(0, int), np.zeros(0))
        stained, missed = outside(field, found)
        return missed / stained

    assert share(labels) == 0
    assert share(np.zeros_like(labels)) == 1
    assert share(np.where(labels % 2, labels, 0)) == pytest.approx(0.5, abs=0.05)


def test_otsu_parts_two_heaps_and_answers_nothing_of_one() -> None:
    values = np.concatenate([np.full(300, 0.2), np.full(100, 1.0)])
    assert 0.2 < otsu(values) <= 1.0
    assert otsu(np.full(50, 0.4)) == 0


def test_the_shipped_segmenter_names_what_it_was_scored_with() -> None:
    shipped = json.loads((MODELS_DIR / "nuclei-star-2" / "manifest.json").read_text())
    assert shipped["segmenter"]["strongestStain"] == STRONGEST
