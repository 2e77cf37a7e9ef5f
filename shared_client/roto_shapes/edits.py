"""What an artist did to a layer: his work taken over, everything else kept to the last bit.

A layer that comes back from a host has been through its numbers (32-bit floats, another origin, a
few decimals). Whatever is still what was written becomes the base's own again, so that only what a
hand has touched differs.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Collection, Dict, List, Optional, Sequence, Set, Tuple, Union

from .evaluate import bspline_to_bezier
from .model import Animated, ControlPoint, Key, Layer, Shape, Transform, TransformKey

SAME = 2.0**-11
"""Pixels: what 32-bit floats lose on an 8K plate, and less than any hand moves a point."""
_RELATIVE = 2.0**-22
_SMALL = 1e-5
"""For degrees, scales and opacities."""
_COLOR = 1 / 255


def merge_layer(
    base: Layer, edited: Layer, frames: Collection[int], *, tolerance: float = SAME
) -> Layer:
    """The layer as the artist left it, with ``base``'s own numbers wherever they are still meant.

    Shapes are matched by id, then by name; a matched one keeps the base's id. A key whose numbers
    are all within ``tolerance`` pixels of the base's key on its frame is the base's key; any other
    is the artist's, with the numbers given. Keys on ``frames``, where he corrected, are the
    artist's and locked. What is missing in ``edited`` was deleted and stays deleted; shapes the
    base does not have were added, and all their keys are the artist's. The layer's place (id, name,
    group) is the base's.
    """
    matched = _matched(base, edited)
    fixed = frozenset(frames)
    shapes = []
    for shape in edited.shapes:
        own = matched.get(id(shape))
        merged = _added(shape) if own is None else _merged(own, shape, tolerance)
        shapes.append(replace(merged, keys=[_fixed(key, fixed) for key in merged.keys]))
    return replace(
        base,
        color=base.color if _near_all(base.color, edited.color, _COLOR) else edited.color,
        transform=_transform(base.transform, edited.transform, tolerance),
        key_only_at=base.key_only_at if edited.key_only_at is None else edited.key_only_at,
        shapes=shapes,
        extra={**base.extra, **edited.extra},
    )


def changed_frames(base: Layer, edited: Layer, *, tolerance: float = SAME) -> List[int]:
    """The frames on which ``edited`` was touched, ascending; none where it is still ``base``.

    Keys that were moved, added or deleted count with their frames, and so do those of an added
    shape. What has no frame of its own (a deleted shape, another mode, a still transform) counts
    with the first, middle and last key of the shape.
    """
    merged = merge_layer(base, edited, (), tolerance=tolerance)
    before = {shape.id: shape for shape in base.shapes}
    after = {shape.id: shape for shape in merged.shapes}
    frames = _transform_frames(base.transform, merged.transform)
    for shape in merged.shapes:
        own = before.get(shape.id)
        frames |= {key.frame for key in shape.keys} if own is None else _shape_frames(own, shape)
    for shape in base.shapes:
        if shape.id not in after:
            frames |= _few(shape.keys)
    return sorted(frames)


def returned_layer(base: Layer, held: Layer, edited: Layer) -> Layer:
    """A layer read back from a host's file, with ``base``'s ids, and its own values where it still
    has what was written.

    ``held``: ``base`` as the host holds it (the format's ``project``), its shapes in the same
    order. Shapes are known by the names they have there; others are new, and get ids of their own.
    """
    names: Dict[str, List[Tuple[Shape, Shape]]] = {}
    for own, kept in zip(base.shapes, held.shapes):
        names.setdefault(kept.name, []).append((own, kept))
    shapes = []
    for shape in edited.shapes:
        known = names.get(shape.name)
        if known:
            shapes.append(_returned(*known.pop(0), shape))
        else:
            shapes.append(replace(shape, id=uuid.uuid4().hex))
    same_motion = edited.transform == held.transform
    return replace(
        base,
        color=base.color if edited.color == held.color else edited.color,
        transform=base.transform if same_motion else edited.transform,
        shapes=shapes,
    )


def _returned(own: Shape, held: Shape, shape: Shape) -> Shape:
    """A known shape: each value that is as it was held is the base's."""
    changed = {
        field: getattr(shape, field)
        for field in ("closed", "mode", "inverted", "visible", "opacity", "feather", "color")
        if getattr(shape, field) != getattr(held, field)
    }
    if shape.motion_blur != held.motion_blur:
        changed["motion_blur"] = shape.motion_blur
    if shape.keys == held.keys:
        return replace(own, **changed)
    was = {key.frame: key for key in held.keys}
    mine = {key.frame: key for key in own.keys} if shape.kind == own.kind else {}
    keys = [
        mine.get(key.frame, key) if key == was.get(key.frame) else replace(key, origin="artist")
        for key in shape.keys
    ]
    return replace(own, **changed, kind=shape.kind, keys=keys)


def _matched(base: Layer, edited: Layer) -> Dict[int, Shape]:
    """By ``id()`` of each edited shape that is one of the base's: that one."""
    by_id = {shape.id: shape for shape in base.shapes}
    matched: Dict[int, Shape] = {}
    for shape in edited.shapes:
        own = by_id.pop(shape.id, None)
        if own is not None:
            matched[id(shape)] = own
    by_name: Dict[str, Shape] = {}
    for own in by_id.values():
        by_name.setdefault(own.name, own)
    for shape in edited.shapes:
        if id(shape) not in matched and shape.name in by_name:
            matched[id(shape)] = by_name.pop(shape.name)
    return matched


def _added(shape: Shape) -> Shape:
    return replace(shape, keys=[replace(key, origin="artist") for key in shape.keys])


def _merged(own: Shape, shape: Shape, tolerance: float) -> Shape:
    kind, keys = _keys(own, shape, tolerance)
    return replace(
        shape,
        id=own.id,
        kind=kind,
        opacity=_opacity(own.opacity, shape.opacity),
        feather=_feather(own.feather, shape.feather, tolerance),
        color=_color(own, shape),
        keys=keys,
        extra={**own.extra, **shape.extra},
        host=own.host if shape.host is None else shape.host,
    )


def _keys(own: Shape, shape: Shape, tolerance: float) -> Tuple[str, List[Key]]:
    """Kind and keys. A B-spline a host could only keep as Beziers is still the B-spline as long as
    no key of it was touched."""
    if own.kind == shape.kind:
        was = {key.frame: (key, key.points) for key in own.keys}
        keys = [_key(was.get(key.frame), key, own.kind, tolerance) for key in shape.keys]
        return own.kind, keys
    if own.kind == "bspline":
        was = {key.frame: (key, bspline_to_bezier(key.points, own.closed)) for key in own.keys}
        keys = [_key(was.get(key.frame), key, shape.kind, tolerance) for key in shape.keys]
        if keys == own.keys:
            return own.kind, keys
    return shape.kind, _added(shape).keys


def _key(
    own: Optional[Tuple[Key, Tuple[ControlPoint, ...]]], key: Key, kind: str, tolerance: float
) -> Key:
    """The base's key if ``key`` says what its points say, else the artist's."""
    if own is not None:
        kept, points = own
        meant = kept.interpolation == key.interpolation
        if meant and _same_points(points, key.points, kind, tolerance):
            return kept
    return replace(key, origin="artist")


def _same_points(
    own: Sequence[ControlPoint], points: Sequence[ControlPoint], kind: str, tolerance: float
) -> bool:
    """A Bezier is given by its handles alone; on a B-spline they mean nothing, but corners do."""
    if len(own) != len(points):
        return False
    if kind == "bspline":
        return all(
            p.corner == q.corner and _near_all(p[:2], q[:2], tolerance) for p, q in zip(own, points)
        )
    return all(_near_all(p[:6], q[:6], tolerance) for p, q in zip(own, points))


def _fixed(key: Key, frames: Collection[int]) -> Key:
    return replace(key, origin="artist", locked=True) if key.frame in frames else key


def _opacity(own: Animated, opacity: Animated) -> Animated:
    if isinstance(own, list) and isinstance(opacity, list):
        was = {key.frame: key for key in own}
        keys = []
        for key in opacity:
            there = was.get(key.frame, key)
            same = there.interpolation == key.interpolation
            keys.append(there if same and _near(there.value, key.value, _SMALL) else key)
        return keys
    if isinstance(own, list) or isinstance(opacity, list):
        return opacity
    return own if _near(own, opacity, _SMALL) else opacity


def _feather(
    own: Union[float, List[float]], feather: Union[float, List[float]], tolerance: float
) -> Union[float, List[float]]:
    one = own if isinstance(own, list) else [own]
    other = feather if isinstance(feather, list) else [feather]
    same = isinstance(own, list) == isinstance(feather, list)
    return own if same and _near_all(one, other, tolerance) else feather


def _color(own: Shape, shape: Shape) -> Optional[Tuple[float, float, float]]:
    """A host gives every shape a colour: none given, or the one it had, is no change."""
    if shape.color is None or own.color is None:
        return own.color
    return own.color if _near_all(own.color, shape.color, _COLOR) else shape.color


def _transform(
    own: Optional[Transform], transform: Optional[Transform], tolerance: float
) -> Optional[Transform]:
    if own is None or transform is None:
        return transform
    if not _near_all(own.pivot, transform.pivot, tolerance):
        return transform
    if len(own.keys) == len(transform.keys) == 1:
        # The frame of an only key says nothing: the transform stands still.
        still = replace(transform.keys[0], frame=own.keys[0].frame)
        return own if _same_motion(own.keys[0], still, tolerance) else transform
    was = {key.frame: key for key in own.keys}
    keys = []
    for key in transform.keys:
        there = was.get(key.frame, key)
        keys.append(there if _same_motion(there, key, tolerance) else key)
    extra = {**own.extra, **transform.extra}
    return replace(transform, pivot=own.pivot, keys=keys, extra=extra)


def _same_motion(own: TransformKey, key: TransformKey, tolerance: float) -> bool:
    moved = _near_all((own.tx, own.ty), (key.tx, key.ty), tolerance)
    return moved and _near_all((own.rotate, own.scale), (key.rotate, key.scale), _SMALL)


def _near_all(one: Sequence[float], other: Sequence[float], tolerance: float) -> bool:
    return len(one) == len(other) and all(_near(a, b, tolerance) for a, b in zip(one, other))


def _near(one: float, other: float, tolerance: float) -> bool:
    """Equal to within ``tolerance``, or to 32-bit floats where those resolve less."""
    return abs(one - other) <= max(tolerance, _RELATIVE * max(abs(one), abs(other)))


def _shape_frames(own: Shape, shape: Shape) -> Set[int]:
    """Where a merged shape differs from the base's; another name is no difference."""
    before = {key.frame: key for key in own.keys}
    after = {key.frame: key for key in shape.keys}
    frames = {frame for frame in {*before, *after} if before.get(frame) != after.get(frame)}
    frames |= _opacity_frames(own.opacity, shape.opacity)
    keyed = isinstance(own.opacity, list) or isinstance(shape.opacity, list)
    opacity = own.opacity if keyed else shape.opacity
    if replace(shape, name=own.name, keys=own.keys, opacity=opacity) != own:
        frames |= _few(shape.keys)
    return frames


def _opacity_frames(own: Animated, opacity: Animated) -> Set[int]:
    before = {key.frame: key for key in own} if isinstance(own, list) else {}
    after = {key.frame: key for key in opacity} if isinstance(opacity, list) else {}
    return {frame for frame in {*before, *after} if before.get(frame) != after.get(frame)}


def _transform_frames(own: Optional[Transform], transform: Optional[Transform]) -> Set[int]:
    if own == transform:
        return set()
    before = {key.frame: key for key in own.keys} if own else {}
    after = {key.frame: key for key in transform.keys} if transform else {}
    differ = {frame for frame in {*before, *after} if before.get(frame) != after.get(frame)}
    return differ or {*before, *after}


def _few(keys: Sequence[Key]) -> Set[int]:
    """Frames that stand for a whole shape."""
    return {keys[0].frame, keys[len(keys) // 2].frame, keys[-1].frame} if keys else set()
