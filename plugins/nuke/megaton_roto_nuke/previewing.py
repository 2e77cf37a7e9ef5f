"""A preview's masks as a temporary Roto node, which no undo list knows."""

from __future__ import annotations

from typing import Tuple

import nuke

from roto_client.hosts import Preview
from roto_shapes.model import Document

from .knobs import knob_of, no_undo
from .node import by_uid
from .tracing import traced
from .written import WrittenShapes, write_shapes

PREVIEW_NODE = "MegatonRoto_preview"


def preview_shapes(answer: Preview, size: Tuple[int, int], frame: int) -> WrittenShapes:
    width, height = size
    layers = [
        traced(one.candidates[0].png, one.name, width, height, frame)
        for one in answer.objects
        if one.candidates
    ]
    document = Document(width, height, frame_range=(frame, frame), layers=layers)
    return write_shapes(document, 0, PREVIEW_NODE)


def show_preview(uid: str, written: WrittenShapes, frame: int) -> None:
    """In the one preview node of the script, which no undo list needs to know."""
    roto = by_uid(uid)
    if roto is None:
        return
    with no_undo():
        node = nuke.toNode(PREVIEW_NODE)
        if node is None:
            node = nuke.nodes.Roto()
            node.setName(PREVIEW_NODE)
            node.setXYpos(roto.node.xpos() - 120, roto.node.ypos())
        node.setInput(0, roto.node)
        knob_of(node, "curves").fromScript(written.curves)
    roto.say(f"Frame {frame}: {len(written.names.layers)} objects, in {PREVIEW_NODE}.")


def remove_preview() -> None:
    """Take the preview node away, if there is one."""
    node = nuke.toNode(PREVIEW_NODE)
    if node is not None:
        with no_undo():
            nuke.delete(node)
