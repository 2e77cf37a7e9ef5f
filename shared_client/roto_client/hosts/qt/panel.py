"""The docked panel: the farm, the jobs, the frames that need the artist."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Optional, Protocol, Sequence, Tuple

from roto_shapes.attention import Stretch
from roto_shapes.errors import RotoError

from ..desk import Desk
from ..state import OFFLINE, DeskState, JobRow
from . import words
from .connection import ConnectionBar
from .jobs import JobsView
from .shim import QtWidgets


class Action(NamedTuple):
    """A button of the host's own. ``call`` shows its own errors."""

    label: str
    call: Callable[[], None]
    tip: str = ""


class PanelHost(Protocol):
    """What a host does for the panel, always on its main thread."""

    def actions(self) -> Sequence[Action]:
        """Buttons above the list: new object, preview, submit, correct..."""
        ...

    def fetch(self, job_id: str) -> None:
        """Bring a job's result into the host."""
        ...

    def jump(self, row: JobRow, object_name: str, frame: int) -> None:
        """Show a plate frame of a job's shot, and the object if the host can."""
        ...


class RotoPanel(QtWidgets.QWidget):  # type: ignore[misc]
    """One panel over a desk; closing it leaves the desk and its jobs alone."""

    def __init__(self, desk: Desk, host: PanelHost, parent: Optional[Any] = None) -> None:
        super().__init__(parent)
        self.desk, self.host = desk, host
        self.setWindowTitle("Megaton Roto")
        self.connection = ConnectionBar(desk)
        self.jobs = JobsView()
        self.needing = QtWidgets.QListWidget()
        self.needing.itemClicked.connect(self._jump)
        self.notice = QtWidgets.QLabel()
        self.notice.setWordWrap(True)
        self.busy = QtWidgets.QProgressBar()
        self.busy.setTextVisible(True)
        self.busy.hide()
        self.fetch = self._button("Fetch", self._fetch, "Bring the result into the script")
        self.cancel = self._button("Cancel", self._cancel, "Stop the job")
        self.retry = self._button("Retry", self._retry, "Run it again from where it broke")
        self.log = self._button("Log", self._log, "What the workers wrote")
        self.refresh = self._button("Refresh", self._refresh, "The newest jobs of the farm")
        self.lines = QtWidgets.QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.hide()
        self._lay_out()
        self._shown: List[Tuple[str, Stretch]] = []
        self.jobs.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self._unsubscribe = desk.subscribe(self.draw)
        self.destroyed.connect(lambda *_: self._unsubscribe())
        self.draw(desk.state)
        self._selected()
        if desk.state.server.status == OFFLINE:
            desk.connect()

    def draw(self, state: DeskState) -> None:
        """Show a state. Called on the main thread."""
        self.connection.show_server(state.server)
        self.jobs.show_rows(state.jobs)
        self.busy.setVisible(bool(state.busy))
        self.busy.setFormat(state.busy)
        fraction = state.busy_fraction
        self.busy.setRange(0, 0 if fraction is None else 1000)
        self.busy.setValue(0 if fraction is None else round(1000 * fraction))
        if state.notice and state.notice != self.notice.text():
            self.notice.setText(state.notice)
        self._selected()

    # -- layout

    def _button(self, label: str, call: Callable[[], None], tip: str) -> Any:
        button = QtWidgets.QPushButton(label)
        button.setToolTip(tip)
        button.clicked.connect(lambda *_: call())
        return button

    def _lay_out(self) -> None:
        actions = QtWidgets.QHBoxLayout()
        for action in self.host.actions():
            actions.addWidget(self._button(action.label, action.call, action.tip))
        actions.addStretch(1)
        buttons = QtWidgets.QHBoxLayout()
        for button in (self.fetch, self.cancel, self.retry, self.log):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.refresh)
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(self.connection)
        column.addLayout(actions)
        column.addWidget(self.busy)
        column.addWidget(self.jobs, 3)
        column.addLayout(buttons)
        column.addWidget(QtWidgets.QLabel("Frames that need you"))
        column.addWidget(self.needing, 1)
        column.addWidget(self.lines, 2)
        column.addWidget(self.notice)

    # -- what is chosen

    def _selected(self) -> None:
        row = self.jobs.selected()
        self.fetch.setEnabled(row is not None and row.state == "succeeded")
        self.cancel.setEnabled(row is not None and not row.ended)
        self.retry.setEnabled(row is not None and row.state in {"failed", "cancelled"})
        self.log.setEnabled(row is not None)
        needing = words.needing(row) if row is not None else []
        if needing != self._shown:
            self._shown = needing
            self.needing.clear()
            for name, stretch in needing:
                text = f"{name}: {stretch}, worst {stretch.worst} ({stretch.confidence:.0%} sure)"
                self.needing.addItem(text)

    def _jump(self, item: Any) -> None:
        row = self.jobs.selected()
        place = self.needing.row(item)
        if row is not None and 0 <= place < len(self._shown):
            name, stretch = self._shown[place]
            self.host.jump(row, name, stretch.worst)

    # -- buttons

    def _fetch(self) -> None:
        row = self.jobs.selected()
        if row is not None:
            self.host.fetch(row.id)

    def _cancel(self) -> None:
        self._on_selected(self.desk.cancel)

    def _retry(self) -> None:
        self._on_selected(self.desk.retry)

    def _on_selected(self, call: Callable[..., Any]) -> None:
        row = self.jobs.selected()
        if row is not None:
            call(row.id, lambda changed: None, self._failed)

    def _log(self) -> None:
        if self.lines.isVisible():
            self.lines.hide()
            return
        row = self.jobs.selected()
        if row is not None:
            self.desk.log(row.id, self._show_log, self._failed)

    def _show_log(self, text: str) -> None:
        self.lines.setPlainText(text)
        self.lines.show()

    def _refresh(self) -> None:
        self.desk.list_jobs(lambda rows: None, self._failed)

    def _failed(self, error: RotoError) -> None:
        """Never a dialog: one that opens out of a callback freezes the host."""
        self.notice.setText(f"{error.message} {error.hint}".strip())
