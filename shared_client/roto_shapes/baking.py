"""Keys made simpler for hosts that know less: holds into linear keys, transforms into points."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence, Set, Tuple, TypeVar

from .evaluate import interpolated_points, transform_at
from .geometry import transformed
from .model import Key, Transform, TransformKey, ValueKey

K = TypeVar("K", Key, ValueKey)
Span = Tuple[int, int]


def without_holds(keys: Sequence[K]) -> List[K]:
    """Linear keys that give the same values on every whole frame.

    A held stretch gets a second key one frame before it ends; within that last frame the value
    runs to the next key where a hold would jump.
    """
    linear: List[K] = []
    for i, key in enumerate(keys):
        linear.append(replace(key, interpolation="linear"))
        if key.interpolation != "hold" or i + 1 == len(keys):
            continue
        end = keys[i + 1].frame - 1
        if end > key.frame and _differ(key, keys[i + 1]):
            linear.append(replace(key, frame=end, interpolation="linear"))
    return linear


def _differ(a: K, b: K) -> bool:
    if isinstance(a, Key) and isinstance(b, Key):
        return a.points != b.points
    return not (isinstance(a, ValueKey) and isinstance(b, ValueKey)) or a.value != b.value


def merged_spans(visible: Sequence[Span]) -> List[Span]:
    """The same frames with adjoining ranges joined."""
    spans: List[Span] = []
    for first, last in visible:
        if spans and first == spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return spans


def turns(before: TransformKey, after: TransformKey) -> bool:
    """Whether rotation or scale changes, so that points do not move on straight lines."""
    return (before.rotate, before.scale) != (after.rotate, after.scale)


def baked_keys(keys: Sequence[Key], transform: Transform, span: Optional[Span]) -> List[Key]:
    """The keys with the transform in their points, equal on every whole frame of ``span``.

    Where the transform only translates (or rests) between two of its keys the result is exact
    between frames too and needs no more keys; where it turns or scales every frame gets one.
    ``keys`` must be linear unless the transform has one key only; ``span`` None means all frames.
    """
    frames: Set[int] = {key.frame for key in keys}
    if len(transform.keys) > 1:
        frames.update(key.frame for key in transform.keys)
    for before, after in zip(transform.keys, transform.keys[1:]):
        if turns(before, after):
            frames.update(range(before.frame, after.frame))
    if span is not None:
        first, last = span
        inside = {frame for frame in frames if first <= frame <= last}
        frames = inside | {max(first, min(frames)), min(last, max(frames))}
    own = {key.frame: key for key in keys}
    return [_baked_key(keys, own.get(frame), transform, frame) for frame in sorted(frames)]


def _baked_key(keys: Sequence[Key], own: Optional[Key], transform: Transform, frame: int) -> Key:
    points = interpolated_points(keys, frame)
    moved = transformed(points, transform.pivot, transform_at(transform, frame))
    return replace(own, points=moved) if own else Key(frame, moved)
