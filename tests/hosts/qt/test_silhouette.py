"""Silhouette's window under a real Qt, offscreen: clicked with a mouse, over the fake `fx`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_qt import STATE, StillDesk

from roto_client.hosts import HostMemory, Preview
from roto_client.hosts.qt.shim import QtCore, QtGui

ROOT = Path(__file__).parents[3]
for folder in (ROOT / "tests/hosts/silhouette", ROOT / "plugins/silhouette"):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

from fake_fx import Application, install  # noqa: E402

from megaton_roto_silhouette import panel as windows  # noqa: E402
from megaton_roto_silhouette import start  # noqa: E402

try:
    from PySide6.QtTest import QTest
except ImportError:
    from PySide2.QtTest import QTest

LEFT, RIGHT, NONE = QtCore.Qt.LeftButton, QtCore.Qt.RightButton, QtCore.Qt.NoModifier


class SilhouetteDesk(StillDesk):
    """Also previews, and remembers in a folder of the test's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(STATE)
        self.memory = HostMemory("silhouette", folder)

    def preview(self, request: Any, frame: int, done: Any, failed: Any, client_key: str) -> None:
        self.asked.append(("preview", request, frame, done, client_key))

    def fetch(self, job_id: str, done: Any, failed: Any, mattes: bool) -> None:
        self.asked.append(("fetch", job_id, mattes))

    def close(self) -> None:
        self.asked.append(("close",))


class AtOnce:
    """A runner that does everything at once."""

    def run(self, work: Any, done: Any, failed: Any) -> None:
        done(work(None))


class StillFarm:
    def __init__(self, desk: SilhouetteDesk) -> None:
        self.desk, self.runner = desk, AtOnce()

    def close(self) -> None:
        self.desk.close()


@pytest.fixture
def application(tmp_path: Path) -> Application:
    made = install()
    made.open_session(160, 120, 1001, 8)
    picture = QtGui.QImage(160, 120, QtGui.QImage.Format_RGB32)
    picture.fill(QtGui.QColor(90, 60, 40))
    for frame in range(1001, 1009):
        picture.save(str(tmp_path / f"plate.{frame}.png"))
    made.add_plate(str(tmp_path / "plate.[1001-1008].png"))
    return made


@pytest.fixture
def window(qt: Any, application: Application, tmp_path: Path) -> Iterator[Any]:
    plugin = start.start(ticking=lambda pump: pump)
    plugin._farm = StillFarm(SilhouetteDesk(tmp_path))
    plugin.show_panel()
    made = plugin.panel
    made.resize(700, 620)
    qt.processEvents()
    yield made
    made.close()
    plugin.close()


def clicks(window: Any, qt: Any) -> Any:
    window.tabs.setCurrentWidget(window.clicks)
    qt.processEvents()
    return window.clicks


def place(view: Any, x: float, y: float) -> Any:
    return QtCore.QPoint(*(round(v) for v in view.view.to_view((x, y))))


def kept(application: Application) -> Any:
    return application._active_node.getState("megatonRoto")["objects"]


def test_clicks_go_into_the_node(window: Any, qt: Any, application: Application) -> None:
    application.player.frame = 2
    tab = clicks(window, qt)
    assert tab.frame.value() == 1003
    view = tab.view
    tab.object.setEditText("hero")
    QTest.mouseClick(view, LEFT, NONE, place(view, 80, 60))
    QTest.mouseClick(view, RIGHT, NONE, place(view, 20, 30))
    ((prompt,),) = kept(application).values()
    assert prompt["frame"] == 1003
    assert [(round(p["x"]), round(p["y"]), p["positive"]) for p in prompt["points"]] == [
        (80, 60, True), (20, 30, False),
    ]  # fmt: skip
    assert application.undo == ["Megaton Roto: click"] * 2
    assert tab.told.text() == "hero is prompted on: 1003."


def test_a_drag_is_a_box_and_zoom_is_exact(window: Any, qt: Any, application: Application) -> None:
    tab = clicks(window, qt)
    view = tab.view
    view.view = view.view.zoomed(3.0, (200, 150)).moved(-20, 10)
    start_at, end_at = place(view, 60, 50), place(view, 100, 70)
    QTest.mousePress(view, LEFT, NONE, start_at)
    QTest.mouseMove(view, end_at)
    QTest.mouseRelease(view, LEFT, NONE, end_at)
    ((prompt,),) = kept(application).values()
    assert prompt["box"] == pytest.approx([60, 50, 100, 70], abs=0.2)


def test_frames_objects_and_absence(window: Any, qt: Any, application: Application) -> None:
    tab = clicks(window, qt)
    tab.object.setEditText("hero")
    QTest.mouseClick(tab.view, LEFT, NONE, place(tab.view, 80, 60))
    tab.frame.setValue(1005)
    tab.absent.setChecked(True)
    tab.object.setEditText("prop")
    assert not tab.absent.isChecked()
    QTest.mouseClick(tab.view, LEFT, NONE, place(tab.view, 10, 10))
    assert {name: [p["frame"] for p in each] for name, each in kept(application).items()} == {
        "hero": [1001, 1005], "prop": [1005],
    }  # fmt: skip
    assert kept(application)["hero"][1]["absent"] is True
    tab.reload()
    assert [tab.object.itemText(i) for i in range(tab.object.count())] == ["hero", "prop"]


def test_preview_shows_masks(window: Any, qt: Any, application: Application) -> None:
    tab = clicks(window, qt)
    QTest.mouseClick(tab.view, LEFT, NONE, place(tab.view, 80, 60))
    tab._preview()
    window_plugin = start.plugin()
    window_plugin.pump.tick()
    _, request, frame, done, key = window_plugin.farm.desk.asked[-1]
    assert (request.width, request.height, frame) == (160, 120, 1001)
    assert key.startswith("silhouette:")
    mask = QtGui.QImage(80, 60, QtGui.QImage.Format_Grayscale8)
    mask.fill(255)
    data = QtCore.QByteArray()
    buffer = QtCore.QBuffer(data)
    buffer.open(QtCore.QIODevice.WriteOnly)
    mask.save(buffer, "PNG")
    before = _middle(tab.view, qt)
    done(_preview(bytes(data)))
    after = _middle(tab.view, qt)
    assert after.green() > before.green() + 30
    assert tab.told.text() == "Frame 1001: object."


def _middle(view: Any, qt: Any) -> Any:
    qt.processEvents()
    return view.grab().toImage().pixelColor(place(view, 40, 30))


def _preview(png: bytes) -> Preview:
    import base64

    text = base64.b64encode(png).decode()
    candidate = {"mask": {"png": text}, "png": text, "score": 1.0, "box": None}
    return Preview.from_json(
        {
            "id": "p", "shot_id": "s", "frame": 1001, "width": 80, "height": 60,
            "engine": {"engine": "flow", "model": "flow"},
            "objects": [{"name": "object", "candidates": [candidate]}],
        }
    )  # fmt: skip


def test_a_plate_qt_cannot_read(window: Any, qt: Any, application: Application) -> None:
    source = application._active_node.inputs[0].source.node.property("stream.primary").getValue()
    path = source.property("path")
    proxy, path._value = path._value, "/plates/plate.[1001-1008].exr"
    tab = clicks(window, qt)
    assert "EXR cannot be shown here" in tab.view.message
    QTest.mouseClick(tab.view, LEFT, NONE, QtCore.QPoint(100, 100))
    assert application._active_node.getState("megatonRoto") is None
    tab.host.set_proxy(proxy.replace("[1001-1008]", "%04d"))
    tab._show_picture()
    assert tab.view.message == ""


def test_the_jobs_tab_reaches_silhouette(window: Any, qt: Any, application: Application) -> None:
    desk = start.plugin().farm.desk
    window.jobs.jobs.selectRow(2)
    window.jobs.fetch.click()
    assert desk.asked[-1] == ("fetch", "b" * 32, False)
    window.jobs.needing.itemClicked.emit(window.jobs.needing.item(0))
    assert application.player.frame in (33, 54, 70), "a frame that needs the artist"


def test_choices_are_remembered(window: Any, tmp_path: Path) -> None:
    plugin = start.plugin()
    window.choices.project.setText("show")
    window.choices.project.editingFinished.emit()
    window.choices.priority.setCurrentText("high")
    window.choices.mattes.setChecked(False)
    assert plugin.settings() == {"project": "show", "priority": "high", "outputs": ("shapes",)}
    again = windows.Choices(plugin)
    assert again.project.text() == "show"
    assert plugin.settings()["priority"] == "high"


def test_a_closed_node_is_told_in_the_tab(window: Any, qt: Any, application: Application) -> None:
    application._active_node = None
    tab = clicks(window, qt)
    assert tab.told.text().startswith("No roto node is open.")
    assert application.errors == [], "no dialog"
