"""What buttons and menu entries do. Nothing escapes from here: an error becomes a line of status in
the node and, where an artist asked for something, a message with what to do about it.
"""

from __future__ import annotations

import functools
import logging
from typing import Any, Callable, List, Optional, TypeVar

import nuke

from roto_shapes.errors import RotoError

from . import arriving, correcting, flows, making, picking, results, telling, viewer
from . import node as nodes
from .errors import NodeError
from .node import RotoNode

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


def _pick(node: nuke.Node, kind: str) -> None:
    roto = RotoNode(node)
    picking.pick(roto, roto.current(), kind)


@_told
def pick_positive(node: nuke.Node) -> None:
    _pick(node, picking.POSITIVE)


@_told
def pick_negative(node: nuke.Node) -> None:
    _pick(node, picking.NEGATIVE)


@_told
def pick_box(node: nuke.Node) -> None:
    _pick(node, picking.BOX)


@_told
def pick_shapes(node: nuke.Node) -> None:
    _pick(node, picking.SHAPES)


@_told
def mark_absent(node: nuke.Node) -> None:
    _pick(node, picking.ABSENT)


@_told
def clear_frame(node: nuke.Node) -> None:
    _pick(node, picking.CLEAR)


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
    correcting.correct(chosen_result(), nuke.frame())


@_told
def _on_selected(action: Callable[[nuke.Node], None]) -> None:
    action(chosen_node().node)


def chosen_node() -> RotoNode:
    """The MegatonRoto node that is selected, or the only one. Raises NodeError."""
    there = nodes.roto_nodes()
    chosen = [roto for roto in there if roto.node.isSelected()] or there
    if len(chosen) != 1:
        raise NodeError("Select one MegatonRoto node.")
    return chosen[0]


def chosen_result() -> nuke.Node:
    """The Roto node of ours that is selected. Raises NodeError."""
    chosen = [node for node in nuke.selectedNodes("Roto") if node.knob(results.RESULT) is not None]
    if len(chosen) != 1:
        raise NodeError("Select the Roto node of one result.")
    return chosen[0]


# -- callbacks

watchers: List[Callable[[], None]] = []
"""Called when something an artist says has changed: the panel draws it anew."""


def knob_changed(node: nuke.Node, knob: Any) -> None:
    """Another object is chosen, or one has another name. Called for every knob: quick, quiet."""
    name = knob.name()
    try:
        if name == nodes.CURRENT:
            RotoNode(node).show(None)
        elif name.startswith("mr") and name.endswith("_name"):
            RotoNode(node).show(knob.value())
        if name.startswith("mr") and name not in (nodes.STATE, nodes.STATUS):
            for call in list(watchers):
                call()
    except RotoError as error:
        _log.warning("%s", error.message)


@_told
def script_loaded() -> None:
    """The jobs of the script's nodes are followed again."""
    viewer.forget()
    flows.follow_script()
    for call in list(watchers):
        call()


def script_closed() -> None:
    flows.forget_script()
