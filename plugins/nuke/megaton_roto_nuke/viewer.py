"""What the artist points at: the viewer's colour sample, in pixels of the full-size format.

Ctrl+click (a point) and Ctrl+Shift+drag (a box) fill the viewer node's ``colour_sample_bbox`` with
numbers in which the displayed picture's width runs from -1 to 1, and y is measured in the same
unit from the picture's middle. That makes them independent of pan, zoom and proxy.
"""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Tuple

import nuke

from .errors import NodeError

Sample = Tuple[float, float, float, float]
_used: Optional[Sample] = None


class Picked(NamedTuple):
    """A sampled box in full-format pixels, y up; a click is a box of next to nothing."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> Tuple[float, float]:
        return (self.left + self.right) / 2, (self.bottom + self.top) / 2


def picked(wanted: nuke.Format) -> Picked:
    """What was sampled since the last call. ``wanted``: the format prompts are meant in.

    Raises NodeError: no viewer, nothing (new) sampled, a picture of another size, or a place
    outside it.
    """
    global _used  # noqa: PLW0603
    sample, shown = _sample()
    if sample == _used:
        raise NodeError(
            "Nothing was picked since the last time.",
            hint="Ctrl+click in the viewer for a point, Ctrl+Shift+drag for a box; then press.",
        )
    same = (shown.width(), shown.height(), shown.pixelAspect())
    if same != (wanted.width(), wanted.height(), wanted.pixelAspect()):
        raise NodeError(
            f"The viewer shows {same[0]} x {same[1]}, the plate is "
            f"{wanted.width()} x {wanted.height()}.",
            hint="View the plate itself, or something of its format, and pick again.",
        )
    found = in_pixels(sample, shown.width(), shown.height(), shown.pixelAspect())
    x, y = found.middle
    if not (0 <= x <= shown.width() and 0 <= y <= shown.height()):
        raise NodeError("The picked place is outside the picture.")
    _used = sample
    return found


def forget() -> None:
    """Take whatever is sampled now as old: a panel was opened, another script loaded."""
    global _used  # noqa: PLW0603
    try:
        _used, _ = _sample()
    except NodeError:
        _used = None


def in_pixels(sample: Sample, width: int, height: int, aspect: float) -> Picked:
    """The sample in pixels of a picture of ``width`` x ``height``, y up.

    Both axes count in halves of the displayed width, which is ``width * aspect`` square pixels.
    """
    across = width * aspect / height
    xs = sorted((value * 0.5 + 0.5) * width for value in (sample[0], sample[2]))
    ys = sorted((value * across * 0.5 + 0.5) * height for value in (sample[1], sample[3]))
    return Picked(xs[0], ys[0], xs[1], ys[1])


def _sample() -> Tuple[Sample, nuke.Format]:
    viewer = nuke.activeViewer()
    if viewer is None:
        raise NodeError("There is no viewer.", hint="Open a viewer and view the plate.")
    index = viewer.activeInput()
    node = viewer.node()
    shown = None if index is None else node.input(index)
    if shown is None:
        raise NodeError("The viewer shows nothing.", hint="View the plate, then pick.")
    knob = node["colour_sample_bbox"]
    values: List[float] = [float(knob.getValue(channel)) for channel in range(4)]
    return (values[0], values[1], values[2], values[3]), shown.format()
