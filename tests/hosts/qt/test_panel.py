"""The docked panel under a real Qt, offscreen, clicked with a mouse."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from helpers_qt import JOBS, READY, STATE, Seat, StillDesk

from roto_client.hosts import CodeShown, DeskState, ServerState
from roto_client.hosts.qt import connection, words
from roto_client.hosts.qt.jobs import PROGRESS
from roto_client.hosts.qt.panel import RotoPanel
from roto_client.hosts.qt.qt import open_page
from roto_client.hosts.qt.shim import QtCore, QtGui
from roto_shapes.errors import RotoError

try:
    from PySide6.QtTest import QTest
except ImportError:
    from PySide2.QtTest import QTest


@pytest.fixture
def seat() -> Seat:
    return Seat()


@pytest.fixture
def desk() -> StillDesk:
    return StillDesk(STATE)


@pytest.fixture
def panel(qt: Any, desk: StillDesk, seat: Seat) -> Any:
    made = RotoPanel(desk, seat)
    made.resize(720, 640)
    made.show()
    qt.processEvents()
    yield made
    made.close()
    made.deleteLater()
    qt.processEvents()


def click(widget: Any) -> None:
    assert widget.isEnabled(), widget.text()
    QTest.mouseClick(widget, QtCore.Qt.LeftButton)


def choose(panel: Any, row: int) -> None:
    area = panel.jobs.visualRect(panel.jobs.jobs.index(row, 0))
    QTest.mouseClick(panel.jobs.viewport(), QtCore.Qt.LeftButton, pos=area.center())


def texts(panel: Any, row: int) -> list[str]:
    model = panel.jobs.jobs
    return [str(model.index(row, column).data()) for column in range(4)]


def test_a_row_says_where_a_job_stands(panel: Any) -> None:
    assert texts(panel, 1) == ["sh030_plate", "v001", "0.635", "track 61/96, 1:14 min left"]
    assert texts(panel, 2) == ["sh020_plate", "v002 (of 1)", "1.0", "done: 3 stretches need you"]
    assert texts(panel, 3)[3] == (
        "failed: Frame 1017 of the plate cannot be decoded. Render it again."
    )


@pytest.mark.parametrize(
    ("row", "enabled"),
    [
        (0, {"cancel", "log"}),
        (1, {"cancel", "log"}),
        (2, {"fetch", "log"}),
        (3, {"retry", "log"}),
    ],
)
def test_buttons_do_what_the_chosen_job_allows(panel: Any, row: int, enabled: set[str]) -> None:
    choose(panel, row)
    found = {
        name for name in ("fetch", "cancel", "retry", "log") if getattr(panel, name).isEnabled()
    }
    assert found == enabled


def test_cancel_retry_fetch_and_log(panel: Any, desk: StillDesk, seat: Seat) -> None:
    choose(panel, 1)
    click(panel.cancel)
    choose(panel, 3)
    click(panel.retry)
    choose(panel, 2)
    click(panel.fetch)
    click(panel.log)
    assert [asked[:2] for asked in desk.asked] == [
        ("cancel", "c" * 32),
        ("retry", "a" * 32),
        ("log", "b" * 32),
    ]
    assert seat.asked == [("fetch", "b" * 32)]
    desk.asked[-1][2]("12:00:01 track: 96 frames")
    assert panel.lines.isVisible()
    assert panel.lines.toPlainText() == "12:00:01 track: 96 frames"
    desk.asked[0][3](RotoError("The job has ended.", hint="Nothing is left to cancel."))
    assert panel.notice.text() == "The job has ended. Nothing is left to cancel."


def test_frames_that_need_you_worst_first_and_one_click_jumps(
    panel: Any, seat: Seat, qt: Any
) -> None:
    choose(panel, 2)
    listed = [panel.needing.item(i).text() for i in range(panel.needing.count())]
    assert listed == [
        "hero: 1031-1038, worst 1034 (21% sure)",
        "sword: 1052-1060, worst 1055 (30% sure)",
        "hero: 1071, worst 1071 (44% sure)",
    ]
    area = panel.needing.visualItemRect(panel.needing.item(1))
    QTest.mouseClick(panel.needing.viewport(), QtCore.Qt.LeftButton, pos=area.center())
    assert seat.asked == [("jump", "b" * 32, "sword", 1055)]
    choose(panel, 0)
    assert panel.needing.count() == 0


def test_the_hosts_own_buttons(panel: Any, seat: Seat) -> None:
    buttons = {
        button.text(): button
        for button in panel.findChildren(type(panel.fetch))
        if button.isVisible() and button.text() in {"Preview", "Submit", "Correct from here"}
    }
    for label in ("Submit", "Correct from here"):
        click(buttons[label])
    assert seat.asked == [("Submit",), ("Correct from here",)]


def test_news_keeps_what_is_chosen(panel: Any, desk: StillDesk) -> None:
    choose(panel, 2)
    new = replace(JOBS[0], id="e" * 32)
    desk.show(replace(STATE, jobs=(new, *JOBS)))
    assert panel.jobs.selected().id == "b" * 32
    finished = replace(JOBS[1], state="succeeded", fraction=1.0)
    desk.show(replace(STATE, jobs=(new, JOBS[0], finished, *JOBS[2:])))
    assert panel.jobs.selected().id == "b" * 32
    assert panel.jobs.jobs.index(2, PROGRESS).data() == 1.0


@pytest.mark.parametrize(
    ("server", "line", "again", "toggle"),
    [
        (READY, "https://roto.studio.example", False, "Sign out"),
        (ServerState("connecting", "https://a"), "Connecting to https://a...", False, "Sign in..."),
        (ServerState("offline", "u", "No answer.", "Is it on?"), "No answer. Is it on?", True,
         "Sign in..."),
        (ServerState("refused", "u", "Expired.", "Sign in."), "Expired. Sign in.", True,
         "Sign in..."),
    ],
)  # fmt: skip
def test_the_way_to_the_farm(
    panel: Any, desk: StillDesk, server: ServerState, line: str, again: bool, toggle: str
) -> None:
    desk.show(DeskState(server))
    bar = panel.connection
    assert (bar.line.text(), bar.again.isVisible(), bar.toggle.text()) == (line, again, toggle)


def test_signing_in_hides_the_key_and_says_what_is_wrong(panel: Any, desk: StillDesk) -> None:
    desk.show(DeskState(ServerState("refused", "https://roto", "No key.", "Sign in.")))
    bar, form = panel.connection, panel.connection.form
    click(bar.toggle)
    assert form.isVisible()
    assert form.server.text() == "https://roto"
    QTest.keyClicks(form.key, "secret")
    assert form.key.displayText() != "secret"
    QTest.keyClick(form.key, QtCore.Qt.Key_Return)
    name, server, key, _, failed = desk.asked[-1]
    assert (name, server, key) == ("sign_in", "https://roto", "secret")
    assert not form.button.isEnabled()
    failed(RotoError("The key is not known.", hint="Ask for a new one."))
    assert form.button.isEnabled()
    assert form.problem.text() == "The key is not known. Ask for a new one."
    desk.show(DeskState(READY))
    assert not form.isVisible()
    assert form.key.text() == ""


CODE = CodeShown(
    "https://roto", "BCDF-GHJK", "https://roto/device", "https://roto/device?code=BCDF-GHJK", 0.0
)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the browser was asked to show."""
    opened: list[str] = []
    monkeypatch.setattr(connection, "open_page", lambda url: opened.append(url) or True)
    return opened


def test_signing_in_with_the_browser(
    panel: Any, desk: StillDesk, pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CodeShown, "seconds_left", lambda shown: 74.0)
    desk.show(DeskState(ServerState("refused", "https://roto", "No key.", "Sign in.")))
    bar = panel.connection
    click(bar.toggle)
    click(bar.form.browser)
    name, server, done, failed, show = desk.asked[-1]
    assert (name, server) == ("sign_in_by_code", "https://roto")
    assert not bar.form.browser.isEnabled()
    assert not bar.form.button.isEnabled()
    show(CODE)
    desk.show(replace(desk.state, sign_in=CODE))
    assert pages == [CODE.address_with_code]
    assert not bar.form.isVisible()
    assert bar.code.isVisible()
    assert bar.code.value.text() == "BCDF-GHJK"
    assert "https://roto/device " in bar.code.text.text()
    assert bar.code.left.text() == "Waiting for your browser, 1:14 min left."
    click(bar.code.open)
    assert len(pages) == 2
    click(bar.code.stop)
    assert desk.asked[-1] == ("stop_sign_in",)
    desk.show(replace(desk.state, sign_in=None))
    assert not bar.code.isVisible()
    click(bar.toggle)
    assert bar.form.browser.isEnabled(), "it can be tried again"
    failed(RotoError("The sign-in was refused.", hint="Ask again."))
    assert bar.form.problem.text() == "The sign-in was refused. Ask again."
    done(None)
    desk.show(DeskState(READY))
    assert not bar.form.isVisible()
    assert not bar.code.isVisible()


def test_a_sign_in_that_another_panel_took_over_leaves_no_dead_buttons(
    panel: Any, desk: StillDesk
) -> None:
    desk.show(DeskState(ServerState("refused", "https://roto", "No key.", "Sign in.")))
    bar = panel.connection
    click(bar.toggle)
    click(bar.form.browser)
    assert not bar.form.browser.isEnabled()
    click(bar.toggle)
    click(bar.toggle)
    click(bar.form.browser)
    assert [asked[0] for asked in desk.asked] == ["sign_in_by_code"] * 2


def test_the_time_left_is_counted_down(
    panel: Any, desk: StillDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(CodeShown, "seconds_left", lambda shown: shown.ends - now[0])
    desk.show(DeskState(READY, sign_in=replace(CODE, ends=160.0)))
    left = panel.connection.code.left
    assert left.text() == "Waiting for your browser, 1:00 min left."
    now[0] = 158.0
    panel.connection.code._second.timeout.emit()
    assert left.text() == "Waiting for your browser, 2 s left."
    assert panel.connection.code._second.isActive()
    desk.show(DeskState(READY))
    assert not panel.connection.code._second.isActive()


def test_a_panel_opened_again_finds_the_code_that_waits(qt: Any, seat: Seat) -> None:
    desk = StillDesk(DeskState(READY, sign_in=replace(CODE, ends=time.monotonic() + 9)))
    again = RotoPanel(desk, seat)
    assert again.connection.code.value.text() == "BCDF-GHJK"
    assert not again.connection.code.isHidden()
    again.close()
    again.deleteLater()


def test_a_code_that_comes_to_a_closed_panel_opens_nothing(
    qt: Any, seat: Seat, pages: list[str]
) -> None:
    desk = StillDesk(STATE)
    panel = RotoPanel(desk, seat)
    panel.connection.form.browser.click()
    panel.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
    desk.asked[-1][-1](CODE)
    assert pages == []


def test_a_page_is_opened_by_qt(qt: Any) -> None:
    asked: list[str] = []

    class Browser(QtCore.QObject):
        @QtCore.Slot(QtCore.QUrl)
        def show(self, url: Any) -> None:
            asked.append(url.toString())

    browser = Browser()
    QtGui.QDesktopServices.setUrlHandler("https", browser, "show")
    assert open_page("https://roto/device?code=BCDF-GHJK")
    QtGui.QDesktopServices.unsetUrlHandler("https")
    assert asked == ["https://roto/device?code=BCDF-GHJK"]


def test_an_offline_desk_is_connected_when_the_panel_opens(qt: Any, seat: Seat) -> None:
    desk = StillDesk(DeskState())
    RotoPanel(desk, seat).close()
    assert desk.asked == [("connect",)]


def test_a_closed_panel_hears_nothing(qt: Any, seat: Seat) -> None:
    desk = StillDesk(STATE)
    panel = RotoPanel(desk, seat)
    panel.close()
    panel.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
    qt.processEvents()
    assert desk.watchers == []
    desk.show(STATE)


def test_three_hundred_jobs_paint_what_is_visible(panel: Any, desk: StillDesk, qt: Any) -> None:
    many = tuple(replace(JOBS[1], id=f"{n:032d}", fraction=n / 300) for n in range(300))
    asked: list[int] = []
    model = panel.jobs.jobs
    plain = model.data
    desk.show(replace(STATE, jobs=many))
    qt.processEvents()
    model.data = lambda index, role=0: (asked.append(index.row()), plain(index, role))[1]
    changed = (replace(many[0], fraction=0.9), *many[1:])
    desk.show(replace(STATE, jobs=changed))
    qt.processEvents()
    visible = panel.jobs.viewport().height() // 24 + 2
    assert set(asked) <= set(range(visible))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.4, "0 s"), (59, "59 s"), (74, "1:14 min"), (3600, "1:00 h"), (9000, "2:30 h")],
)
def test_durations(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


def test_the_picture_in_the_docs(panel: Any, qt: Any, tmp_path: Any) -> None:
    choose(panel, 2)
    qt.processEvents()
    path = tmp_path / "panel.png"
    assert panel.grab().save(str(path))
    assert path.stat().st_size > 5000
