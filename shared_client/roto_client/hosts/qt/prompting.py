"""The clicks and the box being placed on one frame, with undo. No widget in it; plate pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import List, Optional, Tuple

from roto_shapes.prompts import Box, Click, FramePrompt

_MOST_UNDO = 200


@dataclass(frozen=True)
class Placed:
    """What is placed."""

    points: Tuple[Click, ...] = ()
    box: Optional[Box] = None


class Prompting:
    """What is placed now, and how it was before."""

    def __init__(self) -> None:
        self.now = Placed()
        self._before: List[Placed] = []
        self._after: List[Placed] = []

    def reset(self, placed: Placed) -> None:
        """Another frame or object: nothing to undo."""
        self.now, self._before, self._after = placed, [], []

    def prompt(self, frame: int) -> FramePrompt:
        """As a prompt; an empty one if nothing is placed."""
        return FramePrompt(frame, self.now.points, self.now.box)

    def put(self, placed: Placed) -> bool:
        """Make a change that can be undone; whether it is one."""
        if placed == self.now:
            return False
        self._before.append(self.now)
        del self._before[:-_MOST_UNDO]
        self._after.clear()
        self.now = placed
        return True

    def add(self, click: Click) -> bool:
        """Place a click."""
        return self.put(replace(self.now, points=(*self.now.points, click)))

    def remove(self, index: int) -> bool:
        """Take a click away."""
        points = self.now.points
        return self.put(replace(self.now, points=points[:index] + points[index + 1 :]))

    def move(self, index: int, x: float, y: float) -> bool:
        """Put a click elsewhere."""
        points = list(self.now.points)
        points[index] = Click(x, y, points[index].positive)
        return self.put(replace(self.now, points=tuple(points)))

    def frame_box(self, box: Optional[Box]) -> bool:
        """Set the box, or take it away."""
        return self.put(replace(self.now, box=box))

    def clear(self) -> bool:
        """Take everything away."""
        return self.put(Placed())

    @property
    def can_undo(self) -> bool:
        """Whether there is something to undo."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether something was undone."""
        return bool(self._after)

    def undo(self) -> bool:
        """As it was before the last change; False if there was none."""
        if not self._before:
            return False
        self._after.append(self.now)
        self.now = self._before.pop()
        return True

    def redo(self) -> bool:
        """Undo the undoing; False if there was none."""
        if not self._after:
            return False
        self._before.append(self.now)
        self.now = self._after.pop()
        return True
