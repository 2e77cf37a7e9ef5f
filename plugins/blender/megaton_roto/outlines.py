# SPDX-License-Identifier: GPL-3.0-or-later
"""Roto that is there already, as a prompt: what a Mask shows on the scene's frame.

Mask space is a square on the frame's centre, as wide as the longer side in display pixels, y up;
handles are absolute.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roto_shapes.model import ControlPoint
    from roto_shapes.outlines import Outline

_MODES = {
    "MERGE_ADD": "add",
    "ADD": "add",
    "LIGHTEN": "add",
    "MERGE_SUBTRACT": "subtract",
    "SUBTRACT": "subtract",
}
_FEW = 3


def mask_of(context: Any) -> Any:
    """The Mask that an editor shows, None if it shows none. Cheap, never raises."""
    space = getattr(context, "space_data", None)
    return getattr(space, "mask", None) if getattr(space, "mode", "") == "MASK" else None


def outlines_of(mask: Any, width: int, height: int, pixel_aspect: float) -> tuple[Outline, ...]:
    """The closed splines that are selected, or of the whole mask if none is, on the scene's frame,
    in plate pixels, the lowest first.

    Layers that are hidden or of no opacity are left out, and feather is. Raises BlenderError where
    nothing is left, or something is that no outline can say.
    """
    from roto_shapes.outlines import Outline

    from .errors import BlenderError

    space = _Space(width, height, pixel_aspect)
    found: list[Outline] = []
    for layer, spline in _chosen(mask):
        mode = _mode(mask, layer)
        if found or mode == "add":
            _check(mask, layer, spline)
            found.append(Outline(tuple(space.point(p) for p in spline.points), "bezier", mode))
    if not found:
        raise BlenderError(
            f"The mask {mask.name!r} shows no closed spline on this frame.",
            hint="Select a closed spline of a visible layer. Open splines show no object.",
        )
    return tuple(found)


class _Space:
    """The plate pixels of mask space."""

    def __init__(self, width: int, height: int, pixel_aspect: float) -> None:
        side = max(width * pixel_aspect, height)
        self._sx, self._sy = side / pixel_aspect, -side
        self._x0, self._y0 = width / 2 - self._sx / 2, height / 2 + side / 2

    def point(self, point: Any) -> ControlPoint:
        from roto_shapes.model import ControlPoint

        (u, v), left, right = point.co, point.handle_left, point.handle_right
        return ControlPoint(
            self._x0 + u * self._sx,
            self._y0 + v * self._sy,
            (left[0] - u) * self._sx,
            (left[1] - v) * self._sy,
            (right[0] - u) * self._sx,
            (right[1] - v) * self._sy,
            corner="VECTOR" in {point.handle_left_type, point.handle_right_type},
        )


def _chosen(mask: Any) -> Iterator[tuple[Any, Any]]:
    seen = [
        (layer, spline)
        for layer in mask.layers
        if not layer.hide and not layer.hide_render and layer.alpha > 0
        for spline in layer.splines
        if spline.use_cyclic and spline.use_fill and len(spline.points) >= _FEW
    ]
    chosen = [pair for pair in seen if any(point.select for point in pair[1].points)]
    return iter(chosen or seen)


def _mode(mask: Any, layer: Any) -> str:
    from .errors import BlenderError

    if layer.blend not in _MODES or layer.invert:
        what = "is inverted" if layer.invert else f"is blended by {layer.blend}"
        raise BlenderError(
            f"The layer {layer.name!r} of {mask.name!r} {what}, which no outline can say.",
            hint="Hide that layer, or select splines of other layers.",
        )
    return _MODES[layer.blend]


def _check(mask: Any, layer: Any, spline: Any) -> None:
    from .errors import BlenderError

    if any(point.parent.id is not None and point.parent.parent for point in spline.points):
        raise BlenderError(
            f"A spline of {mask.name!r}, {layer.name!r}, follows a track: Blender does not tell "
            "where it is.",
            hint="Clear its parent (Mask > Clear Parent), or draw a spline of its own.",
        )
