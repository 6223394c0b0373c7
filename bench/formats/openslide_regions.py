"""Pixels and facts of a slide as OpenSlide reads them, for comparison with Cytolens.

Called by compare.ts. One JSON request a line on stdin, one answer each on stdout:
{"facts": true} gives a JSON line; {"level", "x", "y", "w", "h"} (in px of the level) gives w * h * 3 bytes of RGB on white; {"associated": "label"} gives a JSON line with
the size, then the bytes.

tifffile reads what OpenSlide does not open (WebP, HTJ2K, ...), does not list (sub-IFDs), or places
between pixels (levels of a cut-off odd row, whose factor it takes as 2.0005).

Needs: pip install openslide-python openslide-bin pillow tifffile imagecodecs numpy
"""
import json
import sys

import numpy as np
import openslide
import tifffile
from PIL import Image


def on_white(image):
    white = Image.new("RGBA", image.size, "white")
    white.alpha_composite(image)
    return white.convert("RGB").tobytes()


def say(value):
    sys.stdout.buffer.write(json.dumps(value).encode() + b"\n")


class ByTifffile:
    """The levels of a TIFF as arrays."""

    def __init__(self, path):
        levels = [level.asarray() for level in tifffile.TiffFile(path).series[0].levels]
        levels = [np.moveaxis(a, 0, 2) if a.shape[0] == 3 else a for a in levels]
        self.pixels = [(a >> 8 if a.dtype == np.uint16 else a).astype(np.uint8) for a in levels]

    def facts(self):
        return {"vendor": "tifffile", "levels": [a.shape[1::-1] for a in self.pixels]}

    def region(self, level, x, y, w, h):
        return self.pixels[level][y:y + h, x:x + w].tobytes()


class Reference:
    def __init__(self, path):
        self.path = path
        self.arrays = None
        try:
            self.slide = openslide.OpenSlide(path)
            self.slide.read_region((0, 0), 0, (16, 16))
        except openslide.OpenSlideError:
            self.slide = None

    def by_tifffile(self):
        self.arrays = self.arrays or ByTifffile(self.path)
        return self.arrays

    def facts(self):
        slide = self.slide
        if not slide:
            return self.by_tifffile().facts()
        return {
            "levels": slide.level_dimensions,
            "downsamples": slide.level_downsamples,
            "mpp": slide.properties.get("openslide.mpp-x"),
            "objective": slide.properties.get("openslide.objective-power"),
            "vendor": slide.properties.get("openslide.vendor"),
            "associated": sorted(slide.associated_images),
        }

    def region(self, level, x, y, w, h):
        factors = self.slide.level_downsamples if self.slide else []
        if level >= len(factors) or factors[level] != round(factors[level]):
            return self.by_tifffile().region(level, x, y, w, h)
        place = (round(x * factors[level]), round(y * factors[level]))
        return on_white(self.slide.read_region(place, level, (w, h)))


def main(path):
    reference = Reference(path)
    for line in sys.stdin:
        ask = json.loads(line)
        if "facts" in ask:
            say(reference.facts())
        elif "associated" in ask:
            image = reference.slide.associated_images[ask["associated"]]
            say({"width": image.width, "height": image.height})
            sys.stdout.buffer.write(on_white(image))
        else:
            sys.stdout.buffer.write(reference.region(**ask))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
