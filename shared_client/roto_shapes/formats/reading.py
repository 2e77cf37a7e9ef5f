"""What readers share: the range a document uses, which points are corners, colours, projections."""

from __future__ import annotations

import math
import struct
from dataclasses import replace
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ..geometry import Vector
from ..model import Animated, ControlPoint, Document, Key, Layer, Shape, Transform, ValueKey

WHITE = (1.0, 1.0, 1.0)
# Handles of a smooth point lie on one line within half a degree.
_SMOOTH = math.cos(math.radians(179.5))


class Plate(NamedTuple):
    """What a shape file may not say about its plate; None is found out or guessed."""

    width: Optional[int] = None
    height: Optional[int] = None
    frame_range: Optional[Tuple[int, int]] = None


def floats32(values: Sequence[float]) -> Tuple[float, ...]:
    """The nearest numbers 32-bit floats hold."""
    return struct.unpack(f"{len(values)}f", struct.pack(f"{len(values)}f", *values))


def used_range(layers: Sequence[Layer]) -> Optional[Tuple[int, int]]:
    """The first and last frame that keys or visible ranges name; None if none does."""
    frames = sorted(frame for layer in layers for frame in _frames(layer))
    return (frames[0], frames[-1]) if frames else None


def _frames(layer: Layer) -> Iterator[int]:
    if layer.transform is not None and len(_poses(layer.transform)) > 1:
        yield from (key.frame for key in layer.transform.keys)
    for shape in layer.shapes:
        yield from (key.frame for key in shape.keys)
        yield from (frame for span in shape.visible for frame in span)
        if isinstance(shape.opacity, list):
            yield from (key.frame for key in shape.opacity)


def with_corners(keys: Sequence[Key]) -> List[Key]:
    """The keys of a Bezier with ``corner`` set on points that are not smooth on every key."""
    count = len(keys[0].points)
    corner = [any(_is_corner(key.points[i]) for key in keys) for i in range(count)]
    return [
        replace(key, points=tuple(p._replace(corner=c) for p, c in zip(key.points, corner)))
        for key in keys
    ]


def _is_corner(p: ControlPoint) -> bool:
    ahead, behind = math.hypot(p.out_dx, p.out_dy), math.hypot(p.in_dx, p.in_dy)
    if ahead == 0 or behind == 0:
        return True
    return p.in_dx / behind * (p.out_dx / ahead) + p.in_dy / behind * (p.out_dy / ahead) > _SMOOTH


def with_layer_color(layer: Layer) -> Layer:
    """A colour that all shapes share, moved up to their layer."""
    colors = {shape.color for shape in layer.shapes}
    if len(colors) != 1 or None in colors:
        return layer
    shapes = [replace(shape, color=None) for shape in layer.shapes]
    return replace(layer, color=layer.shapes[0].color or WHITE, shapes=shapes)


def numbered(layers: Sequence[Layer]) -> List[Layer]:
    """The layers with the ids a reader gives: layer1, layer2, ..., shape1, shape2, ..."""
    shapes = 0
    result = []
    for i, layer in enumerate(layers, 1):
        own: List[Shape] = []
        for shape in layer.shapes:
            shapes += 1
            own.append(replace(shape, id=f"shape{shapes}"))
        result.append(replace(layer, id=f"layer{i}", shapes=own))
    return result


def moved(points: Sequence[ControlPoint], place: Callable[[Vector], Vector]) -> List[ControlPoint]:
    """Points and handle ends through a map of the plane that need not be linear."""
    result = []
    for p in points:
        x, y = place((p.x, p.y))
        in_x, in_y = place((p.x + p.in_dx, p.y + p.in_dy))
        out_x, out_y = place((p.x + p.out_dx, p.y + p.out_dy))
        result.append(ControlPoint(x, y, in_x - x, in_y - y, out_x - x, out_y - y, p.corner))
    return result


def place_still_transform(layer: Layer, first: int) -> None:
    """A transform that rests has no time of its own: on the first frame, or gone if it is none."""
    transform = layer.transform
    if transform is None:
        return
    poses = _poses(transform)
    if poses == {(0, 0, 0, 1)}:
        layer.transform = None
    elif len(poses) == 1:
        transform.keys = [replace(transform.keys[0], frame=first)]


def _poses(transform: Transform) -> Set[Tuple[float, float, float, float]]:
    return {(key.tx, key.ty, key.rotate, key.scale) for key in transform.keys}


def flattened(value: Animated) -> Animated:
    """Keys that all hold one value as that value."""
    if isinstance(value, list) and len({key.value for key in value}) == 1:
        return value[0].value
    return value


def plain_document(document: Document, layers: Sequence[Layer]) -> Document:
    """A document of these layers: only what any host file can hold, the range the keys use."""
    return Document(
        document.width,
        document.height,
        document.pixel_aspect,
        document.fps,
        used_range(layers) or (1, 1),
        list(layers),
    )


def ungated(
    opacity: Animated, frame_range: Tuple[int, int]
) -> Tuple[Animated, List[Tuple[int, int]]]:
    """Visible ranges and opacity: what is held at 0 is invisible, unless nothing else is there.

    A 0 that the key before runs down to is the end of a fade, and stays.
    A shape seen from its first key on is seen before it too, one seen at its last key after it:
    its ranges then reach over ``frame_range``.
    """
    if not isinstance(opacity, list):
        return opacity, []
    out = [key.value == 0 and key.interpolation == "hold" for key in opacity]
    out[-1] = opacity[-1].value == 0
    for i, before in enumerate(opacity[:-1]):
        out[i + 1] = out[i + 1] and before.interpolation == "hold"
    return without_gates(opacity, out, frame_range)


def without_gates(
    opacity: List[ValueKey], out: Sequence[bool], frame_range: Tuple[int, int]
) -> Tuple[Animated, List[Tuple[int, int]]]:
    """The same where ``out`` tells which keys only switch the shape off."""
    if all(out) or not any(out):
        return flattened(opacity), []
    ranges: List[Tuple[int, int]] = []
    if not out[0]:
        ranges.append((min(frame_range[0], opacity[0].frame), opacity[0].frame))
    for i, key in enumerate(opacity):
        ends = opacity[i + 1].frame - 1 if i + 1 < len(opacity) else max(frame_range[1], key.frame)
        if not out[i]:
            ranges.append((key.frame, ends))
    kept = [key for key, hidden in zip(opacity, out) if not hidden]
    return flattened(kept), _joined(ranges)


def _joined(ranges: Sequence[Tuple[int, int]]) -> List[Tuple[int, int]]:
    joined: List[Tuple[int, int]] = []
    for first, last in ranges:
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined
