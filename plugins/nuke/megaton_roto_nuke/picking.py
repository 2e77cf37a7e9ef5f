"""Prompting an object on the frame that is shown, for the buttons of node and panel."""

from __future__ import annotations

from typing import Any, List

import nuke

from . import shape_prompts, viewer
from .errors import NodeError
from .node import RotoNode, by_uid
from .session import runner
from .telling import teller

POSITIVE, NEGATIVE, BOX, SHAPES = "positive", "negative", "box", "shapes"
ABSENT, CLEAR = "absent", "clear"
KINDS = (POSITIVE, NEGATIVE, BOX, SHAPES, ABSENT, CLEAR)


def pick(roto: RotoNode, key: int, kind: str) -> None:
    """Prompt the object ``key``. Raises NodeError when there is nothing to prompt with."""
    frame = nuke.frame()
    if kind in (POSITIVE, NEGATIVE):
        x, y = viewer.picked(roto.node.format()).middle
        roto.place_point(key, x, y, kind == POSITIVE, frame)
    elif kind == BOX:
        box = viewer.picked(roto.node.format())
        if box.right - box.left < 2 or box.top - box.bottom < 2:
            raise NodeError("A point was picked, not a box.", hint="Ctrl+Shift+drag in the viewer.")
        roto.place_box(key, list(box), frame)
    elif kind == SHAPES:
        _shapes(roto, key, frame)
    elif kind == ABSENT:
        roto.mark_absent(key, frame)
    elif kind == CLEAR:
        roto.clear_frame(key, frame)
    else:
        raise NodeError(f"There is no prompt of the kind {kind!r}.")


def _shapes(roto: RotoNode, key: int, frame: int) -> None:
    """The shapes are read on a worker thread: a Roto node may hold a whole shot's work."""
    drawn = shape_prompts.selected_roto(roto)
    size = roto.node.format().width(), roto.node.format().height()
    uid = roto.uid

    def place(outlines: List[Any]) -> None:
        again = by_uid(uid)
        if again is not None and key in again.object_keys():
            again.place_outlines(key, frame, outlines)
            again.say(f"{again.name_of(key)}: {len(outlines)} shapes on frame {frame}.")

    runner().run(lambda stop: shape_prompts.outlines_on(drawn, frame, *size), place, teller(uid))
