"""Control points of the generated shots: rings, lobes, and what moves them.

Points are arrays ``(N, 6)`` in pixels, y down: x, y, incoming handle dx, dy, outgoing dx, dy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from roto_shapes.document import ControlPoint, Key, Shape

from .curves import Points

Deform = Callable[[Points], Points]


def ring(places: Sequence[tuple[float, float]], corners: Sequence[int] = ()) -> Points:
    """A closed curve through ``places``: sharp at ``corners``, straight between two of them."""
    place = np.array(places, np.float64)
    ahead = np.roll(place, -1, axis=0) - place
    behind = np.roll(ahead, 1, axis=0)
    along = ahead + behind
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    out = along * np.linalg.norm(ahead, axis=1, keepdims=True) / 3
    into = -along * np.linalg.norm(behind, axis=1, keepdims=True) / 3
    sharp = list(corners)
    out[sharp], into[sharp] = ahead[sharp] / 3, -behind[sharp] / 3
    return np.concatenate([place, into, out], axis=1)


def lobed(count: int, size: float, waves: Sequence[tuple[int, float, float]]) -> Points:
    """A closed curve around the origin, ``radius(a) = size (1 + sum w cos(n a + phase))``.

    ``waves``: rows of n, w, phase. ``count`` points at equal angles.
    """
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False, dtype=np.float64)

    def at(a: Points) -> Points:
        radius = size * (1 + sum(w * np.cos(n * a + phase) for n, w, phase in waves))
        return np.stack([radius * np.cos(a), radius * np.sin(a)], axis=-1)

    slope = (at(angle + 1e-4) - at(angle - 1e-4)) / 2e-4
    handle = slope * (2 * np.pi / count / 3)
    return np.concatenate([at(angle), -handle, handle], axis=1)


def turned(places: Points, angle: Points | float) -> Points:
    """``(n, 2)`` turned about the origin by radians (one or ``(n, 1)``), clockwise on screen."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = places[:, :1], places[:, 1:]
    return np.concatenate([c * x - s * y, s * x + c * y], axis=1)


def placed(x: float, y: float, degrees: float = 0.0, scale: float = 1.0) -> Deform:
    """Turned and scaled about the origin, then moved there."""

    def place(places: Points) -> Points:
        return np.array([x, y]) + scale * turned(places, np.radians(degrees))

    return place


def moved(points: Points, deform: Deform) -> Points:
    """Control points through a map of the plane; handles follow their ends."""
    place = deform(points[:, :2])
    into = deform(points[:, :2] + points[:, 2:4]) - place
    out = deform(points[:, :2] + points[:, 4:6]) - place
    return np.concatenate([place, into, out], axis=1)


def shape(
    name: str,
    points: Points,
    poses: Mapping[int, Deform],
    *,
    corners: Sequence[int] = (),
    mode: str = "add",
    visible: Sequence[tuple[int, int]] = (),
) -> Shape:
    """``points`` keyed on the frames of ``poses``."""
    keys = [
        Key(
            frame,
            tuple(
                ControlPoint._make([*row, i in corners])
                for i, row in enumerate(moved(points, pose).tolist())
            ),
        )
        for frame, pose in poses.items()
    ]
    return Shape(name, name, mode=mode, keys=keys, visible=list(visible))
