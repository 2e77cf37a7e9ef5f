"""A desk and a host that the panel can be shown to, strict about what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from roto_client.hosts import DeskState, JobRow, ServerState
from roto_client.hosts.qt.panel import Action
from roto_client.hosts.qt.shim import QtGui
from roto_shapes.attention import Stretch


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
