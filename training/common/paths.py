"""Where the training data lies."""

from __future__ import annotations

import os
from pathlib import Path

REPO_ROOT = Path(__file__).resolve().parents[2]
MODELS_DIR = REPO_ROOT / "models"


class DataMissingError(RuntimeError):
    """The shared training data is not on this machine."""


def data_root() -> Path:
    """Folder named by CYTOLENS_DATA, else `../shared/data` beside the repository."""
    named = os.environ.get("CYTOLENS_DATA")
    root = Path(named) if named else REPO_ROOT.parent / "shared" / "data"
    if not root.is_dir():
        raise DataMissingError(
            f"No data folder at {root}. Set CYTOLENS_DATA to the folder that holds "
            "nuclei/, slides/, tiles/ and spatial/."
        )
    return root


def data_path(*parts: str) -> Path:
    """Path of a file or folder inside the data root; raises DataMissingError when absent."""
    path = data_root().joinpath(*parts)
    if not path.exists():
        raise DataMissingError(f"The data folder has no {'/'.join(parts)} (looked in {path}).")
    return path
