"""The docked panel: the farm, the objects, the jobs, the frames that need the artist."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from roto_shapes.errors import RotoError

from ..desk import Desk
from ..state import OFFLINE, DeskState
from . import theme
from .connection import ConnectionBar
from .host import Action, ObjectsHost, PanelHost, SubmitHost, in_words
from .job_box import JobBox
from .objects import ObjectsBox
from .qt import Qt, QtCore, QtGui, QtWidgets, if_alive
from .submit import SubmitBox

__all__ = ("Action", "PanelHost", "RotoPanel")

_COALESCE_MS = 100
"""A host that tells of every knob it changes is asked once."""


class RotoPanel(QtWidgets.QWidget):
    """One panel over a desk; closing it leaves the desk and its jobs alone.

    ``objects`` and ``submit`` are None for a host that is neither an `ObjectsHost` nor a
    `SubmitHost`.
    """

    def __init__(
        self, desk: Desk, host: PanelHost, parent: Optional[QtWidgets.QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.desk, self.host = desk, host
        self.setWindowTitle("Megaton Roto")
        theme.dress(self)
        self.connection = ConnectionBar(desk)
        self.objects = ObjectsBox(host, self.guarded) if isinstance(host, ObjectsHost) else None
        self.submit = SubmitBox(desk, host, self.guarded) if isinstance(host, SubmitHost) else None
        self.box = JobBox(desk, host, self.guarded, self.failed)
        self.jobs, self.needing, self.lines = self.box.jobs, self.box.needing, self.box.lines
        self.fetch, self.cancel, self.retry = self.box.fetch, self.box.cancel, self.box.retry
        self.log, self.refresh = self.box.log, self.box.refresh
        self.notice = theme.label()
        self.notice.setWordWrap(True)
        self.notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.busy = QtWidgets.QProgressBar()
        self.busy.hide()
        self._told = ""
        self._lay_out()
        self._stops: List[Callable[[], None]] = [desk.subscribe(if_alive(self, self.draw))]
        self._soon = QtCore.QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_COALESCE_MS)
        self._soon.timeout.connect(self.look_again)
        if isinstance(host, ObjectsHost):
            self._stops.append(host.watch(if_alive(self, self._soon.start)))
        # A list of its own, not the panel: the signal comes when the panel is half gone.
        stops = self._stops
        self.destroyed.connect(lambda *_: _end(stops))
        self.draw(desk.state)
        if self.submit is not None:
            self.submit.recall()
        if desk.state.server.status == OFFLINE:
            desk.connect()

    def _lay_out(self) -> None:
        parts: List[Any] = [self.connection, _rule()]
        if self.objects is not None:
            parts += [self.objects]
        if self.submit is not None:
            parts += [self.submit, _rule()]
        actions = self.host.actions()
        if actions:
            parts += [theme.row(*(self._button(action) for action in actions), 1)]
        parts += [self.busy, self.box, self.notice]
        everything = theme.column(*parts)
        everything.setContentsMargins(8, 8, 8, 8)
        everything.setStretchFactor(self.box, 3)
        if self.objects is not None:
            everything.setStretchFactor(self.objects, 1)
        self.setLayout(everything)

    def _button(self, action: Action) -> QtWidgets.QPushButton:
        made = theme.button(action.label, action.tip)
        made.clicked.connect(lambda *_: self.guarded(action.call))
        return made

    def draw(self, state: DeskState) -> None:
        """Show a state. Called on the main thread, at most five times a second."""
        self.connection.show_server(state.server)
        self.connection.code.show_code(state.sign_in)
        self.box.show_rows(state.jobs)
        self.busy.setVisible(bool(state.busy))
        self.busy.setFormat(state.busy)
        fraction = state.busy_fraction
        self.busy.setRange(0, 0 if fraction is None else 1000)
        self.busy.setValue(0 if fraction is None else round(1000 * fraction))
        if state.notice and state.notice != self._told:
            self._told = state.notice
            self.say(state.notice)

    def look_again(self) -> None:
        """Ask the host for its objects, if they are seen."""
        if self.objects is not None and self.isVisible():
            self.objects.refresh()

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802 - Qt's name
        """What changed while the panel was not seen is looked up."""
        super().showEvent(event)
        self._soon.start()

    # -- lines for the artist, never dialogs: one that opens out of a callback freezes the host

    def say(self, text: str, error: bool = False) -> None:
        """Show a line."""
        self.notice.setText(text)
        self.notice.setStyleSheet(f"color: {theme.BAD if error else theme.TEXT};")

    def failed(self, error: RotoError) -> None:
        """Show what went wrong and what to do."""
        self.say(in_words(error), error=True)

    def guarded(self, call: Callable[[], Any]) -> Any:
        """What ``call`` gives; an error becomes a line, and None."""
        try:
            return call()
        except RotoError as error:
            self.failed(error)
            return None


def _end(stops: List[Callable[[], None]]) -> None:
    while stops:
        stops.pop()()


def _rule() -> QtWidgets.QFrame:
    made = QtWidgets.QFrame()
    made.setProperty("rule", True)
    made.setFixedHeight(1)
    return made
