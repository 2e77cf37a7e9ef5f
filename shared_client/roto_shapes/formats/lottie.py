"""Lottie (Bodymovin JSON): one white shape layer for every layer, one group for every shape.

Lottie's space is ours: pixels, origin top-left, y down, tangents as offsets. Layers and groups are
listed topmost first, frames count from 0, and a layer's transform is ours word for word. What
subtract shapes cut is a layer (a composition where there are several) under their inverted track
matte: players disagree on masks that subtract, and know no merged paths.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..model import Animated, Document, Key, Layer, Shape, Transform, ValueKey
from .base import Format, LossyReport, Written, note_document_losses, shape_place
from .jsontext import Raw, encoded, rounded, rows_text
from .lowering import bezier_keys, gated_opacity

VERSION = "5.7.0"
_FAR = 1e5
_DECIMALS = 4
# Linear time: no ease. Never on the last key, where one player drops the shape for it.
_EASE = {"i": Raw('{"x":1,"y":1}'), "o": Raw('{"x":0,"y":0}')}
_INVERTED_ALPHA = 2
# lottie-web's canvas shows nothing where 14 compositions are nested, rlottie has them too dark.
_DEEPEST = 10


def write(document: Document) -> Written:
    """The document as Lottie JSON. Outlines are exact to 1/10000 pixel at keys and between."""
    report = LossyReport()
    note_document_losses(document, report, lacking=("groups", "colours"))
    if document.pixel_aspect != 1:
        report.add("document", "pixel aspect: Lottie's pixels are square, shown unstretched")
    first, last = document.frame_range
    compositions: List[Dict[str, Any]] = []
    layers: List[Dict[str, Any]] = []
    for layer in document.layers:
        layers = _stack(document, layer, compositions, report) + layers
    animation = {
        "v": VERSION,
        "fr": rounded(document.fps[0] / document.fps[1]),
        "ip": 0,
        "op": last - first + 1,
        "w": document.width,
        "h": document.height,
        "nm": "Megaton Roto",
        "ddd": 0,
        "assets": compositions,
        "layers": _numbered(layers),
    }
    return Written(encoded(animation) + "\n", report)


def _stack(
    document: Document, layer: Layer, compositions: List[Dict[str, Any]], report: LossyReport
) -> List[Dict[str, Any]]:
    """The layer as Lottie layers, topmost first; each cut is a matte on all that lies below it."""
    stack: List[Dict[str, Any]] = []
    depth = 0
    for mode, run in groupby(layer.shapes, key=lambda shape: shape.mode):
        shapes = list(run)
        if mode == "add":
            stack.insert(0, _shape_layer(document, layer, shapes, report))
        elif not stack:
            for shape in shapes:
                report.add(shape_place(layer, shape), "cuts nothing: left out")
        else:
            depth += 1
            if len(stack) > 1:
                stack = [_composed(document, layer, compositions, stack)]
            matte = {**_shape_layer(document, layer, shapes, report), "td": 1}
            stack = [matte, {**stack[0], "tt": _INVERTED_ALPHA}]
    if depth > _DEEPEST:
        what = (
            f"adds and cuts take turns {depth} times: some players show nothing beyond {_DEEPEST}"
        )
        report.add(layer.name, what)
    return stack


def _numbered(layers: Sequence[Dict[str, Any]]) -> List[Dict[str, Any]]:
    return [{**layer, "ind": i + 1} for i, layer in enumerate(layers)]


def _note_losses(layer: Layer, shape: Shape, report: LossyReport) -> None:
    place = shape_place(layer, shape)
    feather = shape.feather if isinstance(shape.feather, list) else [shape.feather]
    if any(feather):
        report.add(place, "feather: left out")
    if shape.motion_blur:
        report.add(place, "motion blur: left out")
    if not shape.closed:
        report.add(place, "open shape: filled between its ends")
    if shape.inverted:
        report.add(place, "inverted: even-odd, wrong where its outline overlaps itself")
    if shape.color is not None:
        report.add(place, "its colour: shapes are white, so that the result is a matte")


def _layer(document: Document, kind: int, name: str, transform: Dict[str, Any]) -> Dict[str, Any]:
    first, last = document.frame_range
    return {
        "ty": kind,
        "nm": name,
        "ddd": 0,
        "sr": 1,
        "ip": 0,
        "op": last - first + 1,
        "st": 0,
        "bm": 0,
        "ks": transform,
    }


def _composed(
    document: Document,
    layer: Layer,
    compositions: List[Dict[str, Any]],
    stack: Sequence[Dict[str, Any]],
) -> Dict[str, Any]:
    """The stack as one layer, its layers as a composition more."""
    name = f"stack {len(compositions) + 1}"
    compositions.append({"id": name, "nm": layer.name, "layers": _numbered(stack)})
    size = {"w": document.width, "h": document.height}
    return {**_layer(document, 0, layer.name, _transform(None, 0)), "refId": name, **size}


def _shape_layer(
    document: Document, layer: Layer, shapes: Sequence[Shape], report: LossyReport
) -> Dict[str, Any]:
    transform = _transform(layer.transform, document.frame_range[0])
    groups = [_group(document, layer, shape, report) for shape in reversed(shapes)]
    return {**_layer(document, 4, layer.name, transform), "shapes": groups}


def _group(document: Document, layer: Layer, shape: Shape, report: LossyReport) -> Dict[str, Any]:
    _note_losses(layer, shape, report)
    keys = bezier_keys(shape, report, shape_place(layer, shape))
    path = _path(keys, shape.closed, document.frame_range[0])
    paths: List[Dict[str, Any]] = [{"ty": "sh", "nm": "path", "ks": path}]
    if shape.inverted:
        paths.append({"ty": "sh", "nm": "everything", "ks": _everything()})
    fill = {
        "ty": "fl",
        "nm": "white",
        "c": _still([1, 1, 1, 1]),
        "o": _opacity(document, shape),
        # Even-odd only where the outside is wanted: all shapes fill by winding.
        "r": 2 if shape.inverted else 1,
    }
    return {"ty": "gr", "nm": shape.name, "it": [*paths, fill, _group_transform()]}


def _still(value: Any) -> Dict[str, Any]:
    return {"a": 0, "k": value}


def _keyed(frames: Sequence[int], values: Sequence[Any], held: Sequence[bool]) -> Dict[str, Any]:
    """Keys; one alone is a plain value, for a single key stops one player."""
    keys: List[Dict[str, Any]] = []
    for i, (frame, value) in enumerate(zip(frames, values)):
        key: Dict[str, Any] = {"t": frame, "s": value}
        if i + 1 < len(frames):
            key.update({"h": 1} if held[i] else _EASE)
        keys.append(key)
    return {"a": 1, "k": keys}


def _path(keys: Sequence[Key], closed: bool, first: int) -> Dict[str, Any]:
    values = [_bezier(key, closed) for key in keys]
    if len(keys) == 1:
        return _still(values[0])
    held = [key.interpolation == "hold" for key in keys]
    frames = [key.frame - first for key in keys]
    return _keyed(frames, [[value] for value in values], held)


def _bezier(key: Key, closed: bool) -> Dict[str, Any]:
    return {
        "c": closed,
        "v": rows_text([(p.x, p.y) for p in key.points], _DECIMALS),
        "i": rows_text([(p.in_dx, p.in_dy) for p in key.points], _DECIMALS),
        "o": rows_text([(p.out_dx, p.out_dy) for p in key.points], _DECIMALS),
    }


def _everything() -> Dict[str, Any]:
    corners = [(-_FAR, -_FAR), (_FAR, -_FAR), (_FAR, _FAR), (-_FAR, _FAR)]
    zero = [(0.0, 0.0)] * 4
    flat: Raw = rows_text(zero, 1)
    return _still({"c": True, "v": rows_text(corners, 1), "i": flat, "o": flat})


def _opacity(document: Document, shape: Shape) -> Dict[str, Any]:
    opacity: Animated = gated_opacity(shape, document.frame_range)
    if not isinstance(opacity, list):
        return _still(rounded(100 * opacity))
    keys: List[ValueKey] = opacity
    if len(keys) == 1:
        return _still(rounded(100 * keys[0].value))
    frames = [key.frame - document.frame_range[0] for key in keys]
    held = [key.interpolation == "hold" for key in keys]
    return _keyed(frames, [[rounded(100 * key.value)] for key in keys], held)


def _transform(transform: Optional[Transform], first: int) -> Dict[str, Any]:
    if transform is None:
        return _pose([0, 0], _still([0, 0, 0]), _still(0), _still([100, 100, 100]))
    x, y = transform.pivot
    keys = transform.keys
    places = [[rounded(x + key.tx), rounded(y + key.ty), 0] for key in keys]
    turns = [[rounded(key.rotate)] for key in keys]
    scales = [[rounded(100 * key.scale), rounded(100 * key.scale), 100] for key in keys]
    pivot = [rounded(x), rounded(y)]
    if len(keys) == 1:
        return _pose(pivot, _still(places[0]), _still(turns[0][0]), _still(scales[0]))
    frames, held = [key.frame - first for key in keys], [False] * len(keys)
    return _pose(
        pivot,
        _keyed(frames, places, held),
        _keyed(frames, turns, held),
        _keyed(frames, scales, held),
    )


def _pose(
    pivot: Sequence[float], place: Dict[str, Any], turn: Dict[str, Any], scale: Dict[str, Any]
) -> Dict[str, Any]:
    anchor = _still([*pivot, 0])
    return {"o": _still(100), "r": turn, "p": place, "a": anchor, "s": scale}


def _group_transform() -> Dict[str, Any]:
    rest: Tuple[Dict[str, Any], ...] = (_still([0, 0]), _still([0, 0]), _still([100, 100]))
    return {
        "ty": "tr",
        "nm": "transform",
        "p": rest[0],
        "a": rest[1],
        "s": rest[2],
        "r": _still(0),
        "o": _still(100),
        "sk": _still(0),
        "sa": _still(0),
    }


FORMAT = Format("lottie", "lottie.json", "Lottie animation (white matte)", write)
