"""SVG: the matte of one frame, or of all of them as SMIL animation (a second is a second).

SVG's space is ours: pixels, origin top-left, y down. Shapes are white; what a subtract shape cuts
is a mask on the shapes below it in its layer.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import replace
from typing import Callable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union
from xml.sax.saxutils import escape

from ..evaluate import (
    interpolated_points,
    is_visible,
    opacity_at,
    outline_at,
    transform_at,
)
from ..model import Animated, ControlPoint, Document, Key, Layer, Shape, TransformKey, ValueKey
from .base import Format, LossyReport, Written, note_document_losses, shape_place
from .lowering import bezier_keys, gated_opacity
from .silhouette_lower import UNSAFE

_FAR = 100000


class _Clock(NamedTuple):
    """Frames into the 0..1 of SMIL's key times."""

    first: int
    last: int
    seconds: float

    def share(self, frame: float) -> str:
        # Rounded down, so that on its frame a switch has happened.
        exact = (frame - self.first) / (self.last - self.first)
        return f"{math.floor(exact * 1e9) / 1e9:.9f}"

    @property
    def hair(self) -> float:
        """In frames: browsers cut seconds to 1e-6, and a switch must have happened by then."""
        return 2e-6 * (self.last - self.first) / self.seconds


def write(document: Document, frame: Optional[int] = None) -> Written:
    """The document as SVG: animated over its frame range, or as it is on ``frame``.

    Coordinates are exact to 1/1000 pixel, key times to 1e-9 of the range.
    """
    report = LossyReport()
    note_document_losses(document, report, lacking=("groups", "colours"))
    if document.pixel_aspect != 1:
        report.add("document", "pixel aspect: SVG's pixels are square, shown unstretched")
    first, last = document.frame_range
    if frame is None and first == last:
        frame = first
    clock = _Clock(first, last, (last - first) * document.fps[1] / document.fps[0])
    body = [
        line
        for i, layer in enumerate(document.layers)
        for line in _layer(document, layer, f"l{i}", None if frame is not None else clock, frame)
    ]
    for layer in document.layers:
        for shape in layer.shapes:
            _note_losses(layer, shape, report)
    w, h = document.width, document.height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
    )
    return Written("\n".join([head, *body, "</svg>", ""]), report)


def _note_losses(layer: Layer, shape: Shape, report: LossyReport) -> None:
    place = shape_place(layer, shape)
    feather = shape.feather if isinstance(shape.feather, list) else [shape.feather]
    if any(feather):
        report.add(place, "feather: left out")
    if shape.motion_blur:
        report.add(place, "motion blur: left out")
    if not shape.closed:
        report.add(place, "open shape: filled between its ends")


def _layer(
    document: Document, layer: Layer, key: str, clock: Optional[_Clock], frame: Optional[int]
) -> Iterator[str]:
    """Masks are nested groups: each cuts the shapes before it, so the last cut is outermost."""
    yield f'<g id="{key}" data-name="{_name(layer.name)}">'
    opened = _opening(layer, clock)
    yield from opened
    cuts = [(i, shape) for i, shape in enumerate(layer.shapes) if shape.mode == "subtract"]
    for i, shape in reversed(cuts):
        yield from _mask(document, layer, shape, f"{key}m{i}", clock, frame)
        yield f'<g mask="url(#{key}m{i})">'
    for shape in layer.shapes:
        if shape.mode == "subtract":
            yield "</g>"
        else:
            yield from _path(document, layer, shape, "white", clock, frame)
    yield "</g>" * (len([line for line in opened if line.startswith("<g")]) + 1)


def _mask(
    document: Document,
    layer: Layer,
    shape: Shape,
    key: str,
    clock: Optional[_Clock],
    frame: Optional[int],
) -> Iterator[str]:
    box = f'x="{-_FAR}" y="{-_FAR}" width="{2 * _FAR}" height="{2 * _FAR}"'
    yield f'<mask id="{key}" maskUnits="userSpaceOnUse" {box}><rect {box} fill="white"/>'
    yield from _path(document, layer, shape, "black", clock, frame)
    yield "</mask>"


def _name(text: str) -> str:
    return escape(UNSAFE.sub("_", text), {'"': "&quot;"})


# --- one frame, or keys


def _path(
    document: Document,
    layer: Layer,
    shape: Shape,
    fill: str,
    clock: Optional[_Clock],
    frame: Optional[int],
) -> Iterator[str]:
    head = f'<path data-name="{_name(shape.name)}" fill="{fill}"'
    if shape.inverted:
        head += ' fill-rule="evenodd"'
    if clock is None:
        at = document.frame_range[0] if frame is None else frame
        points = outline_at(layer, shape, at)
        if points is None or not is_visible(shape, at):
            return
        yield f'{head} fill-opacity="{opacity_at(shape, at):.6g}" d="{_d(shape, points)}"/>'
        return
    keys = bezier_keys(shape, LossyReport(), "")
    opacity = gated_opacity(shape, document.frame_range)
    yield (
        f'{head} fill-opacity="{_opacity_at(opacity, clock.first):.6g}"'
        f' d="{_d(shape, interpolated_points(keys, clock.first))}">'
    )
    if len(keys) > 1:
        paths = _steps(keys, clock, lambda at: _d(shape, interpolated_points(keys, at)))
        yield _animate("animate", "d", paths, clock)
    if isinstance(opacity, list) and len(opacity) > 1:
        values = _steps(opacity, clock, lambda at: f"{_opacity_at(opacity, at):.6g}")
        yield _animate("animate", "fill-opacity", values, clock)
    yield "</path>"


def _d(shape: Shape, points: Sequence[ControlPoint]) -> str:
    """Always cubic segments, so that every key has the same commands."""
    pairs: List[float] = [points[0].x, points[0].y]
    ends = [*points[1:], points[0]] if shape.closed else points[1:]
    for a, b in zip(points, ends):
        pairs += (a.x + a.out_dx, a.y + a.out_dy, b.x + b.in_dx, b.y + b.in_dy, b.x, b.y)
    template = "M%.3f %.3f" + "C%.3f %.3f %.3f %.3f %.3f %.3f" * len(ends)
    text = template % tuple(pairs)
    if shape.closed:
        text += "Z"
    if shape.inverted:
        text += f"M{-_FAR} {-_FAR}H{_FAR}V{_FAR}H{-_FAR}Z"
    return text


Step = Tuple[float, str]


def _animate(tag: str, name: str, steps: Sequence[Step], clock: _Clock, more: str = "") -> str:
    times = ";".join(clock.share(frame) for frame, _ in steps)
    values = ";".join(value for _, value in steps)
    return (
        f'<{tag} attributeName="{name}"{more} dur="{clock.seconds:.9g}s" fill="freeze"'
        f' calcMode="linear" keyTimes="{times}" values="{values}"/>'
    )


def _inside(frames: Sequence[int], clock: _Clock) -> List[int]:
    """The frames to key: those within the range, and both its ends."""
    return sorted({clock.first, clock.last, *(f for f in frames if clock.first < f < clock.last)})


def _steps(
    keys: Union[Sequence[Key], Sequence[ValueKey]], clock: _Clock, text: Callable[[int], str]
) -> List[Step]:
    """A hold ends with two values at one time."""
    frames = [key.frame for key in keys]
    steps: List[Step] = []
    for frame in _inside(frames, clock):
        i = bisect_left(frames, frame)
        if steps and 0 < i < len(keys) and keys[i - 1].interpolation == "hold":
            steps += [(frame - clock.hair, steps[-1][1]), (frame - clock.hair, text(frame))]
        steps.append((frame, text(frame)))
    return steps


def _opacity_at(opacity: Animated, frame: float) -> float:
    return opacity_at(replace(_PROBE, opacity=opacity), frame)


_PROBE = Shape("", "")


# --- transform


def _opening(layer: Layer, clock: Optional[_Clock]) -> List[str]:
    """Nested groups: move, turn, scale about the pivot; each animated by itself, as ours is."""
    if layer.transform is None or clock is None:
        return []
    x, y = layer.transform.pivot
    frames = _inside([key.frame for key in layer.transform.keys], clock)
    poses = [transform_at(layer.transform, frame) for frame in frames]
    moving = len(layer.transform.keys) > 1

    def group(kind: str, text: str, steps: Sequence[str]) -> List[str]:
        lines = [f'<g transform="{kind}({text})">']
        if moving:
            values = list(zip(frames, steps))
            lines.append(
                _animate("animateTransform", "transform", values, clock, f' type="{kind}"')
            )
        return lines

    moves = [_move(pose, x, y) for pose in poses]
    turns = [f"{pose.rotate:.9g}" for pose in poses]
    scales = [f"{pose.scale:.9g}" for pose in poses]
    return [
        *group("translate", moves[0], moves),
        *group("rotate", turns[0], turns),
        *group("scale", scales[0], scales),
        f'<g transform="translate({-x:.6f} {-y:.6f})">',
    ]


def _move(pose: TransformKey, x: float, y: float) -> str:
    return f"{x + pose.tx:.6f} {y + pose.ty:.6f}"


FORMAT = Format("svg", "svg", "SVG (animated matte)", write)
