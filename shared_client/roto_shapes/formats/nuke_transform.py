"""The transforms of Nuke's layers and shapes: as a layer's transform, or baked into points.

Slots: 0-2 pivot, 3-5 translate, 6-8 rotate (degrees, z counter-clockwise, y up), 9-11 scale,
12-18 skews, 19-34 a 4 x 4 matrix, rows first.
"""

from __future__ import annotations

import math
from typing import List, Optional, Sequence, Set, Tuple

from ..model import Transform, TransformKey
from .nuke_decode import Curve, Note
from .plane import Matrix, product
from .sampling import linear_frames, whole_frames

_TURN, _SCALE, _SKEW, _EXTRA = 8, slice(9, 11), slice(12, 19), slice(19, 35)
_EXTRA_SLOTS = tuple(19 + 4 * row + column for row in (0, 1, 3) for column in (0, 1, 3))


def _default(slot: int) -> float:
    return 1.0 if slot in (9, 10, 11, 19, 24, 29, 34) else 0.0


class Motion:
    """The transform of one layer or shape, y up as in Nuke."""

    def __init__(self, slots: Sequence[Curve]) -> None:
        self._slots = slots
        moving = {i for i, curve in enumerate(slots) if i > 2 and not _is_default(curve, i)}
        self.still = not moving
        self.times: Set[float] = set()
        for curve in slots:
            if not curve.constant:
                self.times.update(curve.times)
        self._moving = moving

    def at(self, slot: int, time: float) -> float:
        return self._slots[slot].at(time) if slot < len(self._slots) else _default(slot)

    def matrix(self, time: float) -> Matrix:
        """Scale, then turn, about the pivot, then move; the extra matrix comes first."""
        px, py = self.at(0, time), self.at(1, time)
        angle = math.radians(self.at(_TURN, time))
        c, s = math.cos(angle), math.sin(angle)
        sx, sy = self.at(9, time), self.at(10, time)
        a, b, d, e = c * sx, -s * sy, s * sx, c * sy
        own: Matrix = (
            (a, b, px + self.at(3, time) - a * px - b * py),
            (d, e, py + self.at(4, time) - d * px - e * py),
            (0.0, 0.0, 1.0),
        )
        if self._moving.isdisjoint(_EXTRA_SLOTS):
            return own
        m = [self.at(slot, time) for slot in _EXTRA_SLOTS]
        extra: Matrix = ((m[0], m[1], m[2]), (m[3], m[4], m[5]), (m[6], m[7], m[8]))
        return product(own, extra)

    def note(self, note: Note) -> None:
        if any(i in self._moving for i in range(12, 19)):
            note("skew: not read")

    def as_transform(
        self, height: int, tolerance: float, note: Note
    ) -> Optional[Tuple[Transform, bool]]:
        """As a document's transform, and whether it moves; None if that cannot hold it."""
        pivot_rests = all(curve.constant for curve in self._slots[:2])
        plain = self._moving <= {3, 4, 5, _TURN, 9, 10, 11}
        if not (pivot_rests and plain and self._scales_evenly()):
            return None
        frames, eased = self._frames(tolerance)
        if eased:
            note(f"eased transform: linear keys on {len(frames)} frames follow it")
        keys = [self._key(frame) for frame in frames]
        if any(key.scale <= 0 for key in keys):
            return None
        pivot = self.at(0, 0), height - self.at(1, 0)
        return Transform(pivot, keys), bool(self.times)

    def _key(self, frame: int) -> TransformKey:
        return TransformKey(
            frame,
            self.at(3, frame),
            -self.at(4, frame) + 0.0,
            -self.at(_TURN, frame) + 0.0,
            self.at(9, frame),
        )

    def _scales_evenly(self) -> bool:
        defaults = [Curve((), (1.0,))] * 2
        x, y = (list(self._slots[_SCALE]) + defaults)[:2]
        return x == y

    def _frames(self, tolerance: float) -> Tuple[List[int], bool]:
        forced = whole_frames(self.times) or [0]

        def row(frame: int) -> Tuple[float, ...]:
            # An angle or a scale counts as what it moves 1000 pixels from the pivot.
            turn = math.radians(self.at(_TURN, frame)) * 1000
            return self.at(3, frame), self.at(4, frame), turn, self.at(9, frame) * 1000

        frames = linear_frames(row, forced, tolerance)
        return frames, len(frames) > len(forced)


def _is_default(curve: Curve, slot: int) -> bool:
    return curve.constant and curve.values[0] == _default(slot)
