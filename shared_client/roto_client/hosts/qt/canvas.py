"""A frame of the plate on which an artist clicks: what he says lands on the plate pixel he sees.

Left click: the tool's point. Right click, or Alt with the left: the opposite. A drag on a point
moves it, a click on it takes it away. Shift drag, or the box tool: a box. Middle drag or Space:
move; wheel: zoom. F fits, 1 shows pixels one to one, Ctrl+Z and Ctrl+Shift+Z undo and redo.
"""

# Qt's own names for what it calls.
# ruff: noqa: N802

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from roto_shapes.prompts import Box, Click, FramePrompt

from . import marks
from .picture import Picture, paint
from .prompting import Placed, Prompting
from .qt import Qt, QtCore, QtGui, QtWidgets, Signal, place
from .view import Pair, View

POSITIVE, NEGATIVE, BOX = "positive", "negative", "box"
_NEAR = 8.0
"""View pixels within which a press is on a point."""
_SLIP = 4.0
"""A drag of fewer view pixels is a click."""
_WHEEL_STEP = 1.25

_PLACING, _MOVING, _BOXING, _PANNING = "placing", "moving", "boxing", "panning"


class ClickCanvas(QtWidgets.QWidget):
    """Shows a picture and keeps clicks and a box on it, in plate pixels."""

    changed = Signal()
    """What is placed changed."""
    pointed = Signal(float, float)
    """The plate position under the pointer."""
    zoomed = Signal(float)
    """View pixels per plate pixel."""

    def __init__(self, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 120)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.tool = POSITIVE
        self.placed = Prompting()
        self._picture: Optional[Picture] = None
        self._masks: Tuple[Picture, ...] = ()
        self._text = "No frame yet"
        self._view: Optional[View] = None
        self._fit = True
        self._doing = ""
        self._pressed: Pair = (0.0, 0.0)
        self._here: Pair = (0.0, 0.0)
        self._index = -1
        self._positive = True
        self._space = False

    # -- what is shown

    @property
    def view(self) -> Optional[View]:
        """Where the plate is; None before there is one."""
        return self._view

    def set_picture(
        self, picture: Optional[Picture], width: int, height: int, pixel_aspect: float = 1.0
    ) -> None:
        """Show a frame of a plate of ``width`` x ``height`` pixels, whatever the picture's own
        size (a proxy is spread over the plate). The zoom stays if the plate's size does."""
        old = self._view
        same = old is not None and (old.width, old.height, old.pixel_aspect) == (
            width,
            height,
            pixel_aspect,
        )
        self._picture, self._masks = picture, ()
        if not same:
            self._view = View(width, height, pixel_aspect, self.width(), self.height()).fitted()
            self._fit = True
        self.update()

    def set_masks(self, masks: Sequence[Picture]) -> None:
        """Lay veils over the plate until the next picture, see `picture.mask_picture`."""
        self._masks = tuple(masks)
        self.update()

    def say(self, text: str) -> None:
        """What is shown where there is no picture: that it is being read, or why it cannot be."""
        self._text = text
        self.update()

    def set_prompt(self, prompt: Optional[FramePrompt]) -> None:
        """Show the clicks and the box of a prompt; nothing before it can be undone."""
        placed = Placed(prompt.points, prompt.box) if prompt is not None else Placed()
        self.placed.reset(placed)
        self._doing = ""
        self.update()

    def prompt(self, frame: int) -> FramePrompt:
        """What is placed, as a prompt for ``frame``; `FramePrompt.is_empty` if that is nothing."""
        return self.placed.prompt(frame)

    # -- what can be done

    def undo(self) -> None:
        """Take the last change back."""
        self._told(self.placed.undo())

    def redo(self) -> None:
        """Make it again."""
        self._told(self.placed.redo())

    def clear(self) -> None:
        """Take away all that is placed."""
        self._told(self.placed.clear())

    def fit(self) -> None:
        """Show the whole plate."""
        if self._view is not None:
            self._fit = True
            self._look(self._view.fitted())

    def one_to_one(self) -> None:
        """One plate pixel per pixel of the screen, about the middle."""
        if self._view is not None:
            middle = (self.width() / 2, self.height() / 2)
            self._fit = False
            wanted = 1.0 / self.devicePixelRatioF()
            self._look(self._view.zoomed(wanted / self._view.scale, middle))

    # -- pointer

    def mousePressEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._view is None or self._doing:
            return
        at, button, keys = place(event), event.button(), event.modifiers()
        self._pressed = self._here = at
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and self._space):
            self._doing = _PANNING
            return
        shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
        alt = bool(keys & Qt.KeyboardModifier.AltModifier)
        index = self._point_at(at)
        if left and index is not None and not shift:
            self._doing, self._index = _MOVING, index
        elif left and (shift or (self.tool == BOX and not alt)):
            self._doing = _BOXING
        elif left or button == Qt.MouseButton.RightButton:
            self._doing = _PLACING
            self._positive = (self.tool != NEGATIVE) == (left and not alt)

    def mouseMoveEvent(self, event: QtGui.QMouseEvent) -> None:
        if self._view is None:
            return
        at = place(event)
        if self._doing == _PANNING:
            self._pan(self._view, at)
        self._here = at
        if self._doing in (_BOXING, _MOVING):
            self.update()
        x, y = self._plate(at)
        self.pointed.emit(x, y)

    def mouseReleaseEvent(self, event: QtGui.QMouseEvent) -> None:
        doing, self._doing = self._doing, ""
        at = place(event)
        if self._view is not None and doing == _PANNING:
            self._pan(self._view, at)
        self._here = at
        if self._view is None or not doing:
            return
        moved = max(abs(at[0] - self._pressed[0]), abs(at[1] - self._pressed[1])) >= _SLIP
        if doing == _PLACING:
            self._place(self._pressed)
        elif doing == _MOVING and moved:
            x, y = self._on_plate(at)
            self._told(self.placed.move(self._index, x, y))
        elif doing == _MOVING:
            self._told(self.placed.remove(self._index))
        elif doing == _BOXING and moved:
            self._told(self.placed.frame_box(self._box() or self.placed.now.box))
        self.update()

    def wheelEvent(self, event: QtGui.QWheelEvent) -> None:
        if self._view is not None:
            at = event.position()
            steps = event.angleDelta().y() / 120.0
            self._fit = False
            self._look(self._view.zoomed(_WHEEL_STEP**steps, (at.x(), at.y())))
        event.accept()

    # -- keys

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.matches(QtGui.QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.matches(QtGui.QKeySequence.StandardKey.Redo):
            self.redo()
        elif event.key() == Qt.Key.Key_Space:
            self._space = True
        elif event.key() == Qt.Key.Key_F:
            self.fit()
        elif event.key() == Qt.Key.Key_1:
            self.one_to_one()
        elif event.key() == Qt.Key.Key_Escape and self._doing:
            self._doing = ""
            self.update()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._delete_here()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QtGui.QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QtGui.QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

    # -- painting

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:
        if self._view is not None:
            view = self._view.resized(self.width(), self.height())
            self._view = view.fitted() if self._fit else view
        super().resizeEvent(event)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:
        painter = QtGui.QPainter(self)
        painter.fillRect(self.rect(), QtGui.QColor("#161719"))
        view = self._view
        if view is None:
            self._write(painter)
            return
        sx, sy = view.scales
        plate = QtCore.QRectF(view.left, view.top, view.width * sx, view.height * sy)
        painter.fillRect(plate, QtGui.QColor("#202225"))
        ratio = float(self.devicePixelRatioF())
        window = QtCore.QRectF(self.rect())
        paint(painter, self._picture, plate, window, ratio)
        for mask in self._masks:
            paint(painter, mask, plate, window, ratio)
        if self._picture is None:
            self._write(painter)
        points, box = self._shown()
        if box is not None:
            marks.box(painter, view, box)
        for point in points:
            marks.point(painter, view, point)

    def _write(self, painter: QtGui.QPainter) -> None:
        painter.setPen(QtGui.QColor("#9a9fa6"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._text)

    def _shown(self) -> Tuple[Tuple[Click, ...], Optional[Box]]:
        """What is placed, and what a drag would make of it."""
        now = self.placed.now
        if self._doing == _BOXING:
            return now.points, self._box() or now.box
        if self._doing == _MOVING:
            moved = list(now.points)
            x, y = self._on_plate(self._here)
            moved[self._index] = Click(x, y, moved[self._index].positive)
            return tuple(moved), now.box
        return now.points, now.box

    # -- how

    def _pan(self, view: View, at: Pair) -> None:
        self._fit = False
        self._look(view.moved(at[0] - self._here[0], at[1] - self._here[1]))

    def _place(self, at: Pair) -> None:
        x, y = self._plate(at)
        if self._view is not None and self._view.contains((x, y)):
            self._told(self.placed.add(Click(x, y, self._positive)))

    def _delete_here(self) -> None:
        index = self._point_at(self._here)
        if index is not None:
            self._told(self.placed.remove(index))
        elif self.placed.now.box is not None:
            self._told(self.placed.frame_box(None))

    def _plate(self, at: Pair) -> Pair:
        """The plate position of a pointer: the middle of the screen pixel it is on, not its corner,
        so that no click leans to the upper left, however far out the view is zoomed."""
        assert self._view is not None
        half = 0.5 / self.devicePixelRatioF()
        return self._view.to_plate((at[0] + half, at[1] + half))

    def _on_plate(self, at: Pair) -> Pair:
        """The same, pushed onto the plate."""
        assert self._view is not None
        x, y = self._plate(at)
        return min(max(x, 0.0), float(self._view.width)), min(max(y, 0.0), float(self._view.height))

    def _box(self) -> Optional[Box]:
        """The box between press and pointer, cut at the plate's edges; None if nothing is left."""
        (ax, ay), (bx, by) = self._on_plate(self._pressed), self._on_plate(self._here)
        x0, x1, y0, y1 = min(ax, bx), max(ax, bx), min(ay, by), max(ay, by)
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def _point_at(self, at: Pair) -> Optional[int]:
        """The point under the pointer, the last placed on top."""
        if self._view is None:
            return None
        for index in reversed(range(len(self.placed.now.points))):
            x, y = self._view.to_view(self.placed.now.points[index][:2])
            if abs(x - at[0] - 0.5) <= _NEAR and abs(y - at[1] - 0.5) <= _NEAR:
                return index
        return None

    def _look(self, view: View) -> None:
        self._view = view
        self.zoomed.emit(view.scale)
        self.update()

    def _told(self, changed: bool) -> None:
        if changed:
            self.update()
            self.changed.emit()
