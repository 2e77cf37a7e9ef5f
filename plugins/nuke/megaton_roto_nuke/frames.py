"""A document moved in time: its keys are on plate frames, Nuke's on script frames."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from roto_shapes.model import Animated, Document, Layer, Shape, Transform


def shifted(document: Document, by: int) -> Document:
    """The document with everything on a frame ``by`` frames later. No other number changes."""
    if by == 0:
        return document
    first, last = document.frame_range
    return replace(
        document,
        frame_range=(first + by, last + by),
        layers=[shifted_layer(layer, by) for layer in document.layers],
        confidence={
            name: {frame + by: value for frame, value in values.items()}
            for name, values in document.confidence.items()
        },
    )


def shifted_layer(layer: Layer, by: int) -> Layer:
    """A layer, likewise."""
    if by == 0:
        return layer
    only = layer.key_only_at
    return replace(
        layer,
        transform=_transform(layer.transform, by),
        key_only_at=None if only is None else [frame + by for frame in only],
        shapes=[_shape(shape, by) for shape in layer.shapes],
    )


def _transform(transform: Optional[Transform], by: int) -> Optional[Transform]:
    if transform is None:
        return None
    return replace(transform, keys=[replace(key, frame=key.frame + by) for key in transform.keys])


def _shape(shape: Shape, by: int) -> Shape:
    return replace(
        shape,
        visible=[(first + by, last + by) for first, last in shape.visible],
        opacity=_animated(shape.opacity, by),
        keys=[replace(key, frame=key.frame + by) for key in shape.keys],
    )


def _animated(value: Animated, by: int) -> Animated:
    if not isinstance(value, list):
        return value
    return [replace(key, frame=key.frame + by) for key in value]
