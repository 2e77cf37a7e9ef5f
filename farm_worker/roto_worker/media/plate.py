"""A plate opened for an engine: frames by number, 8-bit sRGB."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from roto_shapes.timecode import Timecode

from .colour import DisplayTransform, colorspace_for, colorspace_source
from .faults import PlateError, outside
from .header import DEFAULT_FPS, Encoded, FrameHeader, PlateReader
from .movie import MovieReader
from .readahead import ReadAhead
from .sequence import SequenceReader
from .source import FrameSource, Image8, PlateInfo

DECODING_BYTES = 512 << 20
"""Memory that frames may take while they are decoded side by side."""
_BYTES_PER_PIXEL = 30
"""As read, as float on the way through the colour transform, and as the 8 bits of two frames."""


class PlateSource:
    """A `FrameSource` over a reader and a colour transform; as thread-safe as the reader.

    A `SequenceReader` opens a file for each call, so several threads may read; a movie has one
    decoder.
    """

    def __init__(
        self,
        reader: PlateReader,
        transform: DisplayTransform,
        info: PlateInfo,
        on_read: Callable[[int, Encoded], None] | None = None,
    ) -> None:
        """``on_read`` sees each frame as the file holds it, from any thread."""
        self._reader, self._transform, self._info = reader, transform, info
        self._on_read = on_read

    @property
    def info(self) -> PlateInfo:
        return self._info

    def read(self, frame: int) -> Image8:
        """See `FrameSource.read`. A frame of another size than the plate is ``bad_plate``."""
        first, last = self._info.frame_range
        if not first <= frame <= last:
            raise outside(frame, frame, (first, last))
        pixels = self._reader.read(frame)
        check_size(frame, pixels.shape[1], pixels.shape[0], self._info.width, self._info.height)
        if self._on_read:
            self._on_read(frame, pixels)
        return self._transform.to_srgb8(pixels)

    def close(self) -> None:
        """Release the files."""
        self._reader.close()


def open_plate(
    plate: dict[str, Any],
    *,
    colorspace: str | None = None,
    frame_range: tuple[int, int] | None = None,
    read_ahead: int = 2,
    on_read: Callable[[int, Encoded], None] | None = None,
) -> FrameSource:
    """Open a task spec's plate (``{"kind", "path", "first_frame", "view"}``).

    Only the first frame of the range is looked into: `probe.probe_plate` looks at all of them.
    ``frame_range`` restricts the plate (inclusive plate numbers). ``read_ahead``: frames decoded in
    advance, 0 for none; more of them, on several threads, where there are cores to spare.
    ``on_read`` sees each frame before its colours are changed, from any of those threads. Close the
    source when done.

    Raises:
        RotoError: ``missing_frame``, ``bad_plate``, ``unsupported_plate``, ``path_refused``,
            ``range_outside_plate`` or ``bad_colorspace``.
    """
    reader, transform, info = open_reader(plate, colorspace, frame_range)
    source = PlateSource(reader, transform, info, on_read)
    if not read_ahead:
        return source
    threads = 1 if plate["kind"] == "movie" else decoding_threads(info, _cores())
    return ReadAhead(source, max(read_ahead, 2 * threads if threads > 1 else 0), threads=threads)


def decoding_threads(info: PlateInfo, cores: int) -> int:
    """How many frames of a sequence to decode side by side: a quarter of the cores, up to 4.

    As many as `DECODING_BYTES` hold, in any case one.
    """
    fit = DECODING_BYTES // (_BYTES_PER_PIXEL * info.width * info.height)
    return max(1, min(cores // 4, fit, 4))


def _cores() -> int:
    """Those this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def open_reader(
    plate: dict[str, Any],
    colorspace: str | None,
    frame_range: tuple[int, int] | None,
    *,
    deep: bool = False,
) -> tuple[PlateReader, DisplayTransform, PlateInfo]:
    """The parts of an open plate, and what its first frame says of it.

    ``deep``: a movie is read as 16-bit, whatever the transform needs.
    """
    path = str(plate["path"])
    movie = plate["kind"] == "movie"
    transform = DisplayTransform(colorspace_for(path, {}, colorspace))
    reader: PlateReader
    if movie:
        start = plate.get("first_frame")
        reader = MovieReader(
            path, 1 if start is None else start, deep=deep or not transform.is_plain
        )
    else:
        reader = SequenceReader(path, plate.get("view"))
    try:
        frames = _range_within(reader, frame_range)
        header = reader.header(frames[0])
        if not movie:
            transform = DisplayTransform(colorspace_for(path, header.metadata, colorspace))
    except Exception:
        reader.close()
        raise
    source = colorspace_source(header.metadata, colorspace)
    metadata = {
        **header.metadata,
        "colorspace_source": source,
        "fps_source": "file" if header.fps else "default",
    }
    if movie:
        metadata |= _timecode_at(header, frames[0] - reader.frame_range[0])
    return reader, transform, _info(header, metadata, frames, transform.colorspace)


def check_size(frame: int, width: int, height: int, plate_width: int, plate_height: int) -> None:
    """Raise ``bad_plate`` when a frame has not the plate's size."""
    if (width, height) != (plate_width, plate_height):
        raise PlateError(
            f"frame {frame} is {width}x{height} but the plate is {plate_width}x{plate_height}",
            hint="All frames of a plate must have one size.",
            detail={"frame": frame},
        )


def _range_within(reader: PlateReader, wanted: tuple[int, int] | None) -> tuple[int, int]:
    available = reader.frame_range
    first, last = wanted or available
    if first > last or first < available[0] or last > available[1]:
        raise outside(first, last, available)
    reader.require(first, last)
    return first, last


def _timecode_at(header: FrameHeader, later: int) -> dict[str, str]:
    """The label of the frame ``later`` after the one whose label the header tells."""
    start = Timecode.parse(header.metadata.get("timecode", ""))
    if start is None:
        return {}
    return {"timecode": str(start.later(later, Fraction(*(header.fps or DEFAULT_FPS))))}


def _info(
    header: FrameHeader, metadata: dict[str, str], frames: tuple[int, int], colorspace: str
) -> PlateInfo:
    return PlateInfo(
        width=header.width,
        height=header.height,
        pixel_aspect=header.pixel_aspect,
        fps=header.fps or DEFAULT_FPS,
        frame_range=frames,
        colorspace=colorspace,
        metadata=metadata,
    )
