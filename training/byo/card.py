"""The card of an exported encoder: what it is and how far its files are from the checkpoint."""

from __future__ import annotations

from typing import Any

from training.common.tables import table

TEXT = """# {name} ({id})

{architecture}, {parameters:.0f} million parameters, exported from a checkpoint for use in the
viewer. Licence, as given at the export: {licence}. No evaluation was made here: how good its
tokens are, on which tissue and scanners, is for its authors' publication and your own data to say.

## Source
- Weights: `{file}`, {size:.2f} GB, SHA-256 `{sha256}`.
- Input: {px} x {px} px at {mpp} um/px ({field:.0f} um), tokens of {token:.1f} um on a
  {grid} x {grid} grid, {dim} values each, after the last LayerNorm. Registers are left out.
- Token layout: `{tokens}`. Heads trained on it name it and read no other.

## What the files lose
Against the float32 network on one painted tile: relative error (RMS of the difference over RMS)
of both outputs, and cosine of the class token. Quantized rounding differs a little between
processors; the viewer compares each file with its own stored reference.

{table}

Largest number inside the network on that tile: {largest:.0f}; float16 ends at 65504.{left_out}

## Known limits
- One painted tile proves that the files compute the checkpoint's function, not that they keep its
  accuracy on a task. Train and judge a head on the exported file itself (`training.train_head`).
"""


def card(evaluation: dict[str, Any], manifest: dict[str, Any]) -> str:
    """Markdown of the card from evaluation.json and manifest.json."""
    source, image, encoder = evaluation["source"], manifest["input"], manifest["encoder"]
    rows = [
        [
            name,
            f"{entry['bytes'] / 1e6:.1f} MB",
            f"{entry['class_token']:.4f}",
            f"{entry['patch_tokens']:.4f}",
            f"{entry['class_cosine']:.4f}",
        ]
        for name, entry in evaluation["files"].items()
    ]
    left_out = evaluation["left_out"]
    return TEXT.format(
        name=manifest["name"],
        id=manifest["id"],
        architecture=evaluation["architecture"],
        parameters=evaluation["parameters"] / 1e6,
        licence=manifest["licence"],
        file=source["path"],
        size=source["bytes"] / 1e9,
        sha256=source["sha256"],
        px=image["px"],
        mpp=image["mpp"],
        field=image["px"] * image["mpp"],
        token=image["px"] * image["mpp"] / encoder["grid"][0],
        grid=encoder["grid"][0],
        dim=encoder["dim"],
        tokens=encoder["tokens"],
        table=table(["", "size", "class token", "patch tokens", "class cosine"], rows),
        largest=evaluation["largest"],
        left_out=f" {left_out}" if left_out else "",
    )
