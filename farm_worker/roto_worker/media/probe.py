"""Whether a whole plate can be used, and what is true of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .faults import PlateError
from .header import PlateReader
from .plate import check_size, open_reader
from .source import PlateInfo


def probe_plate(
    plate: dict[str, Any],
    *,
    colorspace: str | None = None,
    frame_range: tuple[int, int] | None = None,
    on_frame: Callable[[int, int], None] | None = None,
) -> PlateInfo:
    """Look at every frame's header (and the end of its file) without decoding pictures.

    ``on_frame(done, total)`` is called after each. A movie is listed packet by packet; its pictures
    show their faults only when they are decoded, which ingest does for the proxies.

    Raises:
        RotoError: as `open_plate`, for the first frame that is missing, empty, truncated, or of
            another size or pixel aspect than the first.
    """
    reader, _, info = open_reader(plate, colorspace, frame_range)
    try:
        _check_frames(reader, info, on_frame)
    finally:
        reader.close()
    return info


def _check_frames(
    reader: PlateReader, info: PlateInfo, on_frame: Callable[[int, int], None] | None
) -> None:
    first, last = info.frame_range
    total = last - first + 1
    for done, frame in enumerate(range(first, last + 1), 1):
        header = reader.check(frame)
        check_size(frame, header.width, header.height, info.width, info.height)
        if abs(header.pixel_aspect - info.pixel_aspect) > 1e-3:
            raise PlateError(
                f"frame {frame} has pixel aspect {header.pixel_aspect:g}, "
                f"the plate {info.pixel_aspect:g}",
                hint="All frames of a plate must have one pixel aspect.",
                detail={"frame": frame},
            )
        if on_frame:
            on_frame(done, total)
