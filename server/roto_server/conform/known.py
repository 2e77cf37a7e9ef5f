"""Media that shots of the project are made of: what ingests have read of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from roto_shapes.errors import TimecodeError
from roto_shapes.timecode import to_frames

from ..db.media import Plate
from ..scanning import FoundMedia
from .media import Media, stem
from .placing import FIRST_OF_MOVIE


def library_of(found: Iterable[FoundMedia], plates: Iterable[Plate]) -> list[Media]:
    """Media on disk and media of shots, each once, with all that is known of it."""
    by_path = {one.path: _found(one) for one in found}
    for read in known_of(plates).values():
        there = by_path.get(read.path)
        by_path[read.path] = read if there is None else _both(there, read)
    return list(by_path.values())


def known_of(plates: Iterable[Plate]) -> dict[str, Media]:
    """Media of shots by their paths."""
    by_path: dict[str, Media] = {}
    for read in map(_read, plates):
        there = by_path.get(read.path)
        by_path[read.path] = read if there is None else _wider(there, read)
    return by_path


def media_of(plate: Plate) -> Media:
    """What an ingest has read of a plate."""
    return _read(plate)


def _found(one: FoundMedia) -> Media:
    first, last = one.frames or (None, None)
    return Media(one.kind, one.path, one.title, first, last, one.gaps)


def _read(plate: Plate) -> Media:
    """A movie's first and last frame are the whole movie's, whatever part of it the shot is."""
    told: dict[str, Any] = plate.plate_metadata or {}
    path = str(plate.plate["path"])
    kind = str(plate.plate["kind"])
    rate = Fraction(plate.fps_num, plate.fps_den) if plate.fps_num and plate.fps_den else None
    begins = plate.plate.get("first_frame")
    first, last = plate.first_frame, plate.last_frame
    if kind == "movie":
        first = FIRST_OF_MOVIE if begins is None else begins
        count = str(told.get("frames", ""))
        last = first + int(count) - 1 if count.isdecimal() else None
    start = _start(told, rate)
    if start is not None and plate.first_frame is not None and first is not None:
        # The timecode is that of the shot's first frame.
        start -= plate.first_frame - first
    title = stem(path.rsplit("/", 1)[-1]).rstrip(" ._-")
    reel = str(told.get("reel", ""))
    return Media(kind, path, title, first, last, (), start, rate, reel, begins)


def _start(told: dict[str, Any], rate: Fraction | None) -> int | None:
    text = told.get("timecode")
    if rate is None or not isinstance(text, str):
        return None
    try:
        return to_frames(text, rate, drop=True if told.get("drop_frame") == "yes" else None)
    except TimecodeError:
        return None


def _wider(one: Media, other: Media) -> Media:
    """What two shots of the same files have read of them; a movie is always told whole."""
    if other.kind == "movie":
        return other
    if one.first is None or one.last is None or other.first is None or other.last is None:
        return other
    first, told = min(one.first, other.first), one if other.start is None else other
    start = None if told.start is None or told.first is None else told.start - told.first + first
    return replace(other, first=first, last=max(one.last, other.last), start=start)


def _both(there: Media, read: Media) -> Media:
    """What the disk shows, with what was read; a sequence may have grown since."""
    start = read.start
    if read.kind == "movie":
        return replace(read, title=there.title)
    if start is not None and there.first is not None and read.first is not None:
        start -= read.first - there.first
    return replace(there, start=start, rate=read.rate, reel=read.reel)
