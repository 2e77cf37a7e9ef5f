"""A key's numbers in short, to know them again."""

from __future__ import annotations

import zlib
from typing import Sequence

from roto_shapes.model import ControlPoint


def fingerprint(points: Sequence[ControlPoint]) -> str:
    """Changes when a point is moved by more than about a thousandth of a pixel."""
    text = ";".join(f"{p.x:.3f},{p.y:.3f}" for p in points)
    return f"{zlib.crc32(text.encode('ascii')):08x}"
