"""The rules a ``roto/1`` document keeps, beyond the types of its fields."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, Callable, Dict, List, Sequence, Tuple

from .decode import fault
from .model import Animated, Document, Key, Layer, Shape, Transform, ValueKey

KINDS = ("bezier", "bspline")
MODES = ("add", "subtract")
ORIGINS = ("solved", "artist")
INTERPOLATIONS = ("linear", "hold")
# Hosts keep key times as 32-bit floats: beyond this, neighbouring frames become one.
MAX_FRAME = 2**24 - 1
MAX_NUMBER = 1e9


def validate(document: Document) -> None:
    """Raise DocumentError, naming the place, unless ``document`` keeps every rule.

    The rules: positive sizes; finite numbers; known words; unique ids; ascending keys; one point
    count per shape (2 or more, a closed B-spline 3 or more); ascending, disjoint visible ranges;
    opacity, colour and confidence within 0..1.
    """
    _check_header(document)
    seen: Dict[str, str] = {}
    for i, layer in enumerate(document.layers):
        where = f"layers[{i}]"
        _check_unique(layer.id, f"{where}.id", seen)
        _check_layer(layer, where)
        for j, shape in enumerate(layer.shapes):
            shape_where = f"{where}.shapes[{j}]"
            _check_unique(shape.id, f"{shape_where}.id", seen)
            _check_shape(shape, shape_where)
    for layer_id, values in document.confidence.items():
        for frame, value in values.items():
            _check_unit(value, f"confidence.{layer_id}.{frame}")


def _check_header(document: Document) -> None:
    for name in ("width", "height"):
        if getattr(document, name) < 1:
            raise fault(name, "is not positive")
    if not (math.isfinite(document.pixel_aspect) and document.pixel_aspect > 0):
        raise fault("pixel_aspect", "is not a positive number")
    if min(document.fps) < 1:
        raise fault("fps", "is not a fraction of two positive whole numbers")
    _check_ranges([document.frame_range], "frame_range")
    _check_extra(document, "document", ("schema",))


def _check_layer(layer: Layer, where: str) -> None:
    _check_color(layer.color, f"{where}.color")
    if layer.transform is not None:
        _check_transform(layer.transform, f"{where}.transform")
    if layer.key_only_at is not None:
        _check_ascending(layer.key_only_at, f"{where}.key_only_at")
    _check_extra(layer, where)


def _check_transform(transform: Transform, where: str) -> None:
    _check_finite(transform.pivot, f"{where}.pivot")
    if not transform.keys:
        raise fault(f"{where}.keys", "is empty")
    _check_ascending([key.frame for key in transform.keys], f"{where}.keys")
    for i, key in enumerate(transform.keys):
        key_where = f"{where}.keys[{i}]"
        _check_finite((key.tx, key.ty, key.rotate, key.scale), key_where)
        if key.scale <= 0:
            raise fault(f"{key_where}.scale", "is not positive")
        _check_extra(key, key_where)
    _check_extra(transform, where)


def _check_shape(shape: Shape, where: str) -> None:
    _check_word(shape.kind, KINDS, f"{where}.kind")
    _check_word(shape.mode, MODES, f"{where}.mode")
    _check_ranges(shape.visible, f"{where}.visible")
    _check_opacity(shape.opacity, f"{where}.opacity")
    if shape.color is not None:
        _check_color(shape.color, f"{where}.color")
    _check_keys(shape, where)
    _check_feather(shape, f"{where}.feather")
    _check_extra(shape, where)


def _check_keys(shape: Shape, where: str) -> None:
    if not shape.keys:
        raise fault(f"{where}.keys", "is empty")
    _check_ascending([key.frame for key in shape.keys], f"{where}.keys")
    count = len(shape.keys[0].points)
    least = 3 if shape.closed and shape.kind == "bspline" else 2
    if count < least:
        raise fault(f"{where}.keys[0].points", f"has {count} points where {least} are needed")
    for i, key in enumerate(shape.keys):
        _check_key(key, count, f"{where}.keys[{i}]")
    if shape.kind == "bspline":
        _check_same_corners(shape.keys, where)


def _check_key(key: Key, count: int, where: str) -> None:
    _check_word(key.origin, ORIGINS, f"{where}.origin")
    _check_word(key.interpolation, INTERPOLATIONS, f"{where}.interpolation")
    if len(key.points) != count:
        problem = f"has {len(key.points)} points where the shape's first key has {count}"
        raise fault(f"{where}.points", problem)
    for i, point in enumerate(key.points):
        _check_finite(point, f"{where}.points[{i}]")
    _check_extra(key, where)


def _check_same_corners(keys: List[Key], where: str) -> None:
    corners = [point.corner for point in keys[0].points]
    for i, key in enumerate(keys):
        if [point.corner for point in key.points] != corners:
            problem = "marks other corners than the first key, which would change the B-spline"
            raise fault(f"{where}.keys[{i}].points", problem)


def _check_opacity(opacity: Animated, where: str) -> None:
    if not isinstance(opacity, list):
        _check_unit(opacity, where)
        return
    if not opacity:
        raise fault(where, "is an empty list of keys")
    _check_ascending([key.frame for key in opacity], where)
    for i, key in enumerate(opacity):
        _check_value_key(key, f"{where}[{i}]", _check_unit)


def _check_value_key(key: ValueKey, where: str, check: Callable[[float, str], None]) -> None:
    check(key.value, f"{where}.value")
    _check_word(key.interpolation, INTERPOLATIONS, f"{where}.interpolation")
    _check_extra(key, where)


def _check_feather(shape: Shape, where: str) -> None:
    widths: Sequence[float]
    if isinstance(shape.feather, list):
        widths, count = shape.feather, len(shape.keys[0].points)
        if len(widths) != count:
            raise fault(where, f"has {len(widths)} entries for {count} points")
    else:
        widths = (shape.feather,)
    _check_finite(widths, where)


def _check_unique(identifier: str, where: str, seen: Dict[str, str]) -> None:
    if not identifier:
        raise fault(where, "is empty")
    if identifier in seen:
        raise fault(where, f"is the same as {seen[identifier]} ({identifier!r})")
    seen[identifier] = where


def _check_word(word: str, allowed: Sequence[str], where: str) -> None:
    if word not in allowed:
        raise fault(where, f"is {word!r}, not one of {', '.join(allowed)}")


def _check_ascending(frames: List[int], where: str) -> None:
    for i, frame in enumerate(frames):
        _check_frame(frame, f"{where}[{i}]")
        if i and frame <= frames[i - 1]:
            raise fault(f"{where}[{i}]", f"frame {frame} does not come after {frames[i - 1]}")


def _check_frame(frame: int, where: str) -> None:
    if abs(frame) > MAX_FRAME:
        raise fault(where, f"frame {frame} is beyond {MAX_FRAME}")


def _check_ranges(ranges: Sequence[Tuple[int, int]], where: str) -> None:
    for i, (first, last) in enumerate(ranges):
        _check_frame(first, where)
        _check_frame(last, where)
        if last < first:
            raise fault(where, f"range {first}-{last} runs backwards")
        if i and first <= ranges[i - 1][1]:
            raise fault(where, f"range {first}-{last} does not come after the one before it")


def _check_finite(numbers: Sequence[float], where: str) -> None:
    for number in numbers:
        if not -MAX_NUMBER <= number <= MAX_NUMBER:
            raise fault(where, f"holds {number}, not a number within {MAX_NUMBER:.0e}")


def _check_unit(value: float, where: str) -> None:
    if not 0 <= value <= 1:
        raise fault(where, f"is {value}, not within 0..1")


def _check_color(color: Tuple[float, ...], where: str) -> None:
    for value in color:
        _check_unit(value, where)


def _check_extra(item: Any, where: str, reserved: Tuple[str, ...] = ()) -> None:
    """``extra`` may not hold a field of the schema: writing would let one win silently."""
    if not item.extra:
        return
    known = {f.name for f in fields(item)} | set(reserved)
    clash = sorted(known & set(item.extra))
    if clash:
        raise fault(where, f"keeps the known field {clash[0]!r} among its unknown ones")
