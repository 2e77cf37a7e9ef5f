"""Nuke's ``curves`` knob decoded: layers and shapes with their raw, keyed numbers.

Grammar: as measured on saved scripts of Nuke 7 to 15. Every number may be an expression with its
last value behind it, and every axis of every point may have a cubic Hermite curve of its own.
"""

from __future__ import annotations

import math
import struct
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

from ..errors import DocumentError
from .tcl import Tree, parse_list

Note = Callable[[str], None]
Item = Union[str, Tree]
OPEN_SPLINE = 1 << 20


class Curve(NamedTuple):
    """Keys of one number: times, values, slopes per frame on each side. One value: constant."""

    times: Sequence[float]
    values: Sequence[float]
    left: Sequence[float] = ()
    right: Sequence[float] = ()

    @property
    def constant(self) -> bool:
        return len(self.values) == 1 or (
            min(self.values) == max(self.values) and not any(self.left) and not any(self.right)
        )

    def at(self, time: float) -> float:
        i = bisect_right(self.times, time) - 1
        if i < 0 or len(self.values) == 1:
            return self.values[0]
        if i + 1 >= len(self.times):
            return self.values[-1]
        d = self.times[i + 1] - self.times[i]
        u = (time - self.times[i]) / d
        if u == 0:
            return self.values[i]
        v0, v1 = self.values[i], self.values[i + 1]
        straight = v0 + u * (v1 - v0)
        # Deviations of the slopes from the secant, so that an exact line stays one.
        secant = (v1 - v0) / d
        a, b = self.right[i] - secant, self.left[i + 1] - secant
        return straight + d * u * (1 - u) * ((1 - u) * a - u * b)


def fixed(value: float) -> Curve:
    return Curve((), (value,))


@dataclass
class RawShape:
    name: str
    flags: int
    bspline: bool
    points: List[Curve]
    """x, y of every entry in turn: for a Bezier incoming handle, centre, outgoing handle."""
    key_times: List[float]
    feather: Optional[List[Curve]]
    slots: List[Curve]
    frame: Optional[float]
    """The frame a ``tx`` block gives a shape that has no keys."""
    attributes: Dict[str, Curve]

    @property
    def closed(self) -> bool:
        return not self.flags & OPEN_SPLINE


@dataclass
class RawLayer:
    name: str
    slots: List[Curve]
    items: List[Union[RawLayer, RawShape]] = field(default_factory=list)


def decode_curves(text: str, note: Callable[[str, str], None]) -> RawLayer:
    """The root layer of a ``curves`` knob; ``note(where, what)`` hears what is passed over.

    Raises DocumentError naming the shape where the grammar is broken.
    """
    tree: Item = parse_list(text)
    while isinstance(tree, list) and len(tree) == 1:
        tree = tree[0]
    for part in tree if isinstance(tree, list) else ():
        if isinstance(part, list) and len(part) == 2 and part[0] == "n":
            try:
                return _layer(_listed(part[1], "the root layer"), note)
            except (IndexError, ValueError, RecursionError) as error:
                raise DocumentError(f"nuke: a layer: {error}") from error
    raise DocumentError("nuke: a curves knob holds no root layer")


def _layer(item: Tree, note: Callable[[str, str], None]) -> RawLayer:
    if len(item) < 2 or item[0] != "layer":
        raise DocumentError(f"nuke: {item[:1]} where a layer was due")
    layer = RawLayer(_text(item[1]), [])
    strokes = 0
    for part in (_listed(part, layer.name) for part in item[2:]):
        head = part[0] if part else ""
        if head == "layer":
            layer.items.append(_layer(part, note))
        elif head == "curvegroup":
            layer.items.append(_shape(part, note))
        elif head == "cubiccurve":
            strokes += 1
        elif head in ("t", "tx"):
            layer.slots, _ = _transform(part, _noting(note, layer.name))
    if strokes:
        note(layer.name, f"{strokes} paint strokes: skipped, they are not shapes")
    return layer


def _noting(note: Callable[[str, str], None], where: str) -> Note:
    return lambda what: note(where, what)


def _shape(item: Tree, note: Callable[[str, str], None]) -> RawShape:
    name = _text(item[1]) if len(item) > 1 else "?"
    try:
        return _decoded_shape(item, name, _noting(note, name))
    except (IndexError, ValueError, TypeError, struct.error, AttributeError) as error:
        raise DocumentError(f"nuke: shape {name!r}: {error}", detail={"where": name}) from error


def _decoded_shape(item: Tree, name: str, note: Note) -> RawShape:
    flags, kind = int(_text(item[2])), _text(item[3])
    if kind not in ("bezier", "bspline"):
        raise ValueError(f"type {kind!r}")
    main, *rest = _listed(item[4], "its curves")
    points, times = _cc(main, note)
    if not points or (kind == "bezier" and len(points) % 6):
        raise ValueError("its points are not triples")
    feather = _cc(rest[0], note)[0] if rest and rest[0] != "idem" else None
    if feather is not None and len(feather) != len(points):
        raise ValueError("the feather curve has another number of points")
    shape = RawShape(name, flags, kind == "bspline", points, times, feather, [], None, {})
    for part in (_listed(part, "its attributes") for part in item[5:]):
        if part and part[0] in ("t", "tx"):
            shape.slots, shape.frame = _transform(part, note)
        elif part and part[0] == "a":
            names, values = part[1::2], part[2::2]
            for key, value in zip(names, values):
                shape.attributes[_text(key)] = _own_curve(value, (), note)
    return shape


def _transform(item: Tree, note: Note) -> Tuple[List[Curve], Optional[float]]:
    frame = scalar(item[1], note) if item[0] == "tx" else None
    values = item[1:] if frame is None else item[2:]
    return [_own_curve(value, (), note) for value in values], frame


def _cc(item: Item, note: Note) -> Tuple[List[Curve], List[float]]:
    """The curves x, y, x, y, ... of a point block and the key times of the block."""
    parts = _listed(item, "cc")
    if len(parts) != 3 or parts[0] != "cc":
        raise ValueError("cc is not {cc {f N} BLOCK}")
    block = _listed(parts[2], "its points")
    if block[0] == "p":
        return _own_block(block[1:], note)
    if block[0] != "px":
        raise ValueError(f"point block {block[0]!r}")
    head = block[1]
    plain = isinstance(head, list) and not is_expression(head)
    times = [scalar(t, note) for t in head] if plain else [scalar(head, note)]
    _check_times(times)
    curves: List[Curve] = []
    for entry in block[2:]:
        x, y = _entry(entry)
        curves += (_shared_curve(x, times, note), _shared_curve(y, times, note))
    return curves, times


def _own_block(entries: Sequence[Item], note: Note) -> Tuple[List[Curve], List[float]]:
    """The ``p`` form; a run ``{r ...}`` takes its times from a sibling axis of the block."""
    axes = [axis for entry in entries for axis in _entry(entry)]
    known = [_own_curve(axis, (), note) if not _is_run(axis) else None for axis in axes]
    sets = [tuple(curve.times) for curve in known if curve is not None and len(curve.times) > 1]
    curves: List[Curve] = []
    for i, (axis, curve) in enumerate(zip(axes, known)):
        sibling = known[i ^ 1]
        near = [tuple(sibling.times)] if sibling is not None else []
        curves.append(curve or _own_curve(axis, [*near, *sets], note))
    return curves, sorted({time for curve in curves for time in curve.times})


def _entry(item: Item) -> Tuple[Item, Item]:
    """x and y of ``{}``, ``{x}``, ``{x y [pressure]}``, perhaps behind ``{a name value ...}``."""
    parts = _listed(item, "a point")
    if parts and isinstance(parts[0], list) and parts[0] and parts[0][0] == "a":
        parts = parts[1:]
    return (parts[0] if parts else "0"), (parts[1] if len(parts) > 1 else "0")


def is_expression(item: Item) -> bool:
    return (
        isinstance(item, list)
        and bool(item)
        and isinstance(item[0], str)
        and item[0].startswith("=")
    )


def _is_run(item: Item) -> bool:
    return isinstance(item, list) and bool(item) and item[0] == "r"


def scalar(item: Item, note: Note) -> float:
    """A number: decimal, float32 hex, or an expression's last value."""
    if isinstance(item, list):
        if not is_expression(item):
            raise ValueError(f"{item} where a number was due")
        note("expressions: their last values are taken")
        try:
            return scalar(item[-1], note) if len(item) > 1 else 0.0
        except ValueError:
            return 0.0
    if item[:1] == "x" and len(item) == 9:
        value: float = struct.unpack(">f", bytes.fromhex(item[1:]))[0]
    else:
        value = float(item)
    if not math.isfinite(value):
        raise ValueError(f"{item} is not a finite number")
    return value


def _key(item: Item, note: Note) -> Tuple[float, float, float]:
    """Value and slopes of ``v``, ``{v}``, ``{v -}`` or ``{v left la right ra}``."""
    if not isinstance(item, list) or is_expression(item):
        return scalar(item, note), 0.0, 0.0
    if len(item) == 1 or item[1] == "-":
        return scalar(item[0], note), 0.0, 0.0
    value, left, left_weight, right, right_weight = (scalar(part, note) for part in item)
    if (left_weight, right_weight) != (1, 1):
        note("weighted tangents of keys: read as plain ones")
    return value, left, right


def _curve(times: Sequence[float], keys: Sequence[Tuple[float, float, float]]) -> Curve:
    if len(keys) == 1:
        return Curve(times, (keys[0][0],))
    values, left, right = zip(*keys)
    return Curve(times, values, left, right)


def _shared_curve(axis: Item, times: List[float], note: Note) -> Curve:
    """An axis of a ``px`` block: as many items as key times, or one for all."""
    if not isinstance(axis, list) or is_expression(axis):
        return fixed(scalar(axis, note))
    if len(axis) == 2 and axis[1] == "-":
        axis = [axis]
    keys: List[Tuple[float, float, float]] = []
    for item in axis:
        if isinstance(item, list) and len(item) == 3 and item[0] == "x":
            keys += [_key(item[2], note)] * int(_text(item[1]))
        else:
            keys.append(_key(item, note))
    if len(keys) == 1:
        return fixed(keys[0][0])
    if len(keys) != len(times):
        raise ValueError(f"{len(keys)} keys on an axis of {len(times)} times")
    return _curve(times, keys)


def _own_curve(item: Item, siblings: Sequence[Sequence[float]], note: Note) -> Curve:
    """A number, or a list of keys that carry their times."""
    if not isinstance(item, list) or is_expression(item):
        return fixed(scalar(item, note))
    if not item:
        return fixed(0.0)
    keys: List[Tuple[float, float, float]] = []
    if _is_run(item):
        for run in _listed(item[1], "a run"):
            key, count = _listed(run, "a run")
            keys += [_key(key, note)] * int(_text(count))
        times = next((times for times in siblings if len(times) == len(keys)), None)
        if times is None:
            raise ValueError("a run of keys without an axis that has its times")
        return _curve(times, keys)
    own: List[float] = []
    for part in (_listed(part, "a key") for part in item):
        own.append(scalar(part[0], note))
        if len(part) > 1:
            keys.append(_key(part[1] if len(part) == 2 else part[1:], note))
        else:
            keys.append((keys[-1][0], 0.0, 0.0))
    _check_times(own)
    return _curve(own, keys)


def _check_times(times: Sequence[float]) -> None:
    if not times or list(times) != sorted(set(times)):
        raise ValueError("key times do not ascend")


def _listed(item: Item, what: str) -> Tree:
    if not isinstance(item, list):
        raise DocumentError(f"nuke: {what}: {item!r} where a list was due")
    return item


def _text(item: Item) -> str:
    if isinstance(item, list):
        raise DocumentError("nuke: a list where a word was due")
    return item
