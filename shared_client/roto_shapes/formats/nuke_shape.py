"""One decoded Nuke shape as a shape of the document."""

from __future__ import annotations

import math
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple, Union

from ..geometry import outward_normals
from ..model import Animated, Color, ControlPoint, Key, Shape, ValueKey
from .base import LossyReport
from .nuke_decode import Curve, RawShape, fixed
from .nuke_transform import Motion
from .plane import Matrix, apply, product
from .reading import flattened, moved, with_corners
from .sampling import MOST_SAMPLES, linear_frames, whole_frames

Span = Tuple[int, int]
_ALWAYS = 0
_IGNORED = {"bm": "blending mode", "ff": "feather falloff", "pt": "planar track", "te": "tension"}


class ShapeReader(NamedTuple):
    """``span`` is the script's frame range, None where the script does not say."""

    height: int
    tolerance: float
    span: Optional[Span]
    report: LossyReport

    def shape(self, raw: RawShape, layer_name: str, outer: Sequence[Motion]) -> Shape:
        """``outer`` are the transforms to bake in, outermost first, the shape's own not among."""
        note = self._noting(f"{layer_name} / {raw.name}")
        own = Motion(raw.slots)
        own.note(note)
        motions = [*outer, own] if not own.still else list(outer)
        if not own.still:
            note("the shape's own transform: baked into its points")
        rows = self._keys(raw, motions, note)
        keys = [Key(frame, points) for frame, points in rows]
        kind = "bspline" if raw.bspline else "bezier"
        self._note_attributes(raw, note)
        return Shape(
            "",
            raw.name,
            kind,
            raw.closed,
            "subtract" if self._is_hole(raw) else "add",
            self._value(raw, "inv", 0) != 0,
            self._visible(raw, keys),
            self._opacity(raw, note),
            self._feather(raw, keys[0], note),
            self._value(raw, "mbo", 0) != 0,
            self._color(raw),
            keys if raw.bspline else with_corners(keys),
        )

    def _noting(self, place: str) -> Callable[[str], None]:
        return lambda what: self.report.add(place, what)

    # --- points

    def _keys(
        self, raw: RawShape, motions: Sequence[Motion], note: Callable[[str], None]
    ) -> List[Tuple[int, Tuple[ControlPoint, ...]]]:
        times: Set[float] = set(raw.key_times)
        for motion in motions:
            times |= motion.times
        forced = whole_frames(times) or [self._still_frame(raw)]
        if len(forced) != len(times or forced):
            note("keys between frames: moved to the frames around them")
        sample = self._sampler(raw, motions)
        frames = linear_frames(_rows(sample), forced, self.tolerance)
        if len(frames) > len(forced):
            more = len(frames) - len(forced)
            note(f"eased keys: {more} linear keys more follow within {self.tolerance:g} px")
        return [(frame, sample(frame)) for frame in frames]

    def _still_frame(self, raw: RawShape) -> int:
        if raw.frame is not None:
            return math.floor(raw.frame)
        return self.span[0] if self.span else 1

    def _sampler(
        self, raw: RawShape, motions: Sequence[Motion]
    ) -> Callable[[int], Tuple[ControlPoint, ...]]:
        curves = raw.points if not raw.bspline else _vertices(raw.points)
        decode = _vertex_points if raw.bspline else _bezier_points
        cache: Dict[int, Tuple[ControlPoint, ...]] = {}

        def sample(frame: int) -> Tuple[ControlPoint, ...]:
            if frame not in cache:
                points = decode([curve.at(frame) for curve in curves], self.height)
                cache[frame] = self._placed(points, motions, frame)
            return cache[frame]

        return sample

    def _placed(
        self, points: Tuple[ControlPoint, ...], motions: Sequence[Motion], frame: int
    ) -> Tuple[ControlPoint, ...]:
        if not motions:
            return points
        matrix: Matrix = motions[0].matrix(frame)
        for motion in motions[1:]:
            matrix = product(matrix, motion.matrix(frame))

        def place(point: Tuple[float, float]) -> Tuple[float, float]:
            x, y = apply(matrix, (point[0], self.height - point[1]))
            return x, self.height - y

        return tuple(moved(points, place))

    # --- attributes

    def _value(self, raw: RawShape, name: str, default: float) -> float:
        """An attribute that a document cannot animate: its value at the shape's first key."""
        curve = raw.attributes.get(name, fixed(default))
        return curve.at(raw.key_times[0] if raw.key_times else self._still_frame(raw))

    def _is_hole(self, raw: RawShape) -> bool:
        """Artists cut holes with shapes of no colour."""
        return all(self._value(raw, channel, 1) == 0 for channel in "rgba")

    def _color(self, raw: RawShape) -> Optional[Color]:
        if not any(name in raw.attributes for name in ("ro", "go", "bo")):
            return None
        red, green, blue = (
            min(1, max(0, self._value(raw, name, 1))) for name in ("ro", "go", "bo")
        )
        return red, green, blue

    def _opacity(self, raw: RawShape, note: Callable[[str], None]) -> Animated:
        curve = raw.attributes.get("opc", fixed(1))
        if _hidden(raw):
            note("hidden: kept with opacity 0")
            return 0.0
        if curve.constant:
            return _unit(curve.values[0])
        forced = whole_frames(set(curve.times))
        frames = linear_frames(lambda frame: (curve.at(frame),), forced, 1e-3)
        if len(frames) > len(forced):
            note("eased opacity: linear keys follow it")
        return flattened([ValueKey(frame, _unit(curve.at(frame))) for frame in frames])

    def _feather(
        self, raw: RawShape, key: Key, note: Callable[[str], None]
    ) -> Union[float, List[float]]:
        if self._value(raw, "fo", 1) == 0:
            return 0.0
        x, y = self._value(raw, "fx", 0), self._value(raw, "fy", 0)
        if x != y:
            note("feather of two widths: their mean")
        if raw.feather is None or raw.bspline:
            return (x + y) / 2
        widths = self._feather_widths(raw, key, note)
        if any(widths) and (x or y):
            note("feather of points and of the whole shape: that of the points is kept")
        return widths if any(widths) else (x + y) / 2

    def _feather_widths(self, raw: RawShape, key: Key, note: Callable[[str], None]) -> List[float]:
        """The length of each point's feather at the first key, negative where it points inwards."""
        curves = raw.feather or []
        widths: List[float] = []
        askew = False
        for i, (nx, ny) in enumerate(outward_normals(key.points, raw.closed)):
            x, y = curves[6 * i + 2].at(key.frame), -curves[6 * i + 3].at(key.frame)
            length, out = math.hypot(x, y), x * nx + y * ny
            askew = askew or length - abs(out) > 0.1 * length + 1e-3
            widths.append(math.copysign(length, out) if length and out else length)
        if askew:
            note("feather: the width of each point is kept, its direction is square to the curve")
        if any(not curve.constant and i % 6 in (2, 3) for i, curve in enumerate(curves)):
            self._note_animated(curves, note)
        return widths

    def _note_animated(self, curves: Sequence[Curve], note: Callable[[str], None]) -> None:
        for x, y in zip(curves[2::6], curves[3::6]):
            lengths = {
                round(math.hypot(x.at(time), y.at(time)), 2) for time in {*x.times, *y.times}
            }
            if len(lengths) > 1:
                note("animated feather: its widths on the first key")
                return

    def _note_attributes(self, raw: RawShape, note: Callable[[str], None]) -> None:
        for name, meaning in _IGNORED.items():
            if name in raw.attributes and self._value(raw, name, 0) != 0:
                note(f"{meaning}: not read")
        if any(not raw.attributes.get(name, fixed(1)).constant for name in "rgba"):
            note("animated paint colour: not read")

    # --- visibility

    def _visible(self, raw: RawShape, keys: Sequence[Key]) -> List[Span]:
        """The lifetime and the visible switch together."""
        life = int(self._value(raw, "ltt", _ALWAYS))
        curve = raw.attributes.get("vis", fixed(1))
        if life == _ALWAYS and curve.constant:
            return []
        start, end = int(self._value(raw, "ltn", 1)), int(self._value(raw, "ltm", 1))
        first, last = self._reach(keys, curve, [start, end] if life else [])
        alive = {1: (first, end), 2: (start, start), 3: (start, last), 4: (start, end)}
        first, last = alive.get(life, (first, last))
        if curve.constant:
            return [(first, last)] if first <= last else [(start, start)]
        return _switched_on(curve, first, last)

    def _reach(self, keys: Sequence[Key], curve: Curve, life: Sequence[int]) -> Span:
        """As far as "always" goes: the script's range, and all that the shape itself names."""
        named = [keys[0].frame, keys[-1].frame, *whole_frames(set(curve.times)), *life]
        if self.span:
            named += self.span
        return min(named), max(named)


def _hidden(raw: RawShape) -> bool:
    curve = raw.attributes.get("vis", fixed(1))
    return curve.constant and curve.values[0] == 0


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))


def _rows(
    sample: Callable[[int], Tuple[ControlPoint, ...]],
) -> Callable[[int], List[float]]:
    return lambda frame: [value for point in sample(frame) for value in point[:6]]


def _bezier_points(values: Sequence[float], height: int) -> Tuple[ControlPoint, ...]:
    return tuple(
        ControlPoint(
            values[i + 2],
            height - values[i + 3],
            values[i],
            -values[i + 1] + 0.0,
            values[i + 4],
            -values[i + 5] + 0.0,
        )
        for i in range(0, len(values), 6)
    )


def _vertex_points(values: Sequence[float], height: int) -> Tuple[ControlPoint, ...]:
    return tuple(ControlPoint(x, height - y) for x, y in zip(values[::2], values[1::2]))


def _vertices(curves: Sequence[Curve]) -> List[Curve]:
    """A B-spline's entries are its vertices; handles of nothing around each are left out."""
    sides = [curve for i, curve in enumerate(curves) if i % 6 not in (2, 3)]
    if len(curves) % 6 == 0 and all(c.constant and c.values[0] == 0 for c in sides):
        return [curve for i, curve in enumerate(curves) if i % 6 in (2, 3)]
    return list(curves)


def _switched_on(curve: Curve, first: int, last: int) -> List[Span]:
    """The whole frames of a range on which a keyed switch is not 0."""
    edges = sorted({first, last, *(f for f in whole_frames(set(curve.times)) if first < f < last)})
    on: List[Span] = []
    for a, b in zip(edges, [*edges[1:], last + 1]):
        step = 1 if b - a <= MOST_SAMPLES else b - a
        steady = curve.at(a) == curve.at((a + b - 1) / 2) == curve.at(b - 1)
        for frame in (a,) if steady else range(a, b, step):
            end = b - 1 if steady else frame
            if curve.at(frame) == 0:
                continue
            if on and on[-1][1] + 1 == frame:
                on[-1] = (on[-1][0], end)
            else:
                on.append((frame, end))
    return on
