"""A Nuke script's roto shapes as a document."""

from __future__ import annotations

import re
from collections import Counter
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ..errors import DocumentError
from ..model import Document, Layer, Transform
from .base import LossyReport, Read
from .nuke_decode import RawLayer, RawShape, decode_curves
from .nuke_shape import ShapeReader
from .nuke_transform import Motion
from .reading import WHITE, numbered, place_still_transform, used_range, with_layer_color
from .tcl import commands

_NODES = ("Roto", "RotoPaint")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?")


def read(
    text: str,
    width: Optional[int] = None,
    height: Optional[int] = None,
    frame_range: Optional[Tuple[int, int]] = None,
    tolerance: float = 0.05,
) -> Read:
    """The shapes of every Roto and RotoPaint node of a ``.nk``, a gizmo or a clipboard fragment.

    ``width`` and ``height`` are those of the full-size format (default: the script's Root node, or
    twice the root layer's pivot); ``frame_range`` defaults to the Root node's, or to what the keys
    use. Eased keys and transforms a document cannot hold become linear keys that follow within
    ``tolerance`` pixels on every frame. Raises DocumentError for a text that is no such script.
    """
    script = _script(text)
    report = LossyReport()
    roots = [(node, decode_curves(curves, report.add)) for node, curves in script.nodes]
    size = _size(script, roots, width, height, report)
    span = frame_range or script.frame_range
    reader = _Reader(size[1], tolerance, span, report)
    layers: List[Layer] = []
    for name, root in reversed(roots):
        prefix = [name] if len(roots) > 1 else []
        layers += reader.layers(root, name, prefix)
    span = span or used_range(layers) or (1, 1)
    for layer in layers:
        place_still_transform(layer, span[0])
    document = Document(size[0], size[1], size[2], script.fps, span, numbered(layers))
    return Read(document, report)


class _Script(NamedTuple):
    nodes: List[Tuple[str, str]]
    format: Optional[Tuple[int, int, float]] = None
    frame_range: Optional[Tuple[int, int]] = None
    fps: Tuple[int, int] = (24, 1)


def _script(text: str) -> _Script:
    if text.lstrip().startswith("{"):
        return _Script([("Roto1", text.strip())])
    nodes: List[Tuple[str, str]] = []
    root: Dict[str, str] = {}
    try:
        for words in commands(text):
            if words[0] in _NODES and len(words) == 2:
                knobs = _knobs(words[1])
                if "curves" in knobs:
                    nodes.append((knobs.get("name", words[0]), knobs["curves"]))
            elif words[0] == "Root" and len(words) == 2:
                root = _knobs(words[1])
    except RecursionError as error:
        raise DocumentError("nuke: the script is nested too deeply") from error
    if not nodes:
        raise DocumentError(
            "nuke: the file holds no Roto or RotoPaint node with shapes",
            hint="Save or copy the node itself, not what renders it.",
        )
    return _Script(nodes, _format(root), _range(root), _fps(root))


def _knobs(body: str) -> Dict[str, str]:
    return {words[0]: words[1] for words in commands(body) if len(words) > 1}


def _format(root: Dict[str, str]) -> Optional[Tuple[int, int, float]]:
    """``W H x y r t aspect name``."""
    words = root.get("format", "").split()
    if len(words) < 7 or not all(_NUMBER.fullmatch(word) for word in words[:7]):
        return None
    return int(float(words[0])), int(float(words[1])), float(words[6])


def _range(root: Dict[str, str]) -> Optional[Tuple[int, int]]:
    found = [root.get(name, "") for name in ("first_frame", "last_frame")]
    if not all(_NUMBER.fullmatch(word) for word in found):
        return None
    first, last = (int(float(word)) for word in found)
    return (first, last) if first <= last else None


def _fps(root: Dict[str, str]) -> Tuple[int, int]:
    word = root.get("fps", "24")
    rate = float(word) if _NUMBER.fullmatch(word) else 24.0
    if rate <= 0:
        return 24, 1
    # 23.976 and 29.97 are 24000/1001 and 30000/1001.
    if abs(rate - round(rate)) < 1e-3:
        return round(rate), 1
    nominal = round(rate)
    if abs(rate - nominal * 1000 / 1001) < 5e-3:
        return nominal * 1000, 1001
    return max(1, round(rate * 1000)), 1000


def _size(
    script: _Script,
    roots: Sequence[Tuple[str, RawLayer]],
    width: Optional[int],
    height: Optional[int],
    report: LossyReport,
) -> Tuple[int, int, float]:
    if script.format is not None:
        return width or script.format[0], height or script.format[1], script.format[2]
    pivots = Counter(_pivot(root) for _, root in roots)
    ((wide, high), _), *_ = pivots.most_common(1)
    if wide < 1 or high < 1:
        wide, high = 1920, 1080
        if not (width and height):
            report.add("document", "the size of the plate is not in the file: 1920 x 1080 assumed")
    elif len(pivots) > 1 and not height:
        report.add("document", f"nodes of several formats: placed on a plate of height {high}")
    return width or wide, height or high, 1.0


def _pivot(root: RawLayer) -> Tuple[int, int]:
    values = [curve.at(0) for curve in root.slots[:2]]
    return (round(2 * values[0]), round(2 * values[1])) if len(values) == 2 else (0, 0)


class _Reader:
    """Turns the tree into layers, lowest first; nested layers become groups."""

    def __init__(
        self,
        height: int,
        tolerance: float,
        span: Optional[Tuple[int, int]],
        report: LossyReport,
    ) -> None:
        self._height = height
        self._tolerance = tolerance
        self._span = span
        self._report = report

    def layers(self, root: RawLayer, name: str, prefix: List[str]) -> List[Layer]:
        layers = list(self._walk(root, name, prefix, [Motion(root.slots)]))
        return layers[::-1]

    def _walk(
        self, raw: RawLayer, name: str, path: List[str], motions: List[Motion]
    ) -> Iterator[Layer]:
        """Topmost first. A layer of shapes and layers is split so that nothing changes its rank."""
        run: List[RawShape] = []
        is_root = len(motions) == 1
        inside = path if is_root else [*path, name]
        for item in raw.items:
            if isinstance(item, RawShape):
                run.append(item)
                continue
            if run:
                yield self._layer(run, name, path, motions)
                run = []
            yield from self._walk(item, item.name, inside, [*motions, Motion(item.slots)])
        if run or not (raw.items or is_root):
            yield self._layer(run, name, path, motions)

    def _layer(
        self, shapes: Sequence[RawShape], name: str, path: List[str], motions: List[Motion]
    ) -> Layer:
        moving = [motion for motion in motions if not motion.still]
        for motion in moving:
            motion.note(lambda what: self._report.add(name, what))
        transform = self._transform(moving, name)
        baked = [] if transform is not None else moving
        reader = ShapeReader(self._height, self._tolerance, self._span, self._report)
        own = [reader.shape(shape, name, baked) for shape in reversed(shapes)]
        return with_layer_color(Layer("", name, list(path), WHITE, transform, None, own))

    def _transform(self, moving: Sequence[Motion], name: str) -> Optional[Transform]:
        if not moving:
            return None
        if len(moving) == 1:
            held = moving[0].as_transform(
                self._height, self._tolerance, lambda what: self._report.add(name, what)
            )
            if held is not None:
                return held[0]
        self._report.add(name, "its transform is more than a document's: baked into the shapes")
        return None
