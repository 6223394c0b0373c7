"""Reading and writing encoder weights."""

from __future__ import annotations

from pathlib import Path

import torch

from training.encoder.model import FieldEncoder


def save_encoder(model: FieldEncoder, path: Path) -> None:
    """Weights alone, for `load_encoder`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"encoder": model.state_dict()}, path)


def load_encoder(path: Path) -> FieldEncoder:
    """Encoder from `save_encoder`, or the averaged encoder of a pretraining checkpoint."""
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = FieldEncoder()
    model.load_state_dict(saved["encoder"] if "encoder" in saved else saved["averaged"])
    return model.eval()
