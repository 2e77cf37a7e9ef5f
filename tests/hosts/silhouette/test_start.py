"""Silhouette starts, whatever becomes of us; and then an artist finds what he needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_fx import Application, HostMisuseError, install
from helpers_silhouette import PLATE, Bench, document, named

from megaton_roto_silhouette import start
from megaton_roto_silhouette.pump import Pump
from roto_shapes.document import save

HERE = Path(__file__).parent
ROOT = HERE.parents[2]

LOAD = """
import importlib, os, sys, time
sys.path[:0] = [{fake!r}, {libraries!r}]
{before}
# As Silhouette does it: each folder of SFX_SCRIPT_IMPORTS is imported as a package.
folder = {folder!r}
sys.path.insert(0, os.path.dirname(folder))
before = set(sys.modules)
started = time.perf_counter()
importlib.import_module(os.path.basename(folder))
print("took", time.perf_counter() - started)
print("modules", " ".join(sorted(set(sys.modules) - before)))
{after}
"""


def loaded(before: str = "import fake_fx; app = fake_fx.install()", after: str = "", **env: str):
    code = LOAD.format(
        fake=str(HERE),
        libraries=str(ROOT / "shared_client"),
        folder=str(ROOT / "plugins/silhouette/megaton_roto_silhouette"),
        before=before,
        after=after,
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin", **env},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def test_start_is_quick_and_light() -> None:
    took = []
    for _ in range(3):
        done = loaded(after="print('actions', *sorted(app.actions))")
        lines = dict(line.split(" ", 1) for line in done.stdout.splitlines())
        took.append(float(lines["took"]))
        assert done.stderr == ""
    assert min(took) < 0.1, took
    modules = set(lines["modules"].split())
    assert not modules & {"requests", "http.client", "ssl", "PySide6", "roto_client.api.client"}
    assert lines["actions"].split() == [
        "MegatonRotoCorrect", "MegatonRotoFetch", "MegatonRotoImport", "MegatonRotoPanel",
        "MegatonRotoSelfTest", "MegatonRotoSubmit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        "del app.fx.addAction",
        "del app.fx.prefs",
        "import sys; sys.modules['hook'] = None",
        "import sys; sys.modules['roto_shapes.errors'] = None",
        "import sys; sys.version_info = (3, 7, 9)",
    ],
)
def test_a_broken_start_is_a_line_on_the_console(broken: str) -> None:
    done = loaded(f"import fake_fx; app = fake_fx.install()\n{broken}")
    assert done.stderr.startswith("Megaton Roto is not available: ")
    assert len(done.stderr.splitlines()) == 1


def test_outside_silhouette_nothing_happens() -> None:
    assert loaded(before="").stderr == ""


@pytest.fixture
def plugin(silhouette: Application) -> start.Plugin:
    return start.start(ticking=lambda pump: pump)


def test_actions_say_what_they_need(silhouette: Application, plugin: start.Plugin) -> None:
    action = silhouette.actions["MegatonRotoSubmit"]
    assert action.label == "Megaton|Submit"
    with pytest.raises(AssertionError, match="Open a roto node first"):
        action.available()
    silhouette.add_plate(PLATE)
    action.available()


def test_an_error_is_shown_and_goes_no_farther(
    silhouette: Application, plugin: start.Plugin
) -> None:
    silhouette.actions["MegatonRotoFetch"].execute()
    silhouette.add_plate(PLATE)
    silhouette.actions["MegatonRotoFetch"].execute()
    silhouette.actions["MegatonRotoCorrect"].execute()
    assert [title for title, _ in silhouette.errors] == ["Megaton Roto"] * 3
    texts = [text for _, text in silhouette.errors]
    assert texts[0].startswith("No roto node is open.\n\n")
    assert texts[1].startswith("Nothing was sent from RotoNode yet.")
    assert texts[2].startswith("RotoNode holds no shapes from the farm.")


def test_keys_are_bound_only_when_wanted(silhouette: Application) -> None:
    start.start(ticking=lambda pump: pump)
    assert silhouette.binds == {}
    silhouette.fx.prefs["Megaton.Key bindings"] = True
    start.start(ticking=lambda pump: pump)
    assert len(silhouette.binds) == 4
    silhouette.binds["Ctrl+Alt+F"]()
    assert silhouette.errors[0][1].startswith("No roto node is open.")


def test_our_documents_are_in_the_import_menu(
    silhouette: Application, plugin: start.Plugin, tmp_path: Path
) -> None:
    action = silhouette.actions["MegatonRotoImport"]
    assert (action.actionType, action.extension) == (silhouette.fx.Action.ShapeImporter, "json")
    bench = Bench(silhouette)
    save(document(), tmp_path / "shapes.json")
    action.execute(path=str(tmp_path / "shapes.json"))
    wait(plugin, lambda: silhouette.undo)
    assert [each.label for each in bench.node.children] == ["hero", "prop"]
    assert silhouette.undo == ["Megaton Roto: shapes"]
    silhouette.actions["MegatonRotoCorrect"].execute()
    assert "came from a file" in silhouette.errors[-1][1]


def test_a_file_that_is_none(silhouette: Application, plugin: start.Plugin, tmp_path: Path) -> None:
    Bench(silhouette)
    (tmp_path / "shapes.json").write_text("{}")
    silhouette.actions["MegatonRotoImport"].execute(path=str(tmp_path / "shapes.json"))
    wait(plugin, lambda: plugin.flows.troubles)
    assert "shapes.json" in plugin.flows.troubles[0]
    assert silhouette.undo == []


@pytest.mark.parametrize(
    ("opaque", "said"), [(False, "points one by one: yes"), (True, "points one by one: no")]
)
def test_self_test(opaque: bool, said: str) -> None:
    application = install(opaque_paths=opaque)
    application.open_session(160, 120, 1001, 8)
    plugin = start.start(ticking=lambda pump: pump)
    bench = Bench(application)
    application.actions["MegatonRotoSelfTest"].execute()
    (text,) = application.statuses
    assert said in text
    assert "a key written for session frame 2 came in on [2]" in text
    assert "exported again: size 160 x 120" in text
    assert bench.node.children == []
    assert application.undo == ["Megaton Roto: self-test"]
    plugin.close()


def wait(plugin: start.Plugin, true) -> None:
    import time

    deadline = time.monotonic() + 120
    while not true():
        plugin.pump.tick()
        assert time.monotonic() < deadline, plugin.flows.troubles
        time.sleep(0.002)


# --- the fake itself is strict


def test_the_fake_refuses_what_the_host_is_not_known_to_have(silhouette: Application) -> None:
    import threading

    bench, fx = Bench(silhouette), silhouette.fx
    bench.apply(document())
    body = named(bench, "body")
    with pytest.raises(HostMisuseError, match="has no addPoint"):
        body.addPoint(1, 2)
    with pytest.raises(HostMisuseError, match="fx has no createShape"):
        fx.createShape()
    with pytest.raises(HostMisuseError, match="outside an undo group"):
        body.label = "other"
    with pytest.raises(HostMisuseError, match="cannot be set"):
        body.parent = None
    with silhouette.person():
        with pytest.raises(TypeError):
            body.setPath(body.evalPath(0), 1.5)
        with pytest.raises(TypeError):
            body.property("opacity").value = "100"
    fx.beginUndo("a")
    with pytest.raises(HostMisuseError, match="undo groups inside each other"):
        fx.beginUndo("b")
    caught: list[Exception] = []

    def elsewhere() -> None:
        try:
            fx.activeNode()
        except HostMisuseError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "off the main thread" in str(caught[0])


# --- the pump


def test_pump_keeps_order_and_its_time(monkeypatch) -> None:
    now = 0.0
    clock = SimpleNamespace(perf_counter=lambda: now)
    monkeypatch.setattr("megaton_roto_silhouette.pump.time", clock)
    pump, seen = Pump(budget=0.01), []

    def slow():
        nonlocal now
        for i in range(20):
            now += 0.004
            seen.append(i)
            yield

    pump.steps(slow(), lambda: seen.append("done"), seen.append)
    ticks = 0
    while not pump.idle:
        pump.tick()
        ticks += 1
    assert seen == [*range(20), "done"]
    assert ticks == 6  # Each takes up to half the time again and one step more.
    assert pump.longest == pytest.approx(0.016)


def test_pump_goes_on_after_an_error() -> None:
    pump, seen = Pump(), []

    def broken():
        yield
        raise ValueError("no")

    pump.steps(broken(), lambda: seen.append("done"), lambda error: seen.append(str(error)))
    pump.post(lambda: 1 / 0)
    pump.post(lambda: seen.append("next"))
    with pytest.raises(ZeroDivisionError):
        pump.tick()
    assert seen == ["no", "next"]


# --- as it is shipped


def old_pythons() -> list[Path]:
    """The interpreters of Silhouette 2023.5 to 2026 that pyenv has here."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [
        next(iter(sorted(root.glob(f"{version}.*/bin/python"))), None)
        for version in ("3.9", "3.10", "3.11")
    ]
    return [path for path in found if path is not None] or [Path(sys.executable)]


@pytest.mark.parametrize("python", old_pythons(), ids=lambda path: path.parts[-3])
def test_the_zip_in_the_pythons_of_silhouette(python: Path, tmp_path: Path) -> None:
    from roto_client.plugins import build

    with zipfile.ZipFile(build("silhouette", tmp_path)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "megaton_roto_silhouette"
    assert (folder / "vendor" / "roto_shapes" / "document.py").is_file()
    check = HERE / "check_old_python.py"
    done = subprocess.run(
        [str(python), "-I", "-W", "error", str(check), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_types() -> None:
    """Strict on our own signatures; of `fx` nothing is typed by anybody."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", "mypy.ini"],
        cwd=ROOT / "plugins/silhouette", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
