"""The one place that knows how the points of a Silhouette path are reached.

What is documented: `Shape.createPath`, `setPath`, `evalPath`, `ShapePath.evalPoint` and
`transform`. How an empty path is filled is not; it is taken for a list of `Point3D` and tried out,
once per session, on a shape that belongs to no project. Where that fails, shapes go in and out
through Silhouette's own shape files instead (`files`).
"""

from __future__ import annotations

import math
from typing import Any, List, Sequence, Tuple

Pair = Tuple[float, float]
# Samples of a curve per span between two control points.
_SAMPLES = 12
_TRIAL: Tuple[Pair, ...] = ((-0.6, -0.4), (-0.1, -0.3), (0.25, -0.1), (0.1, 0.35), (-0.5, 0.2))
_CLOSE = 1e-6


class Paths:
    """Points in and out, in Silhouette's units (image heights from the centre, y down)."""

    def __init__(self, fx: Any) -> None:
        self._fx = fx
        self._tried = False
        self._reason = ""

    @property
    def direct(self) -> bool:
        """Whether B-splines can be built and read point by point."""
        if not self._tried:
            self._tried = True
            self._reason = self._trial()
        return not self._reason

    @property
    def reason(self) -> str:
        """Why not, in the host's words; empty if they can."""
        return "" if self.direct else self._reason

    def new_bspline(self, label: str, closed: bool) -> Any:
        """A shape of no project yet."""
        shape = self._fx.Shape(self._fx.Shape.Bspline, label)
        if shape.closed != closed:
            shape.closed = closed
        return shape

    def filled(self, shape: Any, points: Sequence[Pair]) -> Any:
        """A path for ``shape`` with these vertices."""
        path = shape.createPath()
        for x, y in points:
            path.append(self._fx.Point3D(x, y))
        return path

    def vertices(self, path: Any) -> List[Pair]:
        """The vertices of a B-spline's path."""
        points = (path[i] for i in range(len(path)))
        return [(float(p.x), float(p.y)) for p in points]

    def outline(self, shape: Any, frame: int) -> List[Pair]:
        """Points along the curve of any shape on a session frame, its layers' motion applied."""
        path = shape.evalPath(frame)
        to_image(path, shape, frame)
        start, end = shape.range
        count = max(8, math.ceil((end - start) * _SAMPLES))
        steps = count if shape.closed else count + 1
        points = (path.evalPoint(start + (end - start) * i / count) for i in range(steps))
        return [(float(p.x), float(p.y)) for p in points]

    def _trial(self) -> str:
        try:
            shape = self.new_bspline("probe", closed=True)
            shape.setPath(self.filled(shape, _TRIAL), 3)
            found = self.vertices(shape.evalPath(3))
            keys = list(shape.property("path").keys)
        except Exception as error:  # whatever a host that is built otherwise raises
            return f"{type(error).__name__}: {error}"
        if keys != [3]:
            return f"a key set on frame 3 is on {keys}"
        if not shape.closed:
            return "a shape set to closed is open"
        near = len(found) == len(_TRIAL) and all(
            abs(a - b) < _CLOSE for p, q in zip(found, _TRIAL) for a, b in zip(p, q)
        )
        return "" if near else f"points put in come back as {found}"


def to_image(path: Any, shape: Any, frame: int) -> None:
    """Turn a path of a shape from its layer's space into the image's, in place."""
    parent = shape.parent
    if parent is not None and parent.isType("Layer"):
        path.transform(parent.getTransform(frame))
