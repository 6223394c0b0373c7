"""A lab's own head: tiles and labels in, a model folder with honest figures out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from training.byo.held_out import shuffled, temperature
from training.byo.tiles import read_tiles
from training.common.manifest import open_session
from training.common.painted import painted_tissue
from training.export_encoder import Named as NamedEncoder
from training.export_encoder import export
from training.tests.byo_small import DIM, random_checkpoint, save, small
from training.train_head import Named, train_on


@pytest.fixture(scope="module")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small random encoder of 9 tokens."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("encoder")
    arch = small("uni")
    named = NamedEncoder("own", "Own", "-")
    weights = save(random_checkpoint(arch), folder)
    export(arch, weights, folder / "own", named, dtypes=["int8-weights"])
    return folder / "own"


def write_tiles(folder: Path, seen: bool, groups: int = 5, each: int = 12) -> Path:
    """Painted tiles; with `seen` a positive tile has a dark square somewhere, else only a label."""
    rng = np.random.default_rng(4)
    rows = ["tile,label,group"]
    for i in range(groups * each):
        picture = painted_tissue(64, 0.5, seed=i % 7).copy()
        label = int(rng.integers(0, 2)) if i >= 2 * groups else i // groups % 2
        if seen and label:
            y, x = rng.integers(8, 28, 2)
            picture[y : y + 28, x : x + 28] = (30, 10, 60)
        Image.fromarray(picture).save(folder / f"{i}.png")
        rows.append(f"{i}.png,{label},patient {i % groups}")
    table = folder / "tiles.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


def test_head_learns_what_tiles_show(encoder_folder: Path, tmp_path: Path) -> None:
    named = Named("own-dark", "Dark squares", "painted tissue", "-")
    table = write_tiles(tmp_path, seen=True)
    evaluation = train_on(encoder_folder, table, tmp_path / "head", named, shuffles=1)
    head = json.loads((tmp_path / "head" / "manifest.json").read_text())["head"]
    own = json.loads((encoder_folder / "manifest.json").read_text())["encoder"]
    assert evaluation["subjects"]["head"]["auroc"] > 0.9
    assert max(evaluation["shuffled"]) < 0.8
    assert evaluation["folds"] == evaluation["groups"] == head["patients"] == 5
    assert (head["tokens"], head["dim"], head["count"]) == (own["tokens"], DIM, 9)
    assert (head["trust"], head["variant"]) == ("useful", "baseline")
    assert head["targetId"] == "dark-squares"
    assert "**useful**" in (tmp_path / "head" / "card.md").read_text()
    feed = {"class_token": np.zeros((1, DIM), np.float32),
            "patch_tokens": np.ones((1, 9, DIM), np.float32)}  # fmt: skip
    logit, attention, contribution, share, gate = open_session(
        tmp_path / "head" / "head-f32.onnx"
    ).run(["logit", "attention", "contribution", "class_share", "gate"], feed)
    assert np.allclose(head["bias"] + share + contribution.sum(), logit, atol=1e-4)
    assert np.allclose(attention.sum(), 1, atol=1e-5)
    assert gate.shape == (1,)


def test_head_without_signal_is_called_chance(
    encoder_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("training.byo.held_out.MIN_STEPS", 20)
    named = Named("own-none", "Nothing", "painted tissue", "-")
    table = write_tiles(tmp_path, seen=False)
    train_on(encoder_folder, table, tmp_path / "head", named, shuffles=1)
    head = json.loads((tmp_path / "head" / "manifest.json").read_text())["head"]
    assert head["trust"] == "chance" and "no better than chance" in head["note"]


def test_numbers_are_split_at_the_median(tmp_path: Path) -> None:
    write_tiles(tmp_path, seen=False, groups=2, each=2)
    table = tmp_path / "numbers.csv"
    table.write_text("tile,label,group\n0.png,1.5,a\n1.png,9,b\n2.png,3,a\n3.png,4,b\n")
    tiles = read_tiles(table)
    assert tiles.label.tolist() == [0, 1, 0, 1] and tiles.rule == "1 above the median 3.5"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "no table of tiles"),
        ("tile,label\n0.png,1\n", "lacks the column group"),
        ("tile,label,group\n", "names no tiles"),
        ("tile,label,group\n0.png,1,a\nno.png,0,b\n", "1 of 2 tiles are not there"),
        ("tile,label,group\n0.png,yes,a\n1.png,0,b\n", "label of 0.png is 'yes'"),
        ("tile,label,group\n0.png,1,a\n1.png,0,a\n", "one group"),
        ("tile,label,group\n0.png,1,a\n1.png,1,b\n", "same label"),
        ("tile,label,group\n0.png,1,a\n1.png,0,b\n", "all tiles have one label"),
        ("tile,label,group\ntiny.png,1,a\n1.png,0,b\n", "the encoder reads 48 px"),
        ("tile,label,group\ntiles.txt,1,a\n1.png,0,b\n", "not an image"),
    ],
)
def test_tables_are_refused_with_a_sentence(
    encoder_folder: Path, tmp_path: Path, text: str | None, sentence: str
) -> None:
    write_tiles(tmp_path, seen=False, groups=2, each=2)
    Image.new("RGB", (20, 20)).save(tmp_path / "tiny.png")
    (tmp_path / "tiles.txt").write_text("not a picture")
    table = tmp_path / "table.csv"
    if text is not None:
        table.write_text(text)
    with pytest.raises(ValueError, match=sentence):
        train_on(encoder_folder, table, tmp_path / "head", Named("a", "a", "a", "-"))


def test_a_folder_without_manifest_is_refused(tmp_path: Path) -> None:
    table = write_tiles(tmp_path, seen=False, groups=2, each=2)
    with pytest.raises(ValueError, match="not a model folder"):
        train_on(tmp_path / "none", table, tmp_path / "head", Named("a", "a", "a", "-"))


def test_shuffling_keeps_what_groups_share() -> None:
    group = np.repeat(["a", "b", "c", "d"], 5)
    by_group = np.repeat([0, 1, 1, 0], 5)
    mixed = shuffled(by_group, group, seed=3)
    assert all(len(set(mixed[group == g])) == 1 for g in "abcd")
    assert mixed.sum() == by_group.sum()
    by_tile = np.tile([1, 0, 0, 0, 0], 4)
    mixed = shuffled(by_tile, group, seed=3)
    assert all(mixed[group == g].sum() == 1 for g in "abcd") and not np.array_equal(mixed, by_tile)


def test_temperature_of_perfect_and_of_overconfident_logits() -> None:
    label = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    assert temperature(np.array([-4.0, -3, -2, -1, 1, 2, 3, 4]), label) == 1
    # 3 of 4 right at one confidence: calibrated where sigmoid(logit / t) = 3/4.
    logit = np.array([-8.0, -8, -8, 8, 8, 8, 8, -8])
    assert temperature(logit, label) == pytest.approx(8 / np.log(3), rel=0.01)
