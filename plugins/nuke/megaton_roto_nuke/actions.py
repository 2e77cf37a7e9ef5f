"""What buttons and menu entries do. Nothing escapes from here: an error becomes a line of status in
the node and, where an artist asked for something, a message with what to do about it.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Callable, Optional, TypeVar

import nuke

from roto_shapes.errors import RotoError

from . import arriving, correcting, flows, making, results, shape_prompts, telling, viewer
from . import node as nodes
from .errors import NodeError
from .node import RotoNode
from .session import runner

_log = logging.getLogger("roto_client.nuke")
F = TypeVar("F", bound=Callable[..., None])


def _told(action: F) -> F:
    """The action, its errors shown to the artist."""

    @functools.wraps(action)
    def call(*args: Any) -> None:
        try:
            action(*args)
        except RotoError as error:
            nuke.message(telling.in_words(error))
        except Exception as error:
            _log.exception("%s failed", action.__name__)
            nuke.message(f"Megaton Roto: {error}\n\nThe script editor's terminal has the details.")

    return call  # type: ignore[return-value]


@_told
def guarded(action: Callable[[], None]) -> None:
    """Run a button of the panel, its errors shown to the artist."""
    action()


# -- objects and prompts


@_told
def new_node() -> None:
    flows.recall(making.create())


@_told
def add_object(node: nuke.Node) -> None:
    roto = RotoNode(node)
    name = nuke.getInput("The object's name", f"object{len(roto.object_keys()) + 1}")
    if name:
        roto.add_object(name.strip())


@_told
def remove_object(node: nuke.Node) -> None:
    roto = RotoNode(node)
    key = roto.current()
    if nuke.ask(f"Remove {roto.name_of(key)} and everything said about it?"):
        roto.remove_object(key)


@_told
def pick_positive(node: nuke.Node) -> None:
    _pick_point(RotoNode(node), True)


@_told
def pick_negative(node: nuke.Node) -> None:
    _pick_point(RotoNode(node), False)


def _pick_point(roto: RotoNode, positive: bool) -> None:
    key = roto.current()
    x, y = viewer.picked(roto.node.format()).middle
    roto.place_point(key, x, y, positive, nuke.frame())


@_told
def pick_box(node: nuke.Node) -> None:
    roto = RotoNode(node)
    key = roto.current()
    box = viewer.picked(roto.node.format())
    if box.right - box.left < 2 or box.top - box.bottom < 2:
        raise NodeError("A point was picked, not a box.", hint="Ctrl+Shift+drag in the viewer.")
    roto.place_box(key, list(box), nuke.frame())


@_told
def pick_shapes(node: nuke.Node) -> None:
    """The shapes are read on a worker thread: a Roto node may hold a whole shot's work."""
    roto = RotoNode(node)
    name, frame = roto.name_of(roto.current()), nuke.frame()
    drawn = shape_prompts.selected_roto(roto)
    size = roto.node.format().width(), roto.node.format().height()
    uid = roto.uid

    def place(outlines: Any) -> None:
        again = nodes.by_uid(uid)
        if again is not None:
            again.place_outlines(again.key_of(name), frame, outlines)
            again.say(f"{name}: {len(outlines)} shapes on frame {frame}.")

    runner().run(
        lambda stop: shape_prompts.outlines_on(drawn, frame, *size),
        place,
        telling.teller(uid),
    )


@_told
def mark_absent(node: nuke.Node) -> None:
    roto = RotoNode(node)
    roto.mark_absent(roto.current(), nuke.frame())


@_told
def clear_frame(node: nuke.Node) -> None:
    roto = RotoNode(node)
    roto.clear_frame(roto.current(), nuke.frame())


# -- the farm


@_told
def preview(node: nuke.Node) -> None:
    flows.preview(RotoNode(node), nuke.frame())


@_told
def submit(node: nuke.Node) -> None:
    flows.submit(RotoNode(node))


@_told
def fetch(node: nuke.Node) -> None:
    arriving.fetch(RotoNode(node))


@_told
def cancel(node: nuke.Node) -> None:
    flows.cancel(RotoNode(node))


@_told
def retry(node: nuke.Node) -> None:
    flows.retry(RotoNode(node))


@_told
def log(node: nuke.Node) -> None:
    flows.log(RotoNode(node))


@_told
def correct_here(node: nuke.Node) -> None:
    correcting.correct(node, nuke.frame())


@_told
def correct_all(node: nuke.Node) -> None:
    correcting.correct(node, None)


@_told
def go_to_attention(node: nuke.Node) -> None:
    """To the worst frame of the stretch that is chosen in the node's list."""
    result = results.Result.of(node)
    knob: Any = node.knob(results.ATTENTION)
    if result is None or knob is None or not result.attention:
        raise NodeError("No frame of this version needs a look.")
    index = int(knob.getValue())
    if index < len(result.attention):
        nuke.frame(result.attention[index][3])


@_told
def show_panel(node: Optional[nuke.Node] = None) -> None:
    from .panel import show

    show()


# -- from the menu: on the selected node


def preview_selected() -> None:
    _on_selected(preview)


def submit_selected() -> None:
    _on_selected(submit)


def fetch_selected() -> None:
    _on_selected(fetch)


def show_panel_from_menu() -> None:
    show_panel()


@_told
def self_test() -> None:
    """Asks this Nuke what the plugin assumes; see docs/seat-checklist.md."""
    from . import selftest

    nuke.message(selftest.report())


@_told
def correct_selected() -> None:
    chosen = [node for node in nuke.selectedNodes() if node.knob(results.RESULT) is not None]
    if len(chosen) != 1:
        raise NodeError("Select the Roto node of one result.")
    correct_here(chosen[0])


@_told
def _on_selected(action: Callable[[nuke.Node], None]) -> None:
    chosen = [node for node in nuke.selectedNodes() if node.knob(nodes.STATE) is not None]
    if len(chosen) != 1:
        raise NodeError("Select one MegatonRoto node.")
    action(chosen[0])


# -- callbacks


def knob_changed(node: nuke.Node, knob: Any) -> None:
    """Another object is chosen, or one has another name. Called for every knob: quick, quiet."""
    name = knob.name()
    try:
        if name == nodes.CURRENT:
            RotoNode(node).show(None)
        elif name.startswith("mr") and name.endswith("_name"):
            RotoNode(node).show(knob.value())
    except RotoError as error:
        _log.warning("%s", error.message)


@_told
def script_loaded() -> None:
    """The jobs of the script's nodes are followed again."""
    viewer.forget()
    flows.follow_script()


def script_closed() -> None:
    flows.forget_script()
