"""Slides of every TIFF layout that can be made here, from one of the real SZI slides.

python3 bench/formats/tiff_fixtures.py FOLDER [SZI]
Needs: vips (libvips-tools), opj_compress (libopenjp2-tools); pip install tifffile imagecodecs
numpy pillow
"""
import io
import os
import subprocess
import sys
import zipfile

import numpy as np
import tifffile
from PIL import Image

SZI = "../shared/data/slides/lung-squamous-gt450.szi"
SIDE = (3100, 2300)
ORIGIN = (24, 24)


def region(szi):
    """SIDE px of the finest level, from tile ORIGIN on; 254 px tiles that overlap by 1."""
    archive = zipfile.ZipFile(szi)
    names = archive.namelist()
    base = next(n for n in names if n.endswith(".dzi"))[:-4]
    top = max(int(n.split("/")[-2]) for n in names if n.endswith(".jpeg"))
    out = Image.new("RGB", SIDE, "white")
    for col in range(SIDE[0] // 254 + 1):
        for row in range(SIDE[1] // 254 + 1):
            name = f"{base}_files/{top}/{ORIGIN[0] + col}_{ORIGIN[1] + row}.jpeg"
            tile = Image.open(io.BytesIO(archive.read(name))).crop((1, 1, 255, 255))
            out.paste(tile, (col * 254, row * 254))
    return out


VIPS = {
    "vips-jpeg.tif": "--compression jpeg --Q 85",
    "vips-jpeg-big.tif": "--compression jpeg --Q 85 --bigtiff --tile-width 512 --tile-height 512",
    "vips-jpeg-subifd.tif": "--compression jpeg --Q 85 --subifd",
    "vips-rgbjpeg.tif": "--compression jpeg --Q 95 --rgbjpeg",
    "vips-lzw.tif": "--compression lzw",
    "vips-lzw-predictor.tif": "--compression lzw --predictor horizontal",
    "vips-deflate.tif": "--compression deflate --predictor horizontal",
    "vips-packbits.tif": "--compression packbits",
    "vips-zstd.tif": "--compression zstd",
    "vips-none.tif": "--compression none",
    "vips-jp2k.tif": "--compression jp2k --Q 70",
    "vips-jp2k-lossless.tif": "--compression jp2k --lossless",
    "vips-webp.tif": "--compression webp --Q 80",
}


def by_vips(folder, source):
    for name, options in VIPS.items():
        target = os.path.join(folder, name)
        command = f"vips tiffsave {source} {target} --tile --pyramid {options}"
        if "tile-width" not in options:
            command += " --tile-width 256 --tile-height 256"
        done = subprocess.run(command.split(), capture_output=True, text=True)
        if done.returncode:
            print(f"left out {name}: {done.stderr.strip()}")


def by_tifffile(folder, pixels):
    levels = [pixels, pixels[::2, ::2], pixels[::4, ::4]]
    tile = {"tile": (256, 256), "photometric": "rgb"}
    name = os.path.join(folder, "ome-subifd.ome.tif")
    with tifffile.TiffWriter(name, ome=True) as out:
        about = {"axes": "YXS", "PhysicalSizeX": 0.263018, "PhysicalSizeXUnit": "µm",
                 "PhysicalSizeY": 0.263018, "PhysicalSizeYUnit": "µm"}
        out.write(levels[0], subifds=2, metadata=about, compression="jpeg", **tile)
        for level in levels[1:]:
            out.write(level, subfiletype=1, compression="jpeg", **tile)
    for name, more in {
        "tifffile-planar.tif": {"planarconfig": "separate", "compression": "deflate"},
        "tifffile-bigendian.tif": {"compression": "zlib", "predictor": True},
        "tifffile-16bit.tif": {"compression": "lzw"},
    }.items():
        order = ">" if "bigendian" in name else "<"
        with tifffile.TiffWriter(os.path.join(folder, name), byteorder=order) as out:
            for k, level in enumerate(levels):
                data = level.astype(np.uint16) * 257 if "16bit" in name else level
                options = {**tile, **more}
                if "planar" in name:
                    data = np.ascontiguousarray(np.moveaxis(data, 2, 0))
                out.write(data, subfiletype=1 if k else 0, resolution=(38020, 38020),
                          resolutionunit="CENTIMETER", metadata=None, **options)


def aperio_ycc(folder, pixels):
    """SVS of compression 33003: JPEG 2000 of YCbCr without a transform, 4:2:2 and 4:4:4."""
    ycc = np.asarray(Image.fromarray(pixels[:1024, :1024]).convert("YCbCr"))
    for name, step in {"aperio-33003-422.svs": 2, "aperio-33003-444.svs": 1}.items():
        tiles = []
        for y in range(0, 1024, 256):
            for x in range(0, 1024, 256):
                part = ycc[y:y + 256, x:x + 256]
                raw, j2k = os.path.join(folder, "t.raw"), os.path.join(folder, "t.j2k")
                with open(raw, "wb") as out:
                    out.write(part[..., 0].tobytes())
                    for c in (1, 2):
                        half = part[:, ::step, c]
                        out.write(np.ascontiguousarray(half).tobytes())
                form = f"256,256,3,8,u@1x1:{step}x1:{step}x1"
                subprocess.run(["opj_compress", "-i", raw, "-o", j2k, "-F", form, "-r", "8",
                                "-mct", "0"], check=True, capture_output=True)
                tiles.append(open(j2k, "rb").read())
        with tifffile.TiffWriter(os.path.join(folder, name)) as out:
            out.write(iter(tiles), shape=(1024, 1024, 3), dtype=np.uint8, tile=(256, 256),
                      photometric="rgb", compression=33003, metadata=None,
                      description="Aperio Image Library v12\n1024x1024|AppMag = 40|MPP = 0.25")
    for name in ("t.raw", "t.j2k"):
        os.remove(os.path.join(folder, name))


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    image = region(sys.argv[2] if len(sys.argv) > 2 else SZI)
    source = os.path.join(folder, "source.png")
    image.save(source)
    pixels = np.asarray(image)
    by_vips(folder, source)
    by_tifffile(folder, pixels)
    aperio_ycc(folder, pixels)


if __name__ == "__main__":
    main()
