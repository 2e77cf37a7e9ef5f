"""Roto as a prompt: what a layer shows on one frame, as plain closed curves.

An artist who has drawn (or corrected) a shape has said where the object is. An outline carries that
without pixels: positions are plate pixels, origin top-left, y down, the layer's transform applied,
and it may leave the frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from .errors import PromptError
from .evaluate import opacity_at, points_at, transform_at
from .geometry import transformed
from .model import ControlPoint, Layer

KINDS = ("bezier", "bspline")
MODES = ("add", "subtract")
_FIELDS = frozenset(("kind", "mode", "closed", "points"))
_NUMBERS = 6
_MOST_POINTS = 10_000


@dataclass(frozen=True)
class Outline:
    """One closed curve: ``add`` shows the object, ``subtract`` takes away from those before it.

    ``points`` are those of a ``roto/1`` key: on a B-spline vertices, on a Bezier anchors with their
    two handles as offsets.
    """

    points: Tuple[ControlPoint, ...]
    kind: str = "bezier"
    mode: str = "add"

    def to_json(self) -> Dict[str, Any]:
        """The contract's JSON form."""
        points = [[*point[:_NUMBERS], bool(point.corner)] for point in self.points]
        return {"kind": self.kind, "mode": self.mode, "closed": True, "points": points}


def outline_of(layer: Layer, frame: int) -> Tuple[Outline, ...]:
    """What a layer shows on a frame, bottom first; nothing where it shows nothing.

    Open and inverted shapes, and those of no opacity, say nothing about where an object is and are
    left out, as is what lies below the first shape that adds.
    """
    found: List[Outline] = []
    for shape in layer.shapes:
        if not shape.closed or shape.inverted or opacity_at(shape, frame) <= 0:
            continue
        points = points_at(shape, frame)
        if points is None or len(points) < 3:
            continue
        if layer.transform is not None:
            moved = transform_at(layer.transform, frame)
            points = transformed(points, layer.transform.pivot, moved)
        if found or shape.mode == "add":
            found.append(Outline(tuple(points), shape.kind, shape.mode))
    return tuple(found)


def outlines_from_json(value: Any, frame: int) -> Tuple[Outline, ...]:
    """Outlines of a prompt on ``frame``. Raises PromptError (``bad_prompt``)."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _bad(frame, "has an outline that is not a list")
    outlines = tuple(_outline(item, frame) for item in value)
    if outlines and outlines[0].mode != "add":
        raise _bad(frame, "has an outline that takes away before anything is there")
    return outlines


def _outline(value: Any, frame: int) -> Outline:
    if not isinstance(value, dict) or not set(value) <= _FIELDS:
        raise _bad(frame, "has an outline that is not {kind, mode, closed, points}")
    kind, mode = value.get("kind", "bezier"), value.get("mode", "add")
    if kind not in KINDS or mode not in MODES:
        raise _bad(frame, f"has an outline of kind {kind!r} and mode {mode!r}")
    if value.get("closed", True) is not True:
        raise _bad(frame, "has an open outline; only closed ones show an object")
    points = value.get("points")
    if not isinstance(points, list) or not 3 <= len(points) <= _MOST_POINTS:
        raise _bad(frame, f"has an outline without 3 to {_MOST_POINTS} points")
    return Outline(tuple(_point(point, frame) for point in points), kind, mode)


def _point(value: Any, frame: int) -> ControlPoint:
    if not isinstance(value, list) or len(value) not in {2, _NUMBERS, _NUMBERS + 1}:
        raise _bad(frame, "has an outline's point that is not [x, y, in, in, out, out, corner]")
    numbers = _finite(value[:_NUMBERS])
    corner = value[_NUMBERS] if len(value) > _NUMBERS else False
    if numbers is None or not isinstance(corner, bool):
        raise _bad(frame, f"has an outline's point {value!r} that is not numbers and a flag")
    x, y, in_dx, in_dy, out_dx, out_dy = [*numbers, 0.0, 0.0, 0.0, 0.0][:_NUMBERS]
    return ControlPoint(x, y, in_dx, in_dy, out_dx, out_dy, corner)


def _finite(values: List[Any]) -> Optional[List[float]]:
    """The numbers, or None where one is none or not finite."""
    if any(not isinstance(n, (int, float)) or isinstance(n, bool) for n in values):
        return None
    try:
        numbers = [float(n) for n in values]
    except OverflowError:
        return None
    return numbers if all(map(math.isfinite, numbers)) else None


def _bad(frame: int, problem: str) -> PromptError:
    return PromptError(f"frame {frame} {problem}", detail={"frame": frame})
