"""Rows behind the panel's tables. Only rows that changed are told to the views, and a view asks
only for what it shows: three hundred jobs cost what ten do."""

# Qt's own names for what it calls.
# ruff: noqa: N802

from __future__ import annotations

from typing import Any, Generic, List, Optional, Sequence, Tuple, TypeVar, Union

from .qt import Qt, QtCore

R = TypeVar("R")
Index = Union[QtCore.QModelIndex, QtCore.QPersistentModelIndex]
NOWHERE = QtCore.QModelIndex()


class RowsModel(QtCore.QAbstractTableModel, Generic[R]):
    """A list of frozen rows. Subclasses tell a row's key and its cells."""

    columns: Tuple[str, ...] = ()

    def __init__(self, parent: Optional[QtCore.QObject] = None) -> None:
        super().__init__(parent)
        self.rows: List[R] = []

    def key(self, row: R) -> Any:
        """What stays the same when a row changes."""
        raise NotImplementedError

    def cell(self, row: R, column: int, role: int) -> Any:
        """What a view asks for, None if there is nothing to say."""
        raise NotImplementedError

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        return self.cell(self.rows[index.row()], index.column(), role)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def row_of(self, key: Any) -> Optional[int]:
        """Where the row with a key is."""
        return next((i for i, row in enumerate(self.rows) if self.key(row) == key), None)

    def at(self, index: Index) -> Optional[R]:
        """The row of an index."""
        return self.rows[index.row()] if index.isValid() and index.row() < len(self.rows) else None

    def show(self, rows: Sequence[R]) -> None:
        """Show these rows instead, with as little telling as possible."""
        old, new = [self.key(row) for row in self.rows], [self.key(row) for row in rows]
        if old != new and not self._grown_or_shrunk(old, new, rows):
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()
            return
        first: Optional[int] = None
        for i, row in enumerate(rows):
            if row != self.rows[i]:
                self.rows[i] = row
                first = i if first is None else first
            elif first is not None:
                self._tell(first, i - 1)
                first = None
        if first is not None:
            self._tell(first, len(rows) - 1)

    def _grown_or_shrunk(self, old: List[Any], new: List[Any], rows: Sequence[R]) -> bool:
        """Insert or remove one run of rows, if that is all that happened: the usual case, in which
        selection and scroll position have to stay."""
        same = 0
        while same < min(len(old), len(new)) and old[same] == new[same]:
            same += 1
        tail = 0
        while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        if same + tail == len(old):
            self.beginInsertRows(NOWHERE, same, len(new) - tail - 1)
            self.rows[same:same] = rows[same : len(new) - tail]
            self.endInsertRows()
            return True
        if same + tail == len(new):
            self.beginRemoveRows(NOWHERE, same, len(old) - tail - 1)
            del self.rows[same : len(old) - tail]
            self.endRemoveRows()
            return True
        return False

    def _tell(self, first: int, last: int) -> None:
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
