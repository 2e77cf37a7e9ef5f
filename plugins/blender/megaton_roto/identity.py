# SPDX-License-Identifier: GPL-3.0-or-later
"""What a mask of ours says about itself: where it came from, and which of its keys are ours.

It is JSON in a custom property of the datablock, so it is saved, appended and undone with the mask.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

KEY = "megaton_roto"
_VERSION = 1


@dataclass
class ShapeNote:
    """One shape in a mask. ``name``: of its mask layer, ``given``: the one it got at first (empty
    for a layer an artist made); ``id``: in the document; ``turned``: its points run against the
    document's; ``more``: ids of further splines an artist drew in the layer.

    ``keys``: plate frame -> `mark` of what a key holds that is the document's; a key without, or
    with another mark, is the artist's. ``points``: how many the document has; ``sent``: the marks
    of all keys when they were sent as a correction. ``alpha`` and ``hidden``: as they were written.
    """

    name: str
    id: str
    given: str = ""
    turned: bool = False
    more: list[str] = field(default_factory=list)
    keys: dict[int, int] = field(default_factory=dict)
    points: int = 0
    sent: dict[int, int] = field(default_factory=dict)
    alpha: Any = 1.0
    hidden: Any = False


@dataclass
class Note:
    """``layer``: the document's layer id, ``object``: its name there; ``offset``: scene frame less
    plate frame."""

    shot: str
    job: str
    version: int
    layer: str
    object: str
    width: int
    height: int
    pixel_aspect: float
    fps: tuple[int, int]
    frame_range: tuple[int, int]
    offset: int
    shapes: list[ShapeNote] = field(default_factory=list)

    def named(self, name: str) -> ShapeNote | None:
        """The note of a mask layer."""
        return next((shape for shape in self.shapes if shape.name == name), None)


def read(mask: Any) -> Note | None:
    """What a mask says; None if it is none of ours, or says what this version cannot read."""
    text = mask.get(KEY) if mask is not None else None
    if not isinstance(text, str):
        return None
    try:
        value = json.loads(text)
        if value.pop("note") != _VERSION:
            return None
        shapes = [_shape(shape) for shape in value.pop("shapes")]
        value["fps"], value["frame_range"] = tuple(value["fps"]), tuple(value["frame_range"])
        return Note(**value, shapes=shapes)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _shape(value: dict[str, Any]) -> ShapeNote:
    marks: dict[str, Any] = {
        name: {int(frame): int(mark) for frame, mark in value.pop(name).items()}
        for name in ("keys", "sent")
    }
    return ShapeNote(**value, **marks)


def write(mask: Any, note: Note) -> None:
    """Replace what a mask says."""
    mask[KEY] = json.dumps({"note": _VERSION, **asdict(note)})


def mark(rows: Sequence[Sequence[float]]) -> int:
    """A number for what a key holds, a row for each spline: another for any other bit."""
    found = 0
    for row in rows:
        found = zlib.crc32(array("f", row).tobytes(), found)
    return found
