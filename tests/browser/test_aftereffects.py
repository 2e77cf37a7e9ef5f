"""An artist with the After Effects panel: the built panel in Chromium, the emulator behind
``evalScript``, and a real server, Redis and worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from helpers_farm import Farm
from playwright.sync_api import expect

from browser.helpers_ae_studio import Studio, iou
from roto_worker.synthetic.clip import Clip

pytestmark = pytest.mark.farm

WIDTH, HEIGHT, FRAMES = 640, 360, 12
LEAST = 0.99


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    made = Farm(tmp_path_factory.mktemp("farm"))
    try:
        made.open().start_worker()
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def clip(farm: Farm) -> Clip:
    from roto_worker.synthetic.clip import generate_clip

    return generate_clip(farm.plates / "ae_010", WIDTH, HEIGHT, FRAMES)


@pytest.fixture
def studio(farm: Farm, clip: Clip, browser, tmp_path: Path) -> Iterator[Studio]:  # type: ignore[no-untyped-def]
    """After Effects with the plate's composition, and the panel open and signed in."""
    page = browser.new_page(viewport={"width": 460, "height": 1000})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    made = Studio(farm, clip, page, tmp_path)
    try:
        made.open_project()
        made.open_panel()
        yield made
        assert troubles == []
        assert made.session.complaints == []
    finally:
        made.close()
        page.close()


def check_shows(studio: Studio, job_id: str) -> None:
    """What the masks on the layer draw is what the job's mattes show, on keys and between."""
    wanted = studio.mattes(job_id)
    assert sorted(wanted) == list(studio.clip.frames)
    keyed = {frame for _, frame in studio.keys()}
    between = set(wanted) - keyed
    assert keyed
    assert between, "every frame has a key: nothing between is tried"
    found = {frame: iou(studio.drawn(frame), matte) for frame, matte in wanted.items()}
    assert min(found.values()) >= LEAST, found


def undo_groups(studio: Studio) -> list[str]:
    """Undo steps that were not the artist's own."""
    log = studio.state()["undo"]
    assert not any(step["leftOpen"] for step in log)
    return [step["name"] for step in log if not step["name"].startswith("artist")]


def outside(keys: dict, stretches: list[list[int]]) -> dict:
    return {
        key: value for key, value in keys.items() if not any(a <= key[1] <= b for a, b in stretches)
    }


def test_from_clicks_to_masks_and_back(studio: Studio, clip: Clip) -> None:
    """The main job: click, preview, submit, masks; an edit by hand, a correction in place."""
    studio.sign_in()
    studio.shown(studio.first)
    studio.prompt()
    expect(studio.plate).to_have_attribute("data-mask", str(studio.first), timeout=150_000)
    studio.picture("clicks")
    job_id = studio.submit()
    (sent,) = studio.farm.client.job(job_id).params["objects"]
    (told,) = sent["prompts"]
    assert told["frame"] == studio.first
    np.testing.assert_allclose(told["box"], clip.prompt["box"], atol=1.0)
    for mine, due in zip(told["points"], clip.prompt["points"], strict=True):
        assert abs(mine["x"] - due["x"]) <= 1
        assert abs(mine["y"] - due["y"]) <= 1
        assert mine["positive"] == due["positive"]

    studio.ended(job_id)
    studio.apply_masks()
    studio.picture("masks")
    check_shows(studio, job_id)
    assert len(undo_groups(studio)) == 1
    for mask in studio.masks():
        assert mask["rotoBezier"] is False

    # By hand: a few vertices of the largest mask on a frame in the middle.
    name = max(studio.masks(), key=lambda mask: len(mask["properties"]["ADBE Mask Shape"]["keys"]))[
        "name"
    ]
    frame = sorted(frame for mask, frame in studio.keys() if mask == name)[-1]
    studio.artist("drag", name, studio.at(frame), 5, -4, 4)
    before = studio.keys()
    correction = studio.correct()
    job = studio.ended(correction)
    assert job.version == 2
    (changed,) = job.raw["changed"].values()
    studio.apply_masks()
    after = studio.keys()
    assert after[(name, frame)] == before[(name, frame)], "the artist's own key is as he made it"
    assert outside(after, changed) == outside(before, changed)
    assert len(undo_groups(studio)) == 2
