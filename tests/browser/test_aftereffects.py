"""An artist with the After Effects panel: the built panel in Chromium, the emulator behind
``evalScript``, and a real server, Redis and worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
import pytest
from helpers_farm import Farm, working_farm
from playwright.sync_api import Browser, expect

from browser.helpers_ae_studio import Studio, iou
from roto_worker.synthetic.clip import Clip, generate_clip

pytestmark = pytest.mark.farm

WIDTH, HEIGHT, FRAMES = 1280, 720, 12
LEAST = 0.99
NEAR = 3.0
"""Plate pixels: the mouse lands on whole pixels of the screen, each of which is 2.8 here."""


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    with working_farm(tmp_path_factory.mktemp("farm")) as farm:
        yield farm


@pytest.fixture(scope="module")
def clip(farm: Farm) -> Clip:
    return generate_clip(farm.plates / "ae_010", WIDTH, HEIGHT, FRAMES)


@pytest.fixture
def studio(farm: Farm, clip: Clip, browser: Browser, tmp_path: Path) -> Iterator[Studio]:
    """After Effects with the plate's composition, and the panel open."""
    page = browser.new_page(viewport={"width": 480, "height": 1110})
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


def check_shows(studio: Studio, job_id: str, own: int | None = None) -> None:
    """What the masks on the layer draw is what the job's mattes show, on keys and between.

    On frame ``own`` they are the artist's, and the farm has never heard of it.
    """
    wanted = studio.mattes(job_id)
    assert sorted(wanted) == list(studio.clip.frames)
    keyed = {frame for _, frame in studio.path_keys()}
    assert keyed
    assert set(wanted) - keyed, "every frame has a key: nothing between is tried"
    found = {
        frame: iou(studio.drawn(frame), matte) for frame, matte in wanted.items() if frame != own
    }
    assert min(found.values()) >= LEAST, found


def steps(studio: Studio, word: str) -> list[str]:
    """Undo steps of the panel with a word in their name; it leaves none open."""
    log = studio.state()["undo"]
    assert not any(step["leftOpen"] for step in log)
    return [step["name"] for step in log if word in step["name"].lower()]


def outside(keys: dict[Any, Any], stretches: list[list[int]]) -> dict[Any, Any]:
    return {
        key: value for key, value in keys.items() if not any(a <= key[1] <= b for a, b in stretches)
    }


def test_from_clicks_to_masks_and_a_correction(studio: Studio, clip: Clip) -> None:
    """Click, see the mask, submit, masks on the layer; an edit by hand, only its stretch anew."""
    studio.signed_in()
    studio.send_plate()
    studio.prompt()
    expect(studio.plate).to_have_attribute("data-mask", str(studio.first), timeout=150_000)
    studio.picture("clicks")
    job_id = studio.submit()
    (sent,) = studio.farm.client.job(job_id).params["objects"]
    (told,) = sent["prompts"]
    assert told["frame"] == studio.first
    np.testing.assert_allclose(told["box"], clip.prompt["box"], atol=NEAR)
    for mine, due in zip(told["points"], clip.prompt["points"], strict=True):
        assert (mine["x"], mine["y"]) == pytest.approx((due["x"], due["y"]), abs=NEAR)
        assert mine["positive"] == due["positive"]

    studio.ended(job_id)
    studio.ready(job_id)
    studio.brings("Apply masks", "on the layer")
    studio.picture("masks")
    check_shows(studio, job_id)
    assert len(steps(studio, "masks")) == 1
    assert not any(mask["rotoBezier"] for mask in studio.masks())

    keys = studio.path_keys()
    name = max((mask for mask, _ in keys), key=lambda each: sum(key[0] == each for key in keys))
    frame = max(frame for mask, frame in keys if mask == name)
    studio.artist("rename", name, "the outline")
    name = "the outline"
    studio.artist("drag", name, studio.at(frame), 5, -4, 4)
    correction = studio.correct()
    # Work goes on meanwhile: a key beside it that the farm has never heard of.
    studio.artist("drag", name, studio.at(frame - 2), 1, -1, 1)
    before = studio.path_keys()
    job = studio.ended(correction)
    assert (job.version, job.base_version) == (2, 1)
    studio.ready(correction)
    studio.brings("Apply masks", "stay as they were")
    (changed,) = job.raw["changed"].values()
    after = studio.path_keys()
    assert any(a <= frame - 2 <= b for a, b in changed)
    for mine in (frame, frame - 2):
        assert after[name, mine] == before[name, mine], "the artist's own keys are as he made them"
    assert outside(after, changed) == outside(before, changed)
    assert len(steps(studio, "correction")) == 1
    studio.picture("correction")
    check_shows(studio, correction, own=frame - 2)


def test_a_correction_by_clicks(studio: Studio, clip: Clip) -> None:
    """No path is touched: a click on a later frame, and only the frames around it are new."""
    studio.signed_in()
    studio.send_plate()
    studio.prompt()
    job_id = studio.submit()
    studio.ended(job_id)
    studio.ready(job_id)
    studio.brings("Apply masks", "on the layer")
    before = studio.path_keys()
    studio.go_to(studio.last)
    studio.shown(studio.last)
    told = clip.truth(studio.last) >= 0.5
    rows, columns = np.nonzero(told)
    studio.click(float(columns.mean()), float(rows.mean()))
    correction = studio.correct("Correct with clicks")
    job = studio.ended(correction)
    studio.ready(correction)
    studio.brings("Apply masks", "stay as they were")
    (changed,) = job.raw["changed"].values()
    assert changed[-1][1] == studio.last
    assert outside(studio.path_keys(), changed) == outside(before, changed)
    check_shows(studio, correction)


def test_prompts_drawn_in_after_effects_and_mattes(studio: Studio, clip: Clip) -> None:
    """A rectangle mask and a Point Control say the same; the matte becomes a track matte."""
    left, top, right, bottom = clip.prompt["box"]
    studio.artist("rectangle", "box:hero", left, top, right, bottom, 0)
    on, beside = clip.prompt["points"]
    studio.artist("point", "+hero", on["x"], on["y"], 0)
    studio.artist("point", "-hero", beside["x"], beside["y"], 0)
    studio.artist("select")
    studio.signed_in()
    studio.press("Read prompts of the layer")
    expect(studio.page.get_by_role("list", name="Objects")).to_contain_text("hero")
    job_id = studio.submit()
    (sent,) = studio.farm.client.job(job_id).params["objects"]
    (told,) = sent["prompts"]
    assert (sent["name"], told["frame"]) == ("hero", studio.first)
    assert told["box"] == pytest.approx(clip.prompt["box"], abs=1e-3)
    assert [point["positive"] for point in told["points"]] == [True, False]
    assert (told["points"][0]["x"], told["points"][0]["y"]) == pytest.approx((on["x"], on["y"]))
    studio.ended(job_id)
    studio.ready(job_id)
    studio.brings("Apply both", "matte in the composition")
    check_shows(studio, job_id)
    (source,) = studio.imported_mattes()
    with OpenEXR.File(source["path"]) as file:
        channels = set(file.channels())
    assert ("A" in channels, "R" in channels) == (True, False)
    assert studio.layer()["matteType"] == "ALPHA", "there is nothing else in the file to matte by"
    assert source["frames"] == FRAMES
    # Each of the two is one step back.
    for gone in ("matte", "masks"):
        assert gone in studio.session.undo().lower()
    assert studio.imported_mattes() == []
    assert [mask["name"] for mask in studio.masks()] == ["box:hero"]


def test_the_panel_is_closed_and_the_project_opened_again(studio: Studio, clip: Clip) -> None:
    """What was said is in the project, not in the panel."""
    studio.signed_in()
    studio.send_plate()
    studio.prompt()
    expect(studio.plate).to_have_attribute("data-mask", str(studio.first), timeout=150_000)
    studio.until(lambda: studio.memory("prompts"), "the prompts are in the project")
    studio.artist("again", str(studio.home / "shot.aep"))
    studio.open_panel()
    studio.shown(studio.first)
    objects = studio.page.get_by_role("list", name="Objects")
    expect(objects).to_contain_text("1+ 1- box")


def test_a_wrong_key_is_told_with_what_to_do(studio: Studio) -> None:
    studio.sign_in(key="roto_wrong")
    alert = studio.page.get_by_role("alert").first
    expect(alert).to_contain_text("not known")
    expect(alert.locator(".hint")).to_have_text("Sign in again.")
    expect(studio.button("Submit")).to_be_disabled()


def test_no_server_is_told_and_looked_for(studio: Studio) -> None:
    """The farm restarts while the panel is open: nothing has to be done."""
    studio.signed_in()
    status = studio.page.get_by_test_id("server")
    studio.farm.kill_server()
    studio.press("Refresh")
    expect(status).to_have_attribute("data-status", "offline", timeout=60_000)
    expect(studio.page.get_by_role("alert").first).to_be_visible()
    studio.farm.start_server()
    expect(status).to_have_attribute("data-status", "ready", timeout=90_000)


def test_time_remapping_is_refused_and_why(studio: Studio) -> None:
    studio.signed_in()
    studio.artist("remap", True)
    alert = studio.page.get_by_role("alert").filter(has_text="remap")
    expect(alert.first).to_be_visible(timeout=20_000)
    expect(studio.button("Submit")).to_be_disabled()
    studio.picture("refused")
    studio.artist("remap", False)
    expect(alert).to_have_count(0)


@pytest.mark.parametrize(
    ("layer", "words", "way_out"),
    [
        ({"stretch": -100}, "backwards", "precomposition"),
        ({"blending": "FRAME_MIX"}, "Frame blending", "off"),
        ({"locked": True}, "locked", "Unlock"),
    ],
)
def test_what_cannot_be_told_right_is_refused(
    studio: Studio, layer: dict[str, Any], words: str, way_out: str
) -> None:
    told = studio.state()["items"]
    (comp,) = [item["id"] for item in told if item["kind"] == "comp"]
    studio.session.ask({"set": layer, "item": comp, "layer": studio.layer()["id"]})
    alert = studio.page.get_by_role("alert").filter(has_text=words)
    expect(alert).to_be_visible(timeout=20_000)
    expect(alert.locator(".hint")).to_contain_text(way_out)


def test_the_picture_comes_from_after_effects(studio: Studio) -> None:
    """Without a farm the frame is After Effects' own picture, written by it in the background."""
    studio.artist("goTo", 3)
    expect(studio.page.get_by_role("spinbutton", name="Frame")).to_have_value(str(studio.first + 3))
    studio.press("Picture from After Effects")
    studio.shown(studio.first + 3)
    studio.click(200, 150)
    expect(studio.page.get_by_role("list", name="Objects")).to_contain_text("1+")


def test_the_frame_on_the_canvas_is_the_plates(studio: Studio, clip: Clip) -> None:
    """What is drawn where the canvas says it is: the object's colour, not the background's."""
    studio.signed_in()
    studio.send_plate()
    plate = cv2.imread(clip.pattern % studio.first)
    inside = clip.prompt["points"][0]
    seen = studio.pixel(inside["x"], inside["y"])
    due = plate[int(inside["y"]), int(inside["x"])][::-1]
    assert np.abs(np.array(seen, int) - due.astype(int)).max() < 40, (seen, due)


def test_wide_pixels_are_clicked_where_they_are(studio: Studio) -> None:
    """The canvas shows an anamorphic plate as it looks; clicks are pixels of the plate."""
    plate = studio.layer()["source"]
    studio.session.ask({"set": {"pixelAspect": 2.0}, "item": plate})
    studio.signed_in()
    studio.send_plate()
    studio.until(lambda: "pixel aspect 2" in studio.told(), "the aspect is known")
    told = studio.plate.get_attribute("data-view")
    assert told
    _, _, across, down = map(float, told.split())
    assert across == pytest.approx(2 * down)
    studio.click(900, 200)
    studio.until(lambda: studio.memory("prompts"), "the click is in the project")
    ((x, y, *_),) = studio.memory("prompts")["objects"][0]["prompts"][0]["points"]
    assert (x, y) == pytest.approx((900, 200), abs=NEAR)


def test_a_plate_the_farm_cannot_read_is_uploaded(
    farm: Farm, browser: Browser, tmp_path: Path
) -> None:
    """Through Node's files, as CEP gives them to the panel."""
    clip = generate_clip(tmp_path / "private", 320, 180, 3)
    page = browser.new_page(viewport={"width": 480, "height": 1110})
    studio = Studio(farm, clip, page, tmp_path / "home")
    try:
        studio.open_project()
        studio.open_panel()
        studio.signed_in()
        studio.send_plate()
        assert {"stat", "read"} <= set(studio.files.calls)
        there = farm.client.shot(studio.memory("shot")["shot"])
        assert there.plate["path"].startswith(str(farm.storage))
        assert studio.session.complaints == []
    finally:
        studio.close()
        page.close()
