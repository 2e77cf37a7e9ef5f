"""Which plates are the two eyes of one shot: their paths differ in one word only. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .grouping import FoundMedia

_EYE = re.compile(r"(?<![a-zA-Z0-9])(left|right|l|r)(?![a-zA-Z0-9])", re.IGNORECASE)
_RIGHT = frozenset(("right", "r"))
_SEPARATORS = (".", "_", "-")
_NUMBER_AND_ENDING = re.compile(r"%0?\d?d|\.[^.]*$")


@dataclass(frozen=True)
class Eyes:
    """Indices of a pair, and what both are called: the left one's path without the word."""

    left: int
    right: int
    path: str


def pairs(media: Sequence[FoundMedia]) -> list[Eyes]:
    """The pairs among ``media``: ``sh010_left.%04d.exr`` and ``sh010_right.%04d.exr``, files of one
    name in ``l/`` and ``r/``. Each plate is in one pair at most, by as few words as can be.
    """
    readings = [list(_readings(one.path)) for one in media]
    known: dict[str, dict[bool, int]] = defaultdict(dict)
    for index, own in enumerate(readings):
        for one in own:
            known[one.common][one.is_right] = index
    found: list[Eyes] = []
    used: set[int] = set()
    for own in readings:
        for one in own:
            both = known[one.common]
            if len(both) == 2 and used.isdisjoint(both.values()):
                used.update(both.values())
                found.append(Eyes(both[False], both[True], one.without))
    return found


def without_eye(media: FoundMedia, path: str) -> FoundMedia:
    """The left plate as it would be called without the word, for a name of its shot."""
    name = path.rpartition("/")[2]
    return replace(media, path=path, title=_NUMBER_AND_ENDING.split(name)[0].rstrip(" ._-"))


@dataclass(frozen=True)
class _Reading:
    """A path whose last words name one eye: what it has in common with that of the other."""

    is_right: bool
    common: str
    without: str


def _readings(path: str) -> Iterator[_Reading]:
    """With the last word read so, with the last two, and so on while they name the same eye."""
    words = list(_EYE.finditer(path))
    common = without = path
    for word in reversed(words):
        is_right = word.group().lower() in _RIGHT
        if is_right != (words[-1].group().lower() in _RIGHT):
            return
        # ``left`` goes with ``right``, ``L`` with ``R``.
        kind = f"\0{len(word.group()) == 1}{word.group().isupper()}\0"
        common = common[: word.start()] + kind + common[word.end() :]
        without = _joined(without[: word.start()], without[word.end() :])
        yield _Reading(is_right, common, without)


def _joined(before: str, after: str) -> str:
    """What is left when a word goes, and what set it off goes with it."""
    if before.endswith(_SEPARATORS):
        return before[:-1] + after
    return before + after.lstrip("._-/")
