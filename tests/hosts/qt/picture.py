"""Draws the panel's pictures of the docs: PYTHONPATH=shared_client python picture.py FOLDER."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from helpers_qt import STATE, BusyDesk, FullSeat

from roto_client.hosts.qt.capture import CaptureView
from roto_client.hosts.qt.panel import RotoPanel
from roto_client.hosts.qt.picture import Picture, mask_picture
from roto_client.hosts.qt.qt import Qt, QtCore, QtGui, QtWidgets
from roto_shapes.prompts import Click, FramePrompt

WIDTH, HEIGHT = 1920, 1080


def main(folder: Path) -> None:
    """Write panel.png and click-canvas.png."""
    application = QtWidgets.QApplication([])
    application.setStyle("Fusion")
    save(panel(application), folder / "panel.png")
    save(canvas(application), folder / "click-canvas.png")


def save(widget: Any, target: Path) -> None:
    if not widget.grab().save(str(target)):
        raise SystemExit(f"{target} cannot be written")


def panel(application: Any) -> Any:
    desk = BusyDesk(STATE)
    seat = FullSeat()
    seat.offset = 0
    made = RotoPanel(desk, seat)
    made.resize(600, 920)
    made.show()
    made.look_again()
    desk.runner.finish()
    made.jobs.selectRow(2)
    application.processEvents()
    return made


def canvas(application: Any) -> Any:
    made = CaptureView()
    made.resize(960, 640)
    made.show()
    made.set_objects([("1", "balloon"), ("2", "basket")], "1")
    made.set_frame(1040, Picture(plate()), WIDTH, HEIGHT)
    veil = mask_picture(
        png(balloon(QtGui.QImage.Format.Format_Grayscale8)), QtGui.QColor("#3f9cff")
    )
    made.canvas.set_masks([veil])
    made.canvas.set_prompt(
        FramePrompt(
            1040,
            (Click(1010, 330), Click(1100, 560), Click(1040, 800, False)),
            (740, 120, 1300, 726),
        )
    )
    made.canvas.placed.add(Click(880, 470))
    made.canvas.changed.emit()
    made.canvas.pointed.emit(1100.5, 560.5)
    made.say("3 of the object, 1 not; box")
    application.processEvents()
    return made


def plate() -> Any:
    """A sky at dusk, hills, and a hot-air balloon."""
    image = QtGui.QImage(WIDTH, HEIGHT, QtGui.QImage.Format.Format_RGB32)
    painter = QtGui.QPainter(image)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    sky = QtGui.QLinearGradient(0, 0, 0, HEIGHT)
    for at, color in ((0.0, "#27405f"), (0.55, "#8fa3b5"), (0.8, "#e3b68c"), (1.0, "#c98d63")):
        sky.setColorAt(at, QtGui.QColor(color))
    painter.fillRect(image.rect(), sky)
    painter.setPen(Qt.PenStyle.NoPen)
    for base, height, color, phase in (
        (820, 90, "#5d6f7c", 0.3), (900, 70, "#43545c", 2.1), (985, 50, "#2b383b", 4.4),
    ):  # fmt: skip
        hill = QtGui.QPolygonF([QtCore.QPointF(0, HEIGHT)])
        for x in range(0, WIDTH + 20, 20):
            y = base - height * (math.sin(x / 260 + phase) + 0.4 * math.sin(x / 97 + phase))
            hill.append(QtCore.QPointF(x, y))
        hill.append(QtCore.QPointF(WIDTH, HEIGHT))
        painter.setBrush(QtGui.QColor(color))
        painter.drawPolygon(hill)
    painter.setClipPath(envelope())
    for i in range(9):
        painter.setBrush(QtGui.QColor(("#c8452f", "#e9b44c", "#f2ead8")[i % 3]))
        width = 520 * math.cos((i - 4) / 9 * 1.5) / 3.2
        painter.drawEllipse(QtCore.QPointF(1020 + (i - 4) * 62, 400), width / 2, 340)
    shade = QtGui.QLinearGradient(760, 0, 1290, 0)
    shade.setColorAt(0.0, QtGui.QColor(255, 235, 200, 60))
    shade.setColorAt(1.0, QtGui.QColor(0, 0, 20, 130))
    painter.fillRect(image.rect(), shade)
    painter.setClipping(False)
    painter.setPen(QtGui.QPen(QtGui.QColor("#2a211c"), 3))
    for x0, x1 in ((955, 990), (1085, 1060)):
        painter.drawLine(x0, 690, x1, 770)
    painter.setBrush(QtGui.QColor("#5b3d26"))
    painter.drawRoundedRect(QtCore.QRectF(985, 768, 80, 62), 8, 8)
    painter.end()
    return image


def envelope() -> Any:
    path = QtGui.QPainterPath(QtCore.QPointF(950, 700))
    path.cubicTo(900, 600, 755, 540, 755, 390)
    path.cubicTo(755, 230, 870, 135, 1020, 135)
    path.cubicTo(1170, 135, 1285, 230, 1285, 390)
    path.cubicTo(1285, 540, 1140, 600, 1090, 700)
    path.closeSubpath()
    return path


def balloon(form: Any) -> Any:
    mask = QtGui.QImage(WIDTH // 2, HEIGHT // 2, form)
    mask.fill(0)
    painter = QtGui.QPainter(mask)
    painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
    painter.scale(0.5, 0.5)
    painter.fillPath(envelope(), QtGui.QColor("white"))
    painter.end()
    return mask


def png(image: Any) -> bytes:
    content = QtCore.QByteArray()
    buffer = QtCore.QBuffer(content)
    buffer.open(QtCore.QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(content.data())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
