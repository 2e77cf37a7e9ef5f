"""A desk and a host that the panel can be shown to, strict about what is asked of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from roto_client.hosts import DeskState, FrameMap, JobRow, ServerState
from roto_client.hosts.qt.host import ObjectRow, Said, SubmitChoices
from roto_client.hosts.qt.panel import Action
from roto_client.hosts.qt.shim import QtCore, QtGui
from roto_shapes.attention import Stretch
from roto_shapes.errors import RotoError


class StillDesk:
    """A desk that does nothing by itself; what is asked of it is written down."""

    def __init__(self, state: DeskState) -> None:
        self.state = state
        self.asked: list[tuple[Any, ...]] = []
        self.watchers: list[Callable[[DeskState], None]] = []

    def subscribe(self, watcher: Callable[[DeskState], None]) -> Callable[[], None]:
        self.watchers.append(watcher)
        return lambda: self.watchers.remove(watcher)

    def show(self, state: DeskState) -> None:
        self.state = state
        for watcher in self.watchers:
            watcher(state)

    def connect(self) -> None:
        self.asked.append(("connect",))

    def sign_in(self, server: str, key: str, done: Any, failed: Any) -> None:
        self.asked.append(("sign_in", server, key, done, failed))

    def sign_in_by_code(self, server: str, done: Any, failed: Any, *, show: Any) -> None:
        self.asked.append(("sign_in_by_code", server, done, failed, show))

    def stop_sign_in(self) -> None:
        self.asked.append(("stop_sign_in",))

    def sign_out(self) -> None:
        self.asked.append(("sign_out",))

    def cancel(self, job_id: str, done: Any, failed: Any) -> None:
        self.asked.append(("cancel", job_id, done, failed))

    def retry(self, job_id: str, done: Any, failed: Any) -> None:
        self.asked.append(("retry", job_id, done, failed))

    def log(self, job_id: str, done: Any, failed: Any) -> None:
        self.asked.append(("log", job_id, done, failed))

    def list_jobs(self, done: Any, failed: Any) -> None:
        self.asked.append(("list_jobs", done, failed))


class Seat:
    """A `PanelHost` that writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def actions(self) -> list[Action]:
        labels = ("Preview", "Submit", "Correct from here")
        return [Action(label, lambda label=label: self.asked.append((label,))) for label in labels]

    def fetch(self, job_id: str) -> None:
        self.asked.append(("fetch", job_id))

    def jump(self, row: JobRow, object_name: str, frame: int) -> None:
        self.asked.append(("jump", row.id, object_name, frame))


READY = ServerState("ready", "https://roto.studio.example")

JOBS = (
    JobRow("d" * 32, "s" * 32, "sh040_plate", 1, state="queued", objects=("hero",)),
    JobRow(
        "c" * 32, "s" * 32, "sh030_plate", 1, state="running", stage="track", done=61, total=96,
        fraction=0.635, eta_seconds=74.0, objects=("hero", "sword"),
    ),
    JobRow(
        "b" * 32, "s" * 32, "sh020_plate", 2, base_version=1, state="succeeded", stage="export",
        done=96, total=96, fraction=1.0, objects=("hero",),
        attention={
            "hero": (Stretch(1031, 1038, 1034, 0.21), Stretch(1071, 1071, 1071, 0.44)),
            "sword": (Stretch(1052, 1060, 1055, 0.3),),
        },
    ),
    JobRow(
        "a" * 32, "s" * 32, "sh010_plate", 1, state="failed", stage="track", objects=("car",),
        error="Frame 1017 of the plate cannot be decoded.", hint="Render it again.",
    ),
)  # fmt: skip

STATE = DeskState(READY, JOBS, "Sending the plate: 120 of 480 MB", 0.25, "Version 2 was sent.")


def darken(application: Any) -> None:
    """Colours as compositors have them."""
    application.setStyle("Fusion")
    palette = QtGui.QPalette()
    grey = {
        QtGui.QPalette.Window: "#323232",
        QtGui.QPalette.WindowText: "#d6d6d6",
        QtGui.QPalette.Base: "#262626",
        QtGui.QPalette.AlternateBase: "#2b2b2b",
        QtGui.QPalette.Text: "#d6d6d6",
        QtGui.QPalette.Button: "#414141",
        QtGui.QPalette.ButtonText: "#d6d6d6",
        QtGui.QPalette.Mid: "#454545",
        QtGui.QPalette.Highlight: "#4f86b5",
        QtGui.QPalette.HighlightedText: "#ffffff",
        QtGui.QPalette.ToolTipBase: "#262626",
        QtGui.QPalette.ToolTipText: "#d6d6d6",
    }
    for role, color in grey.items():
        palette.setColor(role, QtGui.QColor(color))
    for role in (QtGui.QPalette.ButtonText, QtGui.QPalette.Text):
        palette.setColor(QtGui.QPalette.Disabled, role, QtGui.QColor("#7a7a7a"))
    application.setPalette(palette)


class ThreadlessRunner:
    """Work is done when the test says so, as a thread's would come later."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, Any, Any]] = []

    def run(self, work: Any, done: Any, failed: Any) -> None:
        self.waiting.append((work, done, failed))

    def finish(self) -> None:
        while self.waiting:
            work, done, failed = self.waiting.pop(0)
            try:
                result = work(threading.Event())
            except RotoError as error:
                failed(error)
            else:
                done(result)


class Notebook:
    """A `HostMemory` in memory."""

    def __init__(self, **projects: dict[str, Any]) -> None:
        self.projects = projects

    def recall(self, project: str = "") -> dict[str, Any]:
        name = project or next(iter(self.projects), "")
        return {**self.projects.get(name, {}), "project": name} if name else {}

    def remember(self, project: str, choices: Any) -> None:
        json.dumps(dict(choices))
        self.projects[project] = dict(choices)


class BusyDesk(StillDesk):
    """A `StillDesk` with threads, a memory and masks."""

    def __init__(self, state: DeskState, **projects: dict[str, Any]) -> None:
        super().__init__(state)
        self.runner = ThreadlessRunner()
        self.memory = Notebook(**projects)

    def newest_mask(self, job_id: str, name: str, done: Any, failed: Any) -> None:
        self.asked.append(("newest_mask", job_id, name, done, failed))


SAID_OF_HERO = (
    Said(1001, positive=2, negative=1, box=True),
    Said(1040, positive=1),
    Said(1072, outline=True),
)
SAID_OF_SWORD = (Said(1001, positive=1), Said(1031, absent=True))
OBJECTS = (
    ObjectRow("1", "hero", (0.94, 0.63, 0.23), True, SAID_OF_HERO),
    ObjectRow("2", "sword", (0.35, 0.66, 0.95), True, SAID_OF_SWORD),
    ObjectRow("3", "cape", (0.55, 0.80, 0.43)),
)


class FullSeat(Seat):
    """A host with all the parts there are."""

    def __init__(self, objects: tuple[ObjectRow, ...] = OBJECTS) -> None:
        super().__init__()
        self.rows = list(objects)
        self.refused: RotoError | None = None
        self.changed: Callable[[], None] | None = None
        self.looked = 0
        self.offset = 1000

    def actions(self) -> list[Action]:
        return [Action("Preview frame", lambda: self._note("preview"), "This frame's masks")]

    def picks(self) -> tuple[str, ...]:
        return ("positive", "negative", "box", "shapes", "absent", "clear")

    def node(self) -> str:
        return "MegatonRoto1"

    def objects(self) -> tuple[ObjectRow, ...]:
        self.looked += 1
        return tuple(self.rows)

    def select(self, key: str) -> None:
        self._note("select", key)

    def add_object(self, name: str) -> str:
        self._note("add", name)
        self.rows.append(ObjectRow(f"new{len(self.rows)}", name))
        return self.rows[-1].key

    def remove_object(self, key: str) -> None:
        self._note("remove", key)
        self.rows = [row for row in self.rows if row.key != key]

    def change_object(
        self, key: str, *, name: Any = None, color: Any = None, enabled: Any = None
    ) -> None:
        given = {"name": name, "color": color, "enabled": enabled}
        given = {what: value for what, value in given.items() if value is not None}
        self._note("change", key, given)
        self.rows = [replace(row, **given) if row.key == key else row for row in self.rows]

    def pick(self, key: str, kind: str) -> None:
        self._note("pick", key, kind)

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        self.changed = changed

        def stop() -> None:
            self.changed = None

        return stop

    def frame_range(self) -> tuple[int, int]:
        return 1001, 1096

    def submit_job(self, choices: SubmitChoices) -> None:
        self._note("submit", choices)

    def apply(self, job_id: str, how: str) -> None:
        self._note("apply", job_id, how)

    def correct(self, job_id: str) -> None:
        self._note("correct", job_id)

    def frame_map(self, job_id: str) -> FrameMap:
        return FrameMap(self.offset)

    def _note(self, *what: Any) -> None:
        if self.refused is not None:
            raise self.refused
        self.asked.append(what)


def wait(milliseconds: int) -> None:
    """Let Qt live for a while (PySide2 has no ``qWait``)."""
    ends = time.monotonic() + milliseconds / 1000
    while time.monotonic() < ends:
        QtCore.QCoreApplication.processEvents()
        time.sleep(0.002)
    # What came due while a busy machine had no time for us.
    QtCore.QCoreApplication.processEvents()


def until(condition: Callable[[], Any], what: str) -> None:
    """Let Qt live until ``condition`` holds."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        wait(10)


def png(image: Any) -> bytes:
    content = QtCore.QByteArray()
    buffer = QtCore.QBuffer(content)
    buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(content.data())
