"""The generated shots of the bench: what moves, and how."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from roto_shapes.document import ControlPoint, Key, Layer, Shape

from .curves import Points
from .shots import FIRST_FRAME, Shot

Deform = Callable[[Points], Points]


def organic() -> Shot:
    """1080p, 72 frames: a lobed thing that drifts, turns, grows and bends one lobe; noisy mattes.

    Its motion is smooth, so that no few keys are the true ones: the truth is keyed on every frame.
    """
    frames = range(FIRST_FRAME, FIRST_FRAME + 72)
    rest = _lobed(20, 320.0)
    keys = []
    for index, frame in enumerate(frames):
        bend, place = _bent(index), _placed(index)
        keys.append(Key(frame, as_points(moved(rest, lambda p, b=bend, q=place: q(b(p))))))
    layer = _layer([_shape("organic", keys)])
    return Shot("organic 1080p", 1920, 1080, frames, layer, sam=True)


def _lobed(count: int, size: float) -> Points:
    """A closed curve ``(count, 6)`` around the origin with unequal lobes."""
    angle = np.arange(count) * (2 * np.pi / count)

    def at(a: Points) -> Points:
        radius = 1 + 0.22 * np.cos(3 * a) + 0.09 * np.cos(5 * a + 0.6) + 0.08 * np.cos(2 * a + 0.7)
        radius *= size
        return np.stack([radius * np.cos(a), radius * np.sin(a)], axis=-1)

    slope = (at(angle + 1e-4) - at(angle - 1e-4)) / 2e-4
    handle = slope * (2 * np.pi / count / 3)
    return np.concatenate([at(angle), -handle, handle], axis=1)


def _bent(index: int) -> Deform:
    """The lobe that points right turns about a hinge, the rest of the body stays."""
    turn = np.radians(15.0) * np.sin(2 * np.pi * index / 44)
    hinge = np.array([120.0, 0.0])

    def bend(places: Points) -> Points:
        ramp = np.clip((places[:, :1] - 60.0) / 220.0, 0, 1)
        return hinge + _turned(places - hinge, turn * ramp * ramp * (3 - 2 * ramp))

    return bend


def _placed(index: int) -> Deform:
    """Where the body is: it drifts in a curve, turns to and fro and grows by a fifth."""
    t = index / 71
    centre = np.array([700 + 520 * t, 540 + 90 * np.sin(2 * np.pi * index / 52)])
    angle = np.radians(24.0) * np.sin(2 * np.pi * index / 60)
    scale = 0.92 + 0.2 * np.sin(np.pi * t) ** 2

    def place(places: Points) -> Points:
        return centre + scale * _turned(places, np.full((len(places), 1), angle))

    return place


def _turned(places: Points, angle: Points) -> Points:
    """``(n, 2)`` turned about the origin by ``(n, 1)`` radians, clockwise on screen."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = places[:, :1], places[:, 1:]
    return np.concatenate([c * x - s * y, s * x + c * y], axis=1)


def moved(points: Points, deform: Deform) -> Points:
    """Control points ``(N, 6)`` through a map of the plane; handles follow their ends."""
    place = deform(points[:, :2])
    into = deform(points[:, :2] + points[:, 2:4]) - place
    out = deform(points[:, :2] + points[:, 4:6]) - place
    return np.concatenate([place, into, out], axis=1)


def as_points(points: Points, corners: Sequence[int] = ()) -> tuple[ControlPoint, ...]:
    return tuple(ControlPoint(*row, i in corners) for i, row in enumerate(points.tolist()))


def _shape(name: str, keys: list[Key], mode: str = "add") -> Shape:
    return Shape(name, name, mode=mode, keys=keys)


def _layer(shapes: list[Shape]) -> Layer:
    return Layer("truth", "truth", shapes=shapes)


SHOTS: dict[str, Callable[[], Shot]] = {"organic": organic}
