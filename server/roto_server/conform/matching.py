"""Events and the media they mean: what matches, what may be several, what is nothing. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .events import ListEvent
from .media import MOST_FOUND, Library, Media
from .placing import Placed, place

MOST_CANDIDATES = 20


@dataclass(frozen=True)
class Match:
    """What became of an event. ``state``: matched, ambiguous (``candidates``), unmatched, short
    (the media lacks frames of the cut), no_media (black, titles, what is switched off)."""

    state: str
    by: str = ""
    media: Media | None = None
    placed: Placed | None = None
    candidates: tuple[Media, ...] = ()


def match(
    event: ListEvent, library: Library, handles: int, *, media_start: int | None = None
) -> Match:
    """The media of the event, and where in it.

    Of several of one name, those that have the event's frames count, if any has: two cards of one
    reel are told apart by their timecode. More than `MOST_FOUND` are not: a name of so many, such
    as the show's, says nothing, and looking at all of them for every event would take minutes.
    """
    if event.no_media or not event.enabled:
        return Match("no_media")
    found = library.find(event)
    if found is None:
        return Match("unmatched")
    if len(found.media) > MOST_FOUND:
        return Match("ambiguous", found.by, candidates=found.media[:MOST_CANDIDATES])
    placed = [
        (media, place(event, media, handles, media_start=media_start)) for media in found.media
    ]
    sure = [pair for pair in placed if pair[1].frames is not None and not pair[1].lacking]
    open_ = [pair for pair in placed if pair[1].frames is None]
    fitting = sure or open_ or placed
    if len(fitting) == 1:
        return matched(found.by, *fitting[0])
    candidates = tuple(media for media, _ in fitting[:MOST_CANDIDATES])
    return Match("ambiguous", found.by, None, None, candidates)


def matched(by: str, media: Media, placed: Placed) -> Match:
    """The match with one media."""
    return Match("short" if placed.lacking else "matched", by, media, placed)
