"""Nuke behind the docked panel."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_script import plate, roto_under

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

    with pytest.raises(NodeError, match="not sent from this script"):
        panel.frame_map("other")
    for call in (
        lambda: panel.fetch("other"),
        lambda: panel.apply("other", "beside"),
        lambda: panel.correct("other"),
        lambda: panel.jump(JobRow("other", "s"), "hero", 1),
    ):
        call()
        assert host.messages.pop().startswith("That job was not sent from this script.")


def test_a_correction_needs_the_version_in_the_script(
    nuke: Any, host: Any, roto: Any, panel: Any
) -> None:
    panel.correct("job1")
    assert host.messages == ["No Roto node of the script holds that version.\n\nFetch it."]


def test_its_buttons_are_the_menu(nuke: Any, host: Any, panel: Any) -> None:
    made, *rest = panel.actions()
    made.call()
    assert nuke.toNode("MegatonRoto1")
    nuke.toNode("MegatonRoto1").setSelected(False)
    for button in rest:
        button.call()
        assert host.messages.pop().startswith("Select")
