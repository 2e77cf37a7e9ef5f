"""Where an artist changed a layer: the frames that become prompts of a correction."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence, Set

from roto_shapes.model import Animated, Key, Layer, Shape, Transform


def changed_frames(was: Layer, now: Layer) -> List[int]:
    """The frames on which ``now`` was touched, ascending; empty if it was not.

    ``now`` is what `readback` gives: untouched numbers are those of ``was``. Keys that were moved,
    added or deleted count with their frames; so do those of an added shape. What has no frame of
    its own (a deleted shape, another mode) counts with the first, middle and last key of the shape.
    """
    before = {shape.id: shape for shape in was.shapes}
    after = {shape.id: shape for shape in now.shapes}
    frames: Set[int] = _transform(was.transform, now.transform)
    for shape_id, shape in after.items():
        old = before.get(shape_id)
        if old is None:
            frames |= {key.frame for key in shape.keys}
        elif old != shape:
            frames |= _shape(old, shape)
    for shape_id, old in before.items():
        if shape_id not in after:
            frames |= _few(old.keys)
    return sorted(frames)


def _shape(was: Shape, now: Shape) -> Set[int]:
    frames = _keys(was.keys, now.keys) | _values(was.opacity, now.opacity)
    keyed = isinstance(was.opacity, list) or isinstance(now.opacity, list)
    opacity = was.opacity if keyed else now.opacity
    rest = replace(now, name=was.name, keys=was.keys, opacity=opacity)
    if rest != was:
        frames |= _few(now.keys)
    return frames


def _keys(was: Sequence[Key], now: Sequence[Key]) -> Set[int]:
    before = {key.frame: key.points for key in was}
    after = {key.frame: key.points for key in now}
    return {frame for frame in {*before, *after} if before.get(frame) != after.get(frame)}


def _values(was: Animated, now: Animated) -> Set[int]:
    if isinstance(was, list) and isinstance(now, list):
        before = {key.frame: key.value for key in was}
        after = {key.frame: key.value for key in now}
        return {frame for frame in {*before, *after} if before.get(frame) != after.get(frame)}
    keyed = was if isinstance(was, list) else now
    return {key.frame for key in keyed} if isinstance(keyed, list) and was != now else set()


def _transform(was: Optional[Transform], now: Optional[Transform]) -> Set[int]:
    if was == now:
        return set()
    before = {key.frame: key for key in was.keys} if was else {}
    after = {key.frame: key for key in now.keys} if now else {}
    differ = {frame for frame in {*before, *after} if before.get(frame) != after.get(frame)}
    return differ or {*before, *after}


def _few(keys: Sequence[Key]) -> Set[int]:
    return {keys[0].frame, keys[len(keys) // 2].frame, keys[-1].frame}
