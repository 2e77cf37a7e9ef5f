"""Prompting and correcting without a host: what is clicked is found, tracked, and put right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from helpers_dashboard import axe, eager_house, let_in
from helpers_observing import wait_for
from helpers_people import House, Person
from helpers_prompting import (
    SLOW,
    a_point,
    click_on,
    drag,
    kept,
    overlaid,
    overlap,
    points_of,
    previewed,
    shown,
    shows,
    submit,
    tinted,
)
from helpers_show import Show, longer, running_show
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from roto_worker.synthetic.clip import generate_clip

Open = Callable[..., Page]

SIZE = (480, 270)
FRAMES = 6
FIRST = 1001
LONG = 600
"""Frames that take their time to be tracked, in seconds on a quiet machine."""
LIKE_THE_TRUTH = 0.8
"""Intersection over union of what is tinted on the page with the clip's own matte."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with eager_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Show]:
    clip = generate_clip(house.plates / "prompt_010", *SIZE, FRAMES)
    with running_show(house, clip) as show:
        yield show


@pytest.fixture(scope="module")
def tracked(show: Show) -> tuple[str, str]:
    """A shot and the job that made its first version."""
    shot = show.make_shot("sh_tracked")
    return shot, show.track(shot)


@pytest.fixture
def resting_farm(show: Show, tracked: tuple[str, str]) -> Iterator[None]:
    """Nothing is claimed meanwhile."""
    with show.house.client(show.house.admin.key) as admin:

        def bring(state: str) -> None:
            body = {"state": state, "reason": "a test"}
            assert admin.post("/farm/nodes/node1/state", json=body).is_success

        bring("draining")
        yield
        bring("enabled")


@pytest.fixture
def open_prompt(context: BrowserContext, show: Show) -> Open:
    def open_prompt(shot: str, query: str = "", person: Person | None = None) -> Page:
        let_in(context, show.house, person or show.artist)
        page = context.new_page()
        page.goto(f"{show.house.url}/shots/{shot}/prompt{query}")
        return page

    return open_prompt


def test_a_click_is_previewed_where_the_object_is_and_tracked(
    show: Show, open_prompt: Open
) -> None:
    shot = show.make_shot("sh_clicked")
    page = open_prompt(shot)
    shows(page, FIRST)
    expect(page.get_by_role("button", name="Submit", exact=True)).to_be_disabled()
    page.get_by_label("Name").fill("creature")
    click_on(page, show.on_it)
    expect(page.get_by_text("1 click on it.")).to_be_visible()
    previewed(page, FIRST)
    truth = show.truth(FIRST)
    assert (overlaid(page, SIZE) & truth).sum() > LIKE_THE_TRUTH * truth.sum()
    page.keyboard.press("x")
    x0, y0, x1, y1 = show.clip.prompt["box"]
    drag(page, (x0, y0), (x1, y1))
    expect(page.get_by_text("1 click on it, a box.")).to_be_visible()
    previewed(page, FIRST)
    assert overlap(overlaid(page, SIZE), truth) > LIKE_THE_TRUTH
    axe(page)
    job = submit(page, "Submit")
    show.wait(job)
    told = show.get(f"/jobs/{job}")
    assert [one["name"] for one in told["params"]["objects"]] == ["creature"]
    assert told["params"]["engine"] == "flow"
    # What was sent is not kept here any more.
    page.goto(f"{show.house.url}/shots/{shot}/prompt")
    shows(page, FIRST)
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    page.get_by_role("link", name="Correct v1 instead").click()
    expect(page.get_by_text("Correcting v1")).to_be_visible()


def test_a_point_that_is_dragged_becomes_a_hand_key(
    show: Show, open_prompt: Open, tracked: tuple[str, str]
) -> None:
    shot, job = tracked
    frame = FIRST + 2
    page = open_prompt(shot, f"?job={job}&frame={frame}")
    shows(page, frame)
    page.get_by_role("button", name="Points", exact=True).click()
    shape, x, y = a_point(show.get(f"/shots/{shot}/shapes", version=1), frame)
    drag(page, (x, y), (x + 12, y + 9))
    expect(page.get_by_text("Its outline moved.")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    page.keyboard.press("Control+y")
    expect(page.get_by_text("Its outline moved.")).to_be_visible()
    axe(page)
    show.wait(submit(page, "Submit the correction"))
    document = show.get(f"/shots/{shot}/shapes", version=2)
    (key,) = (one for one in _keys(document, shape) if one["frame"] == frame)
    assert key["origin"] == "artist"
    points = points_of(document, shape, frame)
    assert min(np.hypot(px - x - 12, py - y - 9) for px, py in points) < 1
    _the_older_version_is_not_corrected(show, page, shot, job)
    _another_frame_leaves_the_hand_key(show, page, shot, key)


def _another_frame_leaves_the_hand_key(show: Show, page: Page, shot: str, key: Any) -> None:
    """The page stands on version 2: a point of another frame is moved there."""
    other = FIRST + 4
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    shows(page, other)
    page.get_by_role("button", name="Points", exact=True).click()
    shape, x, y = a_point(show.get(f"/shots/{shot}/shapes", version=2), other)
    drag(page, (x, y), (x - 8, y - 6))
    expect(page.get_by_text("Its outline moved.")).to_be_visible()
    show.wait(submit(page, "Submit the correction"))
    document = show.get(f"/shots/{shot}/shapes", version=3)
    hands = {one["frame"]: one for one in _keys(document, shape) if one["origin"] == "artist"}
    assert set(hands) == {key["frame"], other}
    assert hands[key["frame"]] == key


def _the_older_version_is_not_corrected(show: Show, page: Page, shot: str, job: str) -> None:
    page.goto(f"{show.house.url}/shots/{shot}/prompt?job={job}")
    shows(page, FIRST)
    expect(page.get_by_role("link", name="Correct v2")).to_be_visible()
    click_on(page, show.on_it)
    page.get_by_role("button", name="Submit the correction", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Submit the correction", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("not the latest")
    dialog.get_by_role("link", name="Open the latest version").click()
    expect(page.get_by_text("Correcting v2")).to_be_visible()


def test_clicks_correct_what_was_tracked(show: Show, open_prompt: Open) -> None:
    shot = show.make_shot("sh_put_right")
    frame = FIRST + 3
    page = open_prompt(shot, f"?job={show.track(shot)}&frame={frame}")
    shows(page, frame)
    rows, columns = np.nonzero(show.truth(frame))
    page.keyboard.down("Alt")
    click_on(page, (float(columns[rows.argmin()]), float(rows.min()) - 6))
    page.keyboard.up("Alt")
    expect(page.get_by_text("1 click beside it.")).to_be_visible()
    # Alone it would say nothing: it is what was tracked that is corrected.
    previewed(page, frame)
    assert overlap(overlaid(page, SIZE), show.truth(frame)) > LIKE_THE_TRUTH
    job = submit(page, "Submit the correction")
    show.wait(job)
    told = show.get(f"/jobs/{job}")
    assert told["base_version"] == 1
    prompts = {one["frame"]: one for one in told["params"]["objects"][0]["prompts"]}
    assert [click["positive"] for click in prompts[frame]["points"]] == [False]
    assert FIRST in prompts


def test_paint_a_box_and_undo(show: Show, open_prompt: Open) -> None:
    shot = show.make_shot("sh_painted")
    page = open_prompt(shot)
    shows(page, FIRST)
    page.keyboard.press("b")
    drag(page, (100, 60), (180, 60), (180, 120))
    expect(page.get_by_text("1 stroke painted.")).to_be_visible()
    previewed(page, FIRST)
    drawn = overlaid(page, SIZE)
    assert [drawn[60, 140], drawn[100, 180], drawn[120, 100]] == [True, True, False]
    page.keyboard.press("e")
    drag(page, (140, 40), (140, 80))
    expect(page.get_by_text("2 strokes painted.")).to_be_visible()
    wait_for(lambda: not overlaid(page, SIZE)[60, 140], lambda: "what was erased is still there")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("1 stroke painted.")).to_be_visible()
    page.keyboard.press("Control+Shift+Z")
    expect(page.get_by_text("2 strokes painted.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 stroke painted.")).to_be_visible()
    page.keyboard.press("x")
    drag(page, (90, 40), (220, 160))
    expect(page.get_by_text("A box, 1 stroke painted.")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("It is not in this frame.")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.get_by_text("A box, 1 stroke painted.")).to_be_visible()
    # It is here again when one comes back.
    wait_for(lambda: _kept_box(page, shot), lambda: "the draft is not kept")
    page.reload()
    shows(page, FIRST)
    expect(page.get_by_text("A box, 1 stroke painted.")).to_be_visible()
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()


def _kept_box(page: Page, shot: str) -> bool:
    """Whether this browser keeps a box of the shot's only object."""
    return any(one["box"] for one in kept(page, shot).values())


def test_a_painted_mask_is_tracked(show: Show, open_prompt: Open) -> None:
    shot = show.make_shot("sh_masked")
    page = open_prompt(shot)
    shows(page, FIRST)
    x, y = show.on_it
    page.keyboard.press("b")
    drag(page, (x - 15, y), (x + 15, y))
    previewed(page, FIRST)
    job = submit(page, "Submit")
    (prompt,) = show.get(f"/jobs/{job}")["params"]["objects"][0]["prompts"]
    assert set(prompt) == {"frame", "mask"}
    show.wait(job)
    # Its page shows what was painted.
    page.get_by_role("tab", name="Prompts").click()
    picture = page.get_by_role("img", name=f"Frame {FIRST}: a painted mask")
    wait_for(lambda: _is_painted(picture, (x, y)), lambda: "the mask is not drawn")


def _is_painted(picture: Locator, place: tuple[float, float]) -> bool:
    """Whether the picture is tinted there, and not at its corner."""
    tint = picture.locator("rect[mask]")

    def look(display: str) -> NDArray[np.int32]:
        tint.evaluate("(rect, display) => { rect.style.display = display }", display)
        coded = np.frombuffer(picture.screenshot(), np.uint8)
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.int32)

    tinted = np.abs(look("") - look("none")).max(axis=2) > 20
    x, y = (round(one * tinted.shape[1] / SIZE[0]) for one in place)
    return bool(tinted[y, x]) and not tinted[0, 0]


@pytest.mark.usefixtures("resting_farm")
def test_a_bad_track_is_seen_as_it_comes_and_stopped(
    show: Show, open_prompt: Open, context: BrowserContext, tracked: tuple[str, str]
) -> None:
    shot, _ = tracked
    matte = cv2.imencode(".png", (show.truth(FIRST + 3) * 255).astype(np.uint8))[1].tobytes()

    def newest(route: Route) -> None:
        route.fulfill(status=200, headers={"X-Roto-Frame": str(FIRST + 3)}, body="")

    def mattes(route: Route) -> None:
        route.fulfill(status=200, content_type="image/png", body=matte)

    # The farm rests: what it would have tracked by now is told for it.
    context.route("**/newest-mask?*", newest)
    context.route("**/mattes/*", mattes)
    job = show.submit(shot)
    page = open_prompt(shot)
    expect(page.get_by_text(f"frame {FIRST + 3} came last")).to_be_visible(timeout=SLOW)
    shows(page, FIRST + 3)
    assert overlap(tinted(page, show.clip, FIRST + 3), show.truth(FIRST + 3)) > LIKE_THE_TRUTH
    axe(page)
    # Whoever looks elsewhere is left there.
    page.keyboard.press("Home")
    shows(page, FIRST)
    expect(page.get_by_label("Follow")).not_to_be_checked()
    page.get_by_role("button", name="Stop it").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(page.get_by_role("button", name="Stop it")).to_have_count(0, timeout=SLOW)
    assert show.get(f"/jobs/{job}")["state"] == "cancelled"


def test_a_track_is_followed_mask_by_mask_and_stopped_on_the_farm(
    show: Show, open_prompt: Open
) -> None:
    """As the test before, over a worker that tracks meanwhile."""
    clip = longer(show.clip, show.house.plates / "long", LONG)
    shot = show.make_shot("sh_followed", clip)
    job = show.submit(shot)
    # Whoever came for a frame stays there, and sees its mask as soon as it is tracked.
    page = open_prompt(shot, f"?frame={FIRST + 2}")
    shows(page, FIRST + 2)

    def is_seen(frame: int) -> bool:
        if not frame:
            return False
        return overlap(tinted(page, clip, frame), clip.truth(frame) >= 0.5) > LIKE_THE_TRUTH

    wait_for(lambda: is_seen(FIRST + 2), page.locator("main").inner_text)
    page.get_by_role("checkbox", name="Follow").check()
    expect(page.locator("output")).not_to_have_attribute("data-shown", str(FIRST + 2))
    followed = wait_for(lambda: is_seen(at := shown(page)) and at, page.locator("main").inner_text)
    wait_for(lambda: shown(page) > followed, lambda: f"still at {followed}")
    page.get_by_role("button", name="Stop it").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop it").click()
    expect(page.get_by_role("button", name="Stop it")).to_have_count(0, timeout=SLOW)
    wait_for(lambda: show.get(f"/jobs/{job}")["state"] == "cancelled", lambda: "not cancelled")
    track = show.get(f"/jobs/{job}")["tasks"][0]
    assert track["state"] == "cancelled"
    assert [one["state"] for one in track["attempts"]] == ["cancelled"]
    assert followed - FIRST < track["progress"]["done"] < LONG, "stopped in the middle"
    # The farm is free for the next, which is said on the same page.
    page.keyboard.press("Home")
    shows(page, FIRST)
    click_on(page, show.on_it)
    expect(page.get_by_text("1 click on it.")).to_be_visible()
    previewed(page, FIRST)


def test_from_the_player_one_corrects_the_frame_one_sees(
    show: Show, open_prompt: Open, tracked: tuple[str, str]
) -> None:
    shot, job = tracked
    page = open_prompt(shot)
    page.goto(f"{show.house.url}/shots/{shot}/review?job={job}&frame={FIRST + 1}")
    shows(page, FIRST + 1)
    page.get_by_role("link", name="Correct", exact=True).click()
    shows(page, FIRST + 1)
    expect(page.get_by_text("Correcting v1")).to_be_visible()


def test_who_may_only_look_is_told(show: Show, open_prompt: Open, tracked: tuple[str, str]) -> None:
    page = open_prompt(tracked[0], person=show.viewer)
    expect(page.get_by_role("heading", name="not work on it")).to_be_visible()
    axe(page)


def test_the_keys_are_in_the_sheet(show: Show, open_prompt: Open, tracked: tuple[str, str]) -> None:
    page = open_prompt(tracked[0], f"?job={tracked[1]}")
    shows(page, FIRST)
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog")
    for label in ("Points", "Undo", "Next doubtful frame", "Not in this frame"):
        expect(sheet.get_by_text(label, exact=True)).to_be_visible()


def _keys(document: Any, shape: str) -> list[dict[str, Any]]:
    for layer in document["layers"]:
        for one in layer["shapes"]:
            if one["id"] == shape:
                return list(one["keys"])
    raise AssertionError(f"no shape {shape}")
