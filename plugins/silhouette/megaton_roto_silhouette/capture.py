"""Clicks and boxes on a picture of the plate: what they mean, without any widget.

The view shows the picture scaled about its middle and moved; positions go from view pixels to
plate pixels (origin top-left, y down) and back. Pixel aspect widens the view, not the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Dict, List, Optional, Tuple

from roto_shapes.prompts import Click, FramePrompt

from .captured import Captured

Pair = Tuple[float, float]
_NEAR = 8.0
"""View pixels within which a click is taken away again."""
_SMALLEST = 4.0
"""A box of fewer view pixels is a slip of the hand."""
_LEAST_ZOOM, _MOST_ZOOM = 0.05, 64.0


@dataclass(frozen=True)
class View:
    """A picture of ``width`` x ``height`` plate pixels in a widget of ``across`` x ``down``.

    ``zoom``: 1 fits the picture into the widget; ``pan``: how far its middle was moved, in view
    pixels.
    """

    width: int
    height: int
    pixel_aspect: float
    across: int
    down: int
    zoom: float = 1.0
    pan: Pair = (0.0, 0.0)

    @property
    def scale(self) -> Pair:
        """View pixels per plate pixel, in x and y."""
        wide = self.width * self.pixel_aspect
        fit = min(self.across / wide, self.down / self.height) * self.zoom
        return fit * self.pixel_aspect, fit

    @property
    def corner(self) -> Pair:
        """Where the picture's top-left corner is in the view."""
        sx, sy = self.scale
        return (
            (self.across - self.width * sx) / 2 + self.pan[0],
            (self.down - self.height * sy) / 2 + self.pan[1],
        )

    def to_plate(self, place: Pair) -> Pair:
        (cx, cy), (sx, sy) = self.corner, self.scale
        return (place[0] - cx) / sx, (place[1] - cy) / sy

    def to_view(self, place: Pair) -> Pair:
        (cx, cy), (sx, sy) = self.corner, self.scale
        return cx + place[0] * sx, cy + place[1] * sy

    def zoomed(self, factor: float, about: Pair) -> View:
        """Closer or farther, what is under ``about`` staying there."""
        zoom = min(_MOST_ZOOM, max(_LEAST_ZOOM, self.zoom * factor))
        held = self.to_plate(about)
        closer = replace(self, zoom=zoom)
        moved = closer.to_view(held)
        pan = (closer.pan[0] + about[0] - moved[0], closer.pan[1] + about[1] - moved[1])
        return replace(closer, pan=pan)

    def moved(self, dx: float, dy: float) -> View:
        return replace(self, pan=(self.pan[0] + dx, self.pan[1] + dy))

    def resized(self, across: int, down: int) -> View:
        return replace(self, across=max(1, across), down=max(1, down))


@dataclass
class Capture:
    """The prompts being made, by object and plate frame. ``current``: the object and frame that
    clicks go to."""

    objects: Captured = field(default_factory=dict)
    current: str = "object"
    frame: int = 0

    def prompt(self) -> Optional[FramePrompt]:
        """What is said about the current object on the current frame."""
        found = self.objects.get(self.current, [])
        return next((each for each in found if each.frame == self.frame), None)

    def click(self, view: View, place: Pair, positive: bool) -> bool:
        """Add a click, or take away the one there; whether anything changed."""
        x, y = view.to_plate(place)
        if not (0 <= x <= view.width and 0 <= y <= view.height):
            return False
        prompt = self._sayable()
        near = [c for c in prompt.points if _distance(view.to_view(c[:2]), place) <= _NEAR]
        points = (
            tuple(c for c in prompt.points if c is not near[0])
            if near
            else (*prompt.points, Click(x, y, positive))
        )
        self._put(replace(prompt, points=points))
        return True

    def box(self, view: View, start: Pair, end: Pair) -> bool:
        """Draw a box between two places, cut at the picture's edges; whether it is one."""
        if abs(start[0] - end[0]) < _SMALLEST or abs(start[1] - end[1]) < _SMALLEST:
            return False
        (ax, ay), (bx, by) = view.to_plate(start), view.to_plate(end)
        x0, x1 = (min(float(view.width), max(0.0, x)) for x in sorted((ax, bx)))
        y0, y1 = (min(float(view.height), max(0.0, y)) for y in sorted((ay, by)))
        if x0 >= x1 or y0 >= y1:
            return False
        self._put(replace(self._sayable(), box=(x0, y0, x1, y1)))
        return True

    def absent(self, value: bool) -> None:
        """Say that the object is not in this frame, or no longer."""
        self._put(FramePrompt(self.frame, absent=value))

    def clear(self) -> None:
        """Say nothing about the current object on the current frame."""
        self._put(FramePrompt(self.frame))

    def frames(self) -> Dict[str, List[int]]:
        """Where something is said, by object."""
        return {name: sorted(p.frame for p in each) for name, each in self.objects.items() if each}

    def _sayable(self) -> FramePrompt:
        prompt = self.prompt()
        return FramePrompt(self.frame) if prompt is None or prompt.absent else prompt

    def _put(self, prompt: FramePrompt) -> None:
        others = [p for p in self.objects.get(self.current, []) if p.frame != self.frame]
        kept = others if prompt.is_empty else [*others, prompt]
        self.objects[self.current] = sorted(kept, key=lambda each: each.frame)
        if not kept:
            del self.objects[self.current]


def _distance(a: Pair, b: Pair) -> float:
    return max(abs(a[0] - b[0]), abs(a[1] - b[1]))
