"""The objects of the node, and the buttons that prompt them."""

# Qt's own names for what it calls.
# ruff: noqa: N802

from __future__ import annotations

from typing import Any, Callable, Dict, Optional

from . import host as hosts
from . import theme
from .delegates import SwatchDelegate
from .host import ObjectRow, ObjectsHost
from .models import Index, RowsModel
from .qt import Qt, QtCore, QtGui, QtWidgets, Signal, if_alive

Guard = Callable[[Callable[[], Any]], Any]
"""Runs something of the host's; an error becomes a line of the panel, and the answer None."""

_PICKS = (
    (hosts.POSITIVE, "+ Point", "The object: the point picked in the viewer"),
    (hosts.NEGATIVE, "− Point", "Not the object: the point picked in the viewer"),
    (hosts.BOX, "Box", "The box picked in the viewer, around the whole object"),
    (hosts.SHAPES, "Shapes", "The selected roto shapes, as they are on this frame"),
    (hosts.CANVAS, "Click in Frame...", "Open the frame and click in it"),
    (hosts.ABSENT, "Absent", "The object is not in this frame"),
    (hosts.CLEAR, "Clear", "Take away what is said on this frame"),
)


class ObjectsModel(RowsModel[ObjectRow]):
    """The objects; names and ticks are edited in place."""

    columns = ("", "", "Object", "Prompts")
    ON, COLOR, NAME, SAID = range(4)
    edited = Signal(str, str, object)
    """key, what ("name" or "enabled"), value."""

    def key(self, row: ObjectRow) -> Any:
        return row.key

    def cell(self, row: ObjectRow, column: int, role: int) -> Any:
        if column == self.ON and role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if row.enabled else Qt.CheckState.Unchecked
        if column == self.COLOR and role == Qt.ItemDataRole.DecorationRole:
            return theme.qcolor(row.color)
        if column == self.NAME and role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.EditRole,
        ):
            return row.name
        if column == self.SAID:
            return self._said(row, role)
        return None

    def _said(self, row: ObjectRow, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return ",  ".join(map(str, row.said)) or "nothing said yet"
        if role == Qt.ItemDataRole.ForegroundRole and not row.said:
            return QtGui.QColor(theme.DIM)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(map(str, row.said)) or None
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.column() == self.NAME:
            flags |= Qt.ItemFlag.ItemIsEditable
        elif index.column() == self.ON:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.at(index)
        if row is None:
            return False
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == self.ON:
            self.edited.emit(row.key, "enabled", Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == self.NAME:
            name = str(value).strip()
            if name and name != row.name:
                self.edited.emit(row.key, "name", name)
            return True
        return False


class ObjectsBox(QtWidgets.QWidget):
    """Table and buttons. ``guard``: see `Guard`."""

    current_changed = Signal(str)

    def __init__(
        self, host: ObjectsHost, guard: Guard, parent: Optional[QtWidgets.QWidget] = None
    ) -> None:
        super().__init__(parent)
        self._host, self._guard = host, guard
        self.title = theme.label("Objects", heading=True)
        self.model = ObjectsModel(self)
        self.view = QtWidgets.QTableView()
        self.add = theme.button("Add", "A new object")
        self.remove = theme.button("Remove", "Remove the object and what is said about it")
        self.color = theme.button("Colour...", "Another colour")
        self.picks: Dict[str, QtWidgets.QPushButton] = {}
        self._lay_out()
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.color.clicked.connect(self._choose_color)
        self.model.edited.connect(self._edited)
        self.view.selectionModel().currentRowChanged.connect(self._selected)
        self._enable()

    def _lay_out(self) -> None:
        self.view.setModel(self.model)
        theme.table(self.view)
        self.view.setItemDelegateForColumn(ObjectsModel.COLOR, SwatchDelegate(self.view))
        header = self.view.horizontalHeader()
        for column, width in ((ObjectsModel.ON, 26), (ObjectsModel.COLOR, 26)):
            header.setSectionResizeMode(column, QtWidgets.QHeaderView.ResizeMode.Fixed)
            self.view.setColumnWidth(column, width)
        self.view.setColumnWidth(ObjectsModel.NAME, 130)
        header.setMinimumSectionSize(24)
        header.setStretchLastSection(True)
        self.view.setMinimumHeight(124)
        offered = self._host.picks()
        picks = theme.row()
        for kind, text, tip in _PICKS:
            if kind in offered:
                made = theme.button(text, tip)
                made.clicked.connect(self._picker(kind))
                self.picks[kind] = made
                picks.addWidget(made)
        picks.addStretch(1)
        head = theme.row(self.title, 1, self.add, self.remove, self.color)
        self.setLayout(theme.column(head, self.view, picks))

    def _picker(self, kind: str) -> Callable[[], None]:
        def pick() -> None:
            key = self.current()
            if key:
                self._guard(lambda: self._host.pick(key, kind))
                self.refresh()

        return pick

    def refresh(self) -> None:
        """Ask the host again, and show what is new."""
        node = self._guard(self._host.node) or ""
        rows = self._guard(self._host.objects) if node else ()
        current = self.current()
        self.title.setText(f"Objects of {node}" if node else "No node: select or create one")
        self.model.show(tuple(rows or ()))
        if self.model.rows and (not current or self.model.row_of(current) is None):
            self.view.selectRow(0)
        elif current != self.current():
            self.select(current)
        self._enable()

    def select(self, key: str) -> None:
        """Choose an object."""
        row = self.model.row_of(key)
        if row is not None:
            self.view.selectRow(row)

    def current(self) -> str:
        """The key of the chosen object; empty if there is none."""
        row = self.model.at(self.view.currentIndex())
        return row.key if row is not None else ""

    def _selected(self, new: QtCore.QModelIndex, old: QtCore.QModelIndex) -> None:
        row = self.model.at(new)
        if row is not None:
            key = row.key
            self._guard(lambda: self._host.select(key))
            self.current_changed.emit(key)
        self._enable()

    def _enable(self) -> None:
        some = bool(self.current())
        for one in (self.remove, self.color, *self.picks.values()):
            one.setEnabled(some)

    def _add(self) -> None:
        names = {row.name for row in self.model.rows}
        number = len(names) + 1
        while f"object{number}" in names:
            number += 1
        key = self._guard(lambda: self._host.add_object(f"object{number}"))
        self.refresh()
        if key:
            self.select(key)
            row = self.model.row_of(key)
            if row is not None:
                self.view.edit(self.model.index(row, ObjectsModel.NAME))

    def _remove(self) -> None:
        key = self.current()
        if key:
            self._guard(lambda: self._host.remove_object(key))
            self.refresh()

    def _edited(self, key: str, what: str, value: Any) -> None:
        if what == "name":
            self._guard(lambda: self._host.change_object(key, name=value))
        else:
            self._guard(lambda: self._host.change_object(key, enabled=value))
        self.refresh()

    def _choose_color(self) -> None:
        """With a dialog that stands beside the host and holds nothing up."""
        row = self.model.at(self.view.currentIndex())
        if row is None:
            return
        dialog = QtWidgets.QColorDialog(theme.qcolor(row.color), self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        key = row.key

        def chosen(color: QtGui.QColor) -> None:
            rgb = (color.redF(), color.greenF(), color.blueF())
            self._guard(lambda: self._host.change_object(key, color=rgb))
            self.refresh()

        dialog.colorSelected.connect(if_alive(self, chosen))
        dialog.open()
