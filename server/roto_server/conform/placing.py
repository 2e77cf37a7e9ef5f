"""Which plate frames of its media an event wants. Pure.

A list counts time, a plate counts frames. What leads from one to the other is never guessed: a
`Placed` says by what it was found, and where nothing says it, the worker that reads the plate's own
timecode decides (``ingest``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .events import ListEvent, Remark
from .media import Media

FIRST_OF_MOVIE = 1
"""The plate frame number of a movie's first frame where nobody wants another."""


@dataclass(frozen=True)
class Placed:
    """``frames``: with handles, inclusive; None for ``ingest``. ``handles``: those there are.

    ``by``: timecode (the plate's, as an ingest read it), numbers (the frame numbers are the
    timecode), list (it tells where its media begins), length (the plate is as long as the event),
    ingest, hand. ``lacking``: frames of the cut that the media does not have (1 of a cut of none);
    such an event makes no shot.
    """

    by: str
    frames: tuple[int, int] | None
    handles: tuple[int, int]
    lacking: int = 0
    remarks: tuple[Remark, ...] = ()


def wanted(event: ListEvent) -> tuple[int, int]:
    """First and last frame of the event's media that its cut shows, as times; transitions too."""
    return event.source_in - event.head, event.source_out - 1 + event.tail


def place(
    event: ListEvent, media: Media, handles: int, *, media_start: int | None = None
) -> Placed:
    """The event in the plate frames of ``media``, with up to ``handles`` frames on either side.

    ``media_start``: when the media begins, by somebody's word; goes before everything.
    """
    begins, ends = wanted(event)
    if ends < begins:
        return _no_frames(begins)
    found = _offset(event, media, handles, media_start) or _partly(event, media)
    remarks = _rate_remarks(event, media.rate)
    if found is None:
        return Placed("ingest", None, (handles, handles), 0, remarks)
    by, offset = found
    first, last = (frame + offset for frame in wanted(event))
    if by == "length":
        told = f"It is placed by its length alone: the plate has frames {media.first}-{media.last}."
        remarks = (*remarks, Remark("placed_by_length", told))
    return fit(by, (first, last), media, (handles, handles), remarks)


def fit(
    by: str,
    cut: tuple[int, int],
    media: Media,
    handles: tuple[int, int],
    remarks: tuple[Remark, ...] = (),
) -> Placed:
    """``cut`` (inclusive plate frames) with as many of the ``handles`` as the media has."""
    first, last = cut
    if last < first:
        return _no_frames(first)
    if media.first is None:
        # A movie nobody has read: its first frame is known, its last is not.
        head = max(0, min(handles[0], first - FIRST_OF_MOVIE))
        lacking = max(0, FIRST_OF_MOVIE - first)
        return _told(by, cut, (head, handles[1]), lacking, handles, remarks)
    there = (media.first, media.first if media.last is None else media.last)
    lacking = (last - first + 1) - _shared((first, last), there)
    lacking += sum(_shared((first, last), gap) for gap in media.gaps)
    before = max([there[0] - 1, *(b for _, b in media.gaps if b < first)])
    after = min([there[1] + 1, *(a for a, _ in media.gaps if a > last)])
    head = max(0, min(handles[0], first - 1 - before))
    tail = max(0, min(handles[1], after - 1 - last))
    return _told(by, cut, (head, tail), lacking, handles, remarks)


def _no_frames(at: int) -> Placed:
    told = f"The event is no frame long: it begins and ends at {at}."
    return Placed("", None, (0, 0), 1, (Remark("no_frames", told),))


def _told(
    by: str,
    cut: tuple[int, int],
    got: tuple[int, int],
    lacking: int,
    asked: tuple[int, int],
    remarks: tuple[Remark, ...],
) -> Placed:
    if lacking:
        told = f"The media lacks {lacking} of the frames {cut[0]}-{cut[1]}."
        remarks = (*remarks, Remark("range_lacking", told))
    elif got != asked:
        told = f"There are {got[0]} and {got[1]} frames for handles, not {asked[0]} and {asked[1]}."
        remarks = (*remarks, Remark("short_handles", told))
    return Placed(by, (cut[0] - got[0], cut[1] + got[1]), got, lacking, remarks)


def _offset(
    event: ListEvent, media: Media, handles: int, media_start: int | None
) -> tuple[str, int] | None:
    """By what, and what to add to a time to have the plate frame."""
    begins = FIRST_OF_MOVIE if media.kind == "movie" else media.first
    begins = media.first if media.first is not None else begins
    first, last = wanted(event)
    if media_start is not None and begins is not None:
        return "hand", begins - media_start
    if media.start is not None and media.first is not None:
        return "timecode", media.first - media.start
    if media.kind == "sequence" and media.first is not None and media.last is not None:
        if media.first <= first and last <= media.last:
            return "numbers", 0
        length = media.last - media.first + 1
        for extra in dict.fromkeys((handles, 0)):
            if length == last - first + 1 + 2 * extra and event.media_start is None:
                return "length", media.first + extra - first
    if event.media_start is not None and begins is not None:
        return "list", begins - event.media_start
    return None


def _partly(event: ListEvent, media: Media) -> tuple[str, int] | None:
    """By its numbers, where it has some of the frames: what lacks is said now, and not by a shot
    whose plate turns out to be too short."""
    if media.kind != "sequence" or media.first is None or media.last is None:
        return None
    return ("numbers", 0) if _shared(wanted(event), (media.first, media.last)) else None


def _rate_remarks(event: ListEvent, rate: Fraction | None) -> tuple[Remark, ...]:
    if rate is None or rate == event.rate:
        return ()
    told = f"The list counts {float(event.rate):g} frames per second, the media {float(rate):g}."
    return (Remark("rate_differs", told),)


def _shared(one: tuple[int, int], other: tuple[int, int]) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]) + 1)
