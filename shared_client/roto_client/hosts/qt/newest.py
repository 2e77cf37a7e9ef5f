"""The newest mask of a job that runs, so that a bad track is seen after twenty frames."""

from __future__ import annotations

from threading import Event
from typing import Any, Optional

from roto_shapes.errors import RotoError

from ..desk import Desk
from ..state import JobRow
from . import theme
from .host import in_words
from .qt import Qt, QtCore, QtGui, QtWidgets, if_alive

_WIDTH, _HEIGHT = 240, 135
_EVERY_MS = 2000
"""No more often than this: a mask of a 4K plate is a megabyte."""


class NewestMask(QtWidgets.QWidget):
    """Asks for it while its job is tracked and the widget is seen; hidden otherwise."""

    def __init__(self, desk: Desk, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._row: Optional[JobRow] = None
        self._asked = self._waiting = False
        self.picture = QtWidgets.QLabel()
        self.picture.setFixedSize(_WIDTH, _HEIGHT)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setStyleSheet(f"background: {theme.BASE}; border: 1px solid {theme.LINE};")
        self.caption = theme.label(dim=True)
        self.caption.setWordWrap(True)
        self.objects = QtWidgets.QComboBox()
        self.objects.activated.connect(lambda *_: self._ask(True))
        self._timer = QtCore.QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._again)
        beside = theme.column(theme.label("Newest mask", heading=True), self.objects, self.caption)
        beside.addStretch(1)
        self.setLayout(theme.row(self.picture, beside))
        self.hide()

    def show_job(self, row: Optional[JobRow]) -> None:
        """The chosen job, or its news."""
        tracked = row is not None and row.state == "running" and bool(row.objects)
        wanted = tracked and hasattr(self._desk, "newest_mask")
        self.setVisible(wanted)
        before, self._row = self._row, row if wanted else None
        if self._row is None:
            return
        if before is None or before.id != self._row.id:
            self.objects.clear()
            self.objects.addItems(list(self._row.objects))
            self.objects.setVisible(len(self._row.objects) > 1)
            self.picture.clear()
            self.caption.setText("The first one comes in a moment.")
            self._ask(True)
        elif before.done != self._row.done:
            self._ask(False)

    def _ask(self, at_once: bool) -> None:
        if self._row is None or self._asked or (self._timer.isActive() and not at_once):
            self._waiting = True
            return
        self._waiting, self._asked = False, True
        job_id, name = self._row.id, self.objects.currentText()

        def done(mask: Any) -> None:
            self._desk.runner.run(
                lambda stop: _scaled(mask.png, stop),
                if_alive(self, lambda image: self._show(job_id, name, mask.frame, image)),
                if_alive(self, self._failed),
            )

        desk: Any = self._desk
        desk.newest_mask(job_id, name, if_alive(self, done), if_alive(self, self._failed))
        self._timer.start()

    def _show(self, job_id: str, name: str, frame: int, image: QtGui.QImage) -> None:
        self._asked = False
        if self._row is not None and (self._row.id, self.objects.currentText()) == (job_id, name):
            self.picture.setPixmap(QtGui.QPixmap.fromImage(image))
            self.caption.setText(f"{name}, frame {frame}. Bad? Cancel now and click again.")

    def _failed(self, error: RotoError) -> None:
        self._asked = False
        self.caption.setText(in_words(error))

    def _again(self) -> None:
        if self._waiting and not self.isHidden():
            self._ask(False)


def _scaled(content: bytes, stop: Event) -> QtGui.QImage:
    """On a worker thread: a 4K mask takes longer to decode than a host may be kept."""
    return thumbnail(content, _WIDTH, _HEIGHT)


def thumbnail(content: bytes, width: int, height: int) -> QtGui.QImage:
    """A PNG made to fit into ``width`` x ``height``. Raises RotoError."""
    image = QtGui.QImage()
    image.loadFromData(content)
    if image.isNull():
        raise RotoError("The mask cannot be read.", hint="The next frame comes in a moment.")
    return image.convertToFormat(QtGui.QImage.Format.Format_Grayscale8).scaled(
        QtCore.QSize(width, height),
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
