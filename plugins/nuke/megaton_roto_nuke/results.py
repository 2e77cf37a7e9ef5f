"""A finished version in the script: a Roto node with the shapes, Read nodes with the mattes.

One undo entry, one paste: Nuke's own calls for single points make an undo entry each and take
minutes for what a text does at once. The Roto node carries a hidden knob with the version and the
names of our layers and shapes, which is what the way back (`correct`) goes by.
"""

from __future__ import annotations

import logging
import os
import re
import tempfile
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import nuke

from roto_shapes.errors import RotoError

from .errors import NodeError
from .knobs import add, add_button, add_hidden, knob_of, one_undo, text_of
from .node import RotoNode
from .state import pack, unpack
from .written import NOWHERE, Frame, Names, WrittenShapes

_log = logging.getLogger("roto_client.nuke")
RESULT = "mr_result"
ATTENTION = "mr_attention"
_DOWN, _ACROSS = 80, 110


@dataclass(frozen=True)
class Result:
    """What a Roto node holds. ``mark``: `written.fingerprint` of its shapes as they came, with
    ``frame``."""

    uid: str
    job: str
    shot: str
    version: int
    offset: int
    names: Names
    mark: str = ""
    frame: Frame = NOWHERE
    attention: Tuple[Tuple[str, int, int, int], ...] = ()
    """Object, and the first, last and worst script frame of a stretch that needs a look."""

    def packed(self) -> str:
        return pack({**vars(self), "names": self.names.as_json()})

    @classmethod
    def of(cls, node: nuke.Node) -> Optional[Result]:
        """What a node says about itself; None if it is no result of ours. Raises StateError."""
        value = unpack(text_of(node, RESULT))
        if not value:
            return None
        return cls(
            uid=str(value["uid"]),
            job=str(value["job"]),
            shot=str(value["shot"]),
            version=int(value["version"]),
            offset=int(value["offset"]),
            names=Names.from_json(value["names"]),
            mark=str(value["mark"]),
            frame=Frame(*(int(number) for number in value["frame"])),
            attention=tuple((str(a), int(b), int(c), int(d)) for a, b, c, d in value["attention"]),
        )


class Mattes(NamedTuple):
    """The mattes of one object: a file name with a frame field, and its plate frames."""

    name: str
    pattern: str
    first: int
    last: int


def roto_of(uid: str) -> Optional[nuke.Node]:
    """The Roto node with the newest version that came from the MegatonRoto node ``uid``."""
    best: Optional[nuke.Node] = None
    newest = -1
    for node in _all("Roto"):
        result = Result.of(node)
        if result is not None and result.uid == uid and result.version > newest:
            best, newest = node, result.version
    return best


def apply(
    source: RotoNode,
    result: Result,
    shapes: Optional[WrittenShapes],
    mattes: Sequence[Mattes],
    replace: Optional[nuke.Node],
) -> List[nuke.Node]:
    """Bring a version into the script as one undo entry; the nodes that hold it now.

    ``replace``: the Roto node whose shapes (and whose mattes' Read nodes) take the new version;
    None: new nodes beside.
    """
    with one_undo(f"Megaton Roto: version {result.version}"):
        made: List[nuke.Node] = []
        column = _column(source)
        texts = [shapes.text] if shapes is not None and replace is None else []
        if shapes is not None and replace is not None:
            knob_of(replace, "curves").fromScript(shapes.curves)
            _label(replace, result)
            made.append(replace)
        reads = _reads_of(result.uid) if replace is not None else {}
        for row, one in enumerate(mattes):
            there = reads.get(one.name)
            if there is not None:
                _renew(there, one, result)
                made.append(there)
            else:
                place = column, source.node.ypos() + row * _DOWN
                texts.append(read_text(one, result, source.node.format(), place))
        pasted = _paste("\n".join(texts)) if texts else []
        for node in pasted:
            if node.Class() == "Roto":
                node.setInput(0, source.node)
                node.setXYpos(column, source.node.ypos() + _DOWN)
                _label(node, result)
    return [*pasted, *made]


def _paste(text: str) -> List[nuke.Node]:
    """The nodes of a script's text: Nuke selects what it pastes."""
    handle, path = tempfile.mkstemp(prefix="megaton-roto-", suffix=".nk")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        _select_none()
        last = nuke.nodePaste(path)
    finally:
        os.unlink(path)
    if last is None:
        raise NodeError("Nuke did not take the nodes.", hint="The script editor may say why.")
    return nuke.selectedNodes()


def _label(node: nuke.Node, result: Result) -> None:
    add(node, nuke.Tab_Knob("megaton_roto", "Megaton Roto"))
    add_hidden(node, RESULT).setValue(result.packed())
    tip = "Send the shapes as they are on this frame; only the stretch around it is done again."
    add_button(node, "mr_correct", "Correct from here", "correct_here", tip)
    tip = "The same, for every frame on which you changed something."
    add_button(node, "mr_correct_all", "Correct all my edits", "correct_all", tip)
    items = attention_items(result)
    listed = add(node, nuke.Enumeration_Knob(ATTENTION, "needs a look", items), new_line=True)
    listed.setValues(items)
    add_button(node, "mr_jump", "go there", "go_to_attention")


def attention_items(result: Result) -> List[str]:
    """The stretches that need a look, as the artist picks them; never empty."""
    items = [
        f"{worst}: {name} ({first}-{last})" if first != last else f"{worst}: {name}"
        for name, first, last, worst in result.attention
    ]
    return items or ["nothing"]


# -- mattes


def read_text(mattes: Mattes, result: Result, shown: nuke.Format, place: Tuple[int, int]) -> str:
    """A Read node as text. Sixty of them are pasted at once; made call by call, each would look
    at its files while the artist waits."""
    width, height, aspect = shown.width(), shown.height(), shown.pixelAspect()
    lines = [f" {name} {_word(value)}" for name, value in _read_knobs(mattes, result)]
    return "\n".join(
        [
            "Read {",
            " inputs 0",
            *lines,
            f' format "{width} {height} 0 0 {width} {height} {aspect:g} "',
            f" name {_read_name(mattes, result)}",
            f" xpos {place[0]}",
            f" ypos {place[1]}",
            ' addUserKnob {20 megaton_roto l "Megaton Roto"}',
            f' addUserKnob {{1 {RESULT} l "" +INVISIBLE}}',
            f' {RESULT} "{_read_state(mattes, result)}"',
            "}",
            "",
        ]
    )


def _renew(node: nuke.Node, mattes: Mattes, result: Result) -> None:
    """A Read node takes the mattes of another version; what is connected to it stays."""
    for name, value in _read_knobs(mattes, result):
        knob_of(node, name).setValue(value)
    node.setName(_read_name(mattes, result))
    add_hidden(node, RESULT).setValue(_read_state(mattes, result))


def _read_knobs(mattes: Mattes, result: Result) -> List[Tuple[str, Any]]:
    """Files are numbered by plate frames; ``start at`` puts the first on its script frame. Mattes
    are data (raw), and there is nothing before the first and after the last."""
    moved = result.offset != 0
    return [
        ("file", mattes.pattern.replace("\\", "/")),
        ("first", mattes.first),
        ("last", mattes.last),
        ("before", "black"),
        ("after", "black"),
        ("origfirst", mattes.first),
        ("origlast", mattes.last),
        ("on_error", "black"),
        ("raw", True),
        ("frame_mode", "start at" if moved else "expression"),
        ("frame", str(mattes.first + result.offset) if moved else ""),
    ]


def _word(value: Any) -> str:
    """A knob's value in a script: text in quotes, what Tcl would touch escaped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return '"' + re.sub(r'([\\"\[\]$])', r"\\\1", value) + '"'


def _read_name(mattes: Mattes, result: Result) -> str:
    return _node_name(f"{mattes.name}_matte_v{result.version:03d}")


def _read_state(mattes: Mattes, result: Result) -> str:
    held = {"uid": result.uid, "object": mattes.name, "version": result.version, "job": result.job}
    return pack(held)


def _reads_of(uid: str) -> Dict[str, nuke.Node]:
    """Object name -> the Read node with the newest mattes that came from a MegatonRoto node."""
    found: Dict[str, Tuple[int, nuke.Node]] = {}
    for node in _all("Read"):
        held = _held(node)
        if held.get("uid") == uid:
            name, version = str(held["object"]), int(held["version"])
            if name not in found or version > found[name][0]:
                found[name] = (version, node)
    return {name: node for name, (_, node) in found.items()}


# -- the script


def _all(node_class: str) -> List[nuke.Node]:
    found: List[Any] = nuke.allNodes(node_class, group=nuke.root(), recurseGroups=True)
    return [node for node in found if _held(node)]


def _held(node: nuke.Node) -> Dict[str, Any]:
    """What a node's hidden knob holds; nothing for one that cannot be read: it must not get in the
    way of the others."""
    try:
        return unpack(text_of(node, RESULT))
    except RotoError as error:
        _log.warning("%s: %s", node.name(), error.message)
        return {}


def _column(source: RotoNode) -> int:
    """Right of what came from the node before, so that versions stand side by side."""
    uid, places = source.uid, [source.node.xpos()]
    for node in [*_all("Roto"), *_all("Read")]:
        if _held(node).get("uid") == uid:
            places.append(node.xpos())
    return max(places) + _ACROSS


def _node_name(text: str) -> str:
    safe = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text)
    return f"_{safe}" if safe[:1].isdigit() else safe


def _select_none() -> None:
    for node in nuke.selectedNodes():
        node.setSelected(False)
