"""The number encoding of Nuke's ``curves`` knob: float32 hex, keyed curves, point blocks.

Grammar: the ``curves`` knob of Nuke 7 and later, as measured on saved scripts. A keyed curve is a
cubic Hermite per axis; slopes equal to the secant on both sides make each segment a straight line.
"""

from __future__ import annotations

import struct
from typing import List, Sequence, Tuple

from ..baking import without_holds
from ..model import Animated, ControlPoint, Key

_LITERALS = {"x00000000": "0", "x80000000": "0", "x3f800000": "1"}


def number(value: float) -> str:
    """A float32 as Nuke writes it: ``0``, ``1`` or x and eight hex digits."""
    return numbers((value,))[0]


def numbers(values: Sequence[float]) -> List[str]:
    """Many numbers at once, none looked at alone: the writer's inner loop."""
    if not values:
        return []
    text = "x" + struct.pack(f">{len(values)}f", *values).hex(" ", 4).replace(" ", " x")
    for digits, literal in _LITERALS.items():
        text = text.replace(digits, literal)
    return text.split(" ")


def _secants(frames: Sequence[int], values: Sequence[float]) -> List[float]:
    steps = zip(frames, frames[1:], values, values[1:])
    return [(v1 - v0) / (t1 - t0) for t0, t1, v0, v1 in steps]


def _slopes(frames: Sequence[int], values: Sequence[float]) -> Tuple[List[str], List[str]]:
    """Left and right slope of every key; 0 where there is no neighbour."""
    inner = numbers(_secants(frames, values))
    return ["0", *inner], [*inner, "0"]


def shared_times_curve(frames: Sequence[int], values: Sequence[float]) -> str:
    """One axis of a ``px {T1 T2 ...}`` block: keys without times, one item when constant."""
    tokens = numbers(values)
    if len(set(tokens)) == 1:
        return f"{{{{{tokens[0]} -}}}}"
    left, right = _slopes(frames, values)
    items = [f"{{{v} {a} 1 {b} 1}}" for v, a, b in zip(tokens, left, right)]
    return "{" + " ".join(items) + "}"


def own_times_curve(frames: Sequence[int], values: Sequence[float]) -> str:
    """A value of a transform or attribute list: keys with times, or a number when constant."""
    tokens = numbers(values)
    if len(set(tokens)) == 1:
        return tokens[0]
    left, right = _slopes(frames, values)
    times = numbers(frames)
    items = [f"{{{t} {v} {a} 1 {b} 1}}" for t, v, a, b in zip(times, tokens, left, right)]
    return "{" + " ".join(items) + "}"


def switch_curve(frames: Sequence[int], values: Sequence[int]) -> str:
    """An on/off value: flat keys, so that every whole frame is exactly 0 or 1."""
    items = [f"{{{t} {v} -}}" for t, v in zip(numbers(frames), numbers(values))]
    return "{" + " ".join(items) + "}"


def animated(value: Animated) -> str:
    """A number that may be keyed, holds emulated."""
    if not isinstance(value, list):
        return number(value)
    keys = without_holds(value)
    return own_times_curve([key.frame for key in keys], [key.value for key in keys])


def point_block(keys: Sequence[Key], height: int) -> str:
    """The ``px`` block of linear keys: three entries a point, incoming handle, centre, outgoing.

    Centres are absolute with y up from the bottom edge; handles are offsets.
    """
    return _block([key.frame for key in keys], [_row(key.points, height) for key in keys])


def feather_block(keys: Sequence[Key], offsets: Sequence[Sequence[Tuple[float, float]]]) -> str:
    """The same for a feather curve: centres are offsets (x right, y down) from the shape's."""
    rows: List[List[float]] = []
    for key, moved in zip(keys, offsets):
        row: List[float] = []
        for (_, _, in_dx, in_dy, out_dx, out_dy, _), (x, y) in zip(key.points, moved):
            row += (in_dx, -in_dy, x, -y, out_dx, -out_dy)
        rows.append(row)
    return _block([key.frame for key in keys], rows)


def _row(points: Sequence[ControlPoint], height: int) -> List[float]:
    row: List[float] = []
    for x, y, in_dx, in_dy, out_dx, out_dy, _ in points:
        row += (in_dx, -in_dy, x, height - y, out_dx, -out_dy)
    return row


def _block(frames: Sequence[int], rows: Sequence[List[float]]) -> str:
    """Columns of ``rows`` are x, y, x, y, ...: two of them make an entry."""
    if len(frames) == 1:
        curves = numbers(rows[0])
        times = number(frames[0])
    else:
        curves = [shared_times_curve(frames, column) for column in zip(*rows)]
        times = "{" + " ".join(numbers(frames)) + "}"
    entries = [f"{{{x} {y}}}" for x, y in zip(curves[::2], curves[1::2])]
    return f"{{px {times}\n" + "\n".join(entries) + "}"
