"""A version of the shapes as a Roto node's text, and which name in it stands for which id.

Everything here is pure text and numbers and may take a second on a long shot: it runs on a worker
thread, and the main thread only hands the text to Nuke.
"""

from __future__ import annotations

import hashlib
import re
import struct
from typing import Any, Dict, Iterator, List, NamedTuple, Set, Tuple

from roto_shapes.errors import DocumentError
from roto_shapes.formats import nuke as nuke_format
from roto_shapes.formats.base import LossyReport
from roto_shapes.formats.nuke_lower import lowered
from roto_shapes.formats.nuke_read import read
from roto_shapes.formats.tcl import commands
from roto_shapes.model import Document

from .frames import shifted

_BRACE = re.compile(r'\\.|"(?:\\.|[^"\\])*"|[{}]', re.DOTALL)
_HEAD = re.compile(r'\s*(layer|curvegroup|cubiccurve)\s+("(?:\\.|[^"\\])*"|\S+)')
_SPAN = Tuple[int, int]


class Names(NamedTuple):
    """Names in the Roto node to ids in the document."""

    layers: Dict[str, str]
    shapes: Dict[str, str]

    def as_json(self) -> Dict[str, Any]:
        return {"layers": self.layers, "shapes": self.shapes}

    @classmethod
    def from_json(cls, value: Any) -> Names:
        value = value if isinstance(value, dict) else {}
        return cls(dict(value.get("layers") or {}), dict(value.get("shapes") or {}))


NOBODY = Names({}, {})


class WrittenShapes(NamedTuple):
    """``text``: a script with the Roto node; ``curves``: what its knob takes; ``lost``: for people;
    ``mark``: see `fingerprint`."""

    text: str
    curves: str
    names: Names
    lost: List[str]
    mark: str


def write_shapes(
    document: Document,
    offset: int,
    node_name: str,
    keep: str = "",
    keep_names: Names = NOBODY,
) -> WrittenShapes:
    """The document as a Roto node, its frames ``offset`` later (script less plate frames).

    ``keep``: the curves of the node it will replace; what the artist drew there beside our layers
    (``keep_names`` tells which are ours) stays, on top. Raises DocumentError.
    """
    moved = shifted(document, offset)
    written = nuke_format.write(moved, node_name=node_name)
    curves = curves_in(written.text)
    names = names_of(document)
    foreign = foreign_items(keep, keep_names) if keep else []
    text = written.text
    if foreign:
        both = with_items(curves, foreign)
        text = text.replace(curves, both, 1)
        curves = both
    return WrittenShapes(
        text, curves, names, written.report.lines(), fingerprint(curves, Frame.of(document, offset))
    )


def names_of(document: Document) -> Names:
    """What the writer calls the document's layers and shapes in Nuke."""
    low = lowered(document, LossyReport())
    layers: Dict[str, str] = {}
    shapes: Dict[str, str] = {}
    for ours, theirs in zip(document.layers, low.layers):
        layers[theirs.name] = ours.id
        for shape, named in zip(ours.shapes, theirs.shapes):
            shapes[named.name] = shape.id
    return Names(layers, shapes)


def curves_in(text: str) -> str:
    """The value of the ``curves`` knob in a script with one Roto node. Raises DocumentError."""
    for words in commands(text):
        if words[0] in nuke_format.NODES and len(words) == 2:
            for knob in commands(words[1]):
                if knob[0] == "curves" and len(knob) == 2:
                    return knob[1]
    raise DocumentError("nuke: the script holds no Roto node")


class Frame(NamedTuple):
    """Where shapes live: the plate's size in pixels, and script frames ``first`` to ``last``."""

    width: int
    height: int
    first: int
    last: int

    @classmethod
    def of(cls, document: Document, offset: int) -> Frame:
        """Of a document on plate frames."""
        first, last = document.frame_range
        return cls(document.width, document.height, first + offset, last + offset)


NOWHERE = Frame(0, 0, 0, 0)


def fingerprint(curves: str, frame: Frame) -> str:
    """The same for two texts that draw the same: what is selected or open in Nuke's list, and how
    Nuke puts its braces, does not count."""
    found = read(curves, frame.width, frame.height, (frame.first, frame.last)).document
    digest = hashlib.sha256()
    for layer in found.layers:
        digest.update(repr((layer.name, layer.group, layer.transform)).encode())
        for shape in layer.shapes:
            about = (shape.name, shape.mode, shape.visible, shape.opacity, shape.feather)
            digest.update(repr((about, shape.closed, shape.inverted)).encode())
            for key in shape.keys:
                numbers = [value for point in key.points for value in point[:6]]
                digest.update(struct.pack(f"<i{len(numbers)}d", key.frame, *numbers))
    return digest.hexdigest()


# -- items of the tree, as text


def foreign_items(curves: str, ours: Names) -> List[str]:
    """The items below the root layer that hold nothing of ours, as text, topmost first.

    Our shapes are always in a layer: one at the root was drawn, or dragged there, by the artist.
    """
    known = set(ours.layers) | set(ours.shapes)
    found = []
    for start, end in _items(curves):
        layer = curves[start + 1 : end].lstrip().startswith("layer")
        if not layer or known.isdisjoint(_names_in(curves, (start, end))):
            found.append(curves[start:end])
    return found


def with_items(curves: str, items: List[str]) -> str:
    """The curves with more items above what is there; those whose names are taken are renamed."""
    start, end = _root(curves)
    head = [span for span in _groups(curves, (start, end)) if not _HEAD.match(curves, span[0] + 1)]
    place = head[-1][1] if head else end
    taken = set(_names_in(curves, (start, end)))
    fresh = [_renamed(item, taken) for item in items]
    return curves[:place] + "".join(f"\n{item}" for item in fresh) + curves[place:]


def _renamed(item: str, taken: Set[str]) -> str:
    match = _HEAD.match(item, 1)
    if match is None:
        return item
    name = match.group(2).strip('"')
    fresh, count = name, 2
    while fresh in taken:
        fresh, count = f"{name}_{count}", count + 1
    taken.add(fresh)
    written = f'"{fresh}"' if re.search(r"\s", fresh) else fresh
    return item[: match.start(2)] + written + item[match.end(2) :]


def _items(curves: str) -> Iterator[_SPAN]:
    for span in _groups(curves, _root(curves)):
        if _HEAD.match(curves, span[0] + 1):
            yield span


def _names_in(curves: str, span: _SPAN) -> Iterator[str]:
    """The names of the items in a group, itself first."""
    match = _HEAD.match(curves, span[0] + 1)
    if match is None:
        return
    yield match.group(2).strip('"')
    if match.group(1) == "layer":
        for inner in _groups(curves, span):
            yield from _names_in(curves, inner)


def _root(curves: str) -> _SPAN:
    """Where the root layer's braces are. Raises DocumentError."""
    spans = _groups(curves, (-1, len(curves) + 1))
    while spans:
        for span in spans:
            match = _HEAD.match(curves, span[0] + 1)
            if match and match.group(1) == "layer":
                return span
        spans = [inner for span in spans for inner in _groups(curves, span)]
    raise DocumentError("nuke: a curves knob holds no root layer")


def _groups(text: str, span: _SPAN) -> List[_SPAN]:
    """The brace groups directly inside the group ``span``: from brace to behind its brace."""
    found: List[_SPAN] = []
    depth, start = 0, 0
    for match in _BRACE.finditer(text, span[0] + 1, span[1] - 1):
        brace = match.group()
        if brace == "{":
            start = match.start() if depth == 0 else start
            depth += 1
        elif brace == "}":
            depth -= 1
            if depth == 0:
                found.append((start, match.end()))
            if depth < 0:
                break
    if depth:
        raise DocumentError("nuke: curves: braces do not balance")
    return found
