"""The errors a plate can cause, always naming the frame and the file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from roto_shapes.errors import RotoError


class PlateError(RotoError):
    """A plate cannot be used as told."""

    code = "bad_plate"


def bad_frame(path: Path, frame: int | None, reason: str) -> PlateError:
    """``bad_plate``: the file is there but cannot be decoded. ``frame`` None: the whole file."""
    which = "" if frame is None else f"frame {frame}: "
    return PlateError(
        f"{which}{path.name} {reason}",
        hint="Copy or render the file again.",
        detail=_where(path, frame),
    )


def unsupported(path: Path, frame: int | None, reason: str) -> PlateError:
    """``unsupported_plate``: a good file of a kind the product does not read."""
    return PlateError(
        f"{path.name} {reason}",
        code="unsupported_plate",
        hint="Plates are EXR, DPX, PNG, TIFF or JPEG sequences, or MP4, MOV or MXF movies.",
        detail=_where(path, frame),
    )


def missing_frame(path: Path, frame: int, others: Sequence[int] = ()) -> PlateError:
    """``missing_frame``: ``path``, the file of ``frame``, is not on disk, nor are ``others``."""
    more = f" (and {len(others)} more)" if others else ""
    return PlateError(
        f"frame {frame} is missing: {path.name}{more}",
        code="missing_frame",
        hint="Bring the frame back, or ask for a range without it.",
        detail=_where(path, frame) | {"missing": [frame, *others]},
    )


def unreadable(path: Path, frame: int | None, reason: str) -> PlateError:
    """``path_refused``: the operating system does not let this worker read the file."""
    return PlateError(
        f"{path.name} cannot be read: {reason}",
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


def check_file(path: Path, frame: int | None) -> None:
    """Raise the right error when ``path`` is absent, a folder, empty or not readable."""
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise bad_frame(path, frame, "is a folder")
        with path.open("rb"):
            pass
    except FileNotFoundError:
        if frame is None:
            raise unreadable(path, None, "no such file") from None
        raise missing_frame(path, frame) from None
    except OSError as error:
        raise unreadable(path, frame, error.strerror or str(error)) from error
    if size == 0:
        raise bad_frame(path, frame, "is empty (0 bytes)")


def _where(path: Path, frame: int | None) -> dict[str, object]:
    return {"file": path.name} if frame is None else {"file": path.name, "frame": frame}
