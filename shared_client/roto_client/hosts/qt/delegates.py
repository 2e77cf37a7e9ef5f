"""Cells that are more than text."""

from __future__ import annotations

from typing import Optional

from . import theme
from .models import Index
from .qt import Qt, QtCore, QtGui, QtWidgets

COLOR_ROLE = int(Qt.ItemDataRole.UserRole) + 1
"""The colour of a bar, as text."""


class BarDelegate(QtWidgets.QStyledItemDelegate):
    """A fraction as a bar, and in per cent; no widget per row."""

    def paint(
        self,
        painter: QtGui.QPainter,
        option: QtWidgets.QStyleOptionViewItem,
        index: Index,
    ) -> None:
        """Called by Qt for every cell in sight."""
        area = _cell(self, painter, option, index)
        fraction = min(1.0, max(0.0, float(index.data() or 0.0)))
        place = area.adjusted(5, 5, -5, -5)
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QtGui.QColor(theme.RAISED))
        painter.drawRoundedRect(place, 3, 3)
        if fraction > 0:
            filled = QtCore.QRect(place)
            filled.setWidth(max(6, round(place.width() * fraction)))
            color = QtGui.QColor(index.data(COLOR_ROLE) or theme.ACCENT)
            color.setAlpha(150)
            painter.setBrush(color)
            painter.drawRoundedRect(filled, 3, 3)
        painter.setPen(QtGui.QColor("#f4f5f6"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{fraction * 100:.0f} %")
        painter.restore()


class SwatchDelegate(QtWidgets.QStyledItemDelegate):
    """The colour of an object."""

    def paint(
        self,
        painter: QtGui.QPainter,
        option: QtWidgets.QStyleOptionViewItem,
        index: Index,
    ) -> None:
        """Called by Qt for every cell in sight."""
        area = _cell(self, painter, option, index)
        color: Optional[QtGui.QColor] = index.data(Qt.ItemDataRole.DecorationRole)
        if color is None:
            return
        size = min(14, area.height() - 8)
        place = QtCore.QRect(0, 0, size, size)
        place.moveCenter(area.center())
        painter.save()
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QtGui.QPen(QtGui.QColor(theme.LINE), 1.0))
        painter.setBrush(color)
        painter.drawRoundedRect(place, 3, 3)
        painter.restore()


def _cell(
    delegate: QtWidgets.QStyledItemDelegate,
    painter: QtGui.QPainter,
    option: QtWidgets.QStyleOptionViewItem,
    index: Index,
) -> QtCore.QRect:
    """Paint the cell's background (selection, alternate rows) and nothing else; its place."""
    empty = QtWidgets.QStyleOptionViewItem(option)
    delegate.initStyleOption(empty, index)
    empty.text = ""
    empty.icon = QtGui.QIcon()
    empty.features &= ~QtWidgets.QStyleOptionViewItem.ViewItemFeature.HasDecoration
    style = empty.widget.style() if empty.widget is not None else QtWidgets.QApplication.style()
    style.drawControl(QtWidgets.QStyle.ControlElement.CE_ItemViewItem, empty, painter, empty.widget)
    return QtCore.QRect(option.rect)
