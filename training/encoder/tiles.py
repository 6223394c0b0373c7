"""Unlabelled pretraining tiles: 256 px at a nominal 0.5 um/px, named `<slide>_<col>_<row>.jpg`."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

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


def load_tiles(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """All tiles uint8 [N,256,256,3] and their slide names [N], in archive order."""
    images: list[np.ndarray] = []
    slides: list[str] = []
    for archive in sorted(folder.glob("*.tar")):
        with tarfile.open(archive) as tar:
            for member in sorted(tar.getmembers(), key=lambda m: m.name):
                if not member.name.endswith(".jpg"):
                    continue
                handle = tar.extractfile(member)
                if handle is None:
                    continue
                image = Image.open(io.BytesIO(handle.read())).convert("RGB")
                images.append(np.asarray(image))
                slides.append(Path(member.name).stem.rsplit("_", 2)[0])
    return np.stack(images), np.array(slides)
