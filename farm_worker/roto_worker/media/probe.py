"""Whether a whole plate can be used, what is true of it, and what to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from roto_shapes.timecode import Timecode, nominal

from .faults import PlateError
from .header import FrameHeader, PlateReader
from .limits import MIN_SIDE, MOST_TIMES
from .plate import open_reader
from .plate_remarks import on_plate
from .remarks import Remark, of_frames
from .source import PlateInfo

_ONE_KIND = ("pixel_type", "channels", "compression", "dpx:Packing", "alpha")
"""Metadata that frames of one plate have in common, unless somebody mixed renders."""
_PAIRED = 30
"""Above this rate a timecode labels two frames alike."""
_LISTED = 20


@dataclass(frozen=True)
class Probed:
    """A plate that can be used: ``remarks`` are what it does not say by itself."""

    info: PlateInfo
    remarks: tuple[Remark, ...]


def probe_plate(
    plate: dict[str, Any],
    *,
    colorspace: str | None = None,
    frame_range: tuple[int, int] | None = None,
    fps: tuple[int, int] | None = None,
    on_frame: Callable[[int, int], None] | None = None,
) -> Probed:
    """Look at every frame's header (and the end of its file) without decoding its picture.

    ``on_frame(done, total)`` is called after each. A movie is listed packet by packet; its pictures
    show their faults only when they are decoded, which ingest does for the proxies. ``fps``: the
    rate that was told, which wins over the files'.

    Raises:
        RotoError: as `open_plate`, for the first frame that is missing, empty or truncated, or for
            all that have another size or pixel aspect than the first; ``bad_plate`` when there are
            too few pixels, or only a strip of them, to find anything in.
    """
    reader, _, info = open_reader(plate, colorspace, frame_range)
    try:
        _check_shape(info)
        remarks = [*on_plate(info, fps), *reader.remarks(info.frame_range[0])]
        if plate["kind"] == "sequence":
            remarks += _compare_frames(reader, info, on_frame)
        elif on_frame:
            total = info.frame_range[1] - info.frame_range[0] + 1
            on_frame(total, total)
    finally:
        reader.close()
    return Probed(info, tuple(remarks))


def _check_shape(info: PlateInfo) -> None:
    short, long = sorted((info.width, info.height))
    if short < MIN_SIDE or long > MOST_TIMES * short:
        what = "too small" if short < MIN_SIDE else "too narrow"
        raise PlateError(
            f"the plate is {info.width}x{info.height}, {what} to find anything in",
            hint=f"Plates have {MIN_SIDE} pixels a side at the least, and one side is at most "
            f"{MOST_TIMES} times the other.",
        )


def _compare_frames(
    reader: PlateReader, info: PlateInfo, on_frame: Callable[[int, int], None] | None
) -> list[Remark]:
    first, last = info.frame_range
    total = last - first + 1
    sizes = _Differing()
    kinds, windows, jumps = _Differing(), _Differing(), _Differing()
    before: FrameHeader | None = None
    for done, frame in enumerate(range(first, last + 1), 1):
        header = reader.check(frame)
        sizes.look(frame, (header.width, header.height, round(header.pixel_aspect, 3)))
        kinds.look(frame, tuple(header.metadata.get(key, "") for key in _ONE_KIND))
        windows.look(frame, header.metadata.get("data_window", ""))
        if before is not None:
            jumps.note(frame, _timecode_jumps(before, header, info.fps))
        before = header
        if on_frame:
            on_frame(done, total)
    if sizes.frames:
        raise _other_size(sizes)
    return list(_remarks(kinds, windows, jumps))


class _Differing:
    """The frames on which something is not as on the first one."""

    def __init__(self) -> None:
        self.frames: list[int] = []
        self.usual: Any = None
        self.other: Any = None
        """On the first of ``frames``."""

    def look(self, frame: int, value: Any) -> None:
        if self.usual is None:
            self.usual = value
        elif value != self.usual:
            self.other = value if not self.frames else self.other
            self.frames.append(frame)

    def note(self, frame: int, differs: bool) -> None:
        if differs:
            self.frames.append(frame)


def _other_size(sizes: _Differing) -> PlateError:
    frame, count = sizes.frames[0], len(sizes.frames)
    more = f" (and {count - 1} more)" if count > 1 else ""
    (width, height, aspect), (wide, high, usual) = sizes.other, sizes.usual
    if (width, height) != (wide, high):
        message = f"frame {frame}{more} is {width}x{height} but the plate is {wide}x{high}"
        hint = "All frames of a plate must have one size."
    else:
        message = f"frame {frame}{more} has pixel aspect {aspect:g}, the plate {usual:g}"
        hint = "All frames of a plate must have one pixel aspect."
    detail = {"frame": frame, "frames": sizes.frames[:_LISTED], "count": count}
    return PlateError(message, hint=hint, detail=detail)


def _remarks(kinds: _Differing, windows: _Differing, jumps: _Differing) -> Iterator[Remark]:
    if kinds.frames:
        changed = [
            f"{key} {was or 'none'} -> {now or 'none'}"
            for key, was, now in zip(_ONE_KIND, kinds.usual, kinds.other, strict=True)
            if was != now
        ]
        what = f"is another kind of file than the first: {', '.join(changed)}"
        yield of_frames("mixed_types", what, kinds.frames, changed=changed)
    if windows.frames:
        what = "has another data window than the first frame (both lie in one display window)"
        yield of_frames("data_window_changes", what, windows.frames)
    if jumps.frames:
        what = "does not follow the timecode of the frame before it"
        yield of_frames("timecode_jump", what, jumps.frames)


def _timecode_jumps(before: FrameHeader, header: FrameHeader, fps: tuple[int, int]) -> bool:
    """Whether two neighbours' labels do not follow each other; False where it cannot be told."""
    rate = Fraction(*fps)
    was, now = (Timecode.parse(one.metadata.get("timecode", "")) for one in (before, header))
    if (was is None and now is None) or nominal(rate) > _PAIRED:
        return False
    if was is None or now is None:
        return True
    return now != was.later(1, rate)
