"""The canvas with its tools, by mouse."""

from __future__ import annotations

from typing import Any

import pytest

from roto_client.hosts.qt.canvas import BOX
from roto_client.hosts.qt.capture import CaptureView
from roto_client.hosts.qt.qt import Qt, QtCore, QtWidgets
from roto_shapes.prompts import Click, FramePrompt

try:
    from PySide6.QtTest import QTest
except ImportError:
    from PySide2.QtTest import QTest

LEFT, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def view(qt: Any) -> Any:
    made = CaptureView()
    made.resize(900, 600)
    made.show()
    made.set_objects([("k1", "hero"), ("k2", "sword")], "k2")
    made.set_frame(1040, None, 800, 400)
    qt.processEvents()
    yield made
    made.close()
    made.deleteLater()
    qt.processEvents()


def button(view: Any, text: str) -> Any:
    (found,) = (b for b in view.findChildren(QtWidgets.QPushButton) if b.text() == text)
    return found


def press(view: Any, text: str) -> None:
    assert button(view, text).isEnabled(), text
    QTest.mouseClick(button(view, text), LEFT)


def click(view: Any, x: float, y: float) -> None:
    at = view.canvas.view.to_view((x, y))
    QTest.mouseClick(view.canvas, LEFT, NO_KEY, QtCore.QPoint(int(at[0]), int(at[1])))


def test_tools_say_what_a_click_means(view: Any) -> None:
    told: list[int] = []
    view.changed.connect(lambda: told.append(1))
    click(view, 200, 100)
    press(view, "− Not")
    click(view, 300, 100)
    assert [point.positive for point in view.canvas.prompt(1040).points] == [True, False]
    press(view, "▭ Box")
    assert view.canvas.tool == BOX
    assert len(told) == 2


def test_undo_redo_and_clear_are_there_when_they_do_something(view: Any) -> None:
    names = ("Undo", "Redo", "Clear")

    def enabled() -> list[bool]:
        return [button(view, name).isEnabled() for name in names]

    assert enabled() == [False, False, False]
    click(view, 200, 100)
    assert enabled() == [True, False, True]
    press(view, "Undo")
    assert enabled() == [False, True, False]
    press(view, "Redo")
    press(view, "Clear")
    assert enabled() == [True, False, False]
    view.canvas.set_prompt(FramePrompt(1041, (Click(5, 5),)))
    view.set_frame(1041, None, 800, 400)
    assert enabled() == [False, False, True]


def test_objects_and_frames_are_chosen_by_whoever_shows_it(view: Any) -> None:
    chosen: list[str] = []
    steps: list[int] = []
    view.object_chosen.connect(chosen.append)
    view.step_wanted.connect(steps.append)
    assert view.objects.currentText() == "sword"
    assert chosen == []
    QTest.keyClick(view.objects, Qt.Key.Key_Up)
    assert chosen == ["k1"]
    press(view, "◀")
    press(view, "▶")
    assert steps == [-1, 1]


def test_position_and_zoom_are_told(view: Any) -> None:
    at = view.canvas.view.to_view((100, 50))
    QTest.mouseMove(view.canvas, QtCore.QPoint(int(at[0]), int(at[1])))
    QtWidgets.QApplication.processEvents()
    texts = [label.text() for label in view.findChildren(QtWidgets.QLabel)]
    place = next(text for text in texts if ", " in text)
    x, y = (float(part) for part in place.split(", "))
    assert abs(x - 100) < 2
    assert abs(y - 50) < 2
    press(view, "1:1")
    assert "100 %" in [label.text() for label in view.findChildren(QtWidgets.QLabel)]
