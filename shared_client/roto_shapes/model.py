"""The classes of a ``roto/1`` document.

Everywhere: pixels of the full-size plate, origin at the top-left corner of the top-left pixel, x
right, y down (the centre of the first pixel is (0.5, 0.5)); frames are plate frame numbers and
ranges are inclusive. Later layers and shapes lie on top of earlier ones. ``extra`` keeps the fields
this version does not know, so that they survive a read and a write.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, NamedTuple, Optional, Tuple, Union

SCHEMA = "roto/1"
Color = Tuple[float, float, float]


class ControlPoint(NamedTuple):
    """One point of a shape: its position and two handles, as offsets from it, in pixels.

    ``in`` is the handle on the side of the previous point, ``out`` on that of the next. On a Bezier
    shape ``corner`` says that an artist may move the handles independently; the curve itself is
    given by the handles alone. On a B-spline the handles mean nothing, and ``corner`` makes the
    curve pass through the vertex with a sharp angle.
    """

    x: float
    y: float
    in_dx: float = 0.0
    in_dy: float = 0.0
    out_dx: float = 0.0
    out_dy: float = 0.0
    corner: bool = False


@dataclass(frozen=True)
class Key:
    """The control points of a shape on one frame.

    ``interpolation`` governs the stretch from this key to the next: ``linear`` or ``hold``.
    ``origin`` is ``solved`` or ``artist``; a ``locked`` key is never changed by a solve.
    """

    frame: int
    points: Tuple[ControlPoint, ...]
    origin: str = "solved"
    locked: bool = False
    interpolation: str = "linear"
    host: Optional[Dict[str, Any]] = None
    extra: Dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ValueKey:
    """One key of an animated number; ``interpolation`` as in :class:`Key`."""

    frame: int
    value: float
    interpolation: str = "linear"
    extra: Dict[str, Any] = field(default_factory=dict)


Animated = Union[float, List[ValueKey]]


@dataclass
class Shape:
    """A curve with a fixed number of control points for its whole life.

    ``mode`` ``subtract`` cuts the shape out of what lies below it in its layer. ``visible`` lists
    ascending, disjoint inclusive ranges; the empty list means always. ``opacity`` is 0..1;
    ``feather`` is in pixels outwards, one number or one per point.
    """

    id: str
    name: str
    kind: str = "bezier"
    closed: bool = True
    mode: str = "add"
    inverted: bool = False
    visible: List[Tuple[int, int]] = field(default_factory=list)
    opacity: Animated = 1.0
    feather: Union[float, List[float]] = 0.0
    motion_blur: bool = False
    color: Optional[Color] = None
    keys: List[Key] = field(default_factory=list)
    extra: Dict[str, Any] = field(default_factory=dict)
    host: Optional[Dict[str, Any]] = None


@dataclass(frozen=True)
class TransformKey:
    """Translation in pixels, rotation in degrees (clockwise on screen), uniform scale."""

    frame: int
    tx: float = 0.0
    ty: float = 0.0
    rotate: float = 0.0
    scale: float = 1.0
    extra: Dict[str, Any] = field(default_factory=dict)


@dataclass
class Transform:
    """``p' = pivot + scale * R(rotate) * (p - pivot) + (tx, ty)``; keys are linear."""

    pivot: Tuple[float, float]
    keys: List[TransformKey]
    extra: Dict[str, Any] = field(default_factory=dict)


@dataclass
class Layer:
    """The shapes of one object under one animated transform.

    ``group`` names the layers it is nested in, outermost first. ``key_only_at`` lists the frames a
    solve may key, None meaning any.
    """

    id: str
    name: str
    group: List[str] = field(default_factory=list)
    color: Color = (1.0, 1.0, 1.0)
    transform: Optional[Transform] = None
    key_only_at: Optional[List[int]] = None
    shapes: List[Shape] = field(default_factory=list)
    extra: Dict[str, Any] = field(default_factory=dict)


@dataclass
class Document:
    """A ``roto/1`` document. ``fps`` is a fraction (numerator, denominator)."""

    width: int
    height: int
    pixel_aspect: float = 1.0
    fps: Tuple[int, int] = (24, 1)
    frame_range: Tuple[int, int] = (1, 1)
    layers: List[Layer] = field(default_factory=list)
    prompts: List[Dict[str, Any]] = field(default_factory=list)
    confidence: Dict[str, Dict[int, float]] = field(default_factory=dict)
    provenance: Dict[str, Any] = field(default_factory=dict)
    extra: Dict[str, Any] = field(default_factory=dict)
