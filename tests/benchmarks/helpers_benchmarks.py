"""Layers whose figures are known by hand."""

from __future__ import annotations

from collections.abc import Mapping

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
