"""Which file shows a plate frame in the panel, and whether Qt can read it.

Hosts' Qt reads no EXR or DPX. Then the artist names a picture sequence of the same frames (a JPEG
or PNG proxy of any size); clicks are still plate pixels.
"""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from roto_shapes.errors import RangeError
from roto_shapes.frames import SequencePattern

READABLE = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp"))


def is_readable(pattern: str) -> bool:
    """Whether it is a sequence (or one picture) of a format Qt reads."""
    return Path(pattern).suffix.lower() in READABLE


def picture_of(pattern: str, frame: int) -> Optional[Path]:
    """The picture of a plate frame; None if it is not there. ``pattern`` without a frame field
    names one picture for all frames."""
    if not is_readable(pattern):
        return None
    try:
        path = SequencePattern.parse(pattern).path(frame)
    except RangeError:
        path = Path(pattern)
    return path if path.is_file() else None


def why_not(pattern: str, frame: int) -> str:
    """Why there is nothing to click on, for the artist."""
    if not is_readable(pattern):
        kind = Path(pattern).suffix.lstrip(".").upper() or "This plate"
        return f"{kind} cannot be shown here: press Picture... and choose a JPEG or PNG proxy."
    return f"There is no picture of frame {frame}: {Path(pattern).name}."
