"""The tab in which an artist clicks: an object, a frame, the picture, a preview."""

from __future__ import annotations

from typing import Any, Callable, Dict, Optional, Protocol

from roto_client.hosts import Preview
from roto_client.hosts.qt.shim import QtGui, QtWidgets
from roto_shapes.errors import RotoError

from . import picture
from .capture import Capture
from .capture_view import CaptureView
from .captured import Captured
from .footage import Footage


class CaptureHost(Protocol):
    """What the tab needs of the host, on its main thread."""

    def captured(self) -> Captured:
        """The prompts kept in the open roto node."""
        ...

    def keep(self, captured: Captured) -> None:
        """Keep them there, as one undo step."""
        ...

    def footage(self) -> Footage:
        """The plate behind the open roto node. Raises SilhouetteError."""
        ...

    def current_frame(self) -> int:
        """The plate frame in the viewer."""
        ...

    def proxy(self) -> str:
        """A picture sequence to show instead of the plate; empty if none was chosen."""
        ...

    def set_proxy(self, pattern: str) -> None: ...

    def load(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Have ``work`` done beside the host, then ``done`` with its result."""
        ...

    def preview(
        self,
        captured: Captured,
        frame: int,
        done: Callable[[Preview], None],
        failed: Callable[[RotoError], None],
    ) -> None:
        """Ask the farm what the prompts of a frame give."""
        ...


class CapturePanel(QtWidgets.QWidget):  # type: ignore[misc]
    """Clicks are kept at once: each is an undo step of its own in the host."""

    def __init__(self, host: CaptureHost, parent: Optional[Any] = None) -> None:
        super().__init__(parent)
        self.host = host
        self.capture = Capture()
        self.view = CaptureView(self.capture, self._changed)
        self.object = QtWidgets.QComboBox()
        self.object.setEditable(True)
        self.object.setToolTip("The object you click on; type a new name for another one")
        self.object.currentTextChanged.connect(self._object_chosen)
        self.frame = QtWidgets.QSpinBox()
        self.frame.setRange(-(2**24), 2**24)
        self.frame.valueChanged.connect(self._frame_chosen)
        self.absent = QtWidgets.QCheckBox("Not in this frame")
        self.absent.toggled.connect(self._absent_chosen)
        self.told = QtWidgets.QLabel("Left: on the object. Right: beside it. Drag: a box.")
        self.told.setWordWrap(True)
        self._footage: Optional[Footage] = None
        self._quiet = False
        self._lay_out()

    def _lay_out(self) -> None:
        row = QtWidgets.QHBoxLayout()
        row.addWidget(QtWidgets.QLabel("Object"))
        row.addWidget(self.object, 1)
        row.addWidget(QtWidgets.QLabel("Frame"))
        row.addWidget(self.frame)
        row.addWidget(self._button("From viewer", self.reload))
        row.addWidget(self.absent)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self._button("Preview", self._preview))
        buttons.addWidget(self._button("Clear this frame", self._clear))
        buttons.addStretch(1)
        buttons.addWidget(self._button("Picture...", self._choose_picture))
        column = QtWidgets.QVBoxLayout(self)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addLayout(buttons)
        column.addWidget(self.told)

    def _button(self, label: str, call: Callable[[], None]) -> Any:
        button = QtWidgets.QPushButton(label)
        button.clicked.connect(lambda *_: call())
        return button

    def reload(self) -> None:
        """Show the viewer's frame and what is kept in the node now."""
        try:
            self._footage = self.host.footage()
        except RotoError as error:
            self.tell(error)
            return
        self._quiet = True
        kept = self.host.captured()
        self.capture.objects = kept
        if self.capture.current not in kept and kept:
            self.capture.current = next(iter(kept))
        self.object.clear()
        self.object.addItems(list(kept) or [self.capture.current])
        self.object.setCurrentText(self.capture.current)
        self.frame.setRange(*self._footage.frame_range)
        self.frame.setValue(self.host.current_frame())
        self.capture.frame = self.frame.value()
        self._quiet = False
        self._show_picture()

    def tell(self, error: RotoError) -> None:
        self.told.setText(f"{error.message} {error.hint}".strip())

    # -- what is chosen

    def _object_chosen(self, name: str) -> None:
        if not self._quiet and name.strip():
            self.capture.current = name.strip()
            self._refresh()

    def _frame_chosen(self, frame: int) -> None:
        if not self._quiet:
            self.capture.frame = frame
            self._show_picture()

    def _absent_chosen(self, value: bool) -> None:
        if not self._quiet:
            self.capture.absent(value)
            self._changed()

    def _clear(self) -> None:
        self.capture.clear()
        self._changed()

    def _changed(self) -> None:
        self.host.keep(self.capture.objects)
        self._refresh()

    def _refresh(self) -> None:
        prompt = self.capture.prompt()
        self._quiet = True
        self.absent.setChecked(prompt is not None and prompt.absent)
        self._quiet = False
        frames = self.capture.frames().get(self.capture.current, [])
        where = ", ".join(map(str, frames)) or "nowhere yet"
        self.told.setText(f"{self.capture.current} is prompted on: {where}.")
        self.view.update()

    # -- picture and preview

    def _show_picture(self) -> None:
        if self._footage is None:
            return
        pattern = self.host.proxy() or self._footage.plate
        frame = self.capture.frame
        path = picture.picture_of(pattern, frame)
        if path is None:
            self._show(None, picture.why_not(pattern, frame))
            return

        def loaded(image: Any) -> None:
            if self.capture.frame == frame:
                message = f"{path.name} cannot be read." if image.isNull() else ""
                self._show(None if image.isNull() else image, message)

        self.host.load(lambda: QtGui.QImage(str(path)), loaded)

    def _show(self, image: Optional[Any], message: str) -> None:
        if self._footage is not None:
            size = self._footage.width, self._footage.height
            self.view.show_picture(image, size, self._footage.pixel_aspect, message)
        self._refresh()

    def _choose_picture(self) -> None:
        path, _ = QtWidgets.QFileDialog.getOpenFileName(
            self, "A picture of the sequence to click on", "", "Pictures (*.png *.jpg *.jpeg *.tif)"
        )
        if path:
            self.host.set_proxy(path)
            self._show_picture()

    def _preview(self) -> None:
        self.told.setText(f"Asking for frame {self.capture.frame}...")
        self.host.preview(self.capture.objects, self.capture.frame, self._previewed, self.tell)

    def _previewed(self, answer: Preview) -> None:
        if answer.frame != self.capture.frame:
            return
        masks: Dict[str, bytes] = {
            one.name: one.candidates[0].png for one in answer.objects if one.candidates
        }
        self.view.show_masks(masks)
        self.told.setText(f"Frame {answer.frame}: {', '.join(masks) or 'nothing found'}.")
