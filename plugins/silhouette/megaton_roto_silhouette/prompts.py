"""What an artist says in Silhouette about the objects to isolate, read from a roto node.

* A layer is an object, a closed shape at the top of the node is one too. The shapes' keys are the
  frames where the object is shown; the shape is sent as its outline, or as a box if ``box`` is in
  its name.
* Trackers named ``+`` or ``-`` (``hero+``, ``hero -2``) are clicks on the object and beside it.
* So are the middles of small shapes in layers called ``PROMPT_POS`` and ``PROMPT_NEG``.

Results of the farm, and what is hidden, say nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from roto_client.api.request import ObjectPrompts
from roto_shapes.formats.silhouette_lower import collapsed
from roto_shapes.geometry import Vector, signed_area
from roto_shapes.model import Color, ControlPoint, Key
from roto_shapes.outlines import Outline
from roto_shapes.prompts import Click, FramePrompt

from . import marks
from .footage import Footage
from .paths import Paths, to_image

POSITIVE, NEGATIVE = "PROMPT_POS", "PROMPT_NEG"
MOST_TRACKED = 20
"""A tracker with more keys was tracked: then it is a click on the current frame only."""

_SIGN = re.compile(r"^(?P<name>.*?)[\s_]*(?P<sign>[+-])\s*\d*$")
_BOX = re.compile(r"(?:^|[\s_\-])box(?:$|[\s_\-\d])", re.IGNORECASE)
_NUMBER = re.compile(r"[\s_]*\d+$")
# What things are called that nobody gave a name.
_UNNAMED = frozenset(
    [
        *("shape", "bezier", "b-spline", "bspline", "x-spline", "xspline", "circle", "square"),
        *("rectangle", "ellipse", "freehand", "magnetic", "tracker", "track", "point"),
    ]
)
_ODD = re.compile(r"[^\w\-. ]+")


@dataclass
class _Said:
    """About one object: by plate frame. ``drawn``: its closed shapes, lowest first."""

    color: Optional[Color] = None
    clicks: Dict[int, List[Click]] = field(default_factory=dict)
    boxes: Dict[int, List[Tuple[float, float, float, float]]] = field(default_factory=dict)
    outlines: Dict[int, List[Outline]] = field(default_factory=dict)
    drawn: List[Any] = field(default_factory=list)


@dataclass
class Prompts:
    """What was found, and what could not be used (for the artist to read)."""

    said: Dict[str, _Said] = field(default_factory=dict)
    loose: List[Tuple[str, int, Click]] = field(default_factory=list)
    notes: List[str] = field(default_factory=list)

    def about(self, name: str) -> _Said:
        return self.said.setdefault(name, _Said())

    def objects(self) -> Tuple[ObjectPrompts, ...]:
        """One entry per object, in the node's order, a prompt per frame."""
        for label, frame, click in self.loose:
            name = self._owner(label)
            if name is None:
                self.notes.append(f"{label or 'a click'}: which object it belongs to is not clear.")
                continue
            self.about(name).clicks.setdefault(frame, []).append(click)
        self.loose = []
        found = []
        for name, said in self.said.items():
            frames = sorted({*said.clicks, *said.boxes, *said.outlines})
            prompts = tuple(_prompt(said, frame) for frame in frames)
            if prompts:
                found.append(ObjectPrompts(name, prompts, color=said.color))
        return tuple(found)

    def _owner(self, label: str) -> Optional[str]:
        """The object a click outside all layers is about: by its name, else the only one."""
        name = as_name(_NUMBER.sub("", label))
        if name and name.lower() not in _UNNAMED:
            return name
        if len(self.said) == 1:
            return next(iter(self.said))
        return None if self.said else "object"


def as_name(label: str) -> str:
    """A label as the farm's name of an object; empty if nothing of it can stay."""
    return _ODD.sub("_", label)[:100].strip(" ._-")


def reading(
    fx: Any, paths: Paths, node: Any, footage: Footage, chosen: Sequence[Any], found: Prompts
) -> Iterator[None]:
    """Read the node's prompts into ``found``, one key per step.

    ``chosen``: the selected objects; with some in this node only they count, and what lies in
    them.
    """
    reader = _Reader(fx, paths, footage, int(fx.player.frame), found)
    for top in _tops(node, chosen):
        if marks.read(top).get("job") or not top.visible:
            continue
        if top.isType("Layer"):
            yield from reader.layer(top)
        elif top.isType("Tracker"):
            reader.tracker(top, "")
            yield
        elif top.isType("Shape"):
            yield from reader.top_shape(top)
    for name in list(found.said):
        yield from reader.outlines(name)


def _tops(node: Any, chosen: Sequence[Any]) -> List[Any]:
    """The node's objects that count, top-level."""
    children = list(node.children or [])
    wanted = {_top(each).id for each in chosen if not each.isType("Node") and _of(each, node)}
    return [each for each in children if not wanted or each.id in wanted]


def _top(thing: Any) -> Any:
    while thing.parent is not None and not thing.parent.isType("Node"):
        thing = thing.parent
    return thing


def _of(thing: Any, node: Any) -> bool:
    parent = _top(thing).parent
    return parent is not None and parent.id == node.id


@dataclass
class _Reader:
    fx: Any
    paths: Paths
    footage: Footage
    now: int
    found: Prompts

    def layer(self, layer: Any) -> Iterator[None]:
        label = str(layer.label)
        if label.upper() in (POSITIVE, NEGATIVE):
            yield from self._dots(layer, label.upper() == POSITIVE, "")
            return
        name = as_name(label)
        if not name:
            self.found.notes.append(f"{label!r} is no name for an object.")
            return
        self.found.about(name).color = _color(layer.property("color"))
        yield from self._inside(layer, name)

    def _inside(self, layer: Any, name: str) -> Iterator[None]:
        for child in layer.children or []:
            if not child.visible:
                continue
            label = str(child.label)
            if child.isType("Layer") and label.upper() in (POSITIVE, NEGATIVE):
                yield from self._dots(child, label.upper() == POSITIVE, name)
            elif child.isType("Layer"):
                yield from self._inside(child, name)
            elif child.isType("Tracker"):
                self.tracker(child, name)
                yield
            elif child.isType("Shape"):
                yield from self._shape(child, name)

    def top_shape(self, shape: Any) -> Iterator[None]:
        name = as_name(_BOX.sub("", str(shape.label)))
        if not name:
            self.found.notes.append(f"{shape.label!r} is no name for an object.")
            return
        self.found.about(name).color = _color(shape.property("outlineColor"))
        yield from self._shape(shape, name)

    def _shape(self, shape: Any, name: str) -> Iterator[None]:
        if not shape.closed:
            self.found.notes.append(f"{name} / {shape.label}: is open, so it has no inside.")
            return
        said = self.found.about(name)
        if not _BOX.search(str(shape.label)):
            said.drawn.append(shape)
            return
        for frame in self._frames(shape.property("path").keys, f"{name} / {shape.label}"):
            plate = self.footage.plate_frame(frame)
            box = self._box(self._curve(shape, frame))
            if box is None:
                self.found.notes.append(f"{name}: its box lies outside frame {plate}.")
            else:
                said.boxes.setdefault(plate, []).append(box)
            yield

    def outlines(self, name: str) -> Iterator[None]:
        """All an object's shapes on every frame where one of them has a key."""
        said = self.found.said[name]
        keys = sorted({int(f) for shape in said.drawn for f in shape.property("path").keys})
        for frame in self._frames(keys, name):
            shown: List[Outline] = []
            for shape in said.drawn:
                if _shows(shape, frame):
                    outline = self._outline(shape, frame)
                    if shown or outline.mode == "add":
                        shown.append(outline)
                    yield
            if shown:
                said.outlines[self.footage.plate_frame(frame)] = shown

    def _dots(self, layer: Any, positive: bool, name: str) -> Iterator[None]:
        for shape in layer.children or []:
            if not shape.isType("Shape") or not shape.visible:
                continue
            for frame in self._frames(shape.property("path").keys, str(shape.label)):
                x, y = _middle(self._curve(shape, frame))
                click = Click(x, y, positive)
                self._click(name, str(shape.label), self.footage.plate_frame(frame), click)
                yield

    def tracker(self, tracker: Any, name: str) -> None:
        label = str(tracker.label)
        match = _SIGN.match(label)
        if match is None:
            return
        position = _position(tracker)
        if position is None:
            self.found.notes.append(
                f"{label}: this Silhouette does not tell where a tracker is; "
                f"draw a small shape in a layer {POSITIVE} or {NEGATIVE} instead."
            )
            return
        keys = list(position.keys or [])
        frames = keys if 0 < len(keys) <= MOST_TRACKED else [self.now]
        for frame in self._frames(frames, label):
            point = position.getValue(frame)
            x, y = self.footage.space.pixel((float(point.x), float(point.y)))
            click = Click(x, y, match.group("sign") == "+")
            self._click(name, match.group("name"), self.footage.plate_frame(frame), click)

    def _click(self, name: str, label: str, frame: int, click: Click) -> None:
        if name:
            self.found.about(name).clicks.setdefault(frame, []).append(click)
        else:
            self.found.loose.append((label, frame, click))

    def _frames(self, frames: Any, label: str) -> List[int]:
        """Those the plate has."""
        first, last = self.footage.frame_range
        inside = [
            int(frame) for frame in frames if first <= self.footage.plate_frame(int(frame)) <= last
        ]
        left_out = len(list(frames)) - len(inside)
        if left_out:
            self.found.notes.append(f"{label}: {left_out} of its keys are outside the plate.")
        return inside

    def _curve(self, shape: Any, frame: int) -> List[Vector]:
        """Points along the outline, in plate pixels."""
        return [self.footage.space.pixel(point) for point in self.paths.outline(shape, frame)]

    def _box(self, curve: Sequence[Vector]) -> Optional[Tuple[float, float, float, float]]:
        """Around the part of an outline that is inside the plate."""
        x0, y0 = (max(0.0, min(p[i] for p in curve)) for i in (0, 1))
        x1 = min(float(self.footage.width), max(p[0] for p in curve))
        y1 = min(float(self.footage.height), max(p[1] for p in curve))
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def _outline(self, shape: Any, frame: int) -> Outline:
        mode = "subtract" if shape.property("mode").item == "Subtract" else "add"
        if self.paths.direct and shape.shapeType == self.fx.Shape.Bspline:
            path = shape.evalPath(frame)
            to_image(path, shape, frame)
            pixel = self.footage.space.pixel
            points = tuple(ControlPoint(*pixel(vertex)) for vertex in self.paths.vertices(path))
            (key,) = collapsed([Key(frame, points)], closed=True)
            return Outline(key.points, "bspline", mode)
        corners = tuple(ControlPoint(x, y, corner=True) for x, y in self._curve(shape, frame))
        return Outline(corners, "bezier", mode)


def _shows(shape: Any, frame: int) -> bool:
    return shape.property("opacity").getValue(frame) > 0 and not shape.property("invert").value


def _prompt(said: _Said, frame: int) -> FramePrompt:
    boxes = said.boxes.get(frame, [])
    box = None
    if boxes:
        (x0, y0), (x1, y1) = (
            (pick(b[i] for b in boxes), pick(b[i + 1] for b in boxes))
            for pick, i in ((min, 0), (max, 2))
        )
        box = x0, y0, x1, y1
    return FramePrompt(
        frame,
        points=tuple(said.clicks.get(frame, ())),
        box=box,
        outline=tuple(said.outlines.get(frame, ())),
    )


def _middle(curve: Sequence[Vector]) -> Vector:
    """The centre of an outline's area; of its points if it has next to none."""
    area = signed_area(curve)
    if abs(area) < 1e-6:
        return sum(p[0] for p in curve) / len(curve), sum(p[1] for p in curve) / len(curve)
    x = y = 0.0
    for (x0, y0), (x1, y1) in zip(curve, [*curve[1:], curve[0]]):
        cross = x0 * y1 - x1 * y0
        x += (x0 + x1) * cross
        y += (y0 + y1) * cross
    return x / (6 * area), y / (6 * area)


def _position(tracker: Any) -> Any:
    """The property that says where a tracker is: its id is not documented."""
    points = {name: p for name, p in tracker.properties.items() if p.type == "Point"}
    for name in sorted(points, key=lambda name: (name != "position", "position" not in name, name)):
        if "position" in name or len(points) == 1:
            return points[name]
    return None


def _color(prop: Any) -> Optional[Color]:
    """None for white, which is what a shape has before anybody chose a colour."""
    if prop is None:
        return None
    value = prop.getValue(0)
    color = tuple(min(1.0, max(0.0, float(part))) for part in (value.r, value.g, value.b))
    return None if color == (1.0, 1.0, 1.0) else (color[0], color[1], color[2])
