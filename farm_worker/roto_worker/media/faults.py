"""The errors a plate can cause, always naming the frame and the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from roto_shapes.errors import RotoError


class PlateError(RotoError):
    """A plate cannot be used as told."""

    code = "bad_plate"


_LONGEST_NAME = 120
"""Characters of a file's name in a sentence."""
_LONGEST_REASON = 500
"""Of what a library says, which may be many lines."""


def shown(name: str) -> str:
    """A file's name as one line of text: what cannot be printed is escaped, the middle cut out."""
    plain = _printable(name)
    if len(plain) <= _LONGEST_NAME:
        return plain
    half = _LONGEST_NAME // 2
    return f"{plain[:half]}...{plain[-half:]}"


def _printable(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


def bad_frame(path: Path, frame: int | None, reason: str, hint: str = "") -> PlateError:
    """``bad_plate``: the file is there but cannot be decoded. ``frame`` None: the whole file.

    ``reason`` may be a library's, which repeats what the file holds, and where it lies.
    """
    said = _printable(" ".join(reason.split())).replace(str(path), shown(path.name))
    which = "" if frame is None else f"frame {frame}: "
    return PlateError(
        f"{which}{shown(path.name)} {said[:_LONGEST_REASON]}",
        hint=hint or "Copy or render the file again.",
        detail=_where(path, frame),
    )


def unsupported(path: Path, frame: int | None, reason: str) -> PlateError:
    """``unsupported_plate``: a good file of a kind the product does not read."""
    return PlateError(
        f"{shown(path.name)} {reason}",
        code="unsupported_plate",
        hint="Plates are EXR, DPX, PNG, TIFF or JPEG sequences, or MP4, MOV or MXF movies.",
        detail=_where(path, frame),
    )


def missing_frame(path: Path, frame: int, others: Sequence[int] = ()) -> PlateError:
    """``missing_frame``: ``path``, the file of ``frame``, is not on disk, nor are ``others``."""
    more = f" (and {len(others)} more)" if others else ""
    return PlateError(
        f"frame {frame} is missing: {shown(path.name)}{more}",
        code="missing_frame",
        hint="Bring the frame back, or ask for a range without it.",
        detail=_where(path, frame) | {"missing": [frame, *others]},
    )


def unreadable(path: Path, frame: int | None, reason: str) -> PlateError:
    """``path_refused``: the operating system does not let this worker read the file."""
    return PlateError(
        f"{shown(path.name)} cannot be read: {reason}",
        code="path_refused",
        hint="Check that the worker's user may read the file.",
        detail=_where(path, frame),
    )


def outside(first: int, last: int, available: tuple[int, int]) -> PlateError:
    """``range_outside_plate``: the range asks for frames the plate lacks."""
    return PlateError(
        f"the range {first}-{last} is outside the plate's frames {available[0]}-{available[1]}",
        code="range_outside_plate",
        hint="Ask for frames the plate has.",
        detail={"frame_range": list(available)},
    )


def _where(path: Path, frame: int | None) -> dict[str, object]:
    file = shown(path.name)
    return {"file": file} if frame is None else {"file": file, "frame": frame}
