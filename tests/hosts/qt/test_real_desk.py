"""The panel over the real desk and a server on this machine, through threads and sockets."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers_farm_server import KEY, FarmServer, job, running
from helpers_qt import FullSeat, png, until

from roto_client.api import Retry, RotoClient, device
from roto_client.hosts import Desk, HostMemory
from roto_client.hosts.qt import connection
from roto_client.hosts.qt.panel import RotoPanel
from roto_client.hosts.qt.qt import Qt, QtCore, QtGui

try:
    from PySide6.QtTest import QTest
except ImportError:
    from PySide2.QtTest import QTest

LEFT = Qt.MouseButton.LeftButton


class Studio:
    """A panel on a desk, and a main thread that is Qt's."""

    def __init__(self, qt: Any, server: FarmServer, folder: Path) -> None:
        self.qt, self.server, self.folder = qt, server, folder
        self._calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self._timer = QtCore.QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._pump)
        self._timer.start()
        self.desk = Desk(
            "test",
            self._calls.put,
            make=lambda url, key: RotoClient(url, key, retry=Retry(tries=1)),
            memory=HostMemory("test", folder),
            pause=0.05,
        )
        self.panel: Any = None

    def open(self) -> Any:
        self.panel = RotoPanel(self.desk, FullSeat())
        self.panel.resize(620, 900)
        self.panel.show()
        return self.panel

    def close_panel(self) -> None:
        self.panel.close()
        self.panel.deleteLater()
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
        self.panel = None

    def close(self) -> None:
        if self.panel is not None:
            self.close_panel()
        self.desk.close()
        self._timer.stop()

    def _pump(self) -> None:
        while not self._calls.empty():
            assert threading.current_thread() is threading.main_thread()
            self._calls.get_nowait()()

    def until(self, condition: Callable[[], Any], what: str) -> None:
        until(condition, what)

    def sign_in(self, key: str) -> None:
        form = self.panel.connection.form
        form.server.setText(self.server.url)
        form.key.setText(key)
        QTest.mouseClick(form.button, LEFT)

    def status(self, row: int) -> str:
        return str(self.panel.jobs.jobs.index(row, 3).data())


def white() -> bytes:
    image = QtGui.QImage(1920, 1080, QtGui.QImage.Format.Format_Grayscale16)
    image.fill(QtGui.QColor("white"))
    return png(image)


@pytest.fixture
def studio(qt: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Studio]:
    for name in ("ROTO_SERVER", "ROTO_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("ROTO_DATA_DIR", str(tmp_path / "data"))
    with running() as server:
        made = Studio(qt, server, tmp_path)
        yield made
        made.close()


def test_sign_in_list_cancel_and_log(studio: Studio) -> None:
    progress = {**job(1, "running")["progress"], "done": 61, "fraction": 0.635, "eta_seconds": 74}
    failed = {"code": "engine_failed", "message": "The GPU is full.", "hint": "Press Retry."}
    studio.server.mask = white()
    studio.server.add(job(3, "running", progress=progress), job(2, "failed", error=failed))
    panel = studio.open()
    form = panel.connection.form
    studio.until(panel.connection.again.isVisible, "an answer, which is no")
    QTest.mouseClick(panel.connection.toggle, LEFT)
    studio.sign_in("roto_wrong")
    studio.until(form.problem.isVisible, "the refusal")
    assert form.problem.text().startswith("The key is not known.")
    studio.sign_in(KEY)
    studio.until(lambda: panel.connection.toggle.text() == "Sign out", "the farm")
    assert not form.isVisible()
    QTest.mouseClick(panel.refresh, LEFT)
    studio.until(lambda: len(panel.jobs.jobs.rows) == 2, "two jobs")
    assert sorted(studio.status(row) for row in (0, 1)) == [
        "failed: The GPU is full. Press Retry.",
        "track 61/96, 1:14 min left",
    ]
    panel.jobs.choose(f"{3:032x}")
    newest = panel.box.newest
    studio.until(lambda: "frame 1061" in newest.caption.text(), "the newest mask")
    assert newest.picture.pixmap().width() == 240
    QTest.mouseClick(panel.log, LEFT)
    studio.until(panel.lines.isVisible, "the log")
    assert panel.lines.toPlainText() == "12:00:01 track: 61 of 96 frames\n"
    QTest.mouseClick(panel.cancel, LEFT)
    studio.until(lambda: panel.jobs.selected().state == "cancelled", "the end")
    assert panel.retry.isEnabled()
    QTest.mouseClick(panel.retry, LEFT)
    studio.until(lambda: panel.jobs.selected().state == "queued", "a new start")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to show; a second between two questions is too long to wait."""
    opened: list[str] = []
    monkeypatch.setattr(connection, "open_page", lambda url: opened.append(url) or True)
    plain = device.wait_for_key

    def often(transport: Any, code: Any, stop: Any) -> Any:
        return plain(transport, replace(code, interval=0.02), stop)

    monkeypatch.setattr(device, "_SHORTEST", 0.02)
    monkeypatch.setattr("roto_client.hosts.code_sign_in.wait_for_key", often)
    return opened


def test_sign_in_with_the_browser(studio: Studio, pages: list[str]) -> None:
    panel = studio.open()
    bar = panel.connection
    studio.until(bar.again.isVisible, "an answer, which is no")
    QTest.mouseClick(bar.toggle, LEFT)
    bar.form.server.setText(studio.server.url)
    QTest.mouseClick(bar.form.browser, LEFT)
    studio.until(bar.code.isVisible, "the code")
    assert bar.code.value.text() == "BCDF-GHJK"
    studio.until(lambda: pages == [f"{studio.server.url}/device?code=BCDF-GHJK"], "the browser")
    studio.server.approval = {"code": "access_denied", "message": "It was refused.", "hint": ""}
    studio.until(bar.form.problem.isVisible, "the refusal")
    assert bar.form.problem.text() == "It was refused."
    studio.until(lambda: not bar.code.isVisible(), "the code is gone")
    studio.server.approval = {"api_key": KEY, "user": {"id": "1", "name": "Ada"},
                              "expires_at": None, "scopes": ["read", "write"]}  # fmt: skip
    QTest.mouseClick(bar.form.browser, LEFT)
    studio.until(lambda: bar.toggle.text() == "Sign out", "the farm")
    studio.until(lambda: not bar.code.isVisible(), "the code is gone")
    assert not bar.form.isVisible()


def test_another_version_says_which_side_to_update(studio: Studio) -> None:
    studio.server.version = "99.0.0"
    panel = studio.open()
    studio.until(panel.connection.again.isVisible, "no server yet")
    studio.sign_in(KEY)
    problem = panel.connection.form.problem
    studio.until(lambda: "99.0.0" in problem.text(), "the versions")
    assert "Install the plugin" in problem.text()


def test_a_panel_closed_in_flight_and_opened_again_loses_nothing(studio: Studio) -> None:
    first = f"{1:032x}"
    studio.server.add(job(1, "running"))
    release = studio.server.hold[f"/jobs/{first}/log"] = threading.Event()
    panel = studio.open()
    studio.sign_in(KEY)
    studio.until(lambda: panel.connection.toggle.text() == "Sign out", "the farm")
    QTest.mouseClick(panel.refresh, LEFT)
    model = panel.jobs.jobs
    studio.until(lambda: model.rows, "the job")
    panel.jobs.choose(first)
    QTest.mouseClick(panel.log, LEFT)
    studio.until(studio.server.came.is_set, "the question")
    studio.close_panel()
    release.set()
    studio.server.jobs[first]["state"] = "succeeded"
    studio.server.masks = [
        {"object_id": "7" * 32, "frame": frame, "confidence": 0.2 if frame == 1034 else 0.9}
        for frame in range(1001, 1097)
    ]
    studio.until(lambda: studio.desk.state.jobs[0].attention, "the end, unseen")
    again = studio.open()
    assert again.jobs.jobs.rows[0].state == "succeeded"
    again.jobs.choose(first)
    assert again.needing.item(0).text() == "hero: 2034, worst 2034 (20% sure)"


def test_the_server_goes_and_the_panel_says_so(studio: Studio) -> None:
    panel = studio.open()
    studio.sign_in(KEY)
    studio.until(lambda: panel.connection.toggle.text() == "Sign out", "the farm")
    studio.server.go_away()
    QTest.mouseClick(panel.refresh, LEFT)
    studio.until(panel.connection.again.isVisible, "the news")
    assert panel.connection.line.text().strip()
    studio.until(lambda: panel.notice.text().strip(), "what to do")
    panel.jobs.setFocus()
    QTest.keyClick(panel.jobs, Qt.Key.Key_Down)
