"""The classes of :mod:`roto_shapes.model` into JSON values."""

from __future__ import annotations

from typing import Any, Dict, List, Union

from .model import SCHEMA, Animated, Document, Key, Layer, Shape, Transform, TransformKey, ValueKey


def _key(key: Key) -> Dict[str, Any]:
    known: Dict[str, Any] = {
        "frame": key.frame,
        "origin": key.origin,
        "locked": key.locked,
        "interpolation": key.interpolation,
        "points": [list(point) for point in key.points],
    }
    if key.host is not None:
        known["host"] = key.host
    return {**known, **key.extra}


def _value_key(key: ValueKey) -> Dict[str, Any]:
    known = {"frame": key.frame, "value": key.value, "interpolation": key.interpolation}
    return {**known, **key.extra}


def _animated(value: Animated) -> Union[float, List[Dict[str, Any]]]:
    if isinstance(value, list):
        return [_value_key(key) for key in value]
    return value


def _shape(shape: Shape) -> Dict[str, Any]:
    known: Dict[str, Any] = {
        "id": shape.id,
        "name": shape.name,
        "kind": shape.kind,
        "closed": shape.closed,
        "mode": shape.mode,
        "inverted": shape.inverted,
        "visible": [list(span) for span in shape.visible],
        "opacity": _animated(shape.opacity),
        "feather": shape.feather,
        "motion_blur": shape.motion_blur,
        "color": None if shape.color is None else list(shape.color),
        "keys": [_key(key) for key in shape.keys],
    }
    if shape.host is not None:
        known["host"] = shape.host
    return {**known, **shape.extra}


def _transform_key(key: TransformKey) -> Dict[str, Any]:
    known = {
        "frame": key.frame,
        "tx": key.tx,
        "ty": key.ty,
        "rotate": key.rotate,
        "scale": key.scale,
    }
    return {**known, **key.extra}


def _transform(transform: Transform) -> Dict[str, Any]:
    keys = [_transform_key(key) for key in transform.keys]
    return {"pivot": list(transform.pivot), "keys": keys, **transform.extra}


def layer_to_json(layer: Layer) -> Dict[str, Any]:
    """The JSON object of one layer, as it stands in a document's ``layers``."""
    known = {
        "id": layer.id,
        "name": layer.name,
        "group": layer.group,
        "color": list(layer.color),
        "transform": None if layer.transform is None else _transform(layer.transform),
        "key_only_at": layer.key_only_at,
        "shapes": [_shape(shape) for shape in layer.shapes],
    }
    return {**known, **layer.extra}


def document_to_json(document: Document) -> Dict[str, Any]:
    """The JSON object of a document, ready for ``json.dumps``."""
    known = {
        "schema": SCHEMA,
        "width": document.width,
        "height": document.height,
        "pixel_aspect": document.pixel_aspect,
        "fps": list(document.fps),
        "frame_range": list(document.frame_range),
        "layers": [layer_to_json(layer) for layer in document.layers],
        "prompts": document.prompts,
        "confidence": {
            layer_id: {str(frame): value for frame, value in sorted(frames.items())}
            for layer_id, frames in document.confidence.items()
        },
        "provenance": document.provenance,
    }
    return {**known, **document.extra}
