"""The matte a running job tracked last."""

from __future__ import annotations

from dataclasses import dataclass, field

FRAME_HEADER = "X-Roto-Frame"


@dataclass(frozen=True)
class NewestMask:
    """``png``: 16-bit grey, linear, of the plate's size; ``frame``: its plate frame."""

    object: str
    frame: int
    png: bytes = field(repr=False)
