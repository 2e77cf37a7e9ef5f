"""Nuke behind the docked panel."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_script import look_at, plate, roto_under, sample

from roto_client.hosts import JobRow


@pytest.fixture
def roto(nuke: Any) -> Any:
    made = roto_under(plate(nuke, "/show/plate.%04d.exr", (1001, 1040)))
    made.add_object("hero")
    made.note_job({"id": "job1", "shot": "s", "version": 1, "offset": -1000})
    return made


@pytest.fixture
def panel(nuke: Any) -> Any:
    from megaton_roto_nuke.panel_host import NukeHost

    return NukeHost()


def test_jumping_is_to_script_frames_and_to_the_object(nuke: Any, roto: Any, panel: Any) -> None:
    roto.show("object1")
    panel.jump(JobRow("job1", "s"), "hero", 1017)
    assert nuke.frame() == 17
    assert roto.node["mr_object"].value() == "hero"
    assert panel.frame_map("job1").to_script(1001) == 1
    assert panel.jobs() == ["job1"]


def test_jobs_of_another_script(nuke: Any, host: Any, roto: Any, panel: Any) -> None:
    from megaton_roto_nuke.errors import NodeError

    for call in (
        lambda: panel.frame_map("other"),
        lambda: panel.fetch("other"),
        lambda: panel.apply("other", "beside"),
        lambda: panel.correct("other"),
        lambda: panel.jump(JobRow("other", "s"), "hero", 1),
    ):
        with pytest.raises(NodeError, match="not sent from this script"):
            call()
    with pytest.raises(NodeError, match="No Roto node"):
        panel.correct("job1")
    assert not host.messages


def test_it_is_every_host_the_panel_knows(panel: Any) -> None:
    from roto_client.hosts.qt import host

    for protocol in (host.ResultsHost, host.FramesHost, host.SubmitHost, host.ObjectsHost):
        assert isinstance(panel, protocol)


def test_objects_and_prompts_through_the_panel(nuke: Any, host: Any, roto: Any, panel: Any) -> None:
    look_at(nuke, roto.node)
    drawn: list[int] = []
    key = panel.add_object("cat")
    panel.select(key)
    run_menu()
    stop = panel.watch(lambda: drawn.append(1))
    entries = len(host.undo)
    nuke.frame(7)
    sample(nuke, 0.5, 0.25, 0.5, 0.25)
    panel.pick(key, "positive")
    sample(nuke, -0.5, -0.25, 0.5, 0.25)
    panel.pick(key, "box")
    nuke.frame(9)
    panel.pick(key, "absent")
    assert len(host.undo) >= entries + 3
    (row,) = [row for row in panel.objects() if row.name == "cat"]
    assert [str(said) for said in row.said] == ["7: 1+ box", "9: absent"]
    assert drawn
    panel.change_object(key, name="tiger", color=(1.0, 0.5, 0.0), enabled=False)
    (row,) = [row for row in panel.objects() if row.key == key]
    assert (row.name, row.color, row.enabled) == ("tiger", (1.0, 0.5, 0.0), False)
    stop()
    drawn.clear()
    panel.remove_object(key)
    assert [row.name for row in panel.objects()] == ["object1", "hero"]
    assert not drawn


def test_without_a_node_the_panel_is_empty(nuke: Any, panel: Any) -> None:
    from megaton_roto_nuke.errors import NodeError

    assert panel.node() == ""
    assert panel.objects() == ()
    assert panel.frame_range() is None
    with pytest.raises(NodeError, match="Select one"):
        panel.add_object("cat")
    made, *rest = panel.actions()
    made.call()
    assert panel.node() == "MegatonRoto1"
    for button in rest:
        with pytest.raises(NodeError):
            button.call()


def test_the_frames_there_are(nuke: Any, roto: Any, panel: Any) -> None:
    assert panel.frame_range() == (1001, 1040)
    grade = nuke.nodes.Grade()
    grade.setInput(0, roto.node.input(0))
    roto.node.setInput(0, grade)
    assert panel.frame_range() == (1001, 1040)


def test_what_is_chosen_stays_in_the_node(nuke: Any, roto: Any, panel: Any) -> None:
    from megaton_roto_nuke.errors import NodeError
    from roto_client.hosts.qt.host import SubmitChoices

    choices = SubmitChoices("show", "sh010", (1005, 1010), ("shapes",), "high", "flow")
    with pytest.raises(NodeError, match="Nothing is said"):
        panel.submit_job(choices)
    values = [roto.setting(name) for name in ("project", "shot", "range", "priority", "mattes")]
    assert values == ["show", "sh010", "1005-1010", "high", False]


def run_menu() -> None:
    from megaton_roto_nuke import menu

    menu.build()
