# SPDX-License-Identifier: GPL-3.0-or-later
"""What the events of a capture mean, without Blender: a click, a box, or nothing of ours.

What moves the view or the time is let through, and so is everything outside the picture; keys that
would change the .blend file by accident are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Pair = tuple[float, float]
Mode = Literal["POINTS", "BOX"]
SMALLEST = 4.0
"""Region pixels: a box of fewer is a slip of the hand."""

_ENDING = frozenset(("RET", "NUMPAD_ENTER", "RIGHTMOUSE"))
_LET_THROUGH = frozenset(
    (
        *("MOUSEMOVE", "INBETWEEN_MOUSEMOVE", "MIDDLEMOUSE", "BUTTON4MOUSE", "BUTTON5MOUSE"),
        *("WHEELUPMOUSE", "WHEELDOWNMOUSE", "WHEELINMOUSE", "WHEELOUTMOUSE", "MOUSEPAN"),
        *("WHEELLEFTMOUSE", "WHEELRIGHTMOUSE", "MOUSEROTATE", "MOUSESMARTZOOM", "TRACKPADPAN"),
        *("TRACKPADZOOM", "LEFT_ARROW", "RIGHT_ARROW", "UP_ARROW", "DOWN_ARROW", "SPACE", "HOME"),
        *("NUMPAD_PLUS", "NUMPAD_MINUS", "NUMPAD_PERIOD", "NUMPAD_1", "NUMPAD_2", "NUMPAD_4"),
        *("NUMPAD_8", "MEDIA_PLAY", "MEDIA_STOP", "MEDIA_FIRST", "MEDIA_LAST", "T", "N"),
        *("LEFT_CTRL", "RIGHT_CTRL", "LEFT_ALT", "RIGHT_ALT", "LEFT_SHIFT", "RIGHT_SHIFT"),
        *("OSKEY", "NONE", "WINDOW_DEACTIVATE", "XR_ACTION"),
    )
)
_LET_THROUGH_STARTS = ("TIMER", "NDOF")


class Do(NamedTuple):
    """``what``: pass, swallow, redraw, end, undo, click (``start``), box (``start``, ``end``).
    Places are region pixels."""

    what: Literal["pass", "swallow", "redraw", "end", "undo", "click", "box"]
    start: Pair = (0.0, 0.0)
    end: Pair = (0.0, 0.0)
    positive: bool = True


@dataclass
class Gesture:
    """One capture. ``mode``: what a press of the left button begins; ``once``: back to points after
    one box. ``start``: where a box was begun, None between boxes; ``at``: the mouse."""

    mode: Mode = "POINTS"
    once: bool = False
    start: Pair | None = None
    at: Pair = (0.0, 0.0)

    def handle(self, event: Any, place: Pair, over: bool) -> Do:
        """What an event at a place asks for. ``over``: the mouse is over the picture."""
        self.at = place
        if self.start is not None:
            return self._dragging(event)
        if event.type == "ESC" and event.value == "PRESS":
            return Do("end")
        if not over or event.type in _LET_THROUGH or event.type.startswith(_LET_THROUGH_STARTS):
            return Do("pass")
        if event.value != "PRESS":
            return Do("swallow")
        return self._pressed(event, place)

    def _pressed(self, event: Any, place: Pair) -> Do:
        if event.type == "LEFTMOUSE":
            if self.mode == "BOX" or event.shift:
                self.start = place
                return Do("redraw")
            return Do("click", place, positive=not (event.ctrl or event.alt))
        if event.type == "B":
            self.mode = "POINTS" if self.mode == "BOX" else "BOX"
            self.once = True
            return Do("redraw")
        if event.type == "Z" and (event.ctrl or event.oskey) and not event.shift:
            return Do("undo")
        return Do("end") if event.type in _ENDING else Do("swallow")

    def _dragging(self, event: Any) -> Do:
        """Nothing gets past a box that is being drawn but the clock."""
        start = self.start or self.at
        if event.type in {"ESC", "RIGHTMOUSE"} and event.value == "PRESS":
            self.start = None
            return Do("redraw")
        if event.type == "LEFTMOUSE" and event.value == "RELEASE":
            self.start = None
            if min(abs(start[0] - self.at[0]), abs(start[1] - self.at[1])) < SMALLEST:
                return Do("redraw")
            if self.once:
                self.mode, self.once = "POINTS", False
            return Do("box", start, self.at)
        if event.type.startswith("TIMER"):
            return Do("pass")
        return Do("redraw" if event.type == "MOUSEMOVE" else "swallow")
