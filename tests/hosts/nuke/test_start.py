"""Nuke's start: it is quick, it breaks nothing, and old Pythons can read the plugin."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
PLUGIN = ROOT / "plugins" / "nuke"
SOURCES = sorted(PLUGIN.rglob("*.py"))


def run_as_nuke_does(name: str) -> None:
    """init.py and menu.py are executed, not imported."""
    path = PLUGIN / name
    exec(compile(path.read_text(), str(path), "exec"), {"__file__": str(path)})


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_menu(nuke: Any, host: Any) -> None:
    import fake_nuke

    run_as_nuke_does("init.py")
    run_as_nuke_does("menu.py")
    for where in ("Nuke", "Nodes"):
        assert nuke.menu(where).findItem("Megaton/New MegatonRoto node")
    assert [one[1:3] for one in fake_nuke.PANELS] == [("Megaton Roto", "megaton.roto.jobs")]
    assert not host.undo
    nuke.menu("Nuke").findItem("Megaton/New MegatonRoto node").invoke()
    assert nuke.toNode("MegatonRoto1")
    assert not host.messages


def test_starting_loads_neither_qt_nor_the_network(nuke: Any) -> None:
    """In a Python of its own, with everything the menu does at the start."""
    program = f"""
import sys, time
sys.path[:0] = {[str(ROOT / "tests"), str(Path(__file__).parent), str(ROOT / "shared_client")]!r}
import fake_nuke
fake_nuke.install()
before = set(sys.modules)
start = time.process_time()
for name in ("init.py", "menu.py"):
    path = {str(PLUGIN)!r} + "/" + name
    exec(compile(open(path).read(), path, "exec"), {{"__file__": path}})
seconds = time.process_time() - start
new = {{name.split(".")[0] for name in set(sys.modules) - before}}
bad = new & {{"requests", "numpy", "PySide2", "PySide6", "torch", "roto_client", "keyring"}}
assert not bad, bad
assert "megaton_roto_nuke" in new
print(seconds)
"""
    seconds = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        seconds.append(float(done.stdout))
    assert min(seconds) < 0.1, seconds


def test_whatever_is_broken_nuke_starts(
    nuke: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "megaton_roto_nuke.menu", None)
    monkeypatch.delattr("megaton_roto_nuke.menu", raising=False)
    run_as_nuke_does("menu.py")
    assert "was not loaded" in capsys.readouterr().out


def test_knobs_of_other_nodes_are_no_business_of_ours(nuke: Any, host: Any) -> None:
    run_as_nuke_does("menu.py")
    node = nuke.createNode("NoOp")
    loaded = set(sys.modules)
    node["label"].setValue("mine")
    assert "megaton_roto_nuke.actions" not in set(sys.modules) - loaded


def test_choosing_an_object_shows_its_knobs(nuke: Any, host: Any) -> None:
    run_as_nuke_does("menu.py")
    nuke.menu("Nuke").findItem("Megaton/New MegatonRoto node").invoke()
    node = nuke.toNode("MegatonRoto1")
    host.answers = ["hero"]
    node["mr_add"].execute()
    assert node["mr_object"].values() == ["object1", "hero"]
    assert node["mr2_name"].visible()
    node["mr_object"].setValue("object1")
    assert node["mr1_name"].visible()
    assert not node["mr2_name"].visible()
    node["mr1_name"].setValue("villain")
    assert node["mr_object"].values() == ["villain", "hero"]
    assert not host.messages


def test_errors_are_messages_with_a_way_out(nuke: Any, host: Any) -> None:
    run_as_nuke_does("menu.py")
    nuke.menu("Nuke").findItem("Megaton/New MegatonRoto node").invoke()
    nuke.toNode("MegatonRoto1")["mr_pick_pos"].execute()
    nuke.menu("Nuke").findItem("Megaton/Correct from here").invoke()
    assert host.messages == [
        "There is no viewer.\n\nOpen a viewer and view the plate.",
        "Select the Roto node of one result.",
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PLUGIN)))
def test_python_3_9_can_read_it(path: Path) -> None:
    ast.parse(path.read_text(), feature_version=(3, 9))


def test_vermin_agrees() -> None:
    command = [str(Path(sys.executable).parent / "vermin"), "--quiet", "--no-tips", "--violations"]
    done = subprocess.run(
        [*command, "--target=3.9-", str(PLUGIN)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_types_against_the_stubs_of_nuke() -> None:
    command = [sys.executable, "-m", "mypy", "--config-file", "plugins/nuke/mypy.ini"]
    done = run(command)
    assert done.returncode == 0, done.stdout


def old_pythons() -> list[Path]:
    """The interpreters of Nuke 14 to 17 that pyenv has here."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [next(iter(sorted(root.glob(f"{version}.*/bin/python"))), None) for version in HOSTS]
    return [path for path in found if path is not None]


HOSTS = ("3.9", "3.10", "3.11")


@pytest.mark.parametrize("python", old_pythons(), ids=lambda path: path.parts[-3])
def test_the_zip_in_the_pythons_of_nuke(python: Path, tmp_path: Path) -> None:
    from roto_client.plugins import build

    with zipfile.ZipFile(build("nuke", tmp_path)) as archive:
        archive.extractall(tmp_path)
    check = Path(__file__).with_name("check_old_python.py")
    done = run([str(python), "-I", "-W", "error", str(check), str(tmp_path / "megaton_roto")])
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_check_of_old_pythons_leaves_no_module_out() -> None:
    text = Path(__file__).with_name("check_old_python.py").read_text()
    modules = {path.stem for path in (PLUGIN / "megaton_roto_nuke").glob("*.py")} - {"__init__"}
    assert all(f'"{name}"' in text for name in modules), modules
