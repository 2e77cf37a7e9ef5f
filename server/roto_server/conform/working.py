"""A conform from its list and the media there are; the counts of how it stands. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from .comparing import MadeShot, compare
from .entries import SKIPPED, Entry
from .events import EditList, ListEvent, Remark
from .matching import Match, match, matched
from .media import Library, Media
from .naming import free_name, shot_name
from .placing import Placed, fit, place


@dataclass(frozen=True)
class Movie:
    """One long movie that a list cuts by its record times.

    ``start``: time of its first frame, in frames at the list's ``rate``; ``by``: who says so, the
    movie (``timecode``) or the list, which begins with it (``list``).
    """

    media: Media
    start: int
    rate: Fraction
    by: str


def movie_of(media: Media, listed: EditList) -> Movie:
    """The movie under a list. Its own timecode counts where the whole list lies in it."""
    first, last = media.first or 0, media.last or 0
    begins = min(event.record_in for event in listed.events)
    ends = max(event.record_out for event in listed.events)
    start = media.start
    if start is not None and start <= begins and ends <= start + last - first + 1:
        return Movie(media, start, listed.rate, "timecode")
    return Movie(media, min(listed.start, begins), listed.rate, "list")


def begin(listed: EditList, title: str, template: str) -> list[Entry]:
    """Entries of a list that was just read; their names are all different."""
    used: set[str] = set()
    entries = []
    for index, event in enumerate(listed.events, 1):
        name = free_name(shot_name(template, title, index, event), used)
        used.add(name.casefold())
        entries.append(Entry(event, name))
    return entries


def find_media(
    entries: Iterable[Entry], library: Library, handles: int, movie: Movie | None = None
) -> list[Entry]:
    """Entries with the media they mean; what people said of an entry stays, and what was made."""
    found = []
    for entry in entries:
        if entry.made or entry.chosen or entry.state == SKIPPED:
            found.append(entry)
        elif movie is not None:
            found.append(entry.matched(in_movie(entry.event, movie, handles)))
        else:
            start = entry.media_start
            found.append(entry.matched(match(entry.event, library, handles, media_start=start)))
    return _told_twice(found)


def in_movie(event: ListEvent, movie: Movie, handles: int) -> Match:
    """Where the event is in the movie of the whole edit. What has no media is in it, too."""
    if not event.enabled:
        return Match("no_media")
    first = movie.media.first or 0
    begins = event.record_in - movie.start + first - event.head
    ends = event.record_out - movie.start + first - 1 + event.tail
    remarks: tuple[Remark, ...] = ()
    if movie.media.rate is not None and movie.media.rate != movie.rate:
        told = f"The list has {float(movie.rate):g} frames a second, the movie "
        remarks = (Remark("rate_differs", f"{told}{float(movie.media.rate):g}."),)
    placed = fit("record", (begins, ends), movie.media, (handles, handles), remarks)
    return matched("movie", movie.media, placed)


def choose(
    entry: Entry, media: Media, handles: int, frames: tuple[int, int] | None = None
) -> Entry:
    """The entry with media that somebody chose, and ``frames`` of it, if they said which."""
    if frames is None:
        placed: Placed = place(entry.event, media, handles, media_start=entry.media_start)
    else:
        placed = fit("hand", frames, media, (handles, handles))
    return entry.matched(matched("hand", media, placed), chosen=True)


def compare_with(
    entries: Sequence[Entry], shots: Sequence[MadeShot], taken: Collection[str]
) -> tuple[list[Entry], list[MadeShot]]:
    """Entries with what they are to the shots of an older list, and the shots that are gone.

    A shot that stays keeps its name; new ones take none that another shot has.
    """
    pairs = [(entry.event, entry.match.path if entry.match else "") for entry in entries]
    changes, gone = compare(pairs, shots)
    used = {name.casefold() for name in taken}
    compared = []
    for entry, change in zip(entries, changes, strict=True):
        if entry.made:
            compared.append(entry)
        elif change.shot is not None:
            kept = replace(entry, name=change.shot.name, change=change.kind, shot_id=change.shot.id)
            compared.append(kept)
        else:
            name = free_name(entry.name, used)
            used.add(name.casefold())
            compared.append(replace(entry, name=name, change="new", shot_id=None))
    return compared, gone


def counts(entries: Iterable[Entry]) -> dict[str, Any]:
    """How many events are in each state, what they change, and what was made of them."""
    states: Counter[str] = Counter()
    changes: Counter[str] = Counter()
    made = 0
    for entry in entries:
        states[entry.state] += 1
        made += entry.made
        if entry.state not in (SKIPPED, "no_media"):
            changes[entry.change] += 1
    return {"states": dict(states), "changes": dict(changes), "made": made}


def _told_twice(entries: list[Entry]) -> list[Entry]:
    """Entries of which some show the same frames of the same media, with a remark on it."""
    users: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        if entry.match is not None and entry.frames is not None:
            users.setdefault(entry.match.path, []).append(index)
    for indices in users.values():
        for index, others in _overlapping(entries, indices).items():
            told = f"Frames of it are in event {', '.join(others[:5])} as well."
            kept = tuple(one for one in entries[index].remarks if one.code != "used_twice")
            remarks = (*kept, Remark("used_twice", told))
            entries[index] = replace(entries[index], remarks=remarks)
    return entries


def _overlapping(entries: Sequence[Entry], indices: Iterable[int]) -> dict[int, list[str]]:
    """Which of the entries share frames of their cuts with which events, by number."""
    shared: dict[int, list[str]] = {}
    open_: list[int] = []
    for index in sorted(indices, key=lambda each: _bare(entries[each])):
        first, _ = _bare(entries[index])
        open_ = [other for other in open_ if _bare(entries[other])[1] >= first]
        for other in open_:
            shared.setdefault(index, []).append(entries[other].event.number)
            shared.setdefault(other, []).append(entries[index].event.number)
        open_.append(index)
    return shared


def _bare(entry: Entry) -> tuple[int, int]:
    first, last = entry.frames or (0, -1)
    return first + entry.handles[0], last - entry.handles[1]
