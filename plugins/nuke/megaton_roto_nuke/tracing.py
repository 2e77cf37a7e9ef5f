"""A preview's mask as shapes: outlines of a grey PNG, without any array library.

Good enough to look at, not to keep: polygons within a pixel of the mask's edge. A mask of 1024 by
576 takes up to half a second, on a worker thread.
"""

from __future__ import annotations

import math
import struct
import zlib
from typing import Dict, List, NamedTuple, Sequence, Tuple

from roto_shapes.errors import DocumentError
from roto_shapes.model import ControlPoint, Key, Layer, Shape

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST = 1 << 26
"""Pixels of a mask that are looked at."""
_SLACK = 0.7
"""Mask pixels by which an outline may miss the middle of a mask's edge."""
Corner = Tuple[int, int]
Place = Tuple[float, float]


class Grey(NamedTuple):
    """An 8-bit grey picture, rows from the top."""

    width: int
    height: int
    rows: List[bytes]


def traced(png: bytes, name: str, width: int, height: int, frame: int) -> Layer:
    """The outlines of a mask, scaled to ``width`` x ``height``, as a layer keyed on one frame.

    Holes become subtract shapes. Raises DocumentError for bytes that are no grey PNG.
    """
    grey = decoded(png)
    across, down = width / grey.width, height / grey.height
    shapes: List[Shape] = []
    for i, loop in enumerate(loops(grey)):
        points = tuple(ControlPoint(x * across, y * down, corner=True) for x, y in simplified(loop))
        if len(points) < 3:
            continue
        mode = "add" if _area(loop) > 0 else "subtract"
        shape = Shape(f"{name}-{i}", f"{name} {i + 1}", mode=mode, keys=[Key(frame, points)])
        shapes.append(shape)
    shapes.sort(key=lambda shape: shape.mode)
    return Layer(f"preview-{name}", name, shapes=shapes)


# -- the PNG


def decoded(png: bytes) -> Grey:
    """The picture in an 8-bit grey PNG that is not interlaced. Raises DocumentError."""
    try:
        return _decoded(png)
    except (struct.error, zlib.error, IndexError) as error:
        raise _unreadable(str(error)) from error


def _decoded(png: bytes) -> Grey:
    if not png.startswith(_SIGNATURE):
        raise _unreadable("it is no PNG")
    place, width, height = len(_SIGNATURE), 0, 0
    packed: List[bytes] = []
    while place + 8 <= len(png):
        (size,) = struct.unpack_from(">I", png, place)
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", content)
            if (depth, colour, interlaced) != (8, 0, 0) or width * height > _MOST:
                raise _unreadable("it is not plain 8-bit grey")
        elif kind == b"IDAT":
            packed.append(content)
        place += 12 + size
    raw = zlib.decompressobj().decompress(b"".join(packed), (width + 1) * height)
    if not width or len(raw) < (width + 1) * height:
        raise _unreadable("it is cut short")
    rows: List[bytes] = []
    above = bytes(width)
    for y in range(height):
        start = y * (width + 1)
        above = _unfiltered(raw[start], raw[start + 1 : start + 1 + width], above)
        rows.append(above)
    return Grey(width, height, rows)


def _unfiltered(kind: int, row: bytes, above: bytes) -> bytes:
    if kind == 0:
        return row
    if kind == 2:
        return bytes((a + b) & 255 for a, b in zip(row, above))
    out = bytearray(row)
    left = corner = 0
    for x, value in enumerate(row):
        up = above[x]
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + up) >> 1
        else:
            guess = _paeth(left, up, corner)
        left, corner = (value + guess) & 255, up
        out[x] = left
    return bytes(out)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
    if a <= b and a <= c:
        return left
    return up if b <= c else corner


def _unreadable(why: str) -> DocumentError:
    return DocumentError(f"The preview's mask cannot be read: {why}.")


# -- outlines


def loops(grey: Grey) -> List[List[Corner]]:
    """The closed edges between pixels of 128 and more and the rest, as corners of pixels.

    Clockwise on screen around what is inside (a positive area), the other way around holes.
    """
    table = bytes(1 if value >= 128 else 0 for value in range(256))
    onward: Dict[Corner, List[Corner]] = {}

    def edge(start: Corner, end: Corner) -> None:
        onward.setdefault(start, []).append(end)

    above: List[Tuple[int, int]] = []
    for y, row in enumerate([*grey.rows, bytes(grey.width)]):
        here = _runs(row.translate(table))
        for first, last in here:
            edge((first, y + 1), (first, y))
            edge((last, y), (last, y + 1))
        for first, last in _without(here, above):
            edge((first, y), (last, y))
        for first, last in _without(above, here):
            edge((last, y), (first, y))
        above = here
    return _linked(onward)


def _linked(onward: Dict[Corner, List[Corner]]) -> List[List[Corner]]:
    found: List[List[Corner]] = []
    while onward:
        start = next(iter(onward))
        loop, at = [start], start
        while True:
            ends = onward[at]
            following = ends.pop()
            if not ends:
                del onward[at]
            if following == start:
                break
            loop.append(following)
            at = following
        found.append(loop)
    return found


def _runs(row: bytes) -> List[Tuple[int, int]]:
    """Where ones begin and end in a row of ones and zeros."""
    runs: List[Tuple[int, int]] = []
    first = row.find(1)
    while first >= 0:
        last = row.find(0, first)
        last = len(row) if last < 0 else last
        runs.append((first, last))
        first = row.find(1, last)
    return runs


def _without(
    runs: Sequence[Tuple[int, int]], others: Sequence[Tuple[int, int]]
) -> List[Tuple[int, int]]:
    """What of ``runs`` is in none of ``others``; both ascending."""
    left: List[Tuple[int, int]] = []
    for first, last in runs:
        at = first
        for begin, end in others:
            if end <= at or begin >= last:
                continue
            if begin > at:
                left.append((at, begin))
            at = end
        if at < last:
            left.append((at, last))
    return left


def _area(loop: Sequence[Corner]) -> float:
    """Twice the area, positive for a loop that runs clockwise on screen (y down)."""
    pairs = zip(loop, [*loop[1:], loop[0]])
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)


def simplified(loop: Sequence[Corner]) -> List[Place]:
    """A loop of pixel edges as few corners as follow its middle line closely."""
    points = _middles(loop)
    if len(points) < 4:
        return points
    # Two far points split the loop into chains.
    far = max(range(len(points)), key=lambda i: _distance2(points[0], points[i]))
    first, second = points[: far + 1], [*points[far:], points[0]]
    return [*_chain(first)[:-1], *_chain(second)[:-1]]


def _middles(loop: Sequence[Corner]) -> List[Place]:
    """Stairs become a slope through their middles; long straight edges keep both ends."""
    points: List[Place] = []
    for (ax, ay), (bx, by) in zip(loop, [*loop[1:], loop[0]]):
        length = abs(bx - ax) + abs(by - ay)
        if length <= 2:
            points.append(((ax + bx) / 2, (ay + by) / 2))
            continue
        share = 0.5 / length
        points.append((ax + (bx - ax) * share, ay + (by - ay) * share))
        points.append((bx - (bx - ax) * share, by - (by - ay) * share))
    return points


def _chain(points: List[Place]) -> List[Place]:
    """Douglas and Peucker's, without recursion: outlines have thousands of corners."""
    keep = {0, len(points) - 1}
    todo = [(0, len(points) - 1)]
    while todo:
        a, b = todo.pop()
        worst, where = _SLACK, -1
        for i in range(a + 1, b):
            off = _off(points[i], points[a], points[b])
            if off > worst:
                worst, where = off, i
        if where >= 0:
            keep.add(where)
            todo += [(a, where), (where, b)]
    return [points[i] for i in sorted(keep)]


def _off(point: Place, a: Place, b: Place) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    if length == 0:
        return math.dist(point, a)
    return abs(dx * (point[1] - a[1]) - dy * (point[0] - a[0])) / length


def _distance2(a: Place, b: Place) -> float:
    dx, dy = a[0] - b[0], a[1] - b[1]
    return dx * dx + dy * dy
