"""Ways into a prompt: of earlier versions, of another view, of another mask, by touch; and what is
told when the farm or the server does not answer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from helpers_dashboard import axe, let_in
from helpers_observing import wait_for
from helpers_people import House
from helpers_prompting import (
    SLOW,
    Place,
    click_on,
    drag,
    kept,
    on_page,
    overlaid,
    overlap,
    previewed,
    shows,
    submit,
)
from helpers_show import Show, running_show
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, Route, expect

from roto_worker.synthetic.clip import Clip, generate_clip

SIZE = WIDTH, HEIGHT = 480, 270
FRAMES = 6
FIRST = 1001
LIKE_THE_TRUTH = 0.8
"""Intersection over union of what is tinted on the page with the clip's own matte."""
LAST = FIRST + FRAMES - 1
NOBODY_HAS = "sam2.1_hiera_large"
"""A model that may be named, and that no worker of a test's house has."""


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Show]:
    clip = generate_clip(house.plates / "ways_010", *SIZE, FRAMES)
    with running_show(house, clip) as show:
        yield show


@pytest.fixture(scope="module")
def tracked(show: Show) -> tuple[str, str]:
    """A shot and the job that made its first version."""
    shot = show.make_shot("sh_tracked")
    return shot, show.track(shot)


@pytest.fixture(scope="module")
def untold(show: Show) -> str:
    """A shot that nobody has tracked yet: drafts are a browser's own, so tests may share it."""
    return show.make_shot("sh_untold")


@pytest.fixture
def open_prompt(context: BrowserContext, show: Show) -> Any:
    return lambda shot, query="": opened(context, show, f"{shot}/prompt{query}")


def opened(context: BrowserContext, show: Show, what: str) -> Page:
    let_in(context, show.house, show.artist)
    page = context.new_page()
    page.goto(f"{show.house.url}/shots/{what}")
    return page


def jobs_of(show: Show, shot: str) -> list[Any]:
    return list(show.get(f"/shots/{shot}/versions", kind="roto")["items"])


def test_what_is_wanted_is_refused_at_its_field(show: Show, open_prompt: Any, untold: str) -> None:
    page = open_prompt(untold)
    shows(page, FIRST)
    name = page.get_by_label("Name")
    name.fill("a/b")
    expect(page.get_by_role("alert").filter(has_text="cannot be a name")).to_be_visible()
    name.fill("hero")
    click_on(page, show.on_it)
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Submit", exact=True)
    dialog.get_by_label("Last frame").fill(str(LAST + 1))
    expect(dialog.get_by_text(f"The plate has frames {FIRST} to {LAST}")).to_be_visible()
    expect(button).to_be_disabled()
    dialog.get_by_label("Last frame").fill(str(LAST - 1))
    expect(button).to_be_enabled()
    for output in ("Mattes", "Shapes", "Overlay movie", "Contact sheet"):
        dialog.get_by_label(output, exact=True).uncheck()
    expect(dialog.get_by_text("Choose at least one.")).to_be_visible()
    expect(button).to_be_disabled()
    dialog.get_by_label("Shapes", exact=True).check()
    dialog.get_by_label("Silhouette").check()
    dialog.get_by_text("Movies, files and edges").click()
    tolerance = dialog.get_by_label("Tolerance of the shapes")
    tolerance.fill("wide")
    expect(dialog.get_by_text("More than 0, and at most 100.")).to_be_visible()
    expect(button).to_be_disabled()
    tolerance.fill("1.5")
    dialog.get_by_label("Model").select_option(NOBODY_HAS)
    expect(dialog.get_by_text("the job waits until one does")).to_be_visible()
    # Another engine has another model's names.
    dialog.get_by_label("Engine").select_option("flow")
    expect(dialog.get_by_label("Model")).to_have_value("auto")
    dialog.get_by_label("Priority").select_option("high")
    dialog.get_by_label("Quality").select_option("draft")
    axe(page)
    button.click()
    page.wait_for_url("**/jobs/*", timeout=SLOW)
    told = show.get(f"/jobs/{page.url.rsplit('/', 1)[1]}")
    asked = {name: told["params"][name] for name in ("engine", "quality", "tolerance", "outputs")}
    assert asked == {
        "engine": "flow", "quality": "draft", "tolerance": 1.5, "outputs": ["shapes"],
    }  # fmt: skip
    assert told["priority"] == "high"
    assert told["params"]["frame_range"] == [FIRST, LAST - 1]
    assert set(told["params"]["exports"]) == {"nuke", "silhouette", "json"}
    show.wait(told["id"])


def test_no_worker_listens_and_then_one_does(show: Show, browser: Browser, untold: str) -> None:
    # A preview that nobody answers ends with a 504: that is no fault of the page's.
    with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = opened(context, show, f"{untold}/prompt")
        shows(page, FIRST)
        click_on(page, show.on_it)
        previewed(page, FIRST)
        choose(page, "Model", NOBODY_HAS)
        told = page.get_by_role("status").filter(has_text="No worker that answers previews")
        expect(told).to_contain_text("What you have said is kept", timeout=SLOW)
        expect(page.get_by_text("1 click on it.")).to_be_visible()
        expect(page.get_by_role("button", name="Submit", exact=True)).to_be_enabled()
        choose(page, "Engine", "flow")
        expect(told).to_have_count(0)
        previewed(page, FIRST)


def choose(page: Page, what: str, value: str) -> None:
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(what).select_option(value)
    dialog.get_by_role("button", name="Not now").click()


def test_a_line_that_is_lost_loses_nothing(show: Show, open_prompt: Any) -> None:
    shot = show.make_shot("sh_offline")
    page = open_prompt(shot)
    shows(page, FIRST)
    page.route("**/preview", lambda route: route.abort())
    click_on(page, show.on_it)
    alert = page.get_by_role("alert").filter(has_text="cannot be reached")
    expect(alert).to_be_visible()
    expect(page.get_by_text("It can be submitted without a preview.")).to_be_visible()
    page.unroute("**/preview")
    alert.get_by_role("button", name="Try again").click()
    previewed(page, FIRST)
    keys: list[str] = []

    def swallow(route: Route) -> None:
        """The server makes the job, and its answer is lost."""
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort()

    page.route("**/segment", swallow, times=1)
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Engine").select_option("flow")
    again = dialog.get_by_role("button", name="Submit", exact=True)
    again.click()
    expect(dialog.get_by_role("alert")).to_contain_text(
        "submit again: it makes one job", timeout=SLOW
    )
    assert len(keys) == 1
    again.click()
    page.wait_for_url("**/jobs/*", timeout=SLOW)
    (job,) = jobs_of(show, shot)
    assert page.url.endswith(job["id"])


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (409, "plate_not_ready", "The shot has no plate now."),
        (413, "too_large", "The request is larger than 64 MiB."),
    ],
)
def test_what_is_refused_is_told_and_the_draft_stays(
    show: Show, open_prompt: Any, untold: str, status: int, code: str, message: str
) -> None:
    page = open_prompt(untold)
    shows(page, FIRST)
    click_on(page, show.on_it)
    body = {"code": code, "message": message, "hint": "Do this.", "detail": {}, "request_id": "r"}
    page.route("**/segment", lambda route: route.fulfill(status=status, json=body))
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Submit", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text(message)
    expect(dialog.get_by_role("alert")).to_contain_text("Do this.")
    dialog.get_by_role("button", name="Not now").click()
    expect(page.get_by_text("1 click on it.")).to_be_visible()


def test_a_prompt_that_is_refused_is_found_again(show: Show, open_prompt: Any, untold: str) -> None:
    page = open_prompt(untold)
    shows(page, FIRST)
    click_on(page, show.on_it)
    # The object comes in after the frame it was clicked on.
    page.get_by_label("In", exact=True).fill(str(FIRST + 2))
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    shows(page, LAST)
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Submit", exact=True).click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    dialog.get_by_role("button", name=f"Go to frame {FIRST}").click()
    shows(page, FIRST)


def masks_of(show: Show) -> list[str]:
    """Three masks that could be meant: the object, less of it, all around it."""
    truth = show.truth(FIRST).astype(np.uint8) * 255
    less = cv2.erode(truth, np.ones((9, 9), np.uint8))
    more = cv2.dilate(truth, np.ones((25, 25), np.uint8))
    encoded = [cv2.imencode(".png", one)[1].tobytes() for one in (truth, less, more)]
    return [base64.b64encode(one).decode() for one in encoded]


def test_another_of_the_masks_that_could_be_meant(
    show: Show, open_prompt: Any, untold: str
) -> None:
    page = open_prompt(untold)
    shows(page, FIRST)
    pngs = masks_of(show)

    def ambiguous(route: Route) -> None:
        candidates = [{"png": png, "score": 0.9, "box": None} for png in pngs]
        (asked,) = route.request.post_data_json["objects"]
        objects = [{"name": asked["name"], "candidates": candidates}]
        route.fulfill(status=200, json={"id": "0" * 32, "state": "done", "objects": objects})

    # How many answers an engine has to a click is its own affair: here it has three.
    page.route("**/preview", ambiguous)
    click_on(page, show.on_it)
    previewed(page, FIRST)
    other = page.get_by_role("button", name="Other mask")
    expect(other).to_have_text("Other mask (1 of 3)")
    truth = show.truth(FIRST)
    assert overlap(overlaid(page, SIZE), truth) > LIKE_THE_TRUTH
    other.click()
    expect(other).to_have_text("Other mask (2 of 3)")
    page.keyboard.press("m")
    expect(other).to_have_text("Other mask (3 of 3)")
    more = _decoded(pngs[2])
    wait_for(
        lambda: overlap(overlaid(page, SIZE), more) > 0.9, lambda: "the third mask is not seen"
    )
    page.keyboard.press("Control+z")
    expect(other).to_have_text("Other mask (2 of 3)")
    page.keyboard.press("Control+y")
    expect(page.get_by_text("1 click on it, another mask chosen.")).to_be_visible()
    axe(page)
    # It is that mask that is sent, and not the click that led to another first.
    job = submit(page, "Submit")
    (prompt,) = show.get(f"/jobs/{job}")["params"]["objects"][0]["prompts"]
    assert set(prompt) == {"frame", "mask"}
    assert overlap(_decoded(prompt["mask"]["png"]), more) > 0.95
    show.wait(job)


def _decoded(png: str) -> Any:
    grey = cv2.imdecode(np.frombuffer(base64.b64decode(png), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert grey.shape == (HEIGHT, WIDTH)
    return grey >= 128


def test_prompts_of_an_earlier_version_are_taken_up(
    show: Show, open_prompt: Any, tracked: tuple[str, str]
) -> None:
    shot, job = tracked
    page = open_prompt(shot)
    shows(page, FIRST)
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    page.get_by_role("button", name="Take earlier prompts").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Version")).to_contain_text("v1")
    axe(page)
    dialog.get_by_role("button", name="Take them").click()
    expect(page.get_by_text("1 prompt of v1 taken up.")).to_be_visible()
    previewed(page, FIRST)
    said = _said(page, shot, FIRST)
    assert [one["positive"] for one in said["points"]] == [
        one["positive"] for one in show.clip.prompt["points"]
    ]
    assert said["box"] == show.clip.prompt["box"]
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    # Of a correction too: what was said is put right where it was said.
    page.goto(f"{show.house.url}/shots/{shot}/prompt?job={job}")
    shows(page, FIRST)
    page.get_by_role("button", name="Take earlier prompts").click()
    dialog.get_by_label("Prompts of").select_option("this")
    dialog.get_by_role("button", name="Take them").click()
    expect(page.get_by_text("click on it")).to_contain_text("a box.")
    page.keyboard.press("End")
    shows(page, LAST)
    page.get_by_role("button", name="Take earlier prompts").click()
    dialog.get_by_label("Prompts of").select_option("this")
    dialog.get_by_role("button", name="Take them").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"nothing on frame {LAST}")


def _said(page: Page, shot: str, frame: int) -> Any:
    return wait_for(lambda: kept(page, shot).get(str(frame)), lambda: "the draft is not kept")


@pytest.fixture(scope="module")
def left(show: Show) -> Clip:
    return generate_clip(show.house.plates / "ways_left", WIDTH, HEIGHT, FRAMES, seed=5)


def test_the_other_view_is_prompted_by_itself(show: Show, open_prompt: Any, left: Clip) -> None:
    shot = show.make_shot("sh_stereo")
    body = {"view": "left", "plate": {"path": left.pattern}}
    assert show.client.post(f"/shots/{shot}/plates", json=body).is_success
    wait_for(lambda: _is_read(show, shot, "left"), lambda: "the left plate is not read")
    page = open_prompt(shot)
    shows(page, FIRST)
    click_on(page, show.on_it)
    expect(page.get_by_text("1 click on it.")).to_be_visible()
    page.get_by_label("View").select_option("left")
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    shows(page, FIRST)
    x0, y0, x1, y1 = left.prompt["box"]
    page.keyboard.press("x")
    drag(page, (x0, y0), (x1, y1))
    previewed(page, FIRST)
    # It was looked for in the left picture.
    assert overlap(overlaid(page, SIZE), left.truth(FIRST) >= 0.5) > LIKE_THE_TRUTH
    job = submit(page, "Submit")
    assert show.get(f"/jobs/{job}")["view"] == "left"
    # What was said of the main view is there as it was left.
    page.goto(f"{show.house.url}/shots/{shot}/prompt")
    shows(page, FIRST)
    expect(page.get_by_text("1 click on it.")).to_be_visible()
    # The left view's version says nothing of this one.
    expect(page.get_by_role("button", name="Take earlier prompts")).to_have_count(0)
    page.goto(f"{show.house.url}/shots/{shot}/prompt?view=right")
    expect(page.get_by_role("heading", name="This shot has no view right")).to_be_visible()
    show.wait(job)


def _is_read(show: Show, shot: str, view: str) -> bool:
    plates = show.get(f"/shots/{shot}/plates")["items"]
    return any(one["view"] == view and one["state"] == "ready" for one in plates)


def test_the_next_doubtful_frame_is_the_worst_and_then_the_next(
    show: Show, open_prompt: Any, context: BrowserContext, tracked: tuple[str, str]
) -> None:
    shot, job = tracked
    doubtful = {FIRST + 1: 0.6, FIRST + 4: 0.3}

    told = show.get(f"/jobs/{job}/frames")
    for one in told["objects"]:
        frames = range(told["first"], told["first"] + len(one["confidence"]))
        one["confidence"] = [doubtful.get(frame, 0.95) for frame in frames]
    # The clip is an easy one: doubts are put in.
    context.route(f"**/jobs/{job}/frames", lambda route: route.fulfill(status=200, json=told))
    page = open_prompt(shot, f"?job={job}")
    shows(page, FIRST)
    page.keyboard.press("d")
    shows(page, FIRST + 4)
    page.keyboard.press("d")
    shows(page, FIRST + 1)
    page.get_by_role("button", name="Next doubtful frame (2)").click()
    shows(page, FIRST + 4)


def test_beside_the_plate_nothing_is_said_and_a_box_ends_at_its_edge(
    show: Show, open_prompt: Any, untold: str
) -> None:
    page = open_prompt(untold)
    shows(page, FIRST)
    page.keyboard.press("-")
    page.keyboard.press("-")
    click_on(page, (-12.0, 40.0))
    click_on(page, (WIDTH + 12.0, HEIGHT + 5.0))
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    page.keyboard.press("x")
    drag(page, (400, 200), (WIDTH + 15, HEIGHT + 8))
    expect(page.get_by_text("A box.")).to_be_visible()
    assert _said(page, untold, FIRST)["box"][2:] == [WIDTH, HEIGHT]
    # Whoever goes elsewhere in the dashboard finds it again.
    page.get_by_role("link", name="Review", exact=True).last.click()
    page.wait_for_url("**/review*")
    page.go_back()
    shows(page, FIRST)
    expect(page.get_by_text("A box.")).to_be_visible()
    expect(page.get_by_text("did not submit, is here again")).to_be_visible()


@pytest.fixture
def touched(browser: Browser, show: Show) -> Iterator[BrowserContext]:
    """A phone's browser."""
    size = {"width": 390, "height": 844}
    with browser.new_context(viewport=size, has_touch=True, is_mobile=True) as context:
        yield context


def touch(session: CDPSession, kind: str, *places: Place) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})


def pinch(page: Page, at: Place) -> None:
    """Two fingers put down 40 pixels apart, one after the other, and taken 120 apart."""
    session = page.context.new_cdp_session(page)
    x, y = at

    def fingers(apart: float) -> tuple[Place, Place]:
        return (x - apart / 2, y), (x + apart / 2, y)

    touch(session, "Start", fingers(40)[0])
    touch(session, "Start", *fingers(40))
    for apart in range(44, 121, 4):
        touch(session, "Move", *fingers(apart))
    touch(session, "End")


def scale_of(page: Page) -> float:
    return float(page.locator("[data-scale]").get_attribute("data-scale") or 0)


def test_two_fingers_zoom_and_one_clicks(show: Show, touched: BrowserContext, untold: str) -> None:
    page = opened(touched, show, f"{untold}/prompt")
    shows(page, FIRST)
    before = scale_of(page)
    place = on_page(page, show.on_it)
    pinch(page, place)
    wait_for(lambda: scale_of(page) > 2 * before, lambda: f"{before} became {scale_of(page)}")
    # What was between the fingers is there still, and nothing was clicked.
    assert np.hypot(*np.subtract(on_page(page, show.on_it), place)) < 4
    expect(page.get_by_text("Nothing is said on this frame.")).to_be_visible()
    page.touchscreen.tap(*on_page(page, show.on_it))
    expect(page.get_by_text("1 click on it.")).to_be_visible()
    x, y = (
        _said(page, untold, FIRST)["points"][0]["x"],
        _said(page, untold, FIRST)["points"][0]["y"],
    )
    assert np.hypot(x - show.on_it[0], y - show.on_it[1]) < 2
    page.get_by_role("button", name="Box", exact=True).tap()
    pinch(page, place)
    expect(page.get_by_text("1 click on it.")).to_be_visible()


def test_two_fingers_zoom_in_the_player(
    show: Show, touched: BrowserContext, tracked: tuple[str, str]
) -> None:
    shot, job = tracked
    page = opened(touched, show, f"{shot}/review?job={job}")
    shows(page, FIRST)
    before = scale_of(page)
    place = on_page(page, show.on_it)
    pinch(page, place)
    wait_for(lambda: scale_of(page) > 2 * before, lambda: f"{before} became {scale_of(page)}")
    assert np.hypot(*np.subtract(on_page(page, show.on_it), place)) < 4
