"""The list of jobs and all that can be done with the chosen one."""

from __future__ import annotations

from typing import Any, Callable, List, Optional, Sequence, Tuple

from roto_shapes.attention import Stretch
from roto_shapes.errors import RotoError

from ..desk import Desk
from ..orders import FrameMap
from ..state import JobRow
from . import theme, words
from .host import BESIDE, REPLACE, FramesHost, PanelHost, ResultsHost
from .jobs import JobsView
from .newest import NewestMask
from .objects import Guard
from .qt import QtGui, QtWidgets, if_alive

NEEDING = "Frames that need you"
_LONGEST_LOG = 200_000
"""Characters of a log that are shown: its end."""
_MOST_NEEDED = 300
"""Stretches that are listed, the worst: nobody goes through more before correcting some."""


class JobBox(QtWidgets.QWidget):
    """Table, buttons, newest mask, log, frames that need the artist.

    ``guard`` runs what is the host's; ``failed`` shows an error as a line.
    """

    def __init__(
        self,
        desk: Desk,
        host: PanelHost,
        guard: Guard,
        failed: Callable[[RotoError], None],
        parent: Optional[QtWidgets.QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._host, self._guard, self._failed = desk, host, guard, failed
        self.jobs = JobsView()
        self.fetch = theme.button("Fetch", "Bring the result into the host", main=True)
        self.beside = theme.button("Fetch beside", "Bring it in, and keep the last version")
        self.correct = theme.button(
            "Correct from here", "Send what you changed in the shapes on this frame"
        )
        self.cancel = theme.button("Cancel", "Stop the job")
        self.retry = theme.button("Retry", "Run it again from where it broke")
        self.log = theme.button("Log", "What the workers wrote")
        self.refresh = theme.button("Refresh", "The newest jobs of the farm")
        self.trouble = theme.label(bad=True)
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.newest = NewestMask(desk)
        self.lines = QtWidgets.QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setFont(QtGui.QFontDatabase.systemFont(QtGui.QFontDatabase.SystemFont.FixedFont))
        self.lines.hide()
        self.needing_title = theme.label(NEEDING, heading=True)
        self.needing = QtWidgets.QListWidget()
        self.needing.setUniformItemSizes(True)
        self._needed: List[Tuple[str, Stretch]] = []
        self._needed_of = ""
        self._log_of = ""
        self._lay_out()
        self._connect()
        self._selected()

    def _lay_out(self) -> None:
        two_ways = isinstance(self._host, ResultsHost)
        self.beside.setVisible(two_ways)
        self.correct.setVisible(two_ways)
        head = theme.row(theme.label("Jobs", heading=True), 1, self.log, self.refresh)
        buttons = theme.row(self.fetch, self.beside, self.correct, 1, self.cancel, self.retry)
        self.needing.setMinimumHeight(60)
        everything = theme.column(
            head,
            self.jobs,
            buttons,
            self.trouble,
            self.newest,
            self.needing_title,
            self.needing,
            self.lines,
        )
        for at, stretch in ((1, 3), (6, 2), (7, 2)):
            everything.setStretch(at, stretch)
        self.setLayout(everything)

    def _connect(self) -> None:
        self.jobs.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        self.needing.itemClicked.connect(self._jump)
        self.fetch.clicked.connect(lambda *_: self._bring(REPLACE))
        self.beside.clicked.connect(lambda *_: self._bring(BESIDE))
        self.correct.clicked.connect(lambda *_: self._correct())
        self.cancel.clicked.connect(lambda *_: self._on_selected(self._desk.cancel))
        self.retry.clicked.connect(lambda *_: self._on_selected(self._desk.retry))
        self.log.clicked.connect(lambda *_: self._log())
        self.refresh.clicked.connect(lambda *_: self._refresh())

    def show_rows(self, rows: Sequence[JobRow]) -> None:
        """Draw the jobs."""
        self.jobs.show_rows(rows)
        if rows and self.jobs.selected() is None:
            self.jobs.choose(rows[0].id)
        self._selected()

    # -- what is chosen

    def _selected(self) -> None:
        row = self.jobs.selected()
        done = row is not None and row.state == "succeeded"
        for one in (self.fetch, self.beside, self.correct):
            one.setEnabled(done)
        self.cancel.setEnabled(row is not None and not row.ended and row.state != "cancelling")
        self.retry.setEnabled(row is not None and row.state in {"failed", "cancelled"})
        self.log.setEnabled(row is not None)
        trouble = f"{row.error} {row.hint}".strip() if row is not None and row.error else ""
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))
        self.newest.show_job(row)
        self._show_needing(row)

    def _show_needing(self, row: Optional[JobRow]) -> None:
        everything = words.needing(row) if row is not None else []
        needed = everything[:_MOST_NEEDED]
        job_id = row.id if row is not None else ""
        if (needed, job_id) == (self._needed, self._needed_of):
            return
        self._needed, self._needed_of = needed, job_id
        self.needing.clear()
        if needed:
            frames = self._frames(job_id)
            plate = frames is None and isinstance(self._host, FramesHost)
            self.needing_title.setText(NEEDING + " (frames of the plate)" * plate)
            shown = [words.need(name, one, frames or FrameMap()) for name, one in needed]
            self.needing.addItems(shown)
            if len(everything) > len(needed):
                self.needing.addItem(f"... and {len(everything) - len(needed)} less doubtful ones")

    def _frames(self, job_id: str) -> Optional[FrameMap]:
        """None for a job of another script, or a host that counts as the plate does."""
        host: Any = self._host
        if not isinstance(host, FramesHost):
            return None
        try:
            return host.frame_map(job_id)
        except RotoError:
            return None

    def _jump(self, item: QtWidgets.QListWidgetItem) -> None:
        row, place = self.jobs.selected(), self.needing.row(item)
        if row is not None and 0 <= place < len(self._needed):
            chosen, (name, stretch) = row, self._needed[place]
            self._guard(lambda: self._host.jump(chosen, name, stretch.worst))

    # -- buttons

    def _bring(self, how: str) -> None:
        row, host = self.jobs.selected(), self._host
        if row is None:
            return
        job_id = row.id
        if isinstance(host, ResultsHost):
            results: ResultsHost = host
            self._guard(lambda: results.apply(job_id, how))
        else:
            self._guard(lambda: host.fetch(job_id))

    def _correct(self) -> None:
        row, host = self.jobs.selected(), self._host
        if row is not None and isinstance(host, ResultsHost):
            job_id, results = row.id, host
            self._guard(lambda: results.correct(job_id))

    def _on_selected(self, call: Callable[..., Any]) -> None:
        row = self.jobs.selected()
        if row is not None:
            call(row.id, _nothing, if_alive(self, self._failed))

    def _refresh(self) -> None:
        self._desk.list_jobs(_nothing, if_alive(self, self._failed))

    # -- log

    def _log(self) -> None:
        row = self.jobs.selected()
        if row is None or (not self.lines.isHidden() and self._log_of == row.id):
            self.lines.hide()
            return
        self._log_of = row.id
        self._desk.log(row.id, if_alive(self, self._show_log), if_alive(self, self._failed))

    def _show_log(self, text: str) -> None:
        shown = text[-_LONGEST_LOG:] or "Nothing was written yet."
        self.lines.setPlainText(shown)
        self.lines.show()
        bar = self.lines.verticalScrollBar()
        bar.setValue(bar.maximum())


def _nothing(result: Any) -> None:
    """The desk's state tells what came of it."""
