"""A version comes in while the artist does other things."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from artist import Curves
from helpers_script import plate, roto_under

from roto_client.hosts import DeskState, HostResult, JobRow, Mattes, Runner
from shapes.helpers_shapes import document, layer, moving_blob


class Desk:
    """Has fetched whatever is asked for; work is on real threads."""

    def __init__(self, post: Any) -> None:
        self.runner = Runner(post)
        self.state = DeskState()

    def fetch(self, job_id: str, done: Any, failed: Any) -> None:
        number = int(job_id[3:])
        shape = moving_blob("s1", frames=(1001, 1011 + number, 1040), name="body")
        base = document(layer(shape, layer_id="l1", name="hero"))
        files = {"hero": Mattes(f"/out/hero_v{number:03d}.%04d.exr", 1001, 1040)}
        result = HostResult(JobRow(job_id, "shot", version=number), base, files)
        self.runner.run(lambda stop: result, done, failed)

    def close(self) -> None:
        self.runner.close()


@pytest.fixture
def roto(nuke: Any) -> Any:
    from megaton_roto_nuke import session
    from megaton_roto_nuke.mainthread import post

    session._desk = Desk(post)
    made = roto_under(plate(nuke, "/show/plate.%04d.exr", (1001, 1040), size=(1920, 1080)))
    for number in (1, 2, 3):
        made.note_job({"id": f"job{number}", "shot": "shot", "version": number, "offset": 0})
    return made


def fetched(host: Any, roto: Any, job: str, meanwhile: Any = None) -> Any:
    """Bring a version in; ``meanwhile`` is done while a thread works out what it replaces."""
    from megaton_roto_nuke import arriving, results

    before = len(host.undo)
    started, go = threading.Event(), threading.Event()
    arrive = arriving.arrive

    def held_up(*args: Any) -> Any:
        started.set()
        assert go.wait(120)
        return arrive(*args)

    arriving.arrive = held_up
    try:
        arriving.fetch(roto, job)
        host.pump_until(started.is_set, 120)
        if meanwhile is not None:
            meanwhile()
            before = len(host.undo)
        go.set()
        host.pump_until(lambda: len(host.undo) > before, 120)
    finally:
        arriving.arrive = arrive
    return results.roto_of(roto.uid)


def test_versions_replace_each_other(nuke: Any, host: Any, roto: Any) -> None:
    first = fetched(host, roto, "job1")
    assert fetched(host, roto, "job2") is first
    assert Curves(first).frames("body") == [1001, 1013, 1040]
    assert roto.node["mr_status"].value() == "Version 2 is here."
    assert [note.get("fetched") for note in roto.jobs()] == [True, True, None]


def test_what_is_changed_while_it_comes_is_spared(nuke: Any, host: Any, roto: Any) -> None:
    first = fetched(host, roto, "job1")

    def edit() -> None:
        curves = Curves(first)
        curves.move("body", 1012, 5.0, 0.0)
        curves.done()

    second = fetched(host, roto, "job2", edit)
    assert second is not first
    assert Curves(first).frames("body") == [1001, 1012, 1040]
    assert "stands beside" in roto.node["mr_status"].value()


def test_the_node_it_was_to_replace_is_deleted_meanwhile(nuke: Any, host: Any, roto: Any) -> None:
    first = fetched(host, roto, "job1")
    second = fetched(host, roto, "job2", lambda: nuke.delete(first))
    assert second is not None
    assert Curves(second).frames("body") == [1001, 1013, 1040]


def test_the_script_is_closed_meanwhile(nuke: Any, host: Any, roto: Any) -> None:
    from megaton_roto_nuke import arriving

    arriving.fetch(roto, "job1")
    nuke.scriptClear()
    for _ in range(20):
        host.arrived.wait(0.02)
        host.pump()
    assert not nuke.allNodes()


def test_an_older_version_can_be_had_back_beside(nuke: Any, host: Any, roto: Any) -> None:
    from megaton_roto_nuke import results

    second = fetched(host, roto, "job2")
    roto.choose("version", "beside")
    fetched(host, roto, "job1")
    versions = {
        results.Result.of(node).version: node
        for node in nuke.allNodes("Roto")
        if node.knob(results.RESULT)
    }
    assert set(versions) == {1, 2}
    assert versions[2] is second


def test_nothing_was_sent(nuke: Any, host: Any) -> None:
    from megaton_roto_nuke import arriving
    from megaton_roto_nuke.errors import NodeError

    with pytest.raises(NodeError, match="Nothing was sent"):
        arriving.fetch(roto_under(None))
