"""The picture an artist clicks on: left adds, right excludes, a drag draws a box.

Middle button moves the picture, the wheel zooms. Nothing here knows Silhouette or the farm.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, Optional, Tuple

from roto_client.hosts.qt.shim import QtCore, QtGui, QtWidgets
from roto_shapes.prompts import FramePrompt

from .capture import Capture, Pair, View

_GREEN, _RED, _BLUE = (60, 220, 90), (240, 70, 60), (90, 160, 255)
_DOT = 5
_DRAG = 6.0


class CaptureView(QtWidgets.QWidget):  # type: ignore[misc]
    """``changed`` is called after every click or box that was taken."""

    def __init__(self, capture: Capture, changed: Callable[[], None]) -> None:
        super().__init__()
        self.capture, self._changed = capture, changed
        self.view = View(16, 9, 1.0, 640, 360)
        self.message = ""
        self._image: Optional[Any] = None
        self._overlays: Dict[str, Any] = {}
        self._pressed: Optional[Pair] = None
        self._moved: Optional[Pair] = None
        self._panned: Optional[Pair] = None
        self.setMinimumSize(320, 180)
        self.setMouseTracking(True)

    def show_picture(
        self, image: Optional[Any], plate: Tuple[int, int], pixel_aspect: float, message: str = ""
    ) -> None:
        """``image``: a QImage of any size, shown as the plate's ``plate`` pixels."""
        self._image, self.message = image, message
        self._overlays = {}
        width, height = plate
        self.view = replace(self.view, width=width, height=height, pixel_aspect=pixel_aspect)
        self.update()

    def show_masks(self, masks: Dict[str, bytes]) -> None:
        """Previewed masks (grey PNGs) over the picture, until the next picture."""
        self._overlays = {name: _tinted(png) for name, png in masks.items()}
        self.update()

    # -- Qt's events

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 (Qt's name)
        self.view = self.view.resized(self.width(), self.height())

    def wheelEvent(self, event: Any) -> None:  # noqa: N802
        place = event.position() if hasattr(event, "position") else event.posF()
        factor = 1.2 ** (event.angleDelta().y() / 120)
        self.view = self.view.zoomed(factor, (place.x(), place.y()))
        self.update()

    def mousePressEvent(self, event: Any) -> None:  # noqa: N802
        if event.button() == QtCore.Qt.MiddleButton:
            self._panned = _place(event)
        elif event.button() == QtCore.Qt.LeftButton:
            self._pressed = self._moved = _place(event)
        elif event.button() == QtCore.Qt.RightButton and self._image is not None:
            self._took(self.capture.click(self.view, _place(event), False))

    def mouseMoveEvent(self, event: Any) -> None:  # noqa: N802
        here = _place(event)
        if self._panned is not None:
            self.view = self.view.moved(here[0] - self._panned[0], here[1] - self._panned[1])
            self._panned = here
            self.update()
        elif self._pressed is not None:
            self._moved = here
            self.update()

    def mouseReleaseEvent(self, event: Any) -> None:  # noqa: N802
        if event.button() == QtCore.Qt.MiddleButton:
            self._panned = None
            return
        start, self._pressed, self._moved = self._pressed, None, None
        if start is None or self._image is None:
            return
        end = _place(event)
        if max(abs(end[0] - start[0]), abs(end[1] - start[1])) > _DRAG:
            self._took(self.capture.box(self.view, start, end))
        else:
            positive = not event.modifiers() & QtCore.Qt.AltModifier
            self._took(self.capture.click(self.view, end, positive))

    def paintEvent(self, event: Any) -> None:  # noqa: N802
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), QtGui.QColor(30, 30, 30))
        painter.setRenderHint(QtGui.QPainter.SmoothPixmapTransform, True)
        if self._image is None:
            painter.setPen(QtGui.QColor(200, 200, 200))
            flags = int(QtCore.Qt.AlignCenter) | int(QtCore.Qt.TextWordWrap)
            painter.drawText(self.rect(), flags, self.message)
        else:
            painter.drawImage(self._frame(), self._image)
            for overlay in self._overlays.values():
                painter.drawImage(self._frame(), overlay)
            painter.setRenderHint(QtGui.QPainter.Antialiasing, True)
            self._draw_prompt(painter, self.capture.prompt())
        painter.end()

    # -- drawing

    def _frame(self) -> Any:
        (x, y), (sx, sy) = self.view.corner, self.view.scale
        return QtCore.QRectF(x, y, self.view.width * sx, self.view.height * sy)

    def _draw_prompt(self, painter: Any, prompt: Optional[FramePrompt]) -> None:
        if self._pressed is not None and self._moved is not None:
            self._rectangle(painter, self._pressed, self._moved)
        if prompt is None:
            return
        if prompt.absent:
            painter.setPen(QtGui.QPen(QtGui.QColor(*_RED), 2))
            painter.drawText(self.rect().adjusted(8, 8, -8, -8), 0, "not in this frame")
        if prompt.box is not None:
            x0, y0, x1, y1 = prompt.box
            self._rectangle(painter, self.view.to_view((x0, y0)), self.view.to_view((x1, y1)))
        for click in prompt.points:
            x, y = self.view.to_view((click.x, click.y))
            color = QtGui.QColor(*(_GREEN if click.positive else _RED))
            painter.setPen(QtGui.QPen(QtGui.QColor(0, 0, 0), 1))
            painter.setBrush(QtGui.QBrush(color))
            painter.drawEllipse(QtCore.QPointF(x, y), _DOT, _DOT)

    def _rectangle(self, painter: Any, start: Pair, end: Pair) -> None:
        painter.setPen(QtGui.QPen(QtGui.QColor(*_BLUE), 1.5))
        painter.setBrush(QtCore.Qt.NoBrush)
        x, y = min(start[0], end[0]), min(start[1], end[1])
        size = abs(end[0] - start[0]), abs(end[1] - start[1])
        painter.drawRect(QtCore.QRectF(x, y, *size))

    def _took(self, taken: bool) -> None:
        self.update()
        if taken:
            self._changed()


def _place(event: Any) -> Pair:
    """Where the mouse is: Qt 6 and Qt 5 say it differently."""
    place = event.position() if hasattr(event, "position") else event.localPos()
    return float(place.x()), float(place.y())


def _tinted(png: bytes) -> Any:
    """A mask as a translucent green picture."""
    mask = QtGui.QImage.fromData(png).convertToFormat(QtGui.QImage.Format_Grayscale8)
    tint = QtGui.QImage(mask.size(), QtGui.QImage.Format_ARGB32)
    tint.fill(QtGui.QColor(*_GREEN))
    tint.setAlphaChannel(_halved(mask))
    return tint


def _halved(mask: Any) -> Any:
    """The mask at under half its strength, as an alpha channel."""
    half = QtGui.QImage(mask.size(), QtGui.QImage.Format_ARGB32_Premultiplied)
    half.fill(QtGui.QColor(0, 0, 0))
    painter = QtGui.QPainter(half)
    painter.setOpacity(0.45)
    painter.drawImage(0, 0, mask)
    painter.end()
    return half.convertToFormat(QtGui.QImage.Format_Grayscale8)
