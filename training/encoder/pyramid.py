"""Read a Deep Zoom pyramid from a folder, a git directory without work tree, or an SZI file.

Layout: `<image>_files/<level>/<column>_<row>.jpeg`, each level half as large as the next. Inner
tiles cover 254 px and repeat 1 px of every neighbour, so they have 256 px. (Deep Zoom file format,
Microsoft 2008; SZI: the same in an uncompressed zip.)
"""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

STRIDE = 254
OVERLAP = 1


def decode(data: bytes) -> np.ndarray:
    """JPEG bytes -> uint8 [H,W,3]."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


class DeepZoom:
    """The pyramid of `image` in `source`."""

    def __init__(self, source: Path, image: str) -> None:
        self.source, self.image = source, image
        self.archive = zipfile.ZipFile(source) if source.is_file() else None
        self.git = (source / "HEAD").is_file()

    @cached_property
    def tiles(self) -> dict[tuple[int, int, int], str]:
        """File name of each (level, column, row). ValueError where there is none."""
        folder = f"{self.image}_files"
        if self.archive:
            listed = self.archive.namelist()
        elif self.git:
            command = ["git", "-C", str(self.source), "ls-tree", "-r", "--name-only"]
            command += ["HEAD", folder]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            listed = done.stdout.split()
        else:
            listed = [str(p.relative_to(self.source)) for p in self.source.glob(f"{folder}/*/*")]
        pattern = re.compile(rf"(?:^|/){re.escape(folder)}/(\d+)/(\d+)_(\d+)\.jpe?g$")
        matches = ((name, pattern.search(name)) for name in listed)
        found = {(int(m[1]), int(m[2]), int(m[3])): name for name, m in matches if m}
        if not found:
            raise ValueError(f"{self.source} holds no tiles of {folder}.")
        return found

    @property
    def top(self) -> int:
        """The level of full resolution."""
        return max(level for level, _, _ in self.tiles)

    def read(self, places: Iterable[tuple[int, int, int]]) -> Iterator[bytes]:
        """JPEG bytes of each (level, column, row), in the order asked for."""
        names = (self.tiles[p] for p in places)
        if self.archive:
            yield from (self.archive.read(n) for n in names)
        elif not self.git:
            yield from ((self.source / n).read_bytes() for n in names)
        else:
            command = ["git", "-C", str(self.source), "cat-file", "--batch"]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:
                assert git.stdin and git.stdout
                for name in names:
                    git.stdin.write(f"HEAD:{name}\n".encode())
                    git.stdin.flush()
                    size = int(git.stdout.readline().split()[-1])
                    yield git.stdout.read(size + 1)[:-1]
                git.stdin.close()

    def region(self, level: int, x: int, y: int, side: int) -> np.ndarray:
        """The square at (x, y) px of a level: uint8 [side,side,3]; white beyond the image."""
        out = np.full((side, side, 3), 255, np.uint8)
        wanted = [
            (level, column, row)
            for column in range(x // STRIDE, (x + side - 1) // STRIDE + 1)
            for row in range(y // STRIDE, (y + side - 1) // STRIDE + 1)
            if (level, column, row) in self.tiles
        ]
        for (_, column, row), data in zip(wanted, self.read(wanted), strict=True):
            tile = decode(data)
            left = column * STRIDE - (OVERLAP if column else 0) - x
            top = row * STRIDE - (OVERLAP if row else 0) - y
            y0, x0 = max(top, 0), max(left, 0)
            y1, x1 = min(top + tile.shape[0], side), min(left + tile.shape[1], side)
            out[y0:y1, x0:x1] = tile[y0 - top : y1 - top, x0 - left : x1 - left]
        return out
