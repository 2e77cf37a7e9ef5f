"""Roto the artist has drawn already, as a prompt: the shapes selected in a Roto node.

They are read from the node's text, transforms and all, so that what counts is what is drawn, in
every version of Nuke alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, List, NamedTuple, Sequence, Tuple

import nuke

from roto_shapes.formats.nuke_read import read
from roto_shapes.model import Layer
from roto_shapes.outlines import outline_of

from .errors import NodeError
from .knobs import knob_of
from .node import RotoNode

CLASSES = ("Roto", "RotoPaint")


class Drawn(NamedTuple):
    """A Roto node's text and the names selected in it (none: everything)."""

    node: str
    curves: str
    selected: Tuple[str, ...]


def selected_roto(roto: RotoNode) -> Drawn:
    """The Roto node that is selected, or that is open. Main thread. Raises NodeError.

    Its format has to be that of ``roto``: shapes are in pixels of the format.
    """
    found = [node for node in nuke.selectedNodes() if node.Class() in CLASSES]
    if len(found) != 1:
        what = "No Roto node is" if not found else f"{len(found)} Roto nodes are"
        raise NodeError(
            f"{what} selected.", hint="Select the Roto node with the shape, and the shape in it."
        )
    node = found[0]
    own, wanted = node.format(), roto.node.format()
    if (own.width(), own.height()) != (wanted.width(), wanted.height()):
        raise NodeError(
            f"{node.name()} is {own.width()} x {own.height()}, the plate "
            f"{wanted.width()} x {wanted.height()}.",
            hint="Use a Roto node on the plate itself.",
        )
    knob = knob_of(node, "curves")
    return Drawn(node.name(), knob.toScript(), tuple(one.name for one in knob.getSelected()))


def outlines_on(drawn: Drawn, frame: int, width: int, height: int) -> List[Any]:
    """What the shapes show on a script frame, as outline prompts in JSON form, plate pixels.

    Pure, for a worker thread. Raises NodeError when they show nothing there, and DocumentError for
    a text that is no curves knob.
    """
    document = read(drawn.curves, width, height, (frame, frame)).document
    found: List[Any] = []
    for layer in document.layers:
        chosen = _chosen(layer, drawn.selected)
        found += [outline.to_json() for outline in outline_of(chosen, frame)]
    if not found:
        raise NodeError(
            f"{drawn.node} shows no closed shape on frame {frame}.",
            hint="Select a shape that is visible on this frame. Open splines show no object.",
        )
    return found


def _chosen(layer: Layer, names: Sequence[str]) -> Layer:
    """The layer with the selected shapes only; all of them if it is selected itself."""
    if not names or layer.name in names or not set(layer.group).isdisjoint(names):
        return layer
    return replace(layer, shapes=[shape for shape in layer.shapes if shape.name in names])
