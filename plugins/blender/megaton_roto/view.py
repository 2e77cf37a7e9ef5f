# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a plate pixel is in an editor, and which one is under the mouse.

The Clip and Image editors measure their view in parts of the picture, 0..1 on both axes, y up,
whatever the pixel aspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Pair = tuple[float, float]
_SPAN = 1000
"""Region pixels between the two places that are asked for."""


class View(NamedTuple):
    """Region pixel = ``origin`` + plate pixel * ``scale``; region pixels count from the bottom
    left, plate pixels from the top left, so that ``scale[1]`` is negative."""

    origin: Pair
    scale: Pair
    width: int
    height: int

    def to_region(self, place: Sequence[float]) -> Pair:
        """The region pixels of a plate pixel."""
        (x0, y0), (sx, sy) = self.origin, self.scale
        return x0 + place[0] * sx, y0 + place[1] * sy

    def to_plate(self, place: Sequence[float]) -> Pair:
        """The plate pixel of a place in the region."""
        (x0, y0), (sx, sy) = self.origin, self.scale
        return (place[0] - x0) / sx, (place[1] - y0) / sy

    def holds(self, place: Sequence[float]) -> bool:
        """Whether a plate pixel is in the plate, its edges included."""
        return 0 <= place[0] <= self.width and 0 <= place[1] <= self.height

    def inside(self, place: Sequence[float]) -> Pair:
        """The nearest plate pixel that is in the plate."""
        return (
            min(float(self.width), max(0.0, place[0])),
            min(float(self.height), max(0.0, place[1])),
        )


def view_of(region: Any, width: int, height: int) -> View | None:
    """The view of a region that shows a plate of that size; None while it has no place to show."""
    u0, v0 = region.view2d.region_to_view(0, 0)
    u1, v1 = region.view2d.region_to_view(_SPAN, _SPAN)
    across, up = (u1 - u0) / _SPAN, (v1 - v0) / _SPAN
    if not (across > 0 and up > 0 and width > 0 and height > 0):
        return None
    return View(
        (-u0 / across, (1 - v0) / up), (1 / (across * width), -1 / (up * height)), width, height
    )


def mouse(region: Any, event: Any) -> Pair:
    """The middle of the region's pixel under the mouse; of the region given, which a panel over it
    is not."""
    return event.mouse_x - region.x + 0.5, event.mouse_y - region.y + 0.5


def window_region(area: Any) -> Any:
    """The region of an area that shows the picture."""
    return next(region for region in area.regions if region.type == "WINDOW")


def is_over(area: Any, event: Any) -> bool:
    """Whether the mouse is over the picture and over no panel, header or tool bar on top of it."""
    over = [region for region in area.regions if _holds(region, event.mouse_x, event.mouse_y)]
    return bool(over) and all(region.type == "WINDOW" for region in over)


def _holds(region: Any, x: int, y: int) -> bool:
    # A region that is folded away is one pixel wide.
    if region.width <= 1 or region.height <= 1:
        return False
    across, up = int(x - region.x), int(y - region.y)
    return bool(0 <= across < region.width and 0 <= up < region.height)
