"""Frame ranges and image sequences, in plate frame numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List, Union

from .errors import RangeError

MOVIE_EXTENSIONS = frozenset((".mp4", ".mov", ".mxf", ".m4v", ".mkv", ".avi", ".webm"))

_RANGE = re.compile(r"\s*(-?\d{1,9})(?:\s*-\s*(-?\d{1,9}))?\s*")
_PRINTF_FIELD = re.compile(r"%(?:0(\d))?d")
_HASH_FIELD = re.compile(r"#+")
_LAST_NUMBER = re.compile(r"(\d+)(?!.*\d)")


def is_movie(path: Union[str, Path]) -> bool:
    """Whether the file name ends like a movie's; the file is not looked at."""
    return Path(path).suffix.lower() in MOVIE_EXTENSIONS


@dataclass(frozen=True)
class FrameRange:
    """The frames ``first`` to ``last``, both included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise RangeError(f"frame range {self.first}-{self.last} runs backwards")

    @classmethod
    def parse(cls, text: str) -> FrameRange:
        """The range in ``"1001-1060"``, ``"-5--1"`` or ``"1001"`` (one frame).

        Raises RangeError.
        """
        match = _RANGE.fullmatch(text)
        if match is None:
            raise RangeError(
                f"{text!r} is not a frame range", hint="Write FIRST-LAST, such as 1001-1060."
            )
        first = int(match.group(1))
        return cls(first, first if match.group(2) is None else int(match.group(2)))

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.first, self.last + 1))

    def __len__(self) -> int:
        return self.last - self.first + 1

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.first <= frame <= self.last

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


@dataclass(frozen=True)
class SequencePattern:
    """A numbered image sequence: ``folder``, and a file name of ``prefix`` + number + ``suffix``.

    ``padding`` is the least number of digits; 1 means not padded.
    """

    folder: Path
    prefix: str
    padding: int
    suffix: str

    @classmethod
    def parse(cls, path: Union[str, Path]) -> SequencePattern:
        """The sequence that a path names.

        Reads ``plate.%04d.exr``, ``plate.####.exr``, ``plate.*.exr`` (padding as found on disk)
        and ``plate.1001.exr`` (that file and its siblings). Raises RangeError when the file name
        holds no frame field, or more than one.
        """
        folder, name = Path(path).parent, Path(path).name
        fields = [*_PRINTF_FIELD.finditer(name), *_HASH_FIELD.finditer(name)]
        stars = name.count("*")
        if len(fields) + stars > 1:
            raise RangeError(f"{name!r} holds more than one frame field")
        if stars:
            prefix, suffix = name.split("*")
            return cls._found(folder, prefix, suffix)
        if fields:
            field = fields[0]
            hashes = field.group().startswith("#")
            padding = len(field.group()) if hashes else int(field.group(1) or 1)
            return cls(folder, name[: field.start()], padding, name[field.end() :])
        return cls._of_file(folder, name)

    @classmethod
    def _of_file(cls, folder: Path, name: str) -> SequencePattern:
        stem, dot, extension = name.rpartition(".")
        match = _LAST_NUMBER.search(stem)
        if not dot or match is None:
            raise RangeError(
                f"{name!r} holds no frame number",
                hint="Name a sequence as plate.%04d.exr, plate.####.exr or by one of its files.",
            )
        suffix = f"{stem[match.end() :]}.{extension}"
        digits = match.group()
        padding = len(digits) if digits.startswith("0") else 0
        found = cls._found(folder, stem[: match.start()], suffix)
        return cls(folder, found.prefix, padding or min(found.padding, len(digits)), suffix)

    @classmethod
    def _found(cls, folder: Path, prefix: str, suffix: str) -> SequencePattern:
        """Padding is the shortest number on disk when all are at least that long; 4 if none is."""
        lengths = [len(digits) for digits in _numbers_on_disk(folder, prefix, suffix)]
        return cls(folder, prefix, min(lengths, default=4), suffix)

    @property
    def printf(self) -> str:
        """The path with a printf field: ``/mnt/plate.%04d.exr``."""
        field = f"%0{self.padding}d" if self.padding > 1 else "%d"
        return str(self.folder / f"{self.prefix}{field}{self.suffix}")

    def path(self, frame: int) -> Path:
        """The file of one plate frame."""
        return self.folder / f"{self.prefix}{_padded(frame, self.padding)}{self.suffix}"

    def frames_on_disk(self) -> List[int]:
        """The frame numbers of the files that exist now, ascending; empty if the folder lacks."""
        digits = _numbers_on_disk(self.folder, self.prefix, self.suffix)
        return sorted(int(d) for d in digits if d == _padded(int(d), self.padding))

    def missing(self, frames: FrameRange) -> List[int]:
        """The frames of the range that are not on disk, ascending."""
        present = set(self.frames_on_disk())
        return [frame for frame in frames if frame not in present]


def _padded(frame: int, padding: int) -> str:
    """As printf's ``%04d`` does: the sign counts as one of the characters."""
    return f"{frame:0{padding}d}" if padding > 1 else str(frame)


def _numbers_on_disk(folder: Path, prefix: str, suffix: str) -> List[str]:
    pattern = re.compile(re.escape(prefix) + r"(-?\d+)" + re.escape(suffix))
    try:
        matches = [pattern.fullmatch(entry.name) for entry in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [match.group(1) for match in matches if match]
