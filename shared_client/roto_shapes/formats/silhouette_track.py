"""The keyed properties of a Silhouette file, and the transforms of its layers."""

from __future__ import annotations

import math
import re
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple
from xml.etree import ElementTree

from ..errors import DocumentError
from ..model import Transform, TransformKey
from .plane import IDENTITY, Matrix, product
from .sampling import linear_frames
from .silhouette_lower import Space

Values = Tuple[float, ...]
Note = Callable[[str], None]
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# How many numbers each has at least.
_TRS = {"anchor": 2, "position": 2, "scale": 2, "rotate": 1}


class TrackKey(NamedTuple):
    """``interpolation`` is linear, hold or catmullrom; others are read as linear."""

    frame: int
    interpolation: str
    values: Values


class Track(NamedTuple):
    """A property's numbers over plate frames."""

    keys: Sequence[TrackKey]

    @property
    def still(self) -> bool:
        return len({key.values for key in self.keys}) == 1

    @property
    def frames(self) -> List[int]:
        """The frames linear keys need in any case: a hold needs one more before its end."""
        frames = {key.frame for key in self.keys}
        for key, after in zip(self.keys, self.keys[1:]):
            if key.interpolation == "hold":
                frames.add(after.frame - 1)
        return sorted(frames)

    def at(self, frame: float) -> Values:
        keys = self.keys
        index = sum(key.frame <= frame for key in keys) - 1
        if index < 0:
            return keys[0].values
        key = keys[index]
        if index + 1 == len(keys) or key.interpolation == "hold" or key.frame == frame:
            return key.values
        after = keys[index + 1]
        d = after.frame - key.frame
        u = (frame - key.frame) / d
        line = [p + u * (q - p) for p, q in zip(key.values, after.values)]
        if key.interpolation != "catmullrom":
            return tuple(line)
        bend = d * u * (1 - u)
        starts, ends = self._slopes(index), self._slopes(index + 1)
        return tuple(
            v + bend * ((1 - u) * (a - (q - p) / d) - u * (b - (q - p) / d))
            for v, p, q, a, b in zip(line, key.values, after.values, starts, ends)
        )

    def _slopes(self, index: int) -> List[float]:
        """Catmull-Rom over uneven times: through both neighbours; at an end, to the only one."""
        before, after = self.keys[max(0, index - 1)], self.keys[min(len(self.keys) - 1, index + 1)]
        d = after.frame - before.frame
        return [(q - p) / d for p, q in zip(before.values, after.values)]


def numbers(text: str) -> Values:
    """The numbers of ``3``, ``(1,2)`` or ``(1,2),(3,4)``."""
    found = tuple(float(number) for number in _NUMBER.findall(text))
    if not all(math.isfinite(value) for value in found):
        raise DocumentError(f"silhouette: {text[:40]!r} holds no plain numbers")
    return found


def track(prop: Optional[ElementTree.Element], first_frame: int, default: Values) -> Track:
    """The keys of a property of numbers; its value, or ``default``, as one key."""
    if prop is None:
        return Track([TrackKey(first_frame, "linear", default)])
    keys = [
        TrackKey(
            key_frame(key, first_frame),
            key.get("interp", "linear"),
            numbers(key.text or "") or default,
        )
        for key in prop.findall("Key")
    ]
    if keys:
        if len({len(key.values) for key in keys}) != 1:
            raise DocumentError(f"silhouette: keys of {prop.get('id')} differ in length")
        return Track(sorted(keys))
    value = numbers(prop.findtext("Value") or "")
    return Track([TrackKey(first_frame, "linear", value or default)])


def key_frame(key: ElementTree.Element, first_frame: int) -> int:
    try:
        return round(float(key.get("frame", ""))) + first_frame
    except (ValueError, OverflowError) as error:
        raise DocumentError(f"silhouette: key frame {key.get('frame')!r}") from error


class Motion:
    """A layer's transform: anchor, position, scale and rotation, then its matrix."""

    def __init__(
        self, properties: Dict[str, ElementTree.Element], first_frame: int, space: Space
    ) -> None:
        defaults: Dict[str, Values] = {"scale": (1.0, 1.0, 1.0), "rotate": (0.0,)}
        self._space = space
        self._tracks = {
            name: track(
                properties.get(f"transform.{name}"), first_frame, defaults.get(name, (0.0, 0.0))
            )
            for name in _TRS
        }
        for name, least in _TRS.items():
            if len(self._tracks[name].keys[0].values) < least:
                raise DocumentError(f"silhouette: transform.{name} has not {least} numbers")
        unit = tuple(float(i % 5 == 0) for i in range(16))
        self._matrix = track(properties.get("transform.matrix"), first_frame, unit)
        if len(self._matrix.keys[0].values) != 16:
            raise DocumentError("silhouette: transform.matrix has not 16 numbers")
        rest = {"position": (0.0, 0.0), **defaults}
        self._matrix_rests = self._matrix.still and self._matrix.keys[0].values == unit
        self.still = self._matrix_rests and all(
            self._tracks[name].still and self._tracks[name].at(0)[: len(value)] == value
            for name, value in rest.items()
        )

    @property
    def frames(self) -> List[int]:
        moving = [t for t in (*self._tracks.values(), self._matrix) if not t.still]
        return sorted({frame for one in moving for frame in one.frames})

    def matrix(self, frame: int) -> Matrix:
        """In Silhouette's units; rotation is clockwise on screen."""
        values = {name: one.at(frame) for name, one in self._tracks.items()}
        ax, ay = values["anchor"][:2]
        tx, ty = values["position"][:2]
        sx, sy = values["scale"][:2]
        angle = math.radians(values["rotate"][0])
        c, s = math.cos(angle), math.sin(angle)
        a, b, d, e = c * sx, -s * sy, s * sx, c * sy
        own: Matrix = (
            (a, b, ax + tx - a * ax - b * ay),
            (d, e, ay + ty - d * ax - e * ay),
            (0.0, 0.0, 1.0),
        )
        if self._matrix_rests:
            return own
        m = self._matrix.at(frame)
        return product(((m[0], m[4], m[12]), (m[1], m[5], m[13]), (m[3], m[7], m[15])), own)

    def as_transform(self, tolerance: float, note: Note) -> Optional[Transform]:
        """As a document's transform; None if that cannot hold it."""
        frames = self.frames or [0]
        fine = linear_frames(self._row, frames, tolerance)
        if not (self._matrix_rests and self._tracks["anchor"].still):
            return None
        poses = [self._pose(frame) for frame in fine]
        if any(sx != sy or sx <= 0 for _, sx, sy in poses):
            return None
        if self._space.pixel_aspect != 1 and any(key.rotate for key, _, _ in poses):
            return None
        if len(fine) > len(frames):
            note(f"eased transform: linear keys on {len(fine)} frames follow it")
        x, y = self._tracks["anchor"].at(0)[:2]
        pivot = self._space.pixel((x, y))
        return Transform(pivot, [key for key, _, _ in poses])

    def _row(self, frame: int) -> Values:
        """Everything as the pixels it moves: a turn and a scale at an image height's distance."""
        key, sx, sy = self._pose(frame)
        height = self._space.height
        return key.tx, key.ty, math.radians(key.rotate) * height, sx * height, sy * height

    def _pose(self, frame: int) -> Tuple[TransformKey, float, float]:
        space = self._space
        x, y = self._tracks["position"].at(frame)[:2]
        sx, sy = self._tracks["scale"].at(frame)[:2]
        rotate = self._tracks["rotate"].at(frame)[0]
        dx, dy = x * space.height / space.pixel_aspect, y * space.height
        return TransformKey(frame, dx, dy, rotate, sx), sx, sy


def combined(motions: Sequence[Motion], frame: int) -> Matrix:
    """The transforms of nested layers, outermost first, as one."""
    matrix = IDENTITY
    for motion in motions:
        matrix = product(matrix, motion.matrix(frame))
    return matrix
