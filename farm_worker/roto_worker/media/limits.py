"""How much a plate may ask of this node before it is refused.

All are settings of the worker's node, environment variables with whole numbers:

=============================  =========================================================
``ROTO_WORKER_MAX_PIXELS``     pixels of one frame, of its data and its display window
``ROTO_WORKER_MAX_FRAMES``     frames of a plate
``ROTO_WORKER_DECODE_MEMORY_MB``   memory of the process that first looks at a plate
``ROTO_WORKER_DECODE_SECONDS`` time that process may take over one frame
``ROTO_WORKER_DISK_RESERVE_MB``    space that a task leaves free where it writes
=============================  =========================================================
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from roto_shapes.errors import RotoError

from .faults import bad_frame

PREFIX = "ROTO_WORKER_"
MAX_SIDE = 65_500
"""Pixels of a frame's longer side: as many as a JPEG has, which its proxy is."""
MIN_SIDE = 16
"""Of its shorter side: in less there is nothing to find, and video encoders refuse it."""
MOST_TIMES = 256
"""As long as it is wide, or as wide as it is long: pictures of a strip take their time."""
_MAY_BE_NONE = frozenset({"disk_reserve_mb"})
MAX_PARTS = 1024
"""Parts of an EXR, pages of a TIFF that are looked through for a picture."""


@dataclass(frozen=True)
class Limits:
    """See the module. A float frame takes about 72 bytes a pixel while it is read."""

    max_pixels: int = 8192 * 8192
    max_frames: int = 100_000
    decode_memory_mb: int = 6144
    decode_seconds: int = 300
    disk_reserve_mb: int = 256

    @classmethod
    def from_environment(cls) -> Limits:
        """What this node's settings say.

        Raises:
            RotoError: ``bad_request``, a setting is no whole number, or 0 where that is no limit.
        """
        told = {}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            value = os.environ.get(name, "").strip()
            if not value:
                continue
            least = 0 if field.name in _MAY_BE_NONE else 1
            if not (value.isascii() and value.isdecimal()) or int(value) < least:
                raise RotoError(
                    f"{name} is {value!r}, not a whole number of at least {least}",
                    code="bad_request",
                    hint="Correct the setting on the worker's node, or unset it.",
                )
            told[field.name] = int(value)
        return cls(**told)

    def environment(self) -> dict[str, str]:
        """The same as settings, for a process of one's own."""
        return {PREFIX + name.upper(): str(value) for name, value in asdict(self).items()}

    def check_size(self, path: Path, frame: int | None, width: int, height: int) -> None:
        """Raise ``bad_plate`` when a header promises more pixels than may be decoded."""
        if width < 1 or height < 1:
            raise bad_frame(path, frame, f"has an impossible size, {width}x{height}")
        if max(width, height) > MAX_SIDE or width * height > self.max_pixels:
            raise bad_frame(
                path,
                frame,
                f"claims to be {width}x{height}, more than the {self.max_pixels} pixels "
                f"(and {MAX_SIDE} a side) that this worker decodes",
                hint="If the plate is sound, raise ROTO_WORKER_MAX_PIXELS on the worker's node.",
            )

    def check_frames(self, path: Path, frames: int) -> None:
        """Raise ``bad_plate`` when a plate has more frames than may be looked at."""
        if frames > self.max_frames:
            raise bad_frame(
                path,
                None,
                f"has {frames} frames, more than the {self.max_frames} this worker takes",
                hint="Cut it into shots, or raise ROTO_WORKER_MAX_FRAMES on the worker's node.",
            )
