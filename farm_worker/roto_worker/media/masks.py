"""16-bit PNG mattes: what stages hand each other. Data, linear, never colour-converted."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .content import kind_of_file
from .faults import bad_frame
from .files import write_bytes

__all__ = ["Matte", "read_mask16", "write_bytes", "write_mask16", "write_png"]

Matte = NDArray[np.float32]


def write_mask16(path: Path, alpha: Matte) -> None:
    """Write a ``[height, width]`` matte, 0..1, as 16-bit grey PNG; the file appears complete.

    Raises:
        RotoError: ``disk_full``. Nothing is left behind.
    """
    codes = np.rint(np.clip(alpha, 0, 1) * 65535).astype(np.uint16)
    write_png(path, codes)


def write_png(path: Path, image: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
    """Write a grey or BGR image as PNG through a temporary file in the same folder."""
    ok, data = cv2.imencode(".png", image)
    if not ok:
        raise ValueError(f"an image of shape {image.shape} cannot be a PNG")
    write_bytes(path, data.tobytes())


def read_mask16(path: Path) -> Matte:
    """A matte as ``[height, width]`` float32 0..1; 8-bit grey PNGs are read too.

    Raises:
        RotoError: ``bad_plate`` when the file is absent or no grey PNG.
    """
    found = kind_of_file(path, None) == "png"
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if found else None
    if image is None or image.ndim != 2 or image.dtype not in {np.dtype("u1"), np.dtype("u2")}:
        raise bad_frame(path, None, "is not a grey PNG matte")
    return np.asarray(image / np.float32(np.iinfo(image.dtype).max), np.float32)
