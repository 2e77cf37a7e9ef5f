"""What a job is to be like. Choices are remembered per project, read and written on a thread."""

from __future__ import annotations

import logging
from dataclasses import replace
from threading import Event
from typing import Any, Dict, Mapping, Optional

from roto_shapes.errors import RotoError

from ..desk import Desk
from . import theme
from .host import (
    ENGINES,
    OUTPUTS,
    PRIORITIES,
    SubmitChoices,
    SubmitHost,
    frames_from_text,
    in_words,
)
from .objects import Guard
from .qt import QtWidgets, if_alive

_log = logging.getLogger("roto_client.hosts")
_OUTPUT_WORDS = {
    "shapes": "Shapes",
    "mattes": "Mattes",
    "cryptomatte": "Cryptomatte",
    "overlay": "Overlay",
    "contact_sheet": "Contact sheet",
}
_ENGINE_WORDS = {"auto": "Best there is", "sam2": "SAM 2", "flow": "Flow (no GPU)"}


class SubmitBox(QtWidgets.QWidget):
    """Range, outputs, priority, engine, project, shot, and the button."""

    def __init__(
        self,
        desk: Desk,
        host: SubmitHost,
        guard: Guard,
        parent: Optional[QtWidgets.QWidget] = None,
    ) -> None:
        super().__init__(parent)
        self._desk, self._host, self._guard = desk, host, guard
        self.frames = QtWidgets.QLineEdit()
        self.frames.setPlaceholderText("all frames of the plate")
        self.from_node = theme.button("Node", "The range of the node")
        self.project = QtWidgets.QLineEdit("default")
        self.shot = QtWidgets.QLineEdit()
        self.shot.setPlaceholderText("named after the plate")
        self.priority = _combo(PRIORITIES, {})
        self.engine = _combo(ENGINES, _ENGINE_WORDS)
        self.outputs: Dict[str, QtWidgets.QCheckBox] = {
            name: QtWidgets.QCheckBox(_OUTPUT_WORDS[name]) for name in OUTPUTS
        }
        self.button = theme.button("Submit", "Send the objects to the farm", main=True)
        self._lay_out()
        self.set_choices(SubmitChoices())
        self.button.clicked.connect(self._submit)
        self.from_node.clicked.connect(self._take_range)
        self.project.editingFinished.connect(self._project_entered)
        self._project = ""
        self._touched = False
        for line in (self.project, self.shot, self.frames):
            line.textEdited.connect(self._touch)
        for box in (self.priority, self.engine):
            box.activated.connect(self._touch)
        for tick in self.outputs.values():
            tick.clicked.connect(self._touch)

    def _lay_out(self) -> None:
        grid = QtWidgets.QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(theme.GAP)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        for i, (text, field) in enumerate(
            (
                ("Project", self.project),
                ("Shot", self.shot),
                ("Priority", self.priority),
                ("Engine", self.engine),
            )
        ):
            grid.addWidget(theme.label(text, dim=True), i // 2, i % 2 * 2)
            grid.addWidget(field, i // 2, i % 2 * 2 + 1)
        grid.addWidget(theme.label("Frames", dim=True), 2, 0)
        grid.addLayout(theme.row(self.frames, self.from_node), 2, 1)
        grid.addWidget(self.button, 2, 2, 1, 2)
        ticks = theme.row(*self.outputs.values(), 1)
        self.setLayout(theme.column(theme.label("Submit", heading=True), grid, ticks))

    # -- choices

    def choices(self) -> SubmitChoices:
        """As the fields stand. Raises RotoError for a range that is none, or without outputs."""
        outputs = tuple(name for name, tick in self.outputs.items() if tick.isChecked())
        if not outputs:
            raise RotoError("Nothing is asked for.", hint="Tick shapes, mattes or both.")
        return SubmitChoices(
            project=self.project.text().strip() or "default",
            shot=self.shot.text().strip(),
            frames=frames_from_text(self.frames.text()),
            outputs=outputs,
            priority=str(self.priority.currentData()),
            engine=str(self.engine.currentData()),
        )

    def set_choices(self, choices: SubmitChoices) -> None:
        """Fill the fields."""
        self.project.setText(choices.project)
        self.shot.setText(choices.shot)
        frames = choices.frames
        self.frames.setText("" if frames is None else f"{frames[0]}-{frames[1]}")
        self.priority.setCurrentIndex(self.priority.findData(choices.priority))
        self.engine.setCurrentIndex(self.engine.findData(choices.engine))
        for name, tick in self.outputs.items():
            tick.setChecked(name in choices.outputs)

    def recall(self, project: str = "") -> None:
        """Fill in what was chosen for a project (empty: for the last one), when it has been read;
        not over what the artist has changed meanwhile."""

        def work(stop: Event) -> Mapping[str, Any]:
            return self._desk.memory.recall(project)

        def done(kept: Mapping[str, Any]) -> None:
            if not self._touched:
                found = SubmitChoices.from_memory(kept)
                now = self.shot.text().strip(), self.frames.text()
                self.set_choices(replace(found, shot=now[0]))
                self.frames.setText(now[1])
                self._project = self.project.text()

        self._touched = False
        self._desk.runner.run(work, if_alive(self, done), _logged)

    def _touch(self, *_: Any) -> None:
        self._touched = True

    def _project_entered(self) -> None:
        project = self.project.text().strip()
        if project and project != self._project:
            self._project = project
            self.recall(project)

    def _take_range(self) -> None:
        found = self._guard(self._host.frame_range)
        if found is not None:
            self.frames.setText(f"{found[0]}-{found[1]}")
            self._touched = True

    def _submit(self) -> None:
        chosen: Optional[SubmitChoices] = self._guard(self.choices)
        if chosen is None:
            return
        choices = chosen

        def keep(stop: Event) -> None:
            self._desk.memory.remember(choices.project, choices.to_memory())

        self._desk.runner.run(keep, _nothing, _logged)
        self._guard(lambda: self._host.submit_job(choices))


def _combo(values: Any, words: Mapping[str, str]) -> QtWidgets.QComboBox:
    made = QtWidgets.QComboBox()
    for value in values:
        made.addItem(words.get(value, value.capitalize()), value)
    return made


def _nothing(result: Any) -> None:
    """What was remembered needs no answer."""


def _logged(error: RotoError) -> None:
    """Choices that cannot be kept keep nobody from working."""
    _log.warning("the panel's choices were not kept: %s", in_words(error))
