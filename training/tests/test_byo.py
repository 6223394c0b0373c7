"""Bring your own encoder: every architecture, small and with random weights, through the exporter.

Two tests compare with timm and transformers themselves and skip where these do not import.
"""

from __future__ import annotations

import importlib
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from training.byo.architectures import ARCHITECTURES, Architecture, architecture
from training.byo.onnx_files import FILES, INPUT, OUTPUTS, write_float
from training.byo.vit import VisionTransformer
from training.byo.weights import build_encoder, fold_positions, read_checkpoint
from training.common.manifest import check_model, open_session
from training.export_encoder import Named, export, model_id
from training.tests.byo_small import DIM, random_checkpoint, random_image, save, scramble, small


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_onnx_equals_torch(name: str, tmp_path: Path) -> None:
    arch = small(name)
    model = build_encoder(arch, random_checkpoint(arch))
    write_float(model, tmp_path / "float.onnx")
    image = random_image(arch, 3)
    expected = model(image)
    got = open_session(tmp_path / "float.onnx").run(OUTPUTS, {INPUT: image.numpy()})
    assert expected[1].shape == (3, arch.grid**2, arch.dim)
    for a, b in zip(got, expected, strict=True):
        assert a.shape == tuple(b.shape)
        assert np.abs(a - b.numpy()).max() < 1e-3


@pytest.mark.parametrize("name", ["uni", "uni2-h", "conch"])
def test_folder_is_complete(name: str, tmp_path: Path) -> None:
    arch = small(name)
    weights = save(random_checkpoint(arch), tmp_path)
    named = Named("mine", "My encoder", "CC-BY-NC-ND 4.0")
    evaluation = export(arch, weights, tmp_path / "mine", named)
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text())
    assert manifest["encoder"] == {
        "dim": DIM, "grid": [3, 3],
        "tokens": f"mine@{evaluation['source']['sha256'][:8]}",
    }  # fmt: skip
    assert [f["dtype"] for f in manifest["files"]] == list(FILES)
    assert not any("external" in f for f in manifest["files"])
    assert manifest["input"]["px"] == arch.px
    assert manifest["input"]["mean"] == list(arch.normalise[0])
    for path, _ in FILES.values():
        assert evaluation["files"][path]["class_cosine"] > 0.98
    text = (tmp_path / "mine" / "card.md").read_text()
    assert evaluation["source"]["sha256"] in text and "CC-BY-NC-ND 4.0" in text


def test_weights_are_split_into_files(tmp_path: Path) -> None:
    arch = small("uni2-h")
    weights = save(random_checkpoint(arch), tmp_path)
    limit = 32_000
    whole = export(arch, weights, tmp_path / "whole", Named("a", "a", "-"))
    parted = export(arch, weights, tmp_path / "parted", Named("a", "a", "-"), limit=limit)
    manifest = json.loads((tmp_path / "parted" / "manifest.json").read_text())
    assert any(len(f.get("external", [])) > 1 for f in manifest["files"])
    for entry in manifest["files"]:
        for part in entry.get("external", []):
            assert (tmp_path / "parted" / part["path"]).stat().st_size == part["bytes"] <= limit
        path = entry["path"]
        same, other = whole["files"][path], parted["files"][path]
        assert same["class_token"] == other["class_token"]
    split = next(f for f in manifest["files"] if "external" in f)
    changed = tmp_path / "parted" / split["external"][0]["path"]
    data = bytearray(changed.read_bytes())
    data[0] ^= 1
    changed.write_bytes(bytes(data))
    with pytest.raises(ValueError, match=changed.name):
        check_model(tmp_path / "parted")


def test_positions_in_each_form() -> None:
    """Patches alone, with the class token, with the whole prefix: the same network."""
    arch = small("uni2-h")
    plain = random_checkpoint(arch, covered=0)
    prefix = torch.randn(1, 1 + arch.registers, DIM)
    for covered in (1, 1 + arch.registers):
        added = dict(plain)
        added["pos_embed"] = torch.cat([prefix[:, :covered], plain["pos_embed"]], dim=1)
        folded, base = fold_positions(added, arch), fold_positions(plain, arch)
        assert torch.equal(folded["positions"], base["positions"])
        expected = base["prefix"].clone()
        expected[:, :covered] += prefix[:, :covered]
        assert torch.allclose(folded["prefix"], expected)


def test_float16_is_left_out_when_it_could_overflow(tmp_path: Path) -> None:
    arch = small("uni")
    state = random_checkpoint(arch)
    state["blocks.1.mlp.fc1.bias"] += 30_000
    evaluation = export(arch, save(state, tmp_path), tmp_path / "big", Named("a", "a", "-"))
    assert "float16" in evaluation["left_out"]
    assert FILES["float16"][0] not in evaluation["files"]


def test_refusals_name_what_is_wrong(tmp_path: Path) -> None:
    arch = small("uni")
    good = random_checkpoint(arch)
    without = {k: v for k, v in good.items() if k != "blocks.1.ls2.gamma"}
    with pytest.raises(ValueError, match=r"lack blocks\.1\.ls2\.gamma"):
        build_encoder(arch, without)
    with pytest.raises(ValueError, match=r"no place for: fc_norm\.weight"):
        build_encoder(arch, {**good, "fc_norm.weight": torch.zeros(DIM)})
    with pytest.raises(ValueError, match=r"norm\.bias has shape \[5\], expected \[24\]"):
        build_encoder(arch, {**good, "norm.bias": torch.zeros(5)})
    with pytest.raises(ValueError, match="form no square grid"):
        build_encoder(arch, {**good, "pos_embed": torch.zeros(1, 12, DIM)})
    with pytest.raises(ValueError, match="found 0"):
        build_encoder(arch, {"layer.weight": torch.zeros(3)})
    with pytest.raises(ValueError, match="lack reg_token"):
        build_encoder(small("uni2-h"), random_checkpoint(small("gigapath")))
    with pytest.raises(ValueError, match="no weights file"):
        read_checkpoint(tmp_path / "absent.bin")
    with pytest.raises(ValueError, match="Known are: uni, "):
        architecture("resnet50")
    with pytest.raises(ValueError, match="names the model"):
        model_id(tmp_path / "my uni")


def test_conch_trunk_is_found_inside_the_whole_model() -> None:
    arch = small("conch")
    trunk = random_checkpoint(arch)
    whole = {f"visual.trunk.{k}": v for k, v in trunk.items()} | {"logit_scale": torch.ones(1)}
    image = random_image(arch)
    for a, b in zip(build_encoder(arch, whole)(image), build_encoder(arch, trunk)(image)):
        assert torch.equal(a, b)


def reference(name: str) -> ModuleType:
    """A package to compare with, or a skip that says why."""
    try:
        return importlib.import_module(name)
    # Broken installations raise all sorts: timm needs torchvision with its compiled operators.
    except Exception as problem:
        pytest.skip(f"{name} does not import here ({type(problem).__name__}): not compared.")


def timm_arguments(timm: ModuleType, name: str) -> tuple[str, dict[str, object]]:
    """Model and keyword arguments that the authors' loading code gives to timm."""
    packed = {"mlp_layer": timm.layers.SwiGLUPacked, "act_layer": torch.nn.SiLU}
    return {
        "uni": ("vit_large_patch16_224", {"init_values": 1e-5}),
        "uni2-h": (
            "vit_giant_patch14_224",
            {"patch_size": 14, "depth": 24, "num_heads": 24, "init_values": 1e-5,
             "embed_dim": 1536, "mlp_ratio": 2.66667 * 2, "no_embed_class": True,
             "reg_tokens": 8, **packed},
        ),
        "virchow2": (
            "vit_huge_patch14_224",
            {"init_values": 1e-5, "reg_tokens": 4, "mlp_ratio": 5.3375, "global_pool": "",
             **packed},
        ),
        "h-optimus-0": ("vit_giant_patch14_reg4_dinov2", {"init_values": 1e-5}),
        "gigapath": ("vit_giant_patch14_dinov2", {"patch_size": 16, "mlp_ratio": 5.33334}),
        "kaiko-s16": ("vit_small_patch16_224", {}),
        "kaiko-b16": ("vit_base_patch16_224", {}),
        "kaiko-b8": ("vit_base_patch8_224", {}),
        "kaiko-l14": ("vit_large_patch14_reg4_dinov2", {}),
        "conch": ("vit_base_patch16_224", {}),
    }[name]  # fmt: skip


# Grids that the position embeddings of a published checkpoint have, where not those at 224 px.
PUBLISHED_PX = {"kaiko-l14": 518, "conch": 448}
TIMM = ["uni", "uni2-h", "virchow2", "h-optimus-0", "gigapath", "kaiko-s16", "kaiko-b16",
        "kaiko-b8", "kaiko-l14", "conch"]  # fmt: skip


@pytest.mark.parametrize("name", TIMM)
def test_timm_computes_the_same(name: str) -> None:
    """Narrow random networks agree; at full size, names and shapes fit without memory."""
    timm = reference("timm")
    model_name, arguments = timm_arguments(timm, name)
    full = ARCHITECTURES[name]
    published = {"img_size": PUBLISHED_PX.get(name, full.px), "num_classes": 0}
    with torch.device("meta"):
        real = timm.create_model(model_name, **{**arguments, **published})
        build_encoder(full, real.state_dict())
    arch = replace(small(name), mlp=int(DIM * full.mlp / full.dim) // 2 * 2)
    ratio = {"mlp_ratio": arch.mlp / DIM, "embed_dim": DIM, "depth": 2, "num_heads": 3}
    theirs = timm.create_model(
        model_name, **{**arguments, **ratio, "img_size": arch.px, "num_classes": 0}
    ).eval()
    theirs.load_state_dict(scramble(theirs.state_dict()))
    image = random_image(arch)
    with torch.no_grad():
        expected = theirs.forward_features(image)
    got = build_encoder(arch, theirs.state_dict())(image)
    assert (got[0] - expected[:, 0]).abs().max() < 1e-4
    assert (got[1] - expected[:, 1 + arch.registers :]).abs().max() < 1e-4


def test_timm_resamples_positions_the_same() -> None:
    timm = reference("timm")
    theirs = timm.create_model(
        "vit_large_patch14_reg4_dinov2", embed_dim=DIM, depth=2, num_heads=3, img_size=98,
        num_classes=0, dynamic_img_size=True,
    ).eval()  # fmt: skip
    theirs.load_state_dict(scramble(theirs.state_dict()))
    arch = replace(small("kaiko-l14"), mlp=4 * DIM)
    image = random_image(arch)
    with torch.no_grad():
        expected = theirs.forward_features(image)
    got = build_encoder(arch, theirs.state_dict())(image)
    assert (got[1] - expected[:, 5:]).abs().max() < 1e-4


@pytest.mark.parametrize("name", ["phikon-v2", "hibou-b", "hibou-l"])
def test_transformers_computes_the_same(name: str, tmp_path: Path) -> None:
    """Saved and read back as a published checkpoint is, so that its names are those of files."""
    transformers = reference("transformers")
    full, arch = ARCHITECTURES[name], small(name)
    kind = "Dinov2WithRegisters" if arch.registers else "Dinov2"
    try:
        config_class = getattr(transformers, f"{kind}Config")
        model_class = getattr(transformers, f"{kind}Model")
    except Exception as problem:
        pytest.skip(f"transformers lacks {kind} here ({type(problem).__name__}): not compared.")
    more = {"num_register_tokens": arch.registers} if arch.registers else {}

    def config(a: Architecture) -> object:
        return config_class(
            hidden_size=a.dim, num_hidden_layers=a.depth, num_attention_heads=a.heads,
            image_size=a.px, patch_size=a.patch, mlp_ratio=4, use_swiglu_ffn=a.swiglu, **more,
        )  # fmt: skip

    arch = replace(arch, mlp=2 * ((4 * DIM * 2 // 3 + 7) // 8 * 8) if arch.swiglu else 4 * DIM)
    theirs = model_class(config(arch)).eval()
    theirs.load_state_dict(scramble(theirs.state_dict()))
    theirs.save_pretrained(tmp_path)
    image = random_image(arch)
    with torch.no_grad():
        expected = theirs(image).last_hidden_state
    got = build_encoder(arch, read_checkpoint(tmp_path / "model.safetensors"))(image)
    assert (got[0] - expected[:, 0]).abs().max() < 1e-4
    assert (got[1] - expected[:, 1 + arch.registers :]).abs().max() < 1e-4
    # At full size the numbers of parameters agree; theirs also has a mask token and a position
    # for the class token.
    with torch.device("meta"):
        counts = [sum(p.numel() for p in m.parameters())
                  for m in (model_class(config(full)), VisionTransformer(full))]  # fmt: skip
    assert counts[0] - 2 * full.dim == counts[1]
