"""From the names of a folder's files to image sequences and movies. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal

from roto_shapes.frames import SequencePattern, is_movie

PICTURES = frozenset((".exr", ".dpx", ".png", ".tif", ".tiff", ".jpg", ".jpeg"))
GAPS_TOLD = 100
MAX_PATH = 4000

_NUMBER = re.compile(r"([0-9]+)(?!.*[0-9])")
_MOST_DIGITS = 9
_FIELD = re.compile(r"%(?:0\d)?d|[#*]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class FoundMedia:
    """A plate by its name on the disk. ``path``: movie file, or sequence with its printf field.

    ``title``: the file name without number and ending. ``frames``: first and last frame on disk,
    None for a movie; ``count``: files. ``gaps``: the first `GAPS_TOLD` ranges of frames that are
    missing between them, ``missing``: how many frames that and all further gaps are.
    """

    kind: Literal["sequence", "movie"]
    path: str
    title: str
    frames: tuple[int, int] | None = None
    count: int = 1
    gaps: tuple[tuple[int, int], ...] = ()
    missing: int = 0


@dataclass(frozen=True)
class Skipped:
    """What was left out. ``path`` is for people: what is not printable in it is escaped.

    ``reason``: unreadable, outside (a link out of the allowed folders), bad_name (control
    characters, or what reads as a second frame field), no_number (a picture that is no frame),
    too_many (more files than the limit).
    """

    path: str
    reason: Literal["unreadable", "outside", "bad_name", "no_number", "too_many"]


def printable(text: str) -> str:
    """``text`` with control characters, and bytes that are no UTF-8, as escapes."""
    told = _CONTROL.sub(lambda match: f"\\x{ord(match.group()):02x}", text)
    return told.encode(errors="backslashreplace").decode()


def media_in(folder: str, names: Iterable[str]) -> tuple[list[FoundMedia], list[Skipped]]:
    """The plates among the files ``names`` of ``folder``, by path. Other files do not count."""
    found: list[FoundMedia] = []
    skipped: list[Skipped] = []
    numbers: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name in names:
        movie, ending = is_movie(name), Path(name).suffix.lower()
        if name.startswith(".") or not (movie or ending in PICTURES):
            continue
        path = f"{folder.rstrip('/')}/{name}"
        if not _can_be_told(path) or (not movie and _FIELD.search(name)):
            skipped.append(Skipped(printable(path), "bad_name"))
        elif movie:
            found.append(FoundMedia("movie", path, name[: -len(ending)]))
        elif (parts := _parts(name)) is None:
            skipped.append(Skipped(path, "no_number"))
        else:
            prefix, digits, suffix = parts
            numbers[prefix, suffix].append(digits)
    for (prefix, suffix), digits_of_all in numbers.items():
        for padding, frames in _by_padding(digits_of_all):
            found.append(_sequence(SequencePattern(Path(folder), prefix, padding, suffix), frames))
    return sorted(found, key=lambda one: one.path), skipped


def _can_be_told(path: str) -> bool:
    """Whether the path fits into an answer, and into a request again."""
    return printable(path) == path and len(path) <= MAX_PATH


def _parts(name: str) -> tuple[str, str, str] | None:
    """Prefix, signed digits and suffix; None where there is no frame number."""
    stem, _, extension = name.rpartition(".")
    match = _NUMBER.search(stem)
    if match is None or len(match.group()) > _MOST_DIGITS:
        return None
    start = match.start()
    # plate.-005.exr: the minus of a number follows what separates it, that of a name does not.
    if start >= 2 and stem[start - 1] == "-" and stem[start - 2] in "._" and int(match.group()):
        start -= 1
    return stem[:start], stem[start : match.end()], f"{stem[match.end() :]}.{extension}"


def _by_padding(digits: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
    """Frames of one name: ``a.0999`` and ``a.1000`` are of one, ``a.0001`` and ``a.1`` of two."""
    left = set(digits)
    for padding in sorted({len(one) for one in digits if _is_padded(one)}):
        frames = _padded_to(padding, digits)
        left -= frames.keys()
        yield padding, sorted(frames.values())
    if left:
        padding = min(map(len, left))
        yield padding, sorted(_padded_to(padding, digits).values())


def _is_padded(digits: str) -> bool:
    number = digits.lstrip("-")
    return len(number) > 1 and number.startswith("0")


def _padded_to(padding: int, digits: Sequence[str]) -> dict[str, int]:
    """Those of ``digits`` that printf would write so, and their numbers."""
    return {one: int(one) for one in digits if f"{int(one):0{padding}d}" == one}


def _sequence(pattern: SequencePattern, frames: Sequence[int]) -> FoundMedia:
    gaps = [(a + 1, b - 1) for a, b in pairwise(frames) if b - a > 1]
    return FoundMedia(
        "sequence",
        pattern.printf,
        pattern.prefix.rstrip(" ._-"),
        (frames[0], frames[-1]),
        len(frames),
        tuple(islice(gaps, GAPS_TOLD)),
        sum(last - first + 1 for first, last in gaps),
    )
