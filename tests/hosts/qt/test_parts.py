"""The parts of the panel that a host gets by having the methods for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from helpers_qt import JOBS, OBJECTS, READY, STATE, BusyDesk, FullSeat, Seat, png, until, wait

from roto_client.hosts import DeskState
from roto_client.hosts.qt.host import ObjectRow, Said, SubmitChoices
from roto_client.hosts.qt.objects import ObjectsModel
from roto_client.hosts.qt.panel import RotoPanel
from roto_client.hosts.qt.qt import Qt, QtCore, QtGui, QtWidgets
from roto_shapes.attention import Stretch
from roto_shapes.errors import RotoError

try:
    from PySide6.QtTest import QTest
except ImportError:
    from PySide2.QtTest import QTest

LEFT = Qt.MouseButton.LeftButton
REFUSED = RotoError("No viewer is open.", hint="Press 1 on the node.")


class Stage:
    def __init__(self, qt: Any, desk: BusyDesk, seat: Any) -> None:
        self.qt, self.desk, self.seat = qt, desk, seat
        self.panel = RotoPanel(desk, seat)
        self.panel.resize(620, 980)
        self.panel.show()
        self.panel.look_again()
        desk.runner.finish()
        qt.processEvents()

    def click(self, button: Any) -> None:
        assert button.isEnabled(), button.text()
        assert button.isVisible(), button.text()
        QTest.mouseClick(button, LEFT)

    def cell(self, row: int, column: int) -> Any:
        view = self.panel.objects.view
        return view.visualRect(view.model().index(row, column)).center()

    def said(self) -> str:
        return str(self.panel.notice.text())

    def settle(self) -> None:
        """Nothing that the panel was told waits to be looked at."""
        until(lambda: not self.panel._soon.isActive(), "the look")

    def close(self) -> None:
        self.panel.close()
        self.panel.deleteLater()
        QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
        self.qt.processEvents()


@pytest.fixture
def stage(qt: Any) -> Any:
    made = Stage(qt, BusyDesk(STATE), FullSeat())
    made.seat.asked.clear()
    yield made
    made.close()


# -- objects


def test_objects_say_what_is_prompted_where(stage: Stage) -> None:
    model = stage.panel.objects.model
    assert [model.index(row, 3).data() for row in range(3)] == [
        "1001: 2+ 1- box,  1040: 1+,  1072: shape",
        "1001: 1+,  1031: absent",
        "nothing said yet",
    ]
    assert stage.panel.objects.title.text() == "Objects of MegatonRoto1"


@pytest.mark.parametrize("kind", ["positive", "negative", "box", "shapes", "absent", "clear"])
def test_pick_buttons_go_to_the_chosen_object(stage: Stage, kind: str) -> None:
    view = stage.panel.objects.view
    QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, stage.cell(1, 2))
    stage.click(stage.panel.objects.picks[kind])
    assert stage.seat.asked == [("select", "2"), ("pick", "2", kind)]


def test_what_was_picked_is_shown_at_once(stage: Stage) -> None:
    stage.seat.rows[0] = replace(OBJECTS[0], said=(Said(1001, positive=3),))
    stage.click(stage.panel.objects.picks["positive"])
    assert stage.panel.objects.model.index(0, 3).data() == "1001: 3+"


def test_only_the_picks_a_host_has_are_there(qt: Any) -> None:
    class Poorer(FullSeat):
        def picks(self) -> tuple[str, ...]:
            return ("shapes", "canvas")

    stage = Stage(qt, BusyDesk(STATE), Poorer())
    assert set(stage.panel.objects.picks) == {"shapes", "canvas"}
    stage.close()


def test_renaming_and_ticking_in_place(stage: Stage) -> None:
    view = stage.panel.objects.view
    place = stage.cell(1, ObjectsModel.NAME)
    QTest.mouseClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    QTest.mouseDClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
    editor = view.viewport().findChild(QtWidgets.QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "blade")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    stage.qt.processEvents()
    model = stage.panel.objects.model
    unchecked = Qt.CheckState.Unchecked
    assert model.setData(model.index(0, 0), unchecked, Qt.ItemDataRole.CheckStateRole)
    changes = [asked for asked in stage.seat.asked if asked[0] == "change"]
    assert changes == [("change", "2", {"name": "blade"}), ("change", "1", {"enabled": False})]
    assert model.index(1, ObjectsModel.NAME).data() == "blade"
    assert model.rows[0].enabled is False


def test_adding_and_removing(stage: Stage) -> None:
    box = stage.panel.objects
    stage.click(box.add)
    assert box.model.rows[-1].name == "object4"
    assert box.current() == box.model.rows[-1].key
    stage.click(box.remove)
    assert [row.name for row in box.model.rows] == ["hero", "sword", "cape"]
    assert [asked[0] for asked in stage.seat.asked if asked[0] != "select"] == ["add", "remove"]


def test_what_the_host_refuses_is_a_line_with_what_to_do(stage: Stage) -> None:
    stage.seat.refused = REFUSED
    stage.click(stage.panel.objects.picks["box"])
    assert stage.said() == "No viewer is open. Press 1 on the node."
    stage.panel.say("")
    stage.click(stage.panel.submit.button)
    assert stage.said() == "No viewer is open. Press 1 on the node."
    assert QtWidgets.QApplication.activeModalWidget() is None


def test_a_host_that_tells_of_every_knob_is_asked_once(stage: Stage) -> None:
    stage.settle()
    looked = stage.seat.looked
    for _ in range(100):
        stage.seat.changed()
    assert stage.seat.looked == looked
    until(lambda: stage.seat.looked > looked, "the look")
    wait(250)
    assert stage.seat.looked == looked + 1


def test_a_panel_that_is_not_seen_asks_nothing_until_it_is(stage: Stage) -> None:
    stage.settle()
    stage.panel.hide()
    looked = stage.seat.looked
    stage.seat.rows.append(ObjectRow("9", "late"))
    stage.seat.changed()
    wait(250)
    stage.settle()
    assert stage.seat.looked == looked
    stage.panel.show()
    until(lambda: stage.panel.objects.model.rows[-1].name == "late", "the look")


def test_sixty_objects_ask_for_the_rows_in_sight(stage: Stage) -> None:
    box = stage.panel.objects
    said = tuple(Said(1001 + n, positive=2) for n in range(40))
    stage.seat.rows = [ObjectRow(str(n), f"object{n}", said=said) for n in range(60)]
    box.refresh()
    stage.qt.processEvents()
    asked: set[int] = set()
    plain = box.model.data
    box.model.data = lambda index, role=0: (asked.add(index.row()), plain(index, role))[1]
    told: list[tuple[int, int]] = []
    box.model.dataChanged.connect(lambda a, b, *_: told.append((a.row(), b.row())))
    stage.seat.rows[2] = replace(stage.seat.rows[2], name="changed")
    stage.seat.rows[50] = replace(stage.seat.rows[50], name="changed, too")
    box.refresh()
    stage.qt.processEvents()
    assert told == [(2, 2), (50, 50)]
    assert asked
    assert asked <= set(range(box.view.viewport().height() // 24 + 2))


# -- submit


def test_a_job_is_what_the_fields_say(stage: Stage) -> None:
    box = stage.panel.submit
    box.project.setText("heist")
    QTest.keyClicks(box.shot, "sh040")
    stage.click(box.from_node)
    box.priority.setCurrentIndex(0)
    box.outputs["cryptomatte"].click()
    box.outputs["mattes"].click()
    stage.click(box.button)
    wanted = SubmitChoices("heist", "sh040", (1001, 1096), ("shapes", "cryptomatte"), "high")
    assert stage.seat.asked == [("submit", wanted)]
    stage.desk.runner.finish()
    assert stage.desk.memory.projects["heist"] == wanted.to_memory()


def test_choices_come_back_per_project(qt: Any) -> None:
    kept = {"outputs": ["mattes", "gone"], "priority": "low", "engine": "flow"}
    desk = BusyDesk(STATE, heist=kept, other={"priority": "no such"})
    stage = Stage(qt, desk, FullSeat())
    box = stage.panel.submit
    assert box.choices() == SubmitChoices("heist", "", None, ("mattes",), "low", "flow")
    box.project.clear()
    QTest.keyClicks(box.project, "other")
    QTest.keyClick(box.project, Qt.Key.Key_Return)
    desk.runner.finish()
    assert box.choices() == SubmitChoices("other")
    stage.close()


def test_what_was_changed_meanwhile_is_not_overwritten(qt: Any) -> None:
    desk = BusyDesk(STATE, heist={"priority": "low"})
    panel = RotoPanel(desk, FullSeat())
    panel.show()
    QTest.keyClicks(panel.submit.shot, "sh1")
    desk.runner.finish()
    assert panel.submit.choices().priority == "normal"
    assert panel.submit.choices().shot == "sh1"
    panel.deleteLater()


@pytest.mark.parametrize(
    ("frames", "outputs", "line"),
    [
        ("10 to 20", True, "'10 to 20' is not a frame range Write FIRST-LAST, such as 1001-1060."),
        ("", False, "Nothing is asked for. Tick shapes, mattes or both."),
    ],
)
def test_what_cannot_be_a_job_is_not_sent(
    stage: Stage, frames: str, outputs: bool, line: str
) -> None:
    box = stage.panel.submit
    box.frames.setText(frames)
    if not outputs:
        for tick in box.outputs.values():
            tick.setChecked(False)
    stage.click(box.button)
    assert stage.said() == line
    assert stage.seat.asked == []


# -- results


def test_results_replace_or_stand_beside_and_are_corrected(stage: Stage) -> None:
    box = stage.panel.box
    box.jobs.selectRow(2)
    for button in (box.fetch, box.beside, box.correct):
        stage.click(button)
    job = "b" * 32
    assert stage.seat.asked == [
        ("apply", job, "replace"),
        ("apply", job, "beside"),
        ("correct", job),
    ]


def test_frames_that_need_you_are_host_frames_and_jump_is_given_the_plates(stage: Stage) -> None:
    box = stage.panel.box
    box.jobs.selectRow(2)
    assert box.needing.item(0).text() == "hero: 2031-2038, worst 2034 (21% sure)"
    area = box.needing.visualItemRect(box.needing.item(0))
    QTest.mouseClick(box.needing.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, area.center())
    assert stage.seat.asked == [("jump", "b" * 32, "hero", 1034)]


def test_a_job_of_another_script_is_listed_in_frames_of_the_plate(qt: Any) -> None:
    class Elsewhere(FullSeat):
        def frame_map(self, job_id: str) -> Any:
            raise RotoError("That job was not sent from this script.")

    stage = Stage(qt, BusyDesk(STATE), Elsewhere())
    stage.panel.say("")
    stage.panel.jobs.selectRow(2)
    box = stage.panel.box
    assert box.needing.item(0).text() == "hero: 1031-1038, worst 1034 (21% sure)"
    assert box.needing_title.text() == "Frames that need you (frames of the plate)"
    assert stage.said() == ""
    stage.close()


def test_of_very_many_stretches_the_worst_are_listed(stage: Stage) -> None:
    doubts = {
        f"object{n}": tuple(Stretch(10 * i, 10 * i, 10 * i, (30 * n + i) / 3600) for i in range(30))
        for n in range(60)
    }
    stage.desk.show(replace(STATE, jobs=(replace(JOBS[2], attention=doubts),)))
    stage.panel.jobs.selectRow(0)
    needing = stage.panel.needing
    assert needing.count() == 301
    assert needing.item(0).text() == "object0: 1000, worst 1000 (0% sure)"
    assert needing.item(300).text() == "... and 1500 less doubtful ones"
    needing.itemClicked.emit(needing.item(300))
    assert stage.seat.asked == []


def test_the_newest_job_is_chosen_until_the_artist_chooses(stage: Stage) -> None:
    assert stage.panel.jobs.selected().id == "d" * 32
    assert stage.panel.cancel.isEnabled()


def test_a_failed_job_says_why_in_full(stage: Stage) -> None:
    box = stage.panel.box
    box.jobs.selectRow(3)
    assert box.trouble.isVisible()
    assert box.trouble.text() == "Frame 1017 of the plate cannot be decoded. Render it again."
    box.jobs.selectRow(2)
    assert not box.trouble.isVisible()


def test_a_host_without_them_has_no_such_parts(qt: Any) -> None:
    stage = Stage(qt, BusyDesk(STATE), Seat())
    assert stage.panel.objects is None
    assert stage.panel.submit is None
    assert not stage.panel.box.beside.isVisible()
    assert not stage.panel.box.correct.isVisible()
    stage.close()


# -- the newest mask


class Mask:
    frame = 1061

    def __init__(self) -> None:
        image = QtGui.QImage(960, 540, QtGui.QImage.Format.Format_Grayscale16)
        image.fill(QtGui.QColor("white"))
        self.png = png(image)


def masks_asked(stage: Stage) -> list[tuple[Any, ...]]:
    return [asked for asked in stage.desk.asked if asked[0] == "newest_mask"]


def test_the_newest_mask_of_a_running_job_is_shown_and_decoded_on_a_thread(stage: Stage) -> None:
    newest = stage.panel.box.newest
    assert not newest.isVisible()
    stage.panel.jobs.selectRow(1)
    stage.qt.processEvents()
    assert newest.isVisible()
    (asked,) = masks_asked(stage)
    assert asked[1:3] == ("c" * 32, "hero")
    asked[3](Mask())
    assert newest.picture.pixmap() is None or newest.picture.pixmap().isNull()
    stage.desk.runner.finish()
    pixmap = newest.picture.pixmap()
    assert (pixmap.width(), pixmap.height()) == (240, 135)
    assert "hero, frame 1061" in newest.caption.text()


def test_masks_are_asked_for_one_at_a_time_and_not_too_often(stage: Stage) -> None:
    stage.panel.jobs.selectRow(1)
    for done in range(62, 80):
        stage.desk.show(replace(STATE, jobs=(JOBS[0], replace(JOBS[1], done=done), *JOBS[2:])))
    assert len(masks_asked(stage)) == 1
    masks_asked(stage)[0][4](RotoError("No mask yet.", hint="Wait a moment."))
    assert stage.panel.box.newest.caption.text() == "No mask yet. Wait a moment."
    for done in range(80, 90):
        stage.desk.show(replace(STATE, jobs=(JOBS[0], replace(JOBS[1], done=done), *JOBS[2:])))
    assert len(masks_asked(stage)) == 1
    until(lambda: len(masks_asked(stage)) > 1, "the next one")
    wait(250)
    assert len(masks_asked(stage)) == 2


# -- a panel that goes while answers are on their way


def test_answers_for_a_deleted_panel_touch_nothing(qt: Any) -> None:
    desk = BusyDesk(STATE, heist={"priority": "low"})
    seat = FullSeat()
    panel = RotoPanel(desk, seat)
    panel.show()
    panel.jobs.selectRow(1)
    QTest.mouseClick(panel.log, LEFT)
    QTest.mouseClick(panel.cancel, LEFT)
    QTest.mouseClick(panel.refresh, LEFT)
    answers = [callback for asked in desk.asked for callback in asked if callable(callback)]
    assert len(answers) == 8
    changed = seat.changed
    panel.deleteLater()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete)
    qt.processEvents()
    assert desk.watchers == []
    assert seat.changed is None
    desk.runner.finish()
    for answer in answers:
        answer(REFUSED)
    changed()
    desk.show(DeskState(READY))
