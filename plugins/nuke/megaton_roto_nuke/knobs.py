"""Small things every module does with knobs."""

from __future__ import annotations

import contextlib
from typing import Any, Iterator, List, Sequence

import nuke


@contextlib.contextmanager
def one_undo(name: str) -> Iterator[None]:
    """Everything inside is one entry of Nuke's undo list, also when it fails half-way."""
    nuke.Undo.begin(name)
    try:
        yield
    finally:
        nuke.Undo.end()


@contextlib.contextmanager
def no_undo() -> Iterator[None]:
    """What happens inside is nothing an artist would want to undo (a job's id, a status line)."""
    nuke.Undo.disable()
    try:
        yield
    finally:
        nuke.Undo.enable()


def knob_of(node: nuke.Node, name: str) -> Any:
    """The knob, of whatever class. Raises NameError if there is none."""
    return node[name]


def text_of(node: nuke.Node, name: str) -> str:
    """A knob's text; empty if there is no such knob."""
    knob = node.knob(name)
    return "" if knob is None else str(knob.value())


def add(node: nuke.Node, knob: Any, *, tooltip: str = "", new_line: bool = False) -> Any:
    """Add a user knob unless there is one of that name; the node's knob."""
    there = node.knob(knob.name())
    if there is not None:
        return there
    if tooltip:
        knob.setTooltip(tooltip)
    if new_line:
        knob.setFlag(nuke.STARTLINE)
    node.addKnob(knob)
    return knob


def add_hidden(node: nuke.Node, name: str) -> Any:
    """A text knob no artist sees."""
    knob = nuke.String_Knob(name, "")
    knob.setFlag(nuke.INVISIBLE)
    return add(node, knob)


def add_button(node: nuke.Node, name: str, label: str, action: str, tooltip: str = "") -> Any:
    """A button that runs ``megaton_roto_nuke.actions.ACTION`` with its node.

    The text names the package anew each time, so that a script opened without the plugin shows a
    button that says so, and nothing else.
    """
    command = f"import megaton_roto_nuke.actions as actions; actions.{action}(nuke.thisNode())"
    return add(node, nuke.PyScript_Knob(name, label, command), tooltip=tooltip)


def set_key(knob: Any, values: Sequence[float], frame: int) -> None:
    """Key every channel of an array knob on a script frame, and on that frame alone if it had no
    animation: switching it on may have left a key elsewhere."""
    first = not knob.isAnimated()
    if first:
        knob.setAnimated()
    for channel, value in enumerate(values):
        knob.setValueAt(value, frame, channel)
    if first:
        for other in key_frames(knob):
            if other != frame:
                knob.removeKeyAt(other)


def key_frames(knob: Any) -> List[float]:
    """The frames on which any channel is keyed, ascending."""
    return sorted(float(frame) for frame in knob.getKeyList())


def values_at(knob: Any, count: int, frame: float) -> List[float]:
    """The channels' values on a script frame."""
    return [float(knob.getValueAt(frame, channel)) for channel in range(count)]
