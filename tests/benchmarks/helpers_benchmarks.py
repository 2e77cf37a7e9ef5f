"""Layers whose figures are known by hand."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from roto_shapes.document import ControlPoint, Key, Layer, Shape, Transform, TransformKey

SQUARE = ((0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0))
BOW_TIE = ((0.0, 0.0), (10.0, 9.0), (10.0, 0.0), (0.0, 8.0))


def polygon(places=SQUARE, dx: float = 0.0, dy: float = 0.0) -> tuple[ControlPoint, ...]:
    return tuple(ControlPoint(x + dx, y + dy, corner=True) for x, y in places)


def shape(keys: Mapping[int, tuple[ControlPoint, ...]], visible=(), name: str = "s") -> Shape:
    return Shape(name, name, visible=list(visible), keys=[Key(f, p) for f, p in keys.items()])


def layer(*shapes: Shape, moves: Mapping[int, tuple[float, float]] | None = None) -> Layer:
    """``moves``: frame -> translation of the layer."""
    keys = [TransformKey(frame, *place) for frame, place in (moves or {}).items()]
    transform = Transform((0.0, 0.0), keys) if keys else None
    return Layer("l", "l", transform=transform, shapes=list(shapes))


def circle(radius: float, samples: int | None = None) -> np.ndarray:
    count = samples or int(2 * np.pi * radius)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def densely(corners) -> np.ndarray:
    """A polygon's outline, a sample every pixel, its corners among them."""
    place = np.array(corners, float)
    sides = []
    for start, end in zip(place, np.roll(place, -1, axis=0), strict=True):
        share = np.linspace(0, 1, round(float(np.hypot(*(end - start)))), endpoint=False)
        sides.append(start + share[:, None] * (end - start))
    return np.concatenate(sides)
