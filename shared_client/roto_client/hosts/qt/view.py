"""Where a plate pixel is in a widget that shows the plate zoomed and moved, and back.

Plate pixels: origin top-left, y down, pixel i covers i to i + 1. View: logical pixels of the
widget. Pixel aspect widens the view, never the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Tuple

Pair = Tuple[float, float]

LEAST, MOST = 1 / 64, 64.0
_KEPT_IN_SIGHT = 32.0


@dataclass(frozen=True)
class View:
    """A plate of ``width`` x ``height`` pixels in a widget of ``across`` x ``down``.

    ``scale``: view pixels per plate pixel downwards; ``left``, ``top``: where the plate's corner
    is in the view.
    """

    width: int
    height: int
    pixel_aspect: float = 1.0
    across: int = 1
    down: int = 1
    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    @property
    def scales(self) -> Pair:
        """View pixels per plate pixel, across and down."""
        return self.scale * self.pixel_aspect, self.scale

    def to_plate(self, at: Pair) -> Pair:
        """The plate position under a view position."""
        sx, sy = self.scales
        return (at[0] - self.left) / sx, (at[1] - self.top) / sy

    def to_view(self, at: Pair) -> Pair:
        """Where a plate position is in the view."""
        sx, sy = self.scales
        return self.left + at[0] * sx, self.top + at[1] * sy

    def contains(self, at: Pair) -> bool:
        """Whether a plate position lies on the plate, its edges included."""
        return 0 <= at[0] <= self.width and 0 <= at[1] <= self.height

    def fitted(self, margin: float = 8.0) -> View:
        """The whole plate, in the middle."""
        wide = self.width * self.pixel_aspect
        room = max(1.0, self.across - 2 * margin), max(1.0, self.down - 2 * margin)
        return self._centred(min(room[0] / wide, room[1] / self.height))

    def _centred(self, scale: float) -> View:
        scale = min(MOST, max(LEAST, scale))
        left = (self.across - self.width * self.pixel_aspect * scale) / 2
        return replace(self, scale=scale, left=left, top=(self.down - self.height * scale) / 2)

    def zoomed(self, factor: float, about: Pair) -> View:
        """Closer or farther; what is under the view position ``about`` stays there."""
        scale = min(MOST, max(LEAST, self.scale * factor))
        held = self.to_plate(about)
        left = about[0] - held[0] * scale * self.pixel_aspect
        return replace(self, scale=scale, left=left, top=about[1] - held[1] * scale)._in_sight()

    def moved(self, dx: float, dy: float) -> View:
        """Pushed by view pixels."""
        return replace(self, left=self.left + dx, top=self.top + dy)._in_sight()

    def resized(self, across: int, down: int) -> View:
        """In a widget of another size, the same plate position in its middle."""
        dx, dy = (across - self.across) / 2, (down - self.down) / 2
        return replace(self, across=across, down=down, left=self.left + dx, top=self.top + dy)

    def _in_sight(self) -> View:
        """Not pushed out of the widget altogether."""
        sx, sy = self.scales
        keep = _KEPT_IN_SIGHT
        left = min(self.across - keep, max(keep - self.width * sx, self.left))
        top = min(self.down - keep, max(keep - self.height * sy, self.top))
        return replace(self, left=left, top=top)
