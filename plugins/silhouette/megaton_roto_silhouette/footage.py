"""The plate behind a node, and how the session's frames and units relate to it.

Silhouette counts frames from 0 at the session's first frame (``fx.player.frame``, keys); the farm
counts in plate frame numbers, those in the file names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

from roto_shapes.formats.silhouette_lower import Space

from .errors import SilhouetteError

_SPAN = re.compile(r"\[(-?\d+)-(-?\d+)\]")
_COLOUR = re.compile(r"colou?r_?space", re.IGNORECASE)
_MOST_NODES = 1000


@dataclass(frozen=True)
class Footage:
    """``plate``: a sequence with its printf field, or a movie. ``first``: the plate frame on
    session frame 0. ``frame_range``: the plate frames the session shows, inclusive. ``skipped``:
    labels of nodes between the plate and the node, whose work the farm does not see.
    """

    plate: str
    width: int
    height: int
    pixel_aspect: float
    first: int
    frame_range: Tuple[int, int]
    session_start: int
    fps: float = 0.0
    colorspace: Optional[str] = None
    skipped: Tuple[str, ...] = ()

    @property
    def space(self) -> Space:
        return Space(self.width, self.height, self.pixel_aspect)

    @property
    def frame_rate(self) -> Optional[Tuple[int, int]]:
        """As a fraction: 23.976 is 24000/1001. None if the session gives none."""
        if self.fps <= 0:
            return None
        whole = round(self.fps)
        if abs(self.fps - whole) < 1e-3:
            return whole, 1
        if abs(self.fps - whole * 1000 / 1001) < 5e-3:
            return whole * 1000, 1001
        return round(self.fps * 1000), 1000

    def plate_frame(self, frame: int) -> int:
        return frame + self.first

    def session_frame(self, plate_frame: int) -> int:
        return plate_frame - self.first


def footage_of(fx: Any, node: Any) -> Footage:
    """The footage of a roto node. Raises SilhouetteError when there is none to be found."""
    session = node.session
    if session is None:
        raise SilhouetteError("The node is in no session.", hint="Open a session and try again.")
    reader, skipped = _upstream(node)
    source = reader.property("stream.primary").getValue()
    if source is None:
        raise SilhouetteError(
            f"{reader.label} has no source.", hint="Give the source node a plate."
        )
    plate, span = plate_path(str(source.property("path").value))
    session_start = int(session.startFrame)
    first = (session_start if span is None else span[0]) - _offset(reader)
    last = first + int(session.duration) - 1
    shown = (first, last) if span is None else (max(first, span[0]), min(last, span[1]))
    if shown[0] > shown[1]:
        raise SilhouetteError(
            f"The session shows frames {first}-{last}, the plate has {span[0]}-{span[1]}."
            if span
            else "The session has no frames.",
            hint="Check the session's duration and the source node's offset.",
        )
    return Footage(
        plate,
        int(session.width),
        int(session.height),
        float(session.pixelAspect),
        first,
        shown,
        session_start,
        float(session.frameRate),
        _colorspace(reader),
        tuple(skipped),
    )


def plate_path(text: str) -> Tuple[str, Optional[Tuple[int, int]]]:
    """Silhouette's ``plate.[1001-1100].exr`` as ``plate.%04d.exr`` and its range.

    A path without a range (a movie, a single picture) comes back as it is, with None.
    """
    found = list(_SPAN.finditer(text))
    if not found:
        return text, None
    span = found[-1]
    digits = span.group(1)
    field = f"%0{len(digits)}d" if len(digits) > 1 else "%d"
    numbers = int(digits), int(span.group(2))
    return text[: span.start()] + field + text[span.end() :], numbers


def _upstream(node: Any) -> Tuple[Any, List[str]]:
    """The source node at the end of the main inputs, and what lies between."""
    skipped: List[str] = []
    here = node
    for _ in range(_MOST_NODES):
        port = here.primaryInput
        if port is None or port.source is None:
            break
        here = port.source.node
        if here.type == "SourceNode":
            return here, skipped
        skipped.append(str(here.label))
    raise SilhouetteError(
        f"No source leads into {node.label}.",
        hint="Connect the plate's source node to the roto node's input.",
    )


def _offset(reader: Any) -> int:
    """Frames by which the source node plays its media later."""
    prop = reader.property("offset")
    value = prop.getValue() if prop is not None else 0
    return int(value or 0)


def _colorspace(reader: Any) -> Optional[str]:
    """The colour space the source node names, if it names one."""
    for name, prop in reader.properties.items():
        if _COLOUR.search(name.replace(".", "")):
            value = prop.item if prop.type == "List" else prop.getValue()
            if isinstance(value, str) and value.strip():
                return value.strip()
    return None
