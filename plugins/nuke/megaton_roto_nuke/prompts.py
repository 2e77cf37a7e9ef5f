"""From the knobs of a MegatonRoto node to prompts in plate pixels, y down.

Nuke: pixels of the full-size format, y up, edges on whole numbers. Ours: the same with y down, so
``y -> height - y`` and nothing else. Frames stay script frames here; `outgoing` turns them into
those of the plate. Nothing in this module waits or draws: one pass over the knobs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from roto_shapes.errors import RotoError
from roto_shapes.frames import FrameRange
from roto_shapes.outlines import Outline, outlines_from_json
from roto_shapes.prompts import Box, Click, FramePrompt

from .errors import NodeError
from .frames import frames_in
from .knobs import key_frames, text_of, values_at
from .node import Point, RotoNode


@dataclass(frozen=True)
class Said:
    """What the artist says about one object; prompts on script frames, pixels of the plate."""

    name: str
    prompts: Tuple[FramePrompt, ...]
    color: Tuple[float, float, float]
    frame_range: Optional[Tuple[int, int]]


@dataclass
class _Frame:
    points: List[Click]
    box: Optional[Box] = None
    outline: Tuple[Outline, ...] = ()
    absent: bool = False


def said(node: RotoNode, height: int, only_frame: Optional[int] = None) -> List[Said]:
    """Every object that takes part and has a prompt. ``height``: of the full-size format.

    ``only_frame``: leave out what is said on other script frames. Raises NodeError naming the
    knob for something that cannot be meant, and RotoError for a name no object may have.
    """
    found = []
    points = node.all_points()
    for key in node.object_keys():
        if not node.node[f"mr{key}_on"].value():
            continue
        frames = _frames(node, key, points.get(key, []), height)
        if only_frame is not None:
            frames = {frame: one for frame, one in frames.items() if frame == only_frame}
        if frames:
            prompts = tuple(_prompt(frame, frames[frame]) for frame in sorted(frames))
            found.append(Said(node.name_of(key), prompts, color_of(node, key), _range(node, key)))
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise NodeError(f"Two objects are called {twice[0]!r}.", hint="Give one another name.")
    return found


def all_said(node: RotoNode, key: int, height: int) -> List[FramePrompt]:
    """Everything said about one object, on script frames, ascending."""
    frames = _frames(node, key, node.points(key), height)
    return [_prompt(frame, frames[frame]) for frame in sorted(frames)]


def _frames(node: RotoNode, key: int, points: List[Point], height: int) -> Dict[int, _Frame]:
    frames: Dict[int, _Frame] = {}

    def at(frame: float, what: str) -> _Frame:
        return frames.setdefault(_whole(node, key, frame, what), _Frame([]))

    for point in points:
        what = f"{'+' if point.positive else '-'}{point.number}"
        for frame in _keys(node, key, point.knob, what):
            x, y = values_at(point.knob, 2, frame)
            at(frame, what).points.append(Click(x, height - y, point.positive))
    box = node.node.knob(f"mr{key}_box")
    if box is not None:
        for frame in _keys(node, key, box, "box"):
            at(frame, "box").box = _box(values_at(box, 4, frame), height)
    for frame, outlines in node.outlines(key).items():
        at(frame, "shapes").outline = outlines_from_json(outlines, frame)
    for frame in frames_in(text_of(node.node, f"mr{key}_absent")):
        # "Absent" wins: the button that says so clears the frame, a handle moved later does not.
        frames[frame] = _Frame([], absent=True)
    return frames


def _keys(node: RotoNode, key: int, knob: Any, what: str) -> List[float]:
    """The frames a position is given on. A handle driven by an expression is on every frame, which
    is none in particular."""
    if knob.hasExpression():
        raise NodeError(
            f"{node.name_of(key)}: the handle {what} follows an expression.",
            hint="Bake it (Edit > Generate on a few frames): its keys are the prompts.",
        )
    return key_frames(knob)


def _whole(node: RotoNode, key: int, frame: float, what: str) -> int:
    whole = round(frame)
    if abs(frame - whole) > 1e-6:
        raise NodeError(
            f"{node.name_of(key)}: the handle {what} has a key on frame {frame:g}.",
            hint="Move the key to a whole frame.",
        )
    return whole


def _box(values: List[float], height: int) -> Box:
    left, right = sorted((values[0], values[2]))
    bottom, top = sorted((values[1], values[3]))
    return left, height - top, right, height - bottom


def _prompt(frame: int, one: _Frame) -> FramePrompt:
    if one.absent:
        return FramePrompt(frame, absent=True)
    return FramePrompt(frame, tuple(one.points), one.box, outline=one.outline)


def color_of(node: RotoNode, key: int) -> Tuple[float, float, float]:
    """An object's colour, 0..1."""
    red, green, blue = (
        min(1.0, max(0.0, float(node.node[f"mr{key}_color"].getValue(channel))))
        for channel in range(3)
    )
    return red, green, blue


def _range(node: RotoNode, key: int) -> Optional[Tuple[int, int]]:
    text = text_of(node.node, f"mr{key}_frames").strip()
    if not text:
        return None
    try:
        chosen = FrameRange.parse(text)
    except RotoError as error:
        raise NodeError(f"{node.name_of(key)}, in/out: {error.message}", hint=error.hint) from error
    return chosen.first, chosen.last
