"""Pixels of DICOM whole slide frames as pydicom decodes them, to compare ours with.

    python pydicom_frames.py FILE FRAME [FRAME ...]

Writes the frames (numbers from 0) to standard output one after the other: RGB, 8 bits, row by row;
a grey frame as three equal samples. Needs pydicom >= 3 with pylibjpeg, pylibjpeg-libjpeg,
pylibjpeg-openjpeg and pyjpegls.
"""

import sys
import warnings

import numpy as np
from pydicom.pixels import pixel_array

warnings.simplefilter("ignore")


def rgb_of(path: str, index: int) -> np.ndarray:
    """One frame, rows x columns x 3."""
    # pydicom turns YCbCr into RGB, and trusts a JFIF header over the attributes.
    frame = pixel_array(path, index=index)
    if frame.ndim == 2:
        frame = np.repeat(frame[..., None], 3, axis=2)
    return np.ascontiguousarray(frame.astype(np.uint8))


def main() -> None:
    path, *frames = sys.argv[1:]
    for index in map(int, frames):
        sys.stdout.buffer.write(rgb_of(path, index).tobytes())


if __name__ == "__main__":
    main()
