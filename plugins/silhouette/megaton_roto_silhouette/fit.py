"""Beziers as B-splines, with the structure they had before where there was one.

How many vertices stand for a Bezier, and which are corners, is chosen from its keys. A newer
version of a shape must keep what was chosen for the one that stands in the project, or none of its
keys could be changed there: so the choice is noted on the shape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, NamedTuple, Optional, Sequence, Tuple

from roto_shapes.bspline_fit import refit, refit_like, sharp_points
from roto_shapes.model import Key, Shape

NOTE = "fit"
_FAR = 4.0
"""Times the tolerance: a structure that fits worse than this is chosen anew."""


@dataclass(frozen=True)
class Fit:
    """``spans``: vertices per Bezier segment; ``corners``: which Bezier points are corners."""

    points: int
    spans: int
    corners: Tuple[int, ...]

    def to_json(self) -> Dict[str, Any]:
        return {"points": self.points, "spans": self.spans, "corners": list(self.corners)}

    @classmethod
    def from_note(cls, note: Dict[str, Any]) -> Optional[Fit]:
        """The fit noted on a shape, if one is."""
        kept = note.get(NOTE)
        if not isinstance(kept, dict):
            return None
        try:
            corners = tuple(int(corner) for corner in kept["corners"])
            return cls(int(kept["points"]), int(kept["spans"]), corners)
        except (KeyError, TypeError, ValueError):
            return None


class Fitted(NamedTuple):
    """``shape``: a B-spline; ``error``: how far it lies from the Bezier, in plate pixels, 0 where
    it was a B-spline already (then there is no ``fit``)."""

    shape: Shape
    error: float
    fit: Optional[Fit]


def fitted(shape: Shape, tolerance: float, like: Optional[Fit] = None) -> Fitted:
    """The shape as a B-spline, structured ``like`` an earlier one if that still fits."""
    if shape.kind == "bspline":
        return Fitted(shape, 0.0, None)
    count = len(shape.keys[0].points)
    if like is not None and like.points == count:
        corners = [i in like.corners for i in range(count)]
        made = refit_like(shape.keys, shape.closed, like.spans, corners)
        if made.error <= _FAR * tolerance:
            return Fitted(_as_bspline(shape, made.keys), made.error, like)
    keys, error = refit(shape.keys, shape.closed, tolerance)
    vertices = len(keys[0].points)
    spans = vertices // count if shape.closed else (vertices - 1) // (count - 1)
    sharp = sharp_points(shape.keys, shape.closed)
    fit = Fit(count, spans, tuple(i for i, corner in enumerate(sharp) if corner))
    return Fitted(_as_bspline(shape, keys), error, fit)


def _as_bspline(shape: Shape, keys: Sequence[Key]) -> Shape:
    """``feather`` per point has no meaning for other points: its mean."""
    feather = shape.feather
    if isinstance(feather, list):
        feather = sum(feather) / len(feather)
    return replace(shape, kind="bspline", keys=list(keys), feather=feather)
