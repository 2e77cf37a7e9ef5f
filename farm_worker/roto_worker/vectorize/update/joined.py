"""An artist's keys inside a stretch kept from reaching beyond it.

A key he puts on one frame moves, by interpolation, every frame up to the next key, which may lie
far outside what is being corrected. There the shape is to go on showing what it showed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from roto_shapes.document import Key, Layer, Shape
from roto_shapes.evaluate import interpolated_points

from .stretch import governing

Span = tuple[int, int]


def joined(base: Layer, edited: Layer, stretches: Sequence[Span], frame_range: Span) -> Layer:
    """``edited``, with a key on the frame before and after each stretch where it takes one to keep
    what lies beyond as it was.

    What was there is ``base``'s, but with the keys of ``edited`` outside the stretches (inclusive,
    disjoint). ``frame_range`` is the document's: beyond it nothing is shown. Shapes whose points
    are not ``base``'s any more are left alone.
    """
    own = {shape.id: shape for shape in base.shapes}
    first, last = frame_range
    beside = [[f for f in (a - 1, b + 1) if first <= f <= last] for a, b in stretches]
    shapes = [
        _joined(own[shape.id], shape, stretches, beside) if shape.id in own else shape
        for shape in edited.shapes
    ]
    return replace(edited, shapes=shapes)


def _joined(
    base: Shape, edited: Shape, stretches: Sequence[Span], beside: Sequence[Sequence[int]]
) -> Shape:
    if base.kind != edited.kind or len(base.keys[0].points) != len(edited.keys[0].points):
        return edited
    outside = [key for key in edited.keys if not _inside(key.frame, stretches)]
    was = [key for key in base.keys if _inside(key.frame, stretches)]
    if not outside and not was:
        return edited
    before = replace(base, keys=sorted([*outside, *was], key=lambda key: key.frame))
    keys = {key.frame: key for key in edited.keys}
    for (first, last), frames in zip(stretches, beside, strict=True):
        if _between(edited, first, last) != _between(before, first, last):
            for frame in frames:
                keys.setdefault(frame, _key_showing(before, frame))
    if len(keys) == len(edited.keys):
        return edited
    return replace(edited, keys=[keys[frame] for frame in sorted(keys)])


def _inside(frame: int, stretches: Sequence[Span]) -> bool:
    return any(first <= frame <= last for first, last in stretches)


def _between(shape: Shape, first: int, last: int) -> list[Key]:
    return [key for key in shape.keys if first <= key.frame <= last]


def _key_showing(shape: Shape, frame: int) -> Key:
    """A key that changes nothing of ``shape``, which has none on that frame."""
    leads = governing(shape, frame)
    interpolation = leads.interpolation if leads is not None else "linear"
    return Key(frame, interpolated_points(shape.keys, frame), interpolation=interpolation)
