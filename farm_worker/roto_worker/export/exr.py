"""EXR files of named planes: written whole or not at all, and refused where a disk lost a part.

Most lines of a matte are empty, and an empty line costs an encoder what a full one does. In an EXR
every line is compressed by itself, so one empty line is encoded and stands for all of them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from roto_shapes.timecode import Timecode

from ..media.files import write_bytes

Plane = NDArray[np.float16] | NDArray[np.float32]
Indices = NDArray[np.intp]
_MOST_FRAMES = 40


def write_exr(
    path: Path,
    planes: Mapping[str, Plane],
    *,
    pixel_aspect: float = 1.0,
    metadata: Mapping[str, Any] | None = None,
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
    kept, place = _distinct_lines(list(solid.values()))
    data = _encoded(header, {name: plane[kept] for name, plane in solid.items()})
    write_bytes(path, _spread(data, place))


def timing(fps: tuple[int, int], timecode: Timecode | None) -> dict[str, Any]:
    """Header attributes of a frame: the rate, and its label where the format has room for it.

    Two digits of frames end at 39; above 30 frames a second labels are of pairs in any case.
    """
    told: dict[str, Any] = {"framesPerSecond": Fraction(*fps)}
    if timecode is not None and timecode.frames < _MOST_FRAMES:
        label = (timecode.hours, timecode.minutes, timecode.seconds, timecode.frames)
        told["timeCode"] = OpenEXR.TimeCode(*label, int(timecode.drop), *[0] * 13)
    return told


def _distinct_lines(planes: Sequence[NDArray[Any]]) -> tuple[Indices, Indices]:
    """The lines to encode, of empty ones the first; and for every line which of those it is."""
    # By their bits: a negative zero is not empty.
    bits = [plane.view(f"u{plane.itemsize}") for plane in planes]
    drawn = np.logical_or.reduce([plane.any(axis=1) for plane in bits])
    empty = np.flatnonzero(~drawn)
    kept = np.union1d(np.flatnonzero(drawn), empty[:1])
    place = np.searchsorted(kept, np.arange(len(drawn)))
    place[empty] = place[empty[:1]]
    return kept, place


def _spread(data: bytes, place: Indices) -> bytes:
    """The EXR file whose line ``y`` is line ``place[y]`` of the file ``data``."""
    values, begin = _attributes(data)
    header = bytearray(data[:begin])
    for window in (b"dataWindow", b"displayWindow"):
        last_line = values[window] + 12
        header[last_line : last_line + 4] = (len(place) - 1).to_bytes(4, "little")
    table = map(int, _chunk_table(data, begin, int(place.max()) + 1))
    chunks = [data[at + 4 : _chunk_end(data, at)] for at in table]
    sizes = np.array([4 + len(chunk) for chunk in chunks], np.uint64)[place]
    ends = begin + 8 * len(place) + np.cumsum(sizes)
    lines = (y.to_bytes(4, "little") + chunks[line] for y, line in enumerate(place))
    return b"".join([header, (ends - sizes).astype("<u8").tobytes(), *lines])


def _encoded(header: dict[str, Any], channels: dict[str, NDArray[Any]]) -> bytes:
    """The bytes of an EXR file.

    OpenEXR's writer loses what fails while it closes the file (seen with a file size limit: a
    truncated file and no error). So it writes to memory, which is checked, and Python to the disk.
    """
    height = len(next(iter(channels.values())))
    descriptor = os.memfd_create("matte.exr")
    try:
        place = f"/proc/self/fd/{descriptor}"
        OpenEXR.File(header, channels).write(place)
        with os.fdopen(os.dup(descriptor), "rb") as made:
            made.seek(0)
            data = made.read()
        if not _is_whole(data, height):
            raise RuntimeError("the file in memory is truncated")
        return data
    except RuntimeError as error:
        raise OSError(errno.EIO, f"OpenEXR cannot write the matte: {error}") from error
    finally:
        os.close(descriptor)


def _is_whole(data: bytes, height: int) -> bool:
    """Whether the table of chunks is there, one for each line, and the last one ends the file."""
    _, begin = _attributes(data)
    if not begin or len(data) < begin + 8 * height:
        return False
    offsets = _chunk_table(data, begin, height)
    last = int(offsets.max())
    return bool(offsets.min() > 0) and _chunk_end(data, last) == len(data)


def _chunk_table(data: bytes, begin: int, height: int) -> NDArray[np.uint64]:
    """Where the chunk of every line is, by the table behind the header."""
    return np.frombuffer(data, "<u8", height, begin)


def _chunk_end(data: bytes, at: int) -> int:
    """Where the chunk at ``at`` ends: the number of its line, its length, its bytes."""
    return at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")


def _attributes(data: bytes) -> tuple[dict[bytes, int], int]:
    """Where each attribute's value is, and where all of them (name, type, length, value; at last an
    empty name) end; 0 if they do not."""
    at, values = 8, {}
    while (end := data.find(b"\0", at)) > at:
        kind_end = data.find(b"\0", end + 1)
        values[data[at:end]] = kind_end + 5
        at = kind_end + 5 + int.from_bytes(data[kind_end + 1 : kind_end + 5], "little")
    return values, end + 1
