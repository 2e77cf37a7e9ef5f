"""The window: jobs and farm in one tab, clicks in the other, choices for jobs below.

It stands beside Silhouette's main window and never blocks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence

from roto_client.hosts import JobRow, Preview
from roto_client.hosts.qt.panel import Action, RotoPanel
from roto_client.hosts.qt.shim import QtCore, QtWidgets
from roto_shapes.errors import RotoError

from . import captured as captured_prompts
from . import marks, outgoing
from .capture_panel import CapturePanel
from .captured import Captured
from .footage import Footage, footage_of
from .standing import our_layers

if TYPE_CHECKING:
    from .start import Plugin

PRIORITIES = ("high", "normal", "low")
_PROXY = "proxy"


class Host:
    """Silhouette as the panels see it; main thread only."""

    def __init__(self, plugin: Plugin) -> None:
        self.plugin, self.fx = plugin, plugin.fx

    # -- for the list of jobs

    def actions(self) -> Sequence[Action]:
        run = self._run
        plugin = self.plugin
        return (
            Action("Submit", lambda: run(plugin.submit), "Send what the open roto node says"),
            Action("Correct", lambda: run(plugin.correct), "Send what you changed in the shapes"),
        )

    def fetch(self, job_id: str) -> None:
        self._run(lambda: self.plugin.flows.fetch(job_id))

    def jump(self, row: JobRow, object_name: str, frame: int) -> None:
        """Go to a plate frame, with the object's layer selected."""
        self._run(lambda: self._jump(row.shot_id, object_name, frame))

    def _jump(self, shot_id: str, object_name: str, frame: int) -> None:
        node = self.plugin.flows.node()
        self.fx.player.frame = footage_of(self.fx, node).session_frame(frame)
        wanted = [
            layer
            for layer in our_layers(node)
            if str(layer.label) == object_name and marks.read(layer).get("shot") == shot_id
        ]
        if wanted:
            self.fx.select(wanted[-1:])

    def _run(self, call: Callable[[], None]) -> None:
        """As a menu's action runs it, but told in the panel: no dialog out of a callback."""
        try:
            call()
        except RotoError as error:
            self.plugin.flows.failed(error)

    # -- for clicks

    def captured(self) -> Captured:
        return captured_prompts.prompts_of(marks.node_note(self.plugin.flows.node()))

    def keep(self, captured: Captured) -> None:
        self._run(lambda: self._note("click", lambda n: captured_prompts.with_prompts(n, captured)))

    def footage(self) -> Footage:
        return footage_of(self.fx, self.plugin.flows.node())

    def current_frame(self) -> int:
        return self.footage().plate_frame(int(self.fx.player.frame))

    def proxy(self) -> str:
        return str(marks.node_note(self.plugin.flows.node()).get(_PROXY, ""))

    def set_proxy(self, pattern: str) -> None:
        self._run(lambda: self._note("picture", lambda note: {**note, _PROXY: pattern}))

    def _note(self, what: str, change: Callable[[Dict[str, Any]], Dict[str, Any]]) -> None:
        node = self.plugin.flows.node()
        self.fx.beginUndo(f"Megaton Roto: {what}")
        try:
            marks.set_node_note(node, change(marks.node_note(node)))
        finally:
            self.fx.endUndo()

    def load(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        self.plugin.farm.runner.run(lambda stop: work(), done, self.plugin.flows.failed)

    def preview(
        self,
        captured: Captured,
        frame: int,
        done: Callable[[Preview], None],
        failed: Callable[[RotoError], None],
    ) -> None:
        """What is clicked and what is drawn on a frame, as Submit would send it."""
        flows = self.plugin.flows

        def ask(node: Any, footage: Footage, found: Any) -> None:
            objects = outgoing.merged(found.objects(), captured)
            request = outgoing.submit_request(objects, footage, self.plugin.settings())
            flows.desk.preview(request, frame, done, failed, client_key=f"silhouette:{node.id}")

        try:
            flows.read_prompts(ask)
        except RotoError as error:
            failed(error)


class Choices(QtWidgets.QWidget):  # type: ignore[misc]
    """Project, priority and outputs of the next job, remembered per project."""

    def __init__(self, plugin: Plugin) -> None:
        super().__init__()
        self._plugin, self._memory = plugin, plugin.farm.desk.memory
        self.project = QtWidgets.QLineEdit()
        self.priority = QtWidgets.QComboBox()
        self.priority.addItems(list(PRIORITIES))
        self.mattes = QtWidgets.QCheckBox("Mattes too")
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for label, widget in (("Project", self.project), ("Priority", self.priority)):
            row.addWidget(QtWidgets.QLabel(label))
            row.addWidget(widget)
        row.addWidget(self.mattes)
        row.addStretch(1)
        self._recall("")
        self.project.editingFinished.connect(lambda: self._recall(self.project.text().strip()))
        self.priority.currentTextChanged.connect(lambda *_: self._chosen())
        self.mattes.toggled.connect(lambda *_: self._chosen())

    def _recall(self, project: str) -> None:
        kept = self._memory.recall(project)
        self.project.setText(str(kept.get("project") or project or "default"))
        self.priority.setCurrentText(str(kept.get("priority", "normal")))
        self.mattes.setChecked(bool(kept.get("mattes", True)))
        self._chosen()

    def _chosen(self) -> None:
        project = self.project.text().strip() or "default"
        priority, mattes = self.priority.currentText(), self.mattes.isChecked()
        outputs = ("mattes", "shapes") if mattes else ("shapes",)
        self._plugin.job_settings = {
            "project": project,
            "priority": priority,
            "outputs": outputs,
        }
        try:
            self._memory.remember(project, {"priority": priority, "mattes": mattes})
        except OSError as error:
            self._plugin.say(f"Your choices could not be kept: {error.strerror}.")


class Window(QtWidgets.QDialog):  # type: ignore[misc]
    """All of it. Closing hides it; jobs are followed on."""

    def __init__(self, plugin: Plugin, parent: Optional[Any]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Megaton Roto")
        self.setWindowFlags(QtCore.Qt.Window)
        host = Host(plugin)
        self.jobs = RotoPanel(plugin.farm.desk, host)
        self.clicks = CapturePanel(host)
        self.choices = Choices(plugin)
        self.line = QtWidgets.QLabel()
        self.line.setWordWrap(True)
        tabs = QtWidgets.QTabWidget()
        tabs.addTab(self.jobs, "Jobs")
        tabs.addTab(self.clicks, "Clicks")
        tabs.currentChanged.connect(self._turned)
        self.tabs = tabs
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(tabs, 1)
        column.addWidget(self.choices)
        column.addWidget(self.line)
        plugin.listeners.append(self.line.setText)
        self.resize(640, 560)

    def _turned(self, index: int) -> None:
        if self.tabs.widget(index) is self.clicks:
            self.clicks.reload()


def show(plugin: Plugin) -> Any:
    """Show the window, made once."""
    if plugin.panel is None:
        plugin.panel = Window(plugin, _main_window())
    plugin.panel.show()
    plugin.panel.raise_()
    return plugin.panel


def _main_window() -> Any:
    """Silhouette's main window, for ours to stay in front of."""
    from importlib import import_module

    return import_module("tools.window").get_main_window()
