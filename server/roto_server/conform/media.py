"""Media that events may mean, and by which names each can be found. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath

from .events import ListEvent

_ENDING = re.compile(r"\.[A-Za-z0-9]{2,5}$")
_FRAME_FIELD = re.compile(r"[._-]?(\[\d+-\d+\]|%0?\d*d|#+|\*|\d{4,9})$")
_LEAST_REEL = 4
"""Letters of a reel's name that must be there before what begins with it counts as found."""

MOST_FOUND = 1000
"""Media of one name that are told apart by their frames: a card has hundreds of clips."""


@dataclass(frozen=True)
class Media:
    """A plate on disk. ``first``, ``last``: plate frame numbers, None for what nobody has read.

    ``start``: timecode of frame ``first`` in frames at ``rate``, where an ingest has told it.
    ``gaps``: missing frames between. ``first_frame``: what a shot's plate says of a movie, None for
    1.
    """

    kind: str
    path: str
    title: str
    first: int | None = None
    last: int | None = None
    gaps: tuple[tuple[int, int], ...] = ()
    start: int | None = None
    rate: Fraction | None = None
    reel: str = ""
    first_frame: int | None = None

    @property
    def file(self) -> str:
        """Its file name."""
        return PurePosixPath(self.path).name

    @property
    def folder(self) -> str:
        """The name of the folder it lies in."""
        return PurePosixPath(self.path).parent.name


@dataclass(frozen=True)
class Found:
    """Media an event may mean. ``by``: path, file, clip, reel, or the beginning of a clip's or
    reel's name; never two kinds at once."""

    media: tuple[Media, ...]
    by: str


class Library:
    """Media by their names, whatever the case."""

    def __init__(self, media: Iterable[Media]) -> None:
        self._by_path: dict[str, list[Media]] = {}
        self._by_file: dict[str, list[Media]] = defaultdict(list)
        self._by_title: dict[str, list[Media]] = defaultdict(list)
        self._by_reel: dict[str, list[Media]] = defaultdict(list)
        for one in media:
            self._by_path[one.path] = [one]
            self._by_file[one.file.casefold()].append(one)
            for name in {one.title.casefold(), one.folder.casefold()}:
                self._by_title[name].append(one)
            if one.reel:
                self._by_reel[one.reel.casefold()].append(one)
        self._titles = sorted(self._by_title)
        self._begun: dict[str, Sequence[Media]] = {}

    def find(self, event: ListEvent) -> Found | None:
        """What the event may mean, by the strongest of its names that names anything."""
        file = event.file.replace("\\", "/").rsplit("/", 1)[-1]
        clip = event.clip.rsplit("/", 1)[-1]
        for by, found in (
            ("path", self._by_path.get(event.file)),
            ("file", self._by_file.get(file.casefold())),
            ("file", self._titled(file)),
            ("clip", self._by_file.get(clip.casefold())),
            ("clip", self._titled(clip)),
            ("reel", self._by_reel.get(event.reel.casefold())),
            ("reel", self._by_title.get(event.reel.casefold()) if event.reel else None),
            ("clip_beginning", self._beginning(stem(clip))),
            ("reel_beginning", self._beginning(event.reel)),
        ):
            if found:
                return Found(tuple(found), by)
        return None

    def _titled(self, name: str) -> Sequence[Media]:
        """Those called so; with the name's ending and frame number first, then without."""
        if not name:
            return ()
        tries = (name, without_ending(name), stem(name))
        return next((self._by_title[t.casefold()] for t in tries if self._has(t)), ())

    def _has(self, title: str) -> bool:
        return bool(title) and title.casefold() in self._by_title

    def _beginning(self, name: str) -> Sequence[Media]:
        """Those whose name begins with ``name``, and goes on with no letter or digit."""
        name = name.casefold()
        if len(name) < _LEAST_REEL:
            return ()
        if name not in self._begun:
            self._begun[name] = self._all_beginning(name)
        return self._begun[name]

    def _all_beginning(self, name: str) -> Sequence[Media]:
        """One more than `MOST_FOUND` at most."""
        found: dict[str, Media] = {}
        for index in range(bisect_left(self._titles, name), len(self._titles)):
            title = self._titles[index]
            if not title.startswith(name) or len(found) > MOST_FOUND:
                break
            if len(title) > len(name) and not title[len(name)].isalnum():
                found.update((one.path, one) for one in self._by_title[title])
        return tuple(found.values())[: MOST_FOUND + 1]


def without_ending(name: str) -> str:
    """The file name without ``.exr`` and the like."""
    return _ENDING.sub("", name)


def stem(name: str) -> str:
    """The file name without its ending and its frame number or field."""
    return _FRAME_FIELD.sub("", without_ending(name))
