"""The open script: its nodes, and how it is written and read, as a ``.nk``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shapes import helpers_nk

from . import host, knobs
from .nodes import CLASSES, WITHOUT_INPUT, Node, Root, ViewerWindow

_USER = {
    cls.USER: cls
    for cls in (
        knobs.String_Knob, knobs.File_Knob, knobs.Int_Knob, knobs.Enumeration_Knob,
        knobs.Boolean_Knob, knobs.Double_Knob, knobs.XY_Knob, knobs.BBox_Knob, knobs.Color_Knob,
        knobs.Tab_Knob, knobs.PyScript_Knob, knobs.Text_Knob,
    )
}  # fmt: skip


class Script:
    """All nodes of the one open script."""

    def __init__(self) -> None:
        self.root = Root()
        self.nodes: list[Node] = []
        self.this: tuple[Node | None, knobs.Knob | None] = (None, None)
        self.viewer: ViewerWindow | None = None
        self.knob_changed_calls: list[Any] = []
        self.loads: list[Any] = []
        self.closes: list[Any] = []
        host.current().snapshot = lambda: self.text(self.nodes)

    # -- nodes

    def make(self, name_of_class: str) -> Node:
        if name_of_class not in CLASSES:
            raise RuntimeError(f"{name_of_class}: Unknown command")
        node = Node(self, name_of_class)
        self.nodes.append(node)
        self._call(node, self.free_name(f"{name_of_class}1", node))
        return node

    def _call(self, node: Node, name: str) -> None:
        node._name = name
        node._knobs["name"]._value = name  # type: ignore[attr-defined]

    def free_name(self, name: str, but: Node) -> str:
        taken = {node._name for node in self.nodes if node is not but}
        stem = name.rstrip("0123456789")
        count = int(name[len(stem) :] or 1)
        while name in taken:
            name = f"{stem}{count}"
            count += 1
        return name

    def remove(self, node: Node) -> None:
        node._alive = False
        self.nodes.remove(node)
        for other in self.nodes:
            other._inputs = [None if one is node else one for one in other._inputs]

    def clear(self) -> None:
        for node in list(self.nodes):
            self.remove(node)
        self.root = Root()
        self.viewer = None

    def knob_changed(self, node: Node, knob: knobs.Knob) -> None:
        current = host.current()
        if current.in_knob_changed:
            return
        current.in_knob_changed += 1
        try:
            with node._as_this(knob):
                for call, node_class in list(self.knob_changed_calls):
                    if node_class in ("*", node._class):
                        call()
        finally:
            current.in_knob_changed -= 1

    # -- text

    def text(self, nodes: Iterable[Node]) -> str:
        """The nodes as a script; inputs by name, in a comment Nuke itself has no need of."""
        return "\n".join(["version 13.2 v8", *(self._node_text(node) for node in nodes), ""])

    def _node_text(self, node: Node) -> str:
        lines = [f"{node._class} {{"]
        inputs = " ".join(above._name if above else "0" for above in node._inputs)
        if inputs:
            lines.append(f" fake_inputs {{{inputs}}}")
        for knob in node._knobs.values():
            if knob._user:
                lines.append(self._user_text(knob))
            text = knob._text()
            if text is not None and not knob._flags & knobs.DO_NOT_WRITE:
                lines.append(f" {knob._name} {text}")
        return "\n".join([*lines, "}"])

    def _user_text(self, knob: knobs.Knob) -> str:
        words = [str(type(knob).USER), knob._name, "l", knobs.quoted(knob._label) or '""']
        if isinstance(knob, knobs.Enumeration_Knob):
            words += ["M", "{" + " ".join(knobs.quoted(item) or '""' for item in knob._items) + "}"]
        if isinstance(knob, knobs.PyScript_Knob):
            words += ["T", knobs.quoted(knob._value) or '""']
        if knob._flags & knobs.INVISIBLE or not knob._visible:
            words.append("+INVISIBLE")
        if knob._flags & knobs.STARTLINE:
            words.append("+STARTLINE")
        return " addUserKnob {" + " ".join(words) + "}"

    def read(self, text: str, paste: bool) -> list[Node]:
        """The nodes of a text join the script; names that are taken get another number."""
        made: list[tuple[Node, list[str]]] = []
        called: dict[str, Node] = {}
        connect_to = next((node for node in self.nodes if node.isSelected()), None)
        fragment = "push $cut_paste_input" in text
        if paste:
            for node in self.nodes:
                node.setSelected(False)
        for words in helpers_nk.commands(text):
            name_of_class = words[0][0]
            if name_of_class in ("version", "set", "push", "Root"):
                continue
            node = Node(self, name_of_class)
            self.nodes.append(node)
            wanted, inputs = self._fill(node, words[1][0])
            called[wanted] = node
            self._call(node, self.free_name(wanted or f"{name_of_class}1", node))
            made.append((node, inputs))
        for node, inputs in made:
            node._inputs = [called.get(name) or self.named(name) for name in inputs]
        if fragment and connect_to and made and made[0][0]._class not in WITHOUT_INPUT:
            made[0][0]._inputs = [connect_to]
        if paste:
            for node, _ in made:
                node.setSelected(True)
        return [node for node, _ in made]

    def _fill(self, node: Node, body: str) -> tuple[str, list[str]]:
        wanted, inputs = "", []
        for command in helpers_nk.commands(body):
            name, words = command[0][0], [word for word, _ in command[1:]]
            if name == "addUserKnob":
                self._add_user(node, words[0])
            elif name == "fake_inputs":
                inputs = words[0].split()
            elif name == "name":
                wanted = words[0]
            elif name == "inputs":
                continue
            elif name in node._knobs:
                node._knobs[name]._load(self._value(node._knobs[name], words))
            else:
                raise RuntimeError(f"{node._class} has no knob {name!r}")
        return wanted, inputs

    def _value(self, knob: knobs.Knob, words: list[str]) -> str:
        if isinstance(knob, knobs.Array_Knob) and not isinstance(knob, knobs.Enumeration_Knob):
            return words[0]
        return words[0] if isinstance(knob, Node) else self._plain(knob, words[0])

    def _plain(self, knob: knobs.Knob, word: str) -> str:
        from .nodes import CurveKnob

        return word if isinstance(knob, CurveKnob) else knobs.unquoted(word)

    def _add_user(self, node: Node, body: str) -> None:
        words = [word for word, _ in next(iter(helpers_nk.commands(body)))]
        cls, name, label = _USER[int(words[0])], words[1], knobs.unquoted(words[3])
        if cls is knobs.Enumeration_Knob:
            items = [
                knobs.unquoted(word)
                for command in helpers_nk.commands(words[5])
                for word, _ in command
            ]
            knob = cls(name, label, items)
        elif cls is knobs.PyScript_Knob:
            knob = cls(name, label, knobs.unquoted(words[5]))
        else:
            knob = cls(name, label)
        if "+INVISIBLE" in words:
            knob._flags |= knobs.INVISIBLE
            knob._visible = False
        if "+STARTLINE" in words:
            knob._flags |= knobs.STARTLINE
        node._join(knob)

    def named(self, name: str) -> Node | None:
        return next((node for node in self.nodes if node._name == name), None)
