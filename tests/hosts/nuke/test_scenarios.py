"""Whole days of an artist: the fake Nuke in front, real server, Redis and worker behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fake_nuke
import pytest
from artist import Curves
from helpers_farm import Farm
from helpers_session import Artist, forget_plugin

from shapes.helpers_draw import nuke_matte, overlap

pytestmark = pytest.mark.farm


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    made = Farm(tmp_path_factory.mktemp("farm"))
    try:
        yield made.open()
    finally:
        made.close()


@pytest.fixture
def farm(standing: Farm) -> Iterator[Farm]:
    yield standing
    standing.stand_again()


@pytest.fixture
def artist(nuke: Any, host: Any, farm: Farm, monkeypatch: pytest.MonkeyPatch) -> Artist:
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", farm.api_key)
    return Artist(nuke, host, farm)


def test_from_prompts_to_splines(artist: Artist, farm: Farm) -> None:
    """The main job: prompt, submit, fetch; then the shapes are held against the mattes."""
    farm.start_worker()
    clip = farm.clip()
    artist.open(clip, shift=-1000)
    artist.prompt(clip)
    job_id = artist.submit()
    artist.finished(job_id)
    entries = len(artist.host.undo)
    node = artist.fetch()
    assert [entry.name for entry in artist.host.undo[entries:]] == ["Megaton Roto: version 1"]
    assert artist.worst_overlap(node, job_id) >= 0.95
    (shape, *_) = artist.keys(node).values()
    assert set(shape) <= set(range(1, 9))
    read = artist.nuke.toNode("creature_matte_v001")
    for frame in clip.frames:
        assert Path(read["file"].value() % frame).exists()
    assert node.input(0) is artist.roto.node


def test_a_preview(artist: Artist, farm: Farm) -> None:
    """The mask of one frame as a temporary Roto node that no undo list knows."""
    farm.start_worker()
    clip = farm.clip()
    artist.open(clip, shift=50)
    artist.prompt(clip)
    frame = clip.prompt["frame"] + 50
    artist.nuke.frame(frame)
    entries = len(artist.host.undo)
    artist.press("mr_preview")
    artist.until(lambda: artist.nuke.toNode("MegatonRoto_preview") is not None, 150)
    assert len(artist.host.undo) == entries
    shown = artist.nuke.toNode("MegatonRoto_preview")
    drawn = nuke_matte(artist.text(shown), frame, *artist.size)
    assert overlap(drawn, (clip.truth(frame - 50) >= 0.5).astype(float)) > 0.7
    # The next one takes its place, and on a frame without prompts there is none.
    artist.nuke.frame(frame + 1)
    artist.roto.node["mr_preview"].execute()
    assert "Nothing is said" in artist.host.messages.pop()
    assert len(artist.nuke.allNodes("Roto")) == 1


def test_a_bad_track_is_cancelled_and_tried_again(artist: Artist, farm: Farm) -> None:
    worker = farm.start_worker(slow=0.4)
    clip = farm.clip(frames=20)
    artist.open(clip)
    artist.prompt(clip)
    job_id = artist.submit()
    artist.until(lambda: "tracking" in artist.status(), 120)
    artist.press("mr_cancel")
    artist.until(lambda: artist.state(job_id) == "cancelled", 60)
    artist.until(lambda: "was cancelled" in artist.status(), 10)
    worker.terminate()
    worker.wait()
    farm.start_worker()
    artist.retry(job_id)
    artist.finished(job_id)
    artist.until(lambda: "press Fetch result" in artist.status(), 10)
    assert artist.fetch() is not None
    artist.press("mr_log")
    artist.until(lambda: "log is in" in artist.status(), 30)
    assert "track" in Path(artist.status().split(" is in ")[1].rstrip(".")).read_text()


def test_the_server_restarts_meanwhile(artist: Artist, farm: Farm) -> None:
    from megaton_roto_nuke.session import desk

    farm.start_worker(slow=0.3)
    clip = farm.clip(frames=20)
    artist.open(clip)
    artist.prompt(clip)
    job_id = artist.submit()
    artist.until(lambda: "tracking" in artist.status(), 120)
    farm.kill_server()
    artist.until(lambda: desk().state.server.status == "offline", 60)
    assert desk().state.server.hint
    farm.start_server()
    artist.finished(job_id)
    assert artist.worst_overlap(artist.fetch(), job_id) >= 0.9


def test_nuke_is_closed_and_the_script_opened_again(
    artist: Artist, farm: Farm, tmp_path: Path
) -> None:
    farm.start_worker(slow=0.3)
    clip = farm.clip(frames=12)
    artist.open(clip, shift=-990)
    artist.prompt(clip)
    job_id = artist.submit()
    script = str(tmp_path / "shot.nk")
    artist.nuke.scriptSaveAs(script)
    forget_plugin()
    nuke = fake_nuke.install()
    again = Artist(nuke, fake_nuke.host.current(), farm)
    again.size, again.shift = artist.size, artist.shift
    run_menu()
    nuke.scriptOpen(script)
    again.roto = roto_nodes_of(nuke)[0]
    again.finished(job_id)
    again.until(lambda: "press Fetch result" in again.status(), 10)
    assert again.worst_overlap(again.fetch(), job_id) >= 0.95


def roto_nodes_of(nuke: Any) -> Any:
    from megaton_roto_nuke.node import roto_nodes

    return roto_nodes()


def run_menu() -> None:
    from megaton_roto_nuke import menu

    menu.build()


def test_the_plate_is_moved_after_submitting(artist: Artist, farm: Farm) -> None:
    farm.start_worker(slow=0.3)
    clip = farm.clip(frames=60)
    artist.open(clip)
    artist.prompt(clip)
    job_id = artist.submit()
    artist.until(lambda: "tracking" in artist.status(), 120)
    away = clip.directory.with_name("moved")
    clip.directory.rename(away)
    artist.until(lambda: artist.state(job_id) == "failed", 150)
    artist.until(lambda: "failed" in artist.status(), 10)
    job = farm.client.job(job_id)
    assert job.error["message"] in artist.status()
    assert job.error["hint"] in artist.status()
    away.rename(clip.directory)
    artist.retry(job_id)
    artist.finished(job_id)


def test_what_is_no_plain_plate_is_rendered_and_sent(
    artist: Artist, farm: Farm, tmp_path: Path
) -> None:
    """A grade lies between: the input is rendered, uploaded, and the render is gone again."""
    farm.start_worker()
    clip = farm.clip(format="exr")
    roto = artist.open(clip)
    grade = artist.nuke.nodes.Grade()
    grade.setInput(0, roto.node.input(0))
    roto.node.setInput(0, grade)

    def draw(write: Any, frame: int) -> None:
        shutil.copy(clip.pattern % frame, write["file"].value() % frame)

    artist.host.render = draw
    artist.prompt(clip)
    job_id = artist.submit()
    artist.until(lambda: not list(tmp_path.glob("megaton-roto-plate-*")), 60)
    artist.finished(job_id)
    plate = farm.client.shot(farm.client.job(job_id).shot_id).plate["path"]
    assert plate.startswith(str(farm.storage))
    assert artist.worst_overlap(artist.fetch(), job_id) >= 0.95


def test_a_key_that_is_not_taken(artist: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    from megaton_roto_nuke.session import desk

    monkeypatch.setenv("ROTO_API_KEY", "roto_wrong")
    clip = artist.farm.clip()
    artist.open(clip)
    artist.prompt(clip)
    artist.press("mr_submit")
    artist.until(lambda: desk().state.server.status == "refused", 30)
    artist.until(lambda: desk().state.server.error in artist.status(), 10)
    assert desk().state.server.hint


def test_the_correction_loop(artist: Artist, farm: Farm) -> None:
    """Move points on a frame, press the button: only the stretch around it is another one."""
    farm.start_worker()
    clip = farm.clip(frames=24)
    artist.open(clip, shift=100)
    artist.prompt(clip)
    artist.finished(artist.submit())
    node = artist.fetch()
    before = artist.keys(node)
    (name, keys) = max(before.items(), key=lambda one: len(one[1]))
    frame = clip.frame_range[0] + 100 + 12
    curves = Curves(node)
    curves.move(name, frame, 4.0, 3.0)
    curves.done()
    edited = artist.keys(node)
    artist.nuke.frame(frame)
    artist.press("mr_correct", node)
    artist.until(lambda: len(artist.roto.jobs()) == 2, 60)
    job_id = artist.roto.jobs()[-1]["id"]
    artist.finished(job_id)
    again = artist.fetch()
    assert again is node
    after = artist.keys(node)
    assert after[name][frame] == edited[name][frame]
    changed = farm.client.job(job_id).raw["changed"]["creature"]
    ((first, last), *_) = changed
    assert first <= frame - 100 <= last
    outside = [at for at in keys if not first <= at - 100 <= last]
    for at in outside:
        assert after[name][at] == before[name][at]
