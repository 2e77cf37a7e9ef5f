"""The fake against the type stubs: it may know nothing that Nuke does not, and it is strict."""

from __future__ import annotations

import ast
import threading
from functools import cache
from pathlib import Path
from typing import Any

import fake_nuke
import pytest
from fake_nuke import api, host, knobs, nodes


@cache
def stubs() -> tuple[dict[str, set[str]], set[str]]:
    """Classes with all their members, inherited ones too, and the functions, of types-nuke."""
    import site

    folders = [Path(place) / "nuke-stubs" for place in site.getsitepackages()]
    folder = next(place for place in folders if place.is_dir())
    classes: dict[str, tuple[list[str], set[str]]] = {}
    functions: set[str] = set()
    for name in ("_nuke", "_curveknob", "callbacks", "executeInMain", "utils"):
        for item in ast.parse((folder / f"{name}.pyi").read_text()).body:
            if isinstance(item, ast.ClassDef):
                bases = [base.id for base in item.bases if isinstance(base, ast.Name)]
                classes.setdefault(item.name, (bases, _members(item)))
            elif isinstance(item, ast.FunctionDef):
                functions.add(item.name)
            elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                functions.add(item.target.id)

    def members(name: str) -> set[str]:
        bases, own = classes.get(name, ([], set()))
        return own.union(*(members(base) for base in bases))

    return {name: members(name) for name in classes}, functions


def _members(item: ast.ClassDef) -> set[str]:
    found = set()
    for part in item.body:
        if isinstance(part, ast.FunctionDef):
            found.add(part.name)
        elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
            found.add(part.target.id)
    return found


FAKED = [
    *(getattr(knobs, name) for name in dir(knobs) if name.endswith("_Knob")),
    knobs.Knob, knobs.Format, nodes.Node, nodes.Root, nodes.ViewerWindow, nodes.CurveKnob,
    api.Menu, api.MenuItem, api.ProgressTask, api.Undo,
]  # fmt: skip


@pytest.mark.parametrize("faked", FAKED, ids=lambda one: one.__name__)
def test_every_method_is_one_of_nukes(faked: Any) -> None:
    classes, _ = stubs()
    ours = {name for name in dir(faked) if not name.startswith("_") and name.isidentifier()}
    ours -= {"USER", "CHANNELS", "INTEGER"}
    assert ours <= classes[faked.__name__], ours - classes[faked.__name__]


def test_every_function_is_one_of_nukes(nuke: Any) -> None:
    import sys

    classes, functions = stubs()
    given = {name for name in vars(sys.modules["nuke"]) if not name.startswith("_")}
    assert given <= functions | set(classes), given - functions - set(classes)


def test_what_nuke_does_not_have_raises(nuke: Any) -> None:
    import sys

    node = nuke.createNode("NoOp")
    with pytest.raises(AttributeError):
        node.colour = 1
    with pytest.raises(AttributeError):
        _ = sys.modules["nuke"].getNode
    with pytest.raises(NameError):
        _ = node["no_such_knob"]
    with pytest.raises(TypeError):
        nuke.String_Knob("a").setValue(3)
    with pytest.raises(TypeError):
        nuke.Int_Knob("a").setValue("3")
    nuke.delete(node)
    with pytest.raises(ValueError, match="not attached"):
        node.name()


def test_threads_are_told_apart(nuke: Any) -> None:
    with pytest.raises(host.HostRuleError, match="hangs"):
        nuke.executeInMainThread(print)
    caught: list[BaseException] = []

    def work() -> None:
        try:
            nuke.root()
        except AssertionError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_undo_counts_and_goes_back(nuke: Any) -> None:
    current = host.current()
    node = nuke.createNode("NoOp")
    before = len(current.undo)
    nuke.Undo.begin("two")
    node.addKnob(nuke.String_Knob("a", "a"))
    node["a"].setValue('text with [brackets] and "quotes" and {braces}')
    nuke.Undo.end()
    assert len(current.undo) == before + 1
    text = nuke.SCRIPT.text(nuke.SCRIPT.nodes)
    nuke.undo()
    assert nuke.toNode("NoOp1").knob("a") is None
    nuke.SCRIPT.clear()
    nuke.SCRIPT.read(text, paste=False)
    assert nuke.toNode("NoOp1")["a"].value() == 'text with [brackets] and "quotes" and {braces}'


def test_the_fake_is_taken_away_again() -> None:
    fake_nuke.install()
    fake_nuke.uninstall()
    with pytest.raises(ImportError):
        __import__("nuke")
