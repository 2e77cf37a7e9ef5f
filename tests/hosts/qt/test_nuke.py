"""The docked panel in Nuke under a real Qt, offscreen: clicked with a mouse, over the fake Nuke.

``python test_nuke.py FILE`` draws the picture of docs/nuke.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).parents[3]
for folder in (
    ROOT / "tests", ROOT / "tests/hosts/qt", ROOT / "tests/hosts/nuke", ROOT / "plugins/nuke",
    ROOT / "shared_client",
):  # fmt: skip
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

import fake_nuke  # noqa: E402
from helpers_qt import JOBS, STATE, BusyDesk  # noqa: E402
from helpers_script import look_at, plate, roto_under, sample  # noqa: E402


class NukeDesk(BusyDesk):
    """What the plugin asks beside what the panel does."""

    def follow(self, job_ids: Any) -> None:
        self.asked.append(("follow", list(job_ids)))

    def submit(self, request: Any, done: Any, failed: Any) -> None:
        self.asked.append(("submit", request))

    def fetch(self, job_id: str, done: Any, failed: Any) -> None:
        self.asked.append(("fetch", job_id))

    def close(self) -> None:
        self.asked.append(("close",))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[NukeDesk]:
    made = script_and_desk()
    from megaton_roto_nuke import session

    monkeypatch.setattr(session, "_desk", made)
    yield made
    for name in [name for name in sys.modules if name.startswith("megaton_roto_nuke")]:
        del sys.modules[name]
    fake_nuke.uninstall()


def script_and_desk() -> NukeDesk:
    """A script with a plate, our node with two objects, and a job that was sent from it."""
    nuke = fake_nuke.install()
    read = plate(nuke, "/show/sh020/plate.%04d.exr", (1001, 1096), size=(1920, 1080))
    read["frame_mode"].setValue("start at")
    read["frame"].setValue("1")
    roto = roto_under(read)
    roto.node["mr1_name"].setValue("hero")
    roto.add_object("sword")
    roto.place_point(1, 900.0, 500.0, True, 1)
    roto.place_box(1, [700.0, 300.0, 1200.0, 900.0], 1)
    roto.place_point(1, 940.0, 510.0, True, 40)
    roto.place_point(2, 1300.0, 640.0, True, 1)
    roto.mark_absent(2, 31)
    roto.show("hero")
    note = {"shot": "s" * 32, "version": 2, "offset": -1000}
    roto.note_job({"id": JOBS[2].id, **note})
    look_at(nuke, roto.node)
    return NukeDesk(STATE, show={"priority": "high"})


@pytest.fixture
def panel(qt: Any, desk: NukeDesk) -> Iterator[Any]:
    made = docked()
    qt.processEvents()
    yield made
    made.close()
    made.deleteLater()


def docked() -> Any:
    """Made as Nuke makes it: from the text that was registered."""
    from megaton_roto_nuke import menu

    menu.build()
    ((text, *_),) = fake_nuke.PANELS
    made = eval(text)()
    made.resize(620, 940)
    made.show()
    return made


def test_it_opens_on_what_the_script_holds(panel: Any, desk: NukeDesk) -> None:
    assert ("follow", [JOBS[2].id]) in desk.asked
    assert panel.objects is not None
    assert panel.submit is not None
    names = [row.name for row in panel.host.objects()]
    assert names == ["hero", "sword"]
    assert panel.host.frame_range() == (1, 96)


def test_a_pick_in_the_panel_is_a_key_in_the_node(panel: Any, qt: Any) -> None:
    import nuke

    nuke.frame(12)
    sample(fake_nuke.api, 0.25, 0.1, 0.25, 0.1)
    panel.host.pick("1", "positive")
    assert nuke.toNode("MegatonRoto1")["mr1_pos1"].getKeyList() == [1, 12, 40]
    qt.processEvents()


def test_jumping_to_a_frame_that_needs_a_look(panel: Any, qt: Any) -> None:
    import nuke

    panel.jobs.selectRow(2)
    qt.processEvents()
    panel.host.jump(JOBS[2], "sword", 1055)
    assert nuke.frame() == 55
    assert nuke.toNode("MegatonRoto1")["mr_object"].value() == "sword"


def test_an_error_is_a_line_not_a_dialog(panel: Any, qt: Any) -> None:
    panel.guarded(lambda: panel.host.fetch("somebody else's"))
    qt.processEvents()
    assert "not sent from this script" in panel.notice.text()
    assert not fake_nuke.host.current().messages


def test_submitting_sends_the_nodes_objects(panel: Any, desk: NukeDesk) -> None:
    from roto_client.hosts.qt.host import SubmitChoices

    panel.host.submit_job(SubmitChoices("show", "sh020", (1, 50), ("shapes",), "high", "flow"))
    ((_, request),) = [asked for asked in desk.asked if asked[0] == "submit"]
    assert request.frame_range == (1001, 1050)
    assert (request.project, request.shot, request.engine) == ("show", "sh020", "flow")
    assert [one.name for one in request.objects] == ["hero", "sword"]
    assert [prompt.frame for prompt in request.objects[0].prompts] == [1001, 1040]


def main(target: str) -> None:
    from helpers_qt import darken

    from roto_client.hosts.qt.shim import QtWidgets

    application = QtWidgets.QApplication([])
    darken(application)
    desk = script_and_desk()
    from megaton_roto_nuke import session

    session._desk = desk  # type: ignore[assignment]
    desk.state = replace(STATE, busy="", busy_fraction=None, notice="Version 2 is ready.")
    made = docked()
    made.look_again()
    desk.runner.finish()
    made.jobs.selectRow(2)
    application.processEvents()
    if not made.grab().save(target):
        raise SystemExit(f"{target} cannot be written")


if __name__ == "__main__":
    main(sys.argv[1])
