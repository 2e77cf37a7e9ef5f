"""EXR files of named planes: written whole or not at all, and refused where a disk lost a part."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from ..media.files import write_bytes
from ..media.sequence import is_whole

Plane = NDArray[np.float16] | NDArray[np.float32]


def write_exr(
    path: Path,
    planes: Mapping[str, Plane],
    *,
    pixel_aspect: float = 1.0,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Channel name -> ``[height, width]`` plane, half or full float after its type.

    Scan lines, ZIPS (lossless), data and display window = the planes' size.

    Raises:
        RotoError: ``disk_full``.
        OSError: the file cannot be written for another reason.
    """
    header = {
        "type": OpenEXR.scanlineimage,
        "compression": OpenEXR.ZIPS_COMPRESSION,
        "pixelAspectRatio": float(pixel_aspect),
        **(metadata or {}),
    }
    # OpenEXR's module ignores strides: only a contiguous array is written right.
    solid = {name: np.ascontiguousarray(plane) for name, plane in planes.items()}
    write_bytes(path, _encoded(header, solid))


def _encoded(header: dict[str, Any], channels: dict[str, NDArray[Any]]) -> bytes:
    """The bytes of an EXR file.

    OpenEXR's writer loses what fails while it closes the file (seen with a file size limit: a
    truncated file and no error). So it writes to memory, which is checked, and Python to the disk.
    """
    descriptor = os.memfd_create("matte.exr")
    try:
        place = f"/proc/self/fd/{descriptor}"
        OpenEXR.File(header, channels).write(place)
        if not is_whole(Path(place)):
            raise RuntimeError("the file in memory is truncated")
        with os.fdopen(os.dup(descriptor), "rb") as made:
            made.seek(0)
            return made.read()
    except RuntimeError as error:
        raise OSError(errno.EIO, f"OpenEXR cannot write the matte: {error}") from error
    finally:
        os.close(descriptor)
