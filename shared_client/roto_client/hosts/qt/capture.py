"""The canvas with its tools: for hosts whose viewer cannot be clicked in (Silhouette)."""

from __future__ import annotations

from typing import Callable, Dict, Optional, Sequence, Tuple

from . import theme
from .canvas import BOX, NEGATIVE, POSITIVE, ClickCanvas
from .picture import Picture
from .qt import Qt, QtWidgets, Signal

_TOOLS = (
    (POSITIVE, "+ Object", "Clicks say: this belongs to the object"),
    (NEGATIVE, "− Not", "Clicks say: this does not (right click does, too)"),
    (BOX, "▭ Box", "Drag a box around the whole object (Shift with any tool)"),
)


class CaptureView(QtWidgets.QWidget):
    """Tools, canvas, and a line that tells frame, position and zoom. It keeps no prompts but those
    on the canvas: who shows it sets picture and prompt, and reads them on ``changed``."""

    changed = Signal()
    object_chosen = Signal(str)
    step_wanted = Signal(int)
    """The artist wants to see a frame so many frames away."""
    preview_wanted = Signal()
    absent_wanted = Signal()

    def __init__(self, parent: Optional[QtWidgets.QWidget] = None) -> None:
        super().__init__(parent)
        theme.dress(self)
        self.canvas = ClickCanvas()
        self.objects = QtWidgets.QComboBox()
        self.objects.setMinimumContentsLength(12)
        self.undo = theme.button("Undo", "Ctrl+Z")
        self.redo = theme.button("Redo", "Ctrl+Shift+Z")
        self.clear = theme.button("Clear", "Take away all clicks and the box on this frame")
        self.absent = theme.button("Not in frame", "The object is not in this frame")
        self.preview = theme.button("Preview", "The mask of this frame", main=True)
        self._frame = theme.label(heading=True)
        self._about = theme.label(dim=True)
        self._message = theme.label(dim=True)
        self._scale = theme.label("100 %", dim=True)
        self._tools: Dict[str, QtWidgets.QPushButton] = {}
        self._lay_out()
        self._connect()
        self._refresh()

    def _lay_out(self) -> None:
        group = QtWidgets.QButtonGroup(self)
        for tool, text, tip in _TOOLS:
            made = theme.button(text, tip)
            made.setCheckable(True)
            made.clicked.connect(self._chooser(tool))
            group.addButton(made)
            self._tools[tool] = made
        fit = theme.button("Fit", "F")
        pixels = theme.button("1:1", "1")
        fit.clicked.connect(self.canvas.fit)
        pixels.clicked.connect(self.canvas.one_to_one)
        back = theme.button("◀", "The frame before")
        on = theme.button("▶", "The next frame")
        back.clicked.connect(lambda: self.step_wanted.emit(-1))
        on.clicked.connect(lambda: self.step_wanted.emit(1))
        top = theme.row(
            self.objects, *self._tools.values(), self.undo, self.redo, self.clear, 1, fit, pixels
        )
        bottom = theme.row(
            back,
            self._frame,
            on,
            self._message,
            1,
            self._about,
            self._scale,
            self.absent,
            self.preview,
        )
        everything = theme.column(top, self.canvas, bottom)
        everything.setContentsMargins(8, 8, 8, 8)
        everything.setStretch(1, 1)
        self.setLayout(everything)

    def _chooser(self, tool: str) -> Callable[[], None]:
        return lambda: self.choose(tool)

    def _connect(self) -> None:
        self.undo.clicked.connect(self.canvas.undo)
        self.redo.clicked.connect(self.canvas.redo)
        self.clear.clicked.connect(self.canvas.clear)
        self.preview.clicked.connect(self.preview_wanted.emit)
        self.absent.clicked.connect(self.absent_wanted.emit)
        self.canvas.changed.connect(self._refresh)
        self.canvas.changed.connect(self.changed.emit)
        self.canvas.pointed.connect(self._pointed)
        self.canvas.zoomed.connect(self._zoomed)
        self.objects.activated.connect(self._object_chosen)

    def choose(self, tool: str) -> None:
        """Take another tool: `canvas.POSITIVE`, ``NEGATIVE`` or ``BOX``."""
        self.canvas.tool = tool
        self._tools[tool].setChecked(True)
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_objects(self, objects: Sequence[Tuple[str, str]], current: str) -> None:
        """The objects to choose from, as (key, name)."""
        self.objects.blockSignals(True)
        self.objects.clear()
        for key, name in objects:
            self.objects.addItem(name, key)
        self.objects.setCurrentIndex(self.objects.findData(current))
        self.objects.blockSignals(False)

    def set_frame(
        self,
        frame: int,
        picture: Optional[Picture],
        width: int,
        height: int,
        pixel_aspect: float = 1.0,
    ) -> None:
        """Show a frame; its prompt is set on the canvas afterwards."""
        self._frame.setText(f"Frame {frame}")
        self.canvas.set_picture(picture, width, height, pixel_aspect)
        view = self.canvas.view
        self._zoomed(view.scale if view is not None else 1.0)
        self._refresh()

    def say(self, text: str) -> None:
        """A line for the artist: "Reading the frame...", or what went wrong."""
        self._message.setText(text)

    def _refresh(self) -> None:
        placed = self.canvas.placed
        self.undo.setEnabled(placed.can_undo)
        self.redo.setEnabled(placed.can_redo)
        self.clear.setEnabled(bool(placed.now.points or placed.now.box))
        self._tools[self.canvas.tool].setChecked(True)

    def _pointed(self, x: float, y: float) -> None:
        view = self.canvas.view
        inside = view is not None and view.contains((x, y))
        self._about.setText(f"{x:.1f}, {y:.1f}" if inside else "")

    def _zoomed(self, scale: float) -> None:
        self._scale.setText(f"{scale * self.devicePixelRatioF() * 100:.0f} %")

    def _object_chosen(self, index: int) -> None:
        self.object_chosen.emit(str(self.objects.itemData(index)))
