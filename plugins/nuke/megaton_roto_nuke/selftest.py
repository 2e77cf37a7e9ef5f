"""What the plugin takes for granted about Nuke, asked of the Nuke it runs in.

For a person with a seat (docs/seat-checklist.md): Megaton > Self-test. Everything happens in nodes
that are gone afterwards, and nothing is sent anywhere. Every line is an assumption of ours that no
document settles; *differs* says which one does not hold, and is worth reporting word by word.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any, Callable, List, NamedTuple, Tuple

import nuke

from roto_shapes.model import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
)

from .knobs import add, key_frames, knob_of, no_undo, set_key, values_at
from .readback import read_back
from .results import Mattes, Result, read_text
from .written import NOBODY, NOWHERE, fingerprint, write_shapes
from .written import Frame as Where

OFFSET = -1000


class Finding(NamedTuple):
    """One assumption: whether it holds, and what was seen."""

    what: str
    holds: bool
    seen: str

    def __str__(self) -> str:
        return f"{'ok     ' if self.holds else 'DIFFERS'}  {self.what}: {self.seen}"


def run() -> List[Finding]:
    """Every check, in order. One that breaks is a finding too. Main thread."""
    checks: Tuple[Tuple[str, Callable[[], Tuple[bool, str]]], ...] = (
        ("a pasted Roto node gives its shapes back", _shapes_pasted),
        ("so does one that took them by fromScript", _shapes_set),
        ("pasted nodes are selected", _paste_selects),
        ("a pasted matte node keeps its frames", _read_pasted),
        ("frame mode `offset` shows a file frame that much later", _offset_mode),
        ("a handle's first key is its only one", _first_key),
        ("handles of a box are left, bottom, right, top", _box_channels),
        ("a viewer has colour_sample_bbox with four numbers", _viewer_sample),
    )
    findings = []
    with no_undo():
        for what, check in checks:
            try:
                holds, seen = check()
            except Exception as error:
                holds, seen = False, f"{type(error).__name__}: {error}"
            findings.append(Finding(what, holds, seen))
    return findings


def report() -> str:
    """The findings as text, with the Nuke they are of."""
    lines = [f"Megaton Roto self-test in Nuke {nuke.NUKE_VERSION_STRING}", ""]
    return "\n".join([*lines, *map(str, run())])


def document() -> Document:
    """Everything the writer writes: a moving layer, a hole that fades, a shape that comes and goes,
    one with few points."""

    def shape(dx: float) -> Tuple[ControlPoint, ...]:
        corners = ((100.0, 50.0), (130.3, 50.0), (130.0, 200.7), (220.0, 230.0), (100.1, 230.0))
        return tuple(ControlPoint(x + dx, y, -7.1, 0.3, 6.9, -0.2) for x, y in corners)

    moving = Transform(
        (160.0, 120.0), [TransformKey(1001), TransformKey(1010, 20.5, -8.25, 15.0, 1.25)]
    )
    body = Shape("s1", "body", keys=[Key(1001, shape(0.0)), Key(1006, shape(9.7))])
    hole = Shape(
        "s2",
        "hole",
        mode="subtract",
        opacity=[ValueKey(1001, 1.0), ValueKey(1010, 0.25)],
        keys=[Key(1001, shape(3.0))],
    )
    brief = Shape("s3", "brief", visible=[(1003, 1005)], keys=[Key(1003, shape(40.0)[:3])])
    layers = [
        Layer("l1", "selftest", transform=moving, shapes=[body, hole]),
        Layer("l2", "still", shapes=[brief]),
    ]
    return Document(320, 240, frame_range=(1001, 1010), layers=layers)


def _shapes_pasted() -> Tuple[bool, str]:
    return _compared(_pasted(write_shapes(document(), OFFSET, "selftest").text)[0])


def _shapes_set() -> Tuple[bool, str]:
    node = nuke.nodes.Roto()
    knob_of(node, "curves").fromScript(write_shapes(document(), OFFSET, "selftest").curves)
    return _compared(node)


def _compared(node: nuke.Node) -> Tuple[bool, str]:
    """Nuke's own writing of the shapes against what it was given."""
    base = document()
    written = write_shapes(base, OFFSET, "selftest")
    curves = knob_of(node, "curves").toScript()
    nuke.delete(node)
    back = read_back(curves, base, written.names, OFFSET)
    if back.layers == base.layers:
        same = fingerprint(curves, Where.of(base, OFFSET)) == written.mark
        return same, "to the last bit" if same else "the same numbers, another fingerprint"
    differ = [
        f"{mine.name}/{shape.name}"
        for mine, theirs in zip(base.layers, back.layers)
        for shape, other in zip(mine.shapes, theirs.shapes)
        if shape != other
    ]
    return False, f"other numbers in {', '.join(differ) or 'layers'}; {'; '.join(back.notes)}"


def _paste_selects() -> Tuple[bool, str]:
    nodes = _pasted(write_shapes(document(), OFFSET, "selftest").text)
    names = ", ".join(node.Class() for node in nodes)
    for node in nodes:
        nuke.delete(node)
    return names == "Roto", names or "nothing is"


def _read_pasted() -> Tuple[bool, str]:
    result = Result("selftest", "job", "shot", 1, OFFSET, NOBODY, "", NOWHERE)
    mattes = Mattes("selftest", "/nowhere/selftest.%04d.exr", 1001, 1010)
    text = read_text(mattes, result, nuke.root().format(), (0, 0))
    (node,) = _pasted(text)
    seen = [str(knob_of(node, name).value()) for name in ("file", "first", "last", "frame", "raw")]
    told = [*seen, str(node.firstFrame()), str(node.lastFrame())]
    nuke.delete(node)
    wanted = ["/nowhere/selftest.%04d.exr", "1001", "1010", "1", "True", "1", "10"]
    return told == wanted, " ".join(told)


def _offset_mode() -> Tuple[bool, str]:
    """By the metadata Nuke gives, where the files are there; else by the range it reports."""
    node = nuke.nodes.Read()
    for name, value in (("first", 1001), ("last", 1010), ("frame_mode", "offset"), ("frame", "7")):
        knob_of(node, name).setValue(value)
    first = node.firstFrame()
    nuke.delete(node)
    return first == 1008, f"file frame 1001 with offset 7 is script frame {first}"


def _first_key() -> Tuple[bool, str]:
    node = nuke.nodes.NoOp()
    knob = add(node, nuke.XY_Knob("selftest", "selftest"))
    set_key(knob, (12.5, 34.25), nuke.frame() + 5)
    keys, values = key_frames(knob), values_at(knob, 2, nuke.frame() + 5)
    nuke.delete(node)
    return keys == [nuke.frame() + 5] and values == [12.5, 34.25], f"{keys} {values}"


def _box_channels() -> Tuple[bool, str]:
    node = nuke.nodes.NoOp()
    knob = add(node, nuke.BBox_Knob("selftest", "selftest"))
    set_key(knob, (1.0, 2.0, 30.0, 40.0), 1)
    seen = [float(knob.getValueAt(1, channel)) for channel in range(4)]
    nuke.delete(node)
    return seen == [1.0, 2.0, 30.0, 40.0], str(seen)


def _viewer_sample() -> Tuple[bool, str]:
    viewer: Any = nuke.activeViewer()
    if viewer is None:
        return False, "no viewer is open; open one and run this again"
    knob: Any = viewer.node().knob("colour_sample_bbox")
    if knob is None:
        return False, "there is no such knob"
    values = [float(knob.getValue(channel)) for channel in range(4)]
    return True, " ".join(f"{value:.4f}" for value in values)


def _pasted(text: str) -> List[nuke.Node]:
    handle, path = tempfile.mkstemp(prefix="megaton-roto-", suffix=".nk")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        for node in nuke.selectedNodes():
            node.setSelected(False)
        nuke.nodePaste(path)
    finally:
        os.unlink(path)
    return list(nuke.selectedNodes())
