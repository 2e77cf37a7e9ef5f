"""The list of jobs: a model, so that hundreds of rows cost what is visible of them."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from ..state import JobRow
from . import theme, words
from .delegates import COLOR_ROLE, BarDelegate
from .models import RowsModel
from .qt import Qt, QtGui, QtWidgets

SHOT, VERSION, PROGRESS, STATUS = range(4)


class JobsModel(RowsModel[JobRow]):
    """Rows of a desk, newest first. `JobRow`s are given whole; only what differs is redrawn."""

    columns = ("Shot", "Version", "Progress", "Status")

    def key(self, row: JobRow) -> Any:
        """Its job."""
        return row.id

    def cell(self, row: JobRow, column: int, role: int) -> Any:
        """The progress is a number, drawn as a bar; the rest is text."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return words.explanation(row) or ", ".join(row.objects)
        color = theme.STATE_COLORS.get(row.state, theme.TEXT)
        if role == Qt.ItemDataRole.ForegroundRole and column == STATUS:
            return QtGui.QBrush(QtGui.QColor(color))
        if role == COLOR_ROLE and column == PROGRESS:
            return color
        return None

    def _text(self, row: JobRow, column: int) -> Any:
        if column == SHOT:
            return row.shot or row.shot_id[:8]
        if column == VERSION:
            base = f" (of {row.base_version})" if row.base_version else ""
            return f"v{row.version:03d}{base}"
        if column == PROGRESS:
            return row.fraction
        more = words.explanation(row)
        return words.status(row) + (f": {more}" if more else "")


class JobsView(QtWidgets.QTableView):
    """The table. ``jobs`` is its model."""

    def __init__(self, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self.jobs = JobsModel(self)
        self.setModel(self.jobs)
        theme.table(self)
        self.setItemDelegateForColumn(PROGRESS, BarDelegate(self))
        self.setEditTriggers(QtWidgets.QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        for column, width in ((SHOT, 130), (VERSION, 86), (PROGRESS, 96)):
            header.resizeSection(column, width)
        self.setMinimumHeight(110)

    def selected(self) -> Optional[JobRow]:
        """The chosen job."""
        chosen = self.selectionModel().selectedRows()
        return self.jobs.at(chosen[0]) if chosen else None

    def choose(self, job_id: str) -> None:
        """Choose a job, if it is listed."""
        row = self.jobs.row_of(job_id)
        if row is not None:
            self.selectRow(row)

    def show_rows(self, rows: Sequence[JobRow]) -> None:
        """Draw rows; what was chosen stays chosen."""
        before = self.selected()
        self.jobs.show(rows)
        now = self.selected()
        if before is not None and (now is None or now.id != before.id):
            self.choose(before.id)
