"""The cards say what the stored evaluations say."""

import json

import pytest

from training.report import MODELS, shipped, tables, written


@pytest.mark.parametrize("folder", shipped(), ids=lambda folder: folder.name)
def test_card_agrees_with_evaluation(folder):
    assert (folder / "card.md").read_text() == written(folder)


def test_every_model_folder_is_shipped():
    """A folder that index.json does not name would be downloaded by nobody and checked by none."""
    assert {f.parent for f in MODELS.glob("*/manifest.json")} == set(shipped())


def test_metrics_on_screen_are_in_the_evaluation():
    """What the viewer shows beside a score is a number of the stored evaluation."""
    for folder in shipped():
        manifest = json.loads((folder / "manifest.json").read_text())
        stored = numbers(json.loads((folder / "evaluation.json").read_text()))
        for metric in manifest["metrics"]:
            shown = metric["value"]
            assert any(shown in (v, round(v, 3)) for v in stored), (folder.name, metric)


def numbers(value):
    """All numbers anywhere in a JSON value."""
    if isinstance(value, dict):
        return {n for v in value.values() for n in numbers(v)}
    if isinstance(value, list):
        return {n for v in value for n in numbers(v)}
    return {float(value)} if isinstance(value, int | float) else set()


def test_tables_are_cut_out_of_a_card():
    card = "# A\ntext\n## B\nmore\n\n| x |\n| --- |\n| 1 |\n\nand\n\n| y |\n## C\nend\n"
    assert tables(card) == "\n## B\n| x |\n| --- |\n| 1 |\n\n| y |"
