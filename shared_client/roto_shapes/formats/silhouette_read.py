"""A Silhouette shape file as a document."""

from __future__ import annotations

from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple
from xml.etree import ElementTree

from ..errors import DocumentError
from ..geometry import Vector
from ..model import Animated, Color, ControlPoint, Document, Key, Layer, Shape, Transform, ValueKey
from .base import LossyReport, Read
from .plane import apply
from .reading import WHITE, moved, numbered, place_still_transform, ungated, with_corners
from .sampling import linear_frames
from .silhouette_lower import Space, bezier_point, collapsed
from .silhouette_track import Motion, Track, TrackKey, combined, key_frame, numbers, track

_KINDS = {"Bezier": 6, "Bspline": 2}
_PINS = ("transform.pin_ul", "transform.pin_ur", "transform.pin_lr", "transform.pin_ll")
_CORNERS = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class _File(NamedTuple):
    space: Space
    first_frame: int
    """The plate frame of key 0."""
    frame_range: Tuple[int, int]
    tolerance: float
    report: LossyReport


def read(
    text: str,
    key_offset: int = 0,
    pixel_aspect: Optional[float] = None,
    tolerance: float = 0.05,
) -> Read:
    """The shapes of a ``.fxs``.

    ``key_offset`` is what its key frames count from (see the writer); ``pixel_aspect`` replaces the
    file's. Catmull-Rom keys and transforms a document cannot hold become linear keys that follow
    within ``tolerance`` pixels on every frame. Raises DocumentError for a text that is not a .fxs.
    """
    root = _root(text)
    width, height = _whole(root, "width"), _whole(root, "height")
    if width < 1 or height < 1:
        raise DocumentError("silhouette: the file gives no size")
    start = _whole(root, "sessionStartFrame")
    first, last = _whole(root, "workRangeStart"), _whole(root, "workRangeEnd")
    if first == 0 and start > 0:
        first, last = first + start, last + start
    given = numbers(root.get("pixelAspect", "1")) or (1.0,)
    space = Space(width, height, pixel_aspect or given[0])
    report = LossyReport()
    span = (first, max(first, last))
    file = _File(space, start - key_offset, span, tolerance, report)
    layers = numbered(list(_layers(file, list(root), "Shapes", [], [])))
    for layer in layers:
        place_still_transform(layer, span[0])
    return Read(Document(width, height, space.pixel_aspect, (24, 1), span, layers), report)


def _root(text: str) -> ElementTree.Element:
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DocumentError("silhouette: the file defines entities, which no shape file does")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 (entities are refused above)
    except (ElementTree.ParseError, ValueError) as error:
        raise DocumentError(f"silhouette: the file is not XML ({error})") from error
    if root.tag != "Silhouette":
        raise DocumentError(f"silhouette: the file holds <{root.tag}>, not <Silhouette>")
    return root


def _whole(element: ElementTree.Element, name: str) -> int:
    values = numbers(element.get(name, "0")) or (0.0,)
    return int(values[0])


def _properties(element: ElementTree.Element) -> Dict[str, ElementTree.Element]:
    group = element.find("Properties")
    return {} if group is None else {prop.get("id", ""): prop for prop in group}


def _layers(
    file: _File,
    items: Sequence[ElementTree.Element],
    name: str,
    path: List[str],
    motions: List[Motion],
    color: Color = WHITE,
) -> Iterator[Layer]:
    """The items of a layer (or of the file), split at inner layers so that none changes rank."""
    run: List[ElementTree.Element] = []
    inside = [*path, name] if motions else path
    for item in items:
        if item.get("type") != "Layer":
            run.append(item)
            continue
        if run:
            yield _layer(file, run, name, path, motions, color)
            run = []
        yield from _nested(file, item, inside, motions)
    if run or (motions and not items):
        yield _layer(file, run, name, path, motions, color)


def _nested(
    file: _File, item: ElementTree.Element, path: List[str], motions: List[Motion]
) -> Iterator[Layer]:
    properties = _properties(item)
    name = item.get("label", "")
    if len(path) > 200:
        raise DocumentError("silhouette: layers are nested too deeply")
    _note_pins(properties, name, file.report)
    motion = Motion(properties, file.first_frame, file.space)
    children = list(properties.get("objects", ()))
    color = _color(properties.get("color")) or WHITE
    yield from _layers(file, children, name, path, [*motions, motion], color)


def _note_pins(properties: Dict[str, ElementTree.Element], name: str, report: LossyReport) -> None:
    for pin, corner in zip(_PINS, _CORNERS):
        if pin in properties:
            found = track(properties[pin], 0, corner)
            if not found.still or found.at(0)[:2] != corner:
                report.add(name, "corner pin: not read")


def _layer(
    file: _File,
    run: Sequence[ElementTree.Element],
    name: str,
    path: List[str],
    motions: List[Motion],
    color: Color,
) -> Layer:
    moving = [motion for motion in motions if not motion.still]
    transform: Optional[Transform] = None
    if len(moving) == 1:
        transform = moving[0].as_transform(file.tolerance, lambda what: file.report.add(name, what))
    if moving and transform is None:
        file.report.add(name, "its transform is more than a document's: baked into the shapes")
    baked = moving if transform is None else []
    shapes = [shape for item in run for shape in _shape(file, item, name, color, baked)]
    return Layer("", name, list(path), color, transform, None, shapes)


def _shape(
    file: _File,
    item: ElementTree.Element,
    layer_name: str,
    layer_color: Color,
    motions: Sequence[Motion],
) -> Iterator[Shape]:
    properties = _properties(item)
    name = item.get("label", "")
    place = f"{layer_name} / {name}"
    kind = item.get("shape_type", "")
    path = properties.get("path")
    if kind not in _KINDS or path is None:
        file.report.add(place, f"shape of type {kind or 'unknown'}: skipped")
        return
    rows, closed = _keys(file, path, kind, place)
    keys = _placed(file, rows, kind, place, motions)
    mode = properties["mode"].findtext("Value") if "mode" in properties else "Add"
    if mode not in ("Add", "Subtract"):
        file.report.add(place, f"mode {mode}: read as Add")
    opacity, visible = ungated(_opacity(file, properties.get("opacity"), place), file.frame_range)
    if item.get("hidden") == "True":
        file.report.add(place, "hidden: kept with opacity 0")
        opacity = 0.0
    color = _color(properties.get("outlineColor"))
    yield Shape(
        "",
        name,
        "bezier" if kind == "Bezier" else "bspline",
        closed,
        "subtract" if mode == "Subtract" else "add",
        _flag(properties.get("invert")),
        visible,
        opacity,
        _feather(file, properties, place),
        _flag(properties.get("motionBlur")),
        None if color == layer_color else color,
        with_corners(keys) if kind == "Bezier" else collapsed(keys, closed),
    )


def _flag(prop: Optional[ElementTree.Element]) -> bool:
    return prop is not None and (prop.findtext("Value") or "").strip().lower() == "true"


def _color(prop: Optional[ElementTree.Element]) -> Optional[Color]:
    values = numbers(prop.findtext("Value") or "") if prop is not None else ()
    if len(values) < 3:
        return None
    red, green, blue = (min(1.0, max(0.0, value)) for value in values[:3])
    return red, green, blue


def _feather(file: _File, properties: Dict[str, ElementTree.Element], place: str) -> float:
    found = track(properties.get("feather"), file.first_frame, (0.0,))
    if not found.still:
        file.report.add(place, "animated feather: its value on the first key")
    for name in ("blur", "adjust"):
        other = track(properties.get(name), file.first_frame, (0.0,))
        if not other.still or other.at(0)[0] != 0:
            file.report.add(place, f"{name}: not read")
    return found.keys[0].values[0]


def _opacity(file: _File, prop: Optional[ElementTree.Element], place: str) -> Animated:
    found = track(prop, file.first_frame, (100.0,))
    if len(found.keys) == 1 and (prop is None or prop.find("Key") is None):
        return _unit(found.keys[0].values[0])
    if any(key.interpolation not in ("linear", "hold") for key in found.keys[:-1]):
        file.report.add(place, "eased opacity: linear keys follow it")
        frames = linear_frames(found.at, found.frames, 0.1)
        return [ValueKey(frame, _unit(found.at(frame)[0])) for frame in frames]
    return [
        ValueKey(
            key.frame, _unit(key.values[0]), "hold" if key.interpolation == "hold" else "linear"
        )
        for key in found.keys
    ]


def _unit(percent: float) -> float:
    return min(1.0, max(0.0, percent / 100))


def _keys(file: _File, prop: ElementTree.Element, kind: str, place: str) -> Tuple[Track, bool]:
    """The points of every key as one row of numbers, in Silhouette's units."""
    keys: List[TrackKey] = []
    closed = True
    for key in prop.findall("Key"):
        path = key.find("Path")
        if path is None or len(path) < 2:
            raise DocumentError(f"silhouette: {place}: a key without a path")
        closed = path.get("closed", "True") == "True"
        rows = [numbers(point.text or "") for point in path]
        if any(len(row) != _KINDS[kind] for row in rows):
            raise DocumentError(f"silhouette: {place}: a point is not of {kind}'s form")
        values = tuple(value for row in rows for value in row)
        frame = key_frame(key, file.first_frame)
        keys.append(TrackKey(frame, key.get("interp", "linear"), values))
    keys.sort()
    if not keys or len({key.frame for key in keys}) != len(keys):
        raise DocumentError(f"silhouette: {place}: its path has no keys, or two on one frame")
    if len({len(key.values) for key in keys}) != 1:
        raise DocumentError(f"silhouette: {place}: the number of points differs between keys")
    return Track(keys), closed


def _placed(
    file: _File, path: Track, kind: str, place: str, motions: Sequence[Motion]
) -> List[Key]:
    """The keys in plate pixels: as they are if linear or held, else sampled."""
    known = all(key.interpolation in ("linear", "hold") for key in path.keys[:-1])
    if known and not motions:
        return [
            Key(key.frame, _points(key.values, kind, file.space), interpolation=_linear(key))
            for key in path.keys
        ]
    if not known:
        file.report.add(place, "Catmull-Rom keys: linear keys follow them")
    cache: Dict[int, Tuple[ControlPoint, ...]] = {}

    def sample(frame: int) -> Tuple[ControlPoint, ...]:
        if frame not in cache:
            points = _points(path.at(frame), kind, file.space)
            cache[frame] = _through(points, motions, frame, file.space)
        return cache[frame]

    forced = sorted({*path.frames, *(frame for motion in motions for frame in motion.frames)})
    frames = linear_frames(
        lambda frame: [v for p in sample(frame) for v in p[:6]], forced, file.tolerance
    )
    return [Key(frame, sample(frame)) for frame in frames]


def _linear(key: TrackKey) -> str:
    return "hold" if key.interpolation == "hold" else "linear"


def _through(
    points: Tuple[ControlPoint, ...], motions: Sequence[Motion], frame: int, space: Space
) -> Tuple[ControlPoint, ...]:
    if not motions:
        return points
    matrix = combined(motions, frame)

    def place(point: Vector) -> Vector:
        return space.pixel(apply(matrix, (space.x(point[0]), space.y(point[1]))))

    return tuple(moved(points, place))


def _points(values: Sequence[float], kind: str, space: Space) -> Tuple[ControlPoint, ...]:
    pairs = [space.pixel((x, y)) for x, y in zip(values[::2], values[1::2])]
    if kind == "Bspline":
        return tuple(ControlPoint(x, y) for x, y in pairs)
    return tuple(bezier_point(pairs[i : i + 3]) for i in range(0, len(pairs), 3))
