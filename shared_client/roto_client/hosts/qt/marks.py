"""How clicks and boxes are drawn over a picture: seen on bright and on dark."""

from __future__ import annotations

from roto_shapes.prompts import Box, Click

from .qt import Qt, QtCore, QtGui
from .view import View

_RADIUS = 7.0
_PLUS, _MINUS = "#43c463", "#ef5350"
_BOX = "#f0a23b"


def point(painter: QtGui.QPainter, view: View, click: Click) -> None:
    """A disc with a plus or a minus, its middle on the click."""
    x, y = view.to_view(click[:2])
    at = QtCore.QPointF(x, y)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QtGui.QPen(QtGui.QColor(0, 0, 0, 170), 3.0))
    painter.setBrush(QtGui.QColor(_PLUS if click.positive else _MINUS))
    painter.drawEllipse(at, _RADIUS, _RADIUS)
    painter.setPen(QtGui.QPen(QtGui.QColor("white"), 1.2))
    painter.drawEllipse(at, _RADIUS, _RADIUS)
    arm = _RADIUS - 3.2
    painter.setPen(QtGui.QPen(QtGui.QColor("white"), 2.0))
    painter.drawLine(QtCore.QPointF(x - arm, y), QtCore.QPointF(x + arm, y))
    if click.positive:
        painter.drawLine(QtCore.QPointF(x, y - arm), QtCore.QPointF(x, y + arm))


def box(painter: QtGui.QPainter, view: View, sides: Box) -> None:
    """A frame with a dark outline."""
    x0, y0 = view.to_view(sides[:2])
    x1, y1 = view.to_view(sides[2:])
    around = QtCore.QRectF(x0, y0, x1 - x0, y1 - y0)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing, False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QtGui.QPen(QtGui.QColor(0, 0, 0, 150), 3.0))
    painter.drawRect(around)
    painter.setPen(QtGui.QPen(QtGui.QColor(_BOX), 1.0))
    painter.drawRect(around)
