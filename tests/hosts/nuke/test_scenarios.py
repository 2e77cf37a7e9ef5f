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

pytestmark = [pytest.mark.farm, pytest.mark.seat]


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
def artist(nuke: Any, host: Any, farm: Farm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Artist]:
    """And whatever he did, nothing that came back held Nuke's main thread for long."""
    monkeypatch.setenv("ROTO_SERVER", farm.url)
    monkeypatch.setenv("ROTO_API_KEY", farm.api_key)
    yield Artist(nuke, host, farm)
    came_back = [seconds for what, seconds in host.main_calls if not what.startswith("press")]
    assert max(came_back, default=0.0) < 0.05


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
    assert min(artist.overlaps(node, job_id).values()) >= 0.95
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
    artist.until(lambda: "was cancelled" in artist.status(), 60)
    worker.terminate()
    worker.wait()
    farm.start_worker()
    artist.retry(job_id)
    artist.finished(job_id)
    artist.until(lambda: "press Fetch result" in artist.status(), 60)
    assert artist.fetch() is not None
    artist.press("mr_log")
    artist.until(lambda: "log is in" in artist.status(), 60)
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
    assert min(artist.overlaps(artist.fetch(), job_id).values()) >= 0.9


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
    again.until(lambda: "press Fetch result" in again.status(), 60)
    assert min(again.overlaps(again.fetch(), job_id).values()) >= 0.95


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
    artist.until(lambda: "failed" in artist.status(), 60)
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
    assert min(artist.overlaps(artist.fetch(), job_id).values()) >= 0.95


def test_a_key_that_is_not_taken(artist: Artist, monkeypatch: pytest.MonkeyPatch) -> None:
    from megaton_roto_nuke.session import desk

    monkeypatch.setenv("ROTO_API_KEY", "roto_wrong")
    clip = artist.farm.clip()
    artist.open(clip)
    artist.prompt(clip)
    artist.press("mr_submit")
    artist.until(lambda: desk().state.server.status == "refused", 60)
    artist.until(lambda: desk().state.server.error in artist.status(), 60)
    assert desk().state.server.hint


def test_the_correction_loop(artist: Artist, farm: Farm) -> None:
    """Move points on a frame, press the button: only the stretch around it is another one.

    Prompted on 1001, 1009 and 1017; corrected on 1013. What he changed by hand on 1004 stays too,
    to the last bit, and so does a shape he called otherwise.
    """
    farm.start_worker()
    clip = farm.clip(frames=24)
    artist.open(clip, shift=100)
    artist.prompt(clip)
    artist.prompt_box(clip, 1009)
    artist.prompt_box(clip, 1017)
    first_job = artist.submit()
    artist.finished(first_job)
    node = artist.fetch()
    as_tracked = artist.overlaps(node, first_job)
    before = artist.keys(node)
    name = max(before, key=lambda one: len(before[one]))
    curves = Curves(node)
    curves.move(name, 1113, 4.0, 3.0)
    curves.move(name, 1104, -1.0, 2.0, only=0)
    curves.rename(name, "the body")
    curves.done()
    edited = artist.keys(node)["the body"]
    artist.nuke.frame(1113)
    job_id = artist.correct(node)
    assert "called 'the body' in Nuke" in artist.roto.jobs()[-1]["told"]
    artist.finished(job_id)
    assert farm.client.job(job_id).raw["changed"] == {"creature": [[1010, 1016]]}
    entries = len(artist.host.undo)
    assert artist.fetch() is node
    assert len(artist.host.undo) == entries + 1
    after = artist.keys(node)
    assert set(after) == {"the body", *before} - {name}
    for at, numbers in edited.items():
        if not 1109 < at < 1117 or at == 1113:
            assert after["the body"][at] == numbers, at
    for other in set(before) - {name}:
        for at, numbers in before[other].items():
            if not 1109 < at < 1117:
                assert after[other][at] == numbers, (other, at)
    overlaps = artist.overlaps(node, job_id)
    # What he moved by hand and did not have tracked again is his.
    del overlaps[1004]
    assert min(as_tracked.values()) >= 0.95
    assert min(overlaps.values()) >= 0.95


def test_a_second_correction_and_shapes_that_come_and_go(artist: Artist, farm: Farm) -> None:
    """Corrections chain; a shape the artist adds stays, one he deletes stays away, a layer he
    deletes too, and what is none of ours is left alone."""
    farm.start_worker()
    clip = farm.clip(frames=16)
    roto = artist.open(clip)
    artist.prompt(clip)
    artist.prompt_box(clip, 1009)
    second = roto.add_object("double")
    artist.prompt(clip, second)
    artist.finished(artist.submit())
    node = artist.fetch()
    (ours, *_) = [name for name in artist.keys(node) if "double" not in name.lower()]
    curves = Curves(node)
    curves.copy(ours, "patch", 9.0)
    curves.remove("double")
    curves.add_root_shape("garbage")
    curves.done()
    artist.nuke.frame(artist.keys(node)["patch"].popitem()[0])
    artist.finished(artist.correct(node))
    artist.fetch()
    names = set(artist.keys(node))
    assert {"garbage", "patch", ours} <= names
    assert "double" not in {item[1] for _, item in Curves(node).items()}
    curves = Curves(node)
    curves.remove("patch")
    curves.move(ours, 1013, 0.0, 2.0)
    curves.done()
    artist.nuke.frame(1013)
    job_id = artist.correct(node)
    artist.finished(job_id)
    artist.fetch()
    assert set(artist.keys(node)) == names - {"patch"}
    assert farm.client.job(job_id).raw["base_version"] == 2


def test_shapes_that_were_changed_and_not_sent_are_not_replaced(artist: Artist, farm: Farm) -> None:
    farm.start_worker()
    clip = farm.clip()
    artist.open(clip)
    artist.prompt(clip)
    artist.finished(artist.submit())
    node = artist.fetch()
    curves = Curves(node)
    curves.move(next(iter(artist.keys(node))), 1004, 3.0, 0.0)
    curves.done()
    kept = node["curves"].toScript()
    artist.finished(artist.submit())
    newer = artist.fetch()
    assert newer is not node
    assert node["curves"].toScript() == kept
    assert "stands beside" in artist.status()
    # The newer version cannot be corrected through the older one.
    artist.nuke.frame(1004)
    artist.press("mr_correct", node)
    artist.until(lambda: "newer" in artist.status() or "latest" in artist.status(), 60)
    assert len(artist.roto.jobs()) == 2


def test_a_correction_where_nothing_was_changed(artist: Artist, farm: Farm) -> None:
    farm.start_worker()
    clip = farm.clip()
    artist.open(clip)
    artist.prompt(clip)
    artist.finished(artist.submit())
    node = artist.fetch()
    artist.press("mr_correct", node)
    artist.until(lambda: "Nothing was changed." in artist.status(), 60)
    curves = Curves(node)
    curves.move(next(iter(artist.keys(node))), 1004, 3.0, 0.0)
    curves.done()
    artist.nuke.frame(1006)
    artist.press("mr_correct", node)
    artist.until(lambda: "Nothing was changed on frame 1006, but on 1004" in artist.status(), 60)
    assert len(artist.roto.jobs()) == 1
