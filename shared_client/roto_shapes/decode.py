"""JSON values into the classes of :mod:`roto_shapes.model`, naming the place of every fault."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple, TypeVar, Union

from .errors import DocumentError
from .model import (
    Animated,
    Color,
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
)

T = TypeVar("T")
_REQUIRED: Any = object()


def fault(where: str, problem: str) -> DocumentError:
    """The error for a broken rule at ``where``, a path such as ``layers[0].shapes[2].keys[1]``."""
    return DocumentError(f"{where}: {problem}", detail={"where": where})


class _Fields:
    """The fields of one JSON object: known ones are taken, the rest is ``extra``."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise fault(where or "document", "is not an object")
        self._left: Dict[str, Any] = dict(value)
        self._where = where

    def take(self, name: str, read: Callable[[Any, str], T], default: Any = _REQUIRED) -> T:
        where = f"{self._where}.{name}" if self._where else name
        if name not in self._left:
            if default is _REQUIRED:
                raise fault(where, "is missing")
            return default  # type: ignore[no-any-return]
        return read(self._left.pop(name), where)

    def rest(self) -> Dict[str, Any]:
        return self._left


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise fault(where, "is not text")
    return value


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise fault(where, "is neither true nor false")
    return value


def _integer(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise fault(where, "is not a whole number")
    return value


def _number(value: Any, where: str) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise fault(where, "is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise fault(where, "is too large a number") from error


def _object(value: Any, where: str) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise fault(where, "is not an object")
    return value


def _optional(read: Callable[[Any, str], T]) -> Callable[[Any, str], Optional[T]]:
    return lambda value, where: None if value is None else read(value, where)


def _list_of(read: Callable[[Any, str], T]) -> Callable[[Any, str], List[T]]:
    def read_list(value: Any, where: str) -> List[T]:
        if not isinstance(value, list):
            raise fault(where, "is not a list")
        return [read(item, f"{where}[{i}]") for i, item in enumerate(value)]

    return read_list


def _tuple_of(read: Callable[[Any, str], T], count: int) -> Callable[[Any, str], Tuple[T, ...]]:
    read_items = _list_of(read)

    def read_tuple(value: Any, where: str) -> Tuple[T, ...]:
        items = read_items(value, where)
        if len(items) != count:
            raise fault(where, f"has {len(items)} entries instead of {count}")
        return tuple(items)

    return read_tuple


def _integer_pair(value: Any, where: str) -> Tuple[int, int]:
    first, second = _tuple_of(_integer, 2)(value, where)
    return first, second


def _number_pair(value: Any, where: str) -> Tuple[float, float]:
    first, second = _tuple_of(_number, 2)(value, where)
    return first, second


def _color(value: Any, where: str) -> Color:
    red, green, blue = _tuple_of(_number, 3)(value, where)
    return red, green, blue


def _point(value: Any, where: str) -> ControlPoint:
    if not isinstance(value, list) or len(value) not in (6, 7):
        raise fault(where, "is not [x, y, in_dx, in_dy, out_dx, out_dy, corner]")
    x, y, in_dx, in_dy, out_dx, out_dy = [_number(item, where) for item in value[:6]]
    corner = value[6] if len(value) == 7 else False
    if corner not in (0, 1):
        raise fault(where, "has a corner mark that is neither true nor false")
    return ControlPoint(x, y, in_dx, in_dy, out_dx, out_dy, bool(corner))


def _points(value: Any, where: str) -> Tuple[ControlPoint, ...]:
    return tuple(_list_of(_point)(value, where))


def _key(value: Any, where: str) -> Key:
    fields = _Fields(value, where)
    return Key(
        frame=fields.take("frame", _integer),
        points=fields.take("points", _points),
        origin=fields.take("origin", _text, "solved"),
        locked=fields.take("locked", _flag, False),
        interpolation=fields.take("interpolation", _text, "linear"),
        host=fields.take("host", _optional(_object), None),
        extra=fields.rest(),
    )


def _value_key(value: Any, where: str) -> ValueKey:
    fields = _Fields(value, where)
    return ValueKey(
        frame=fields.take("frame", _integer),
        value=fields.take("value", _number),
        interpolation=fields.take("interpolation", _text, "linear"),
        extra=fields.rest(),
    )


def _animated(value: Any, where: str) -> Animated:
    if isinstance(value, list):
        return _list_of(_value_key)(value, where)
    return _number(value, where)


def _number_or_list(value: Any, where: str) -> Union[float, List[float]]:
    if isinstance(value, list):
        return _list_of(_number)(value, where)
    return _number(value, where)


def _shape(value: Any, where: str) -> Shape:
    fields = _Fields(value, where)
    return Shape(
        id=fields.take("id", _text),
        name=fields.take("name", _text),
        kind=fields.take("kind", _text, "bezier"),
        closed=fields.take("closed", _flag, True),
        mode=fields.take("mode", _text, "add"),
        inverted=fields.take("inverted", _flag, False),
        visible=fields.take("visible", _list_of(_integer_pair), []),
        opacity=fields.take("opacity", _animated, 1.0),
        feather=fields.take("feather", _number_or_list, 0.0),
        motion_blur=fields.take("motion_blur", _flag, False),
        color=fields.take("color", _optional(_color), None),
        keys=fields.take("keys", _list_of(_key)),
        host=fields.take("host", _optional(_object), None),
        extra=fields.rest(),
    )


def _transform_key(value: Any, where: str) -> TransformKey:
    fields = _Fields(value, where)
    return TransformKey(
        frame=fields.take("frame", _integer),
        tx=fields.take("tx", _number, 0.0),
        ty=fields.take("ty", _number, 0.0),
        rotate=fields.take("rotate", _number, 0.0),
        scale=fields.take("scale", _number, 1.0),
        extra=fields.rest(),
    )


def _transform(value: Any, where: str) -> Transform:
    fields = _Fields(value, where)
    return Transform(
        pivot=fields.take("pivot", _number_pair),
        keys=fields.take("keys", _list_of(_transform_key)),
        extra=fields.rest(),
    )


def _layer(value: Any, where: str) -> Layer:
    fields = _Fields(value, where)
    return Layer(
        id=fields.take("id", _text),
        name=fields.take("name", _text),
        group=fields.take("group", _list_of(_text), []),
        color=fields.take("color", _color, (1.0, 1.0, 1.0)),
        transform=fields.take("transform", _optional(_transform), None),
        key_only_at=fields.take("key_only_at", _optional(_list_of(_integer)), None),
        shapes=fields.take("shapes", _list_of(_shape), []),
        extra=fields.rest(),
    )


def _confidence(value: Any, where: str) -> Dict[str, Dict[int, float]]:
    return {
        layer_id: _confidence_of_layer(frames, f"{where}.{layer_id}")
        for layer_id, frames in _object(value, where).items()
    }


def _confidence_of_layer(value: Any, where: str) -> Dict[int, float]:
    frames: Dict[int, float] = {}
    for frame, confidence in _object(value, where).items():
        try:
            number = int(frame)
        except ValueError as error:
            raise fault(f"{where}.{frame}", "is not named by a frame number") from error
        frames[number] = _number(confidence, f"{where}.{frame}")
    return frames


def layer_from_json(value: Any, where: str = "layer") -> Layer:
    """The layer that one entry of a document's ``layers`` describes; see `document_from_json`."""
    return _layer(value, where)


def document_from_json(value: Any) -> Document:
    """The document that a parsed ``roto/1`` JSON object describes.

    Checks types and presence only; :func:`roto_shapes.validate.validate` checks the rules. Raises
    DocumentError with the place (``detail["where"]``).
    """
    fields = _Fields(value, "")
    fields.take("schema", _text)
    return Document(
        width=fields.take("width", _integer),
        height=fields.take("height", _integer),
        pixel_aspect=fields.take("pixel_aspect", _number, 1.0),
        fps=fields.take("fps", _integer_pair, (24, 1)),
        frame_range=fields.take("frame_range", _integer_pair),
        layers=fields.take("layers", _list_of(_layer)),
        prompts=fields.take("prompts", _list_of(_object), []),
        confidence=fields.take("confidence", _confidence, {}),
        provenance=fields.take("provenance", _object, {}),
        extra=fields.rest(),
    )
