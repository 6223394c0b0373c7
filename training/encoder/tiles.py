"""Unlabelled pretraining tiles: 256 px at a nominal 0.5 um/px, named `<slide>_<col>_<row>.jpg`."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

TILE_PX = 256

# Organ by slide name. Slides whose name gives no organ (a disease alone) stay None.
ORGANS: dict[str, str | None] = {
    "appendicitis-unknown": "appendix",
    "breast-lobular-at2": "breast",
    "crohn-gt450": None,
    "duodenum-adenoma-gt450": "duodenum",
    "duodenum-giardia-at2": "duodenum",
    "duodenum-net-at2": "duodenum",
    "liver-lipopeliosis-aperio": "liver",
    "lung-squamous-gt450-1": "lung",
    "lung-squamous-gt450-3": "lung",
    "metaplasia-at2": None,
    "stomach-ectopic-pancreas-gt450": "stomach",
}


def tile_members(folders: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    """Name without ending and JPEG bytes of every tile, in archive order."""
    for archive in [a for folder in folders for a in sorted(folder.glob("*.tar"))]:
        with tarfile.open(archive) as tar:
            for member in sorted(tar.getmembers(), key=lambda m: m.name):
                handle = tar.extractfile(member)
                if handle is not None and member.name.endswith(".jpg"):
                    yield Path(member.name).stem, handle.read()


def load_tiles(*folders: Path) -> tuple[np.ndarray, np.ndarray]:
    """All tiles uint8 [N,256,256,3] of the folders' tar files and their slide names [N]."""
    named = list(tile_members(folders))
    images = [np.asarray(Image.open(io.BytesIO(data)).convert("RGB")) for _, data in named]
    return np.stack(images), np.array([name.rsplit("_", 2)[0] for name, _ in named])


def tile_places(*folders: Path) -> np.ndarray:
    """Column and row [N,2] of every tile within its slide, in the order of `load_tiles`."""
    return np.array([name.rsplit("_", 2)[1:] for name, _ in tile_members(folders)], int)


def middle(images: np.ndarray, px: int) -> np.ndarray:
    """The middle px of square images [N,S,S,3]: [N,px,px,3]."""
    edge = (images.shape[1] - px) // 2
    return np.ascontiguousarray(images[:, edge : edge + px, edge : edge + px])
