"""What differs between two plates that should show the same: told, never acted upon. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..db.media import Plate
from ..db.models import Shot

_Told = tuple[str, str, dict[str, Any]]


def differences(before: Plate, now: Plate) -> list[dict[str, Any]]:
    """``[{code, message, detail}]`` of what artists must know before they work on ``now``.

    Both have been read. ``before`` is the version before, or the plate of the other view. Codes:
    size_changed, range_changed, frames_shifted, fps_changed, pixel_aspect_changed,
    colorspace_changed, timecode_changed, overscan_changed.
    """
    against = {"view": before.view, "version": before.version}
    return [
        {"code": code, "message": message, "detail": {**detail, "against": against}}
        for code, message, detail in _all(before, now)
    ]


def not_read_again(error: dict[str, Any] | None) -> dict[str, Any]:
    """The warning of a good plate whose new reading failed or was cancelled; ``error``: why."""
    told = "The plate was not read again: its pictures and facts are those of the last reading."
    return {"code": "not_read_again", "message": told, "detail": {"error": error}}


def _all(before: Plate, now: Plate) -> Iterator[_Told]:
    yield from _plain("size_changed", "Size in pixels", _size(before), _size(now))
    yield from _range(before, now)
    yield from _plain("fps_changed", "Frames per second", _fps(before), _fps(now))
    old, new = (f"{round(one.pixel_aspect or 1.0, 3):g}" for one in (before, now))
    yield from _plain("pixel_aspect_changed", "Pixel aspect", old, new)
    yield from _plain("colorspace_changed", "Colour space", before.colorspace, now.colorspace)
    old_code, new_code = (one.plate_metadata.get("timecode") for one in (before, now))
    yield from _plain("timecode_changed", "Timecode", old_code, new_code)
    yield from _plain("overscan_changed", "Data window", overscan(before), overscan(now))


def _plain(code: str, what: str, old: str | None, new: str | None) -> Iterator[_Told]:
    if old != new:
        told = f"{what}: {new or 'none'}, where it was {old or 'none'}."
        yield code, told, {"before": old, "now": new}


def _range(before: Plate, now: Plate) -> Iterator[_Told]:
    old, new = _frames(before), _frames(now)
    offset = frame_offset(now)
    expected = (old[0] + offset, old[1] + offset)
    if new != expected:
        detail = {"before": list(old), "now": list(new), "frame_offset": offset}
        told = f"Frames: {new[0]}-{new[1]}, where {expected[0]}-{expected[1]} were expected."
        yield "range_changed", told, detail
        if new[1] - new[0] == old[1] - old[0]:
            likely = new[0] - old[0]
            yield (
                "frames_shifted",
                f"As many frames, numbered otherwise by {likely:+d}: a re-run takes it as "
                "frame_offset.",
                {"frame_offset": likely},
            )


def frame_offset(plate: Plate) -> int:
    """What was said of a version: frame N of the one before is frame N + this of it."""
    return int(plate.plate.get("frame_offset") or 0)


def _size(plate: Plate) -> str:
    return f"{plate.width} x {plate.height}"


def _fps(plate: Plate) -> str:
    return f"{plate.fps_num}/{plate.fps_den}"


def _frames(plate: Plate) -> tuple[int, int]:
    return plate.first_frame or 0, plate.last_frame or 0


def overscan(plate: Plate | Shot) -> str | None:
    """The data window (``x,y WxH``) of a plate that holds more, or less, than the picture."""
    told = plate.plate_metadata or {}
    window: str | None = told.get("data_window")
    return window if window != told.get("display_window", window) else None
