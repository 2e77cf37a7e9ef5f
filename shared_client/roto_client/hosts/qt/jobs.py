"""The list of jobs: a model, so that hundreds of rows cost what is visible of them."""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from ..state import JobRow
from . import words
from .shim import QtCore, QtGui, QtWidgets

COLUMNS = ("Shot", "Version", "Progress", "Status")
PROGRESS = 2
_COLORS = {"failed": "#e08a7d", "cancelled": "#9a9a9a", "succeeded": "#8fc79a"}


class JobsModel(QtCore.QAbstractTableModel):  # type: ignore[misc]
    """Rows of a desk. `JobRow`s are given whole; only what differs is redrawn."""

    def __init__(self, parent: Optional[Any] = None) -> None:
        super().__init__(parent)
        self.rows: Tuple[JobRow, ...] = ()

    def show(self, rows: Sequence[JobRow]) -> None:
        """Take new rows, in the order of the desk (newest first)."""
        rows = tuple(rows)
        if [row.id for row in rows] != [row.id for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        changed = [i for i, (old, new) in enumerate(zip(self.rows, rows)) if old != new]
        self.rows = rows
        for i in changed:
            self.dataChanged.emit(self.index(i, 0), self.index(i, len(COLUMNS) - 1))

    def rowCount(self, parent: Any = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Any = None) -> int:  # noqa: N802 - Qt's name
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Any, role: int = 0) -> Any:  # noqa: N802
        if role == QtCore.Qt.DisplayRole and orientation == QtCore.Qt.Horizontal:
            return COLUMNS[section]
        return None

    def data(self, index: Any, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == QtCore.Qt.DisplayRole:
            return self._text(row, index.column())
        if role == QtCore.Qt.ToolTipRole:
            return words.explanation(row) or ", ".join(row.objects)
        if role == QtCore.Qt.ForegroundRole and index.column() == len(COLUMNS) - 1:
            color = _COLORS.get(row.state)
            return QtGui.QBrush(QtGui.QColor(color)) if color else None
        return None

    def _text(self, row: JobRow, column: int) -> Any:
        if column == 0:
            return row.shot or row.shot_id[:8]
        if column == 1:
            base = f" (of {row.base_version})" if row.base_version else ""
            return f"v{row.version:03d}{base}"
        if column == PROGRESS:
            return row.fraction
        more = words.explanation(row)
        return words.status(row) + (f": {more}" if more else "")


class ProgressBars(QtWidgets.QStyledItemDelegate):  # type: ignore[misc]
    """A bar for a fraction; no widget per row."""

    def paint(self, painter: Any, option: Any, index: Any) -> None:
        fraction = min(1.0, max(0.0, float(index.data() or 0.0)))
        area = option.rect.adjusted(4, 6, -4, -6)
        painter.save()
        painter.setPen(QtCore.Qt.NoPen)
        painter.setBrush(option.palette.brush(QtGui.QPalette.Mid))
        painter.drawRoundedRect(area, 3, 3)
        if fraction > 0:
            filled = QtCore.QRect(area)
            filled.setWidth(max(6, round(area.width() * fraction)))
            chosen = bool(option.state & QtWidgets.QStyle.State_Selected)
            role = QtGui.QPalette.HighlightedText if chosen else QtGui.QPalette.Highlight
            painter.setBrush(option.palette.brush(role))
            painter.drawRoundedRect(filled, 3, 3)
        painter.restore()


class JobsView(QtWidgets.QTableView):  # type: ignore[misc]
    """The table. ``model`` is its `JobsModel`."""

    def __init__(self, parent: Optional[Any] = None) -> None:
        super().__init__(parent)
        self.jobs = JobsModel(self)
        self.setModel(self.jobs)
        self.setItemDelegateForColumn(PROGRESS, ProgressBars(self))
        self.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectRows)
        self.setSelectionMode(QtWidgets.QAbstractItemView.SingleSelection)
        self.setEditTriggers(QtWidgets.QAbstractItemView.NoEditTriggers)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        for column, width in enumerate((140, 90, 110)):
            header.resizeSection(column, width)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)

    def selected(self) -> Optional[JobRow]:
        """The chosen job."""
        chosen = self.selectionModel().selectedRows()
        row = chosen[0].row() if chosen else -1
        return self.jobs.rows[row] if 0 <= row < len(self.jobs.rows) else None

    def show_rows(self, rows: Sequence[JobRow]) -> None:
        """Draw rows; what was chosen stays chosen."""
        before = self.selected()
        self.jobs.show(rows)
        now = self.selected()
        if before is not None and (now is None or now.id != before.id):
            for place, row in enumerate(self.jobs.rows):
                if row.id == before.id:
                    self.selectRow(place)
