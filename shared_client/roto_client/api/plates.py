"""What a user calls a plate, found on this machine's disk.

A plate is an image sequence, named ``plate.%04d.exr``, ``plate.####.exr``, ``plate.*.exr``, by one
of its files or by a folder that holds just that sequence; or a movie file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from roto_shapes.errors import RangeError
from roto_shapes.frames import FrameRange, SequencePattern, is_movie
from roto_shapes.naming import name_from

from ..contract.places import WINDOWS, is_windows, this_system
from .errors import InputError, PlateError

_PICTURES = frozenset((".exr", ".dpx", ".png", ".tif", ".tiff", ".jpg", ".jpeg"))


@dataclass(frozen=True)
class LocalPlate:
    """``path`` is absolute: a movie, or a sequence with its printf field (``%04d``).

    ``frames`` are those on this disk, ascending; empty for a movie, and for a plate that only
    the server can see. ``pattern`` is None for a movie.
    """

    path: str
    pattern: SequencePattern | None = None
    frames: tuple[int, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether this machine can read it."""
        return bool(self.frames) or (self.pattern is None and Path(self.path).is_file())

    @property
    def shot_name(self) -> str:
        """A name for its shot: the file's, without number, or the folder's."""
        stem = Path(self.path).stem if self.pattern is None else self.pattern.prefix
        if is_windows(self.path):
            stem = PureWindowsPath(stem).name
        return name_from(stem) or name_from(Path(self.path).parent.name) or "plate"

    def range(self, wanted: tuple[int, int] | None) -> tuple[int, int] | None:
        """``wanted``, else the range on this disk, else None (only the farm can tell)."""
        if wanted or not self.frames:
            return wanted
        return self.frames[0], self.frames[-1]

    def files(self, wanted: tuple[int, int] | None) -> list[Path]:
        """The files of the frames ``wanted`` (all by default), or the movie.

        Raises PlateError ``missing_frame`` when one is not on disk.
        """
        if self.pattern is None:
            return [Path(self.path)]
        self.check_complete(wanted)
        chosen = FrameRange(*(self.range(wanted) or (0, 0)))
        return [self.pattern.path(frame) for frame in chosen]

    def changed_since(self, moment: float, wanted: tuple[int, int] | None) -> bool:
        """Whether a file of it was written after ``moment`` (seconds since the epoch)."""
        return self.is_here and any(
            path.stat().st_mtime > moment for path in self.files(wanted) if path.exists()
        )

    def check_complete(self, wanted: tuple[int, int] | None) -> None:
        """Raise PlateError ``missing_frame`` if the sequence has a hole in ``wanted``, InputError
        ``range_outside_plate`` if ``wanted`` begins before it or ends after it."""
        chosen = self.range(wanted)
        if self.pattern is None or chosen is None or not self.frames:
            return
        check_inside(chosen, (self.frames[0], self.frames[-1]))
        there = set(self.frames)
        missing = [frame for frame in FrameRange(*chosen) if frame not in there]
        if missing:
            shown = ", ".join(str(frame) for frame in missing[:5])
            raise PlateError(
                f"{self.path} lacks {len(missing)} of the frames {chosen[0]}-{chosen[1]}: {shown}"
                + (" ..." if len(missing) > 5 else ""),
                code="missing_frame",
                hint="Render the missing frames, or give a range without them.",
                detail={"missing": missing[:100]},
            )


def check_inside(wanted: tuple[int, int], there: tuple[int, int]) -> None:
    """Raise InputError ``range_outside_plate`` unless the plate has the frames ``wanted``."""
    if not (there[0] <= wanted[0] <= wanted[1] <= there[1]):
        raise InputError(
            f"Frames {wanted[0]}-{wanted[1]} are asked for; the plate has {there[0]}-{there[1]}.",
            code="range_outside_plate",
            detail={"frame_range": list(wanted), "plate": list(there)},
        )


def find_plate(text: str) -> LocalPlate:
    """The plate a user names. A plate that is not on this disk is believed (the server may see
    it) as long as its name is one.

    Raises PlateError or RangeError when the text names no plate, or a folder more than one.
    """
    path = Path(text).expanduser()
    # A Windows path given elsewhere means nothing here; the server's places may know it.
    if not (is_windows(text) and this_system() != WINDOWS):
        path = path.absolute()
    if path.is_dir():
        return _in_folder(path)
    if is_movie(path):
        return LocalPlate(str(path))
    if path.suffix.lower() not in _PICTURES:
        raise PlateError(
            f"{text} is neither an image sequence nor a movie.",
            code="unsupported_plate",
            hint="Sequences: EXR, DPX, PNG, TIFF, JPEG; movies: MP4, MOV, MXF, MKV, AVI, WebM.",
        )
    pattern = SequencePattern.parse(path)
    return LocalPlate(pattern.printf, pattern, tuple(pattern.frames_on_disk()))


def _in_folder(folder: Path) -> LocalPlate:
    found: dict[str, LocalPlate] = {}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or not entry.is_file():
            continue
        if is_movie(entry):
            found[str(entry)] = LocalPlate(str(entry))
        elif entry.suffix.lower() in _PICTURES and not _belongs(entry, found):
            try:
                pattern = SequencePattern.parse(entry)
            except RangeError:
                continue
            found[pattern.printf] = LocalPlate(
                pattern.printf, pattern, tuple(pattern.frames_on_disk())
            )
    if len(found) == 1:
        return next(iter(found.values()))
    names = ", ".join(Path(path).name for path in sorted(found)[:5])
    raise PlateError(
        f"{folder} holds {len(found)} plates: {names}." if found else f"{folder} holds no plate.",
        code="bad_plate",
        hint="Name one: FOLDER/plate.%04d.exr.",
    )


def _belongs(entry: Path, found: dict[str, LocalPlate]) -> bool:
    """Whether a sequence already found has this file: folders hold thousands."""
    for plate in found.values():
        pattern = plate.pattern
        if (
            pattern
            and entry.name.startswith(pattern.prefix)
            and entry.name.endswith(pattern.suffix)
        ):
            number = entry.name[len(pattern.prefix) : len(entry.name) - len(pattern.suffix)]
            if number.lstrip("-").isdigit():
                return True
    return False
