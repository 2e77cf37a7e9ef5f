"""Whole days of an artist: the fake Nuke in front, real server, Redis and worker behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from artist import Curves
from helpers_farm import Farm
from helpers_session import Artist

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
