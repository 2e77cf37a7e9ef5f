"""Documents moved in time (plate frames to script frames and back), and frames as text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import List, Optional, Set

from roto_shapes.model import Animated, Document, Layer, Shape, Transform

from .errors import NodeError


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


def frames_in(text: str) -> List[int]:
    """The frames of ``"1017 1020-1024"``, ascending. Raises NodeError."""
    frames: Set[int] = set()
    for word in re.split(r"[\s,;]+", text.strip()):
        match = re.fullmatch(r"(-?\d{1,8})(?:-(-?\d{1,8}))?", word)
        if not word:
            continue
        if match is None:
            raise NodeError(f"{word!r} is not a frame.", hint="Write frames as 1017 1020-1024.")
        first = int(match.group(1))
        last = int(match.group(2) or first)
        if last < first or last - first > 1_000_000:
            raise NodeError(f"{word!r} is not a range of frames.")
        frames.update(range(first, last + 1))
    return sorted(frames)


def frames_text(frames: List[int]) -> str:
    """The shortest text `frames_in` reads back."""
    words: List[str] = []
    start = 0
    for i, frame in enumerate(frames):
        if i + 1 < len(frames) and frames[i + 1] == frame + 1:
            continue
        words.append(str(frame) if start == i else f"{frames[start]}-{frame}")
        start = i + 1
    return " ".join(words)
