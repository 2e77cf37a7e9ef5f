"""How one looks at a shot in the player: what is to be looked at first, every way of seeing it,
what is told when something is not there, and all of it by keys and by thumbs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from helpers_dashboard import axe, let_in
from helpers_people import House
from helpers_reviewing import Open, Reviewed, press, seen, shows, tracked_show, until
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, Route, expect

from roto_server.db.media import Plate
from roto_server.db.models import Shot

CONFIDENCE = [0.95, 0.95, 0.4, 0.95, 0.95, 0.6, 0.75, 0.95]
AREA = [100, 100, 100, 100, 300, 300, 300, 300]
SURE, BAD, DOUBTFUL, FAIR = (60, 122, 80), (212, 72, 59), (192, 122, 44), (143, 138, 58)
CHANGE, KEY, PROMPT = (232, 232, 234), (157, 176, 200), (255, 255, 255)
THUMB = 44
"""The least that a finger hits, in CSS pixels."""


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Reviewed]:
    with tracked_show(house) as show:
        yield show


def strip_colour(strip: Locator, frame: int, top: float) -> tuple[int, ...]:
    """Of the heat strip, in the middle of the frame's column, ``top`` pixels from its top."""
    read = """(canvas, [part, top]) => {
      const at = [Math.round(part * canvas.width), Math.round(top * devicePixelRatio)];
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      copy.drawImage(canvas, 0, 0);
      return [...copy.getImageData(...at, 1, 1).data.slice(0, 3)];
    }"""
    return tuple(strip.evaluate(read, [(frame - 1001 + 0.5) / len(CONFIDENCE), top]))


def test_where_the_engine_is_unsure_one_looks_first(open_as: Open, show: Reviewed) -> None:
    """What it was sure of is put in its mouth; prompts and keys are the job's own."""

    def unsure(route: Route) -> None:
        answer = route.fetch()
        told = answer.json()
        told["objects"][0] |= {"confidence": CONFIDENCE, "area": AREA}
        route.fulfill(response=answer, json=told)

    page = open_as(show.supervisor, "/review")
    page.route(re.compile(r"/jobs/\w+/frames$"), unsure)
    page.goto(f"{show.house.url}/shots/{show.shot}/review?job={show.jobs[0]}")
    shows(page, 1001)
    expect(page.get_by_role("button", name="Next doubtful (2)")).to_be_visible()
    press(page, "d")
    shows(page, 1003)
    strip = page.get_by_role("slider", name="Frame")
    expect(strip).to_have_attribute("aria-valuetext", "Frame 1003, confidence 40 %")
    box = strip.bounding_box() or {"width": 0}
    strip.hover(position={"x": 4.5 / len(CONFIDENCE) * box["width"], "y": 20})
    expect(page.get_by_text("1005, confidence 95 %, area × 3.00")).to_be_visible()
    press(page, "d")
    shows(page, 1006)
    page.get_by_role("button", name="Next doubtful").click()
    shows(page, 1003)
    middles = [strip_colour(strip, frame, 20) for frame in range(1001, 1009)]
    assert middles == [SURE, SURE, BAD, SURE, SURE, DOUBTFUL, FAIR, SURE]
    assert strip_colour(strip, 1005, 2) == CHANGE, "the area triples"
    assert strip_colour(strip, 1004, 2) != CHANGE
    (told,) = show.get(f"/jobs/{show.jobs[0]}/frames")["objects"]
    for frame in range(1001, 1009):
        assert (strip_colour(strip, frame, 41) == PROMPT) == (frame in told["prompts"]), frame
        is_key = frame in told["keys"] and frame not in told["prompts"]
        assert (strip_colour(strip, frame, 39) == KEY) == is_key, frame
    assert told["prompts"]
    assert told["keys"]
    press(page, "Home", "Shift+ArrowRight")
    stops = sorted({*told["prompts"], *told["keys"]})
    shows(page, next(stop for stop in stops if stop > 1001))


def lies_near(change: NDArray[np.int_], show: Reviewed, *frames: int) -> bool:
    """Whether something was drawn, and almost all of it along the mattes' edges."""
    drawn = np.abs(change).max(axis=2) >= 25
    near = np.zeros_like(drawn)
    for frame in frames:
        matte = show.matte(frame).astype(np.uint8)
        near |= cv2.dilate(matte, np.ones((13, 13))) != cv2.erode(matte, np.ones((13, 13)))
    return bool(drawn.sum() > 30 and (drawn & near).sum() / drawn.sum() >= 0.95)


def test_outline_each_ground_and_the_frames_around(open_as: Open, show: Reviewed) -> None:
    page = open_as(show.supervisor)
    page.get_by_role("spinbutton", name="Frame").fill("1004")
    shows(page, 1004)
    page.get_by_role("button", name="Cut-out", exact=True).click()
    outside = cv2.dilate(show.matte(1004).astype(np.uint8), np.ones((15, 15))) == 0
    outside[[0, 1, -2, -1]] = outside[:, [0, 1, -2, -1]] = False
    page.get_by_label("Ground").select_option("grey")
    until(lambda: bool((np.abs(seen(page)[outside].astype(int) - 0x80) <= 3).all()))
    page.get_by_label("Ground").select_option("checker")
    ground = seen(page)[outside][:, 1].astype(int)
    for grey in (0x8A, 0x6F):
        assert 0.3 < float((np.abs(ground - grey) <= 3).mean()) < 0.7, grey
    page.get_by_role("button", name="Plate", exact=True).click()
    plain = seen(page).astype(int)
    page.get_by_role("button", name="Outline", exact=True).click()
    until(lambda: lies_near(seen(page).astype(int) - plain, show, 1004))
    page.get_by_role("button", name="Plate", exact=True).click()
    page.get_by_role("button", name="Splines").click()
    alone = seen(page).astype(int)
    page.get_by_label("Onion").fill("1")
    until(lambda: lies_near(seen(page).astype(int) - alone, show, 1003, 1005))


def test_an_editors_keys(open_as: Open, show: Reviewed) -> None:
    page = open_as(show.supervisor)
    shows(page, 1001)
    # It is written once the player rests.
    expect(page).to_have_url(re.compile("frame=1001"))
    speed, playing = page.get_by_label("Speed"), page.get_by_role("button", name="Stop")
    page.get_by_role("combobox", name="Keys").select_option("jkl")
    press(page, "l")
    expect(playing).to_be_visible()
    press(page, "l")
    expect(speed).to_have_value("2")
    press(page, "k")
    expect(playing).to_have_count(0)
    press(page, "j")
    expect(playing).to_be_visible()
    expect(speed).to_have_value("1")
    page.reload()
    shows(page, int(re.findall(r"frame=(\d+)", page.url)[0]))
    press(page, "l")
    expect(playing).to_be_visible()


@contextmanager
def without(path: Path) -> Iterator[Callable[[], None]]:
    """The file is away until the function is called, or the block ends."""
    aside = path.with_name(f"{path.name}.away")

    def back() -> None:
        if aside.exists():
            shutil.move(aside, path)

    shutil.move(path, aside)
    try:
        yield back
    finally:
        back()


AGAIN = "Try again"


def gone_when_pressed(page: Page, told: Locator) -> bool:
    """Whether ``told`` has gone. Another press if not: one does nothing while a question is on its
    way."""
    # At once, for a click waits for a button that may just have gone.
    buttons = page.get_by_role("button", name=AGAIN)
    buttons.evaluate_all("(found) => found.forEach((one) => one.click())")
    return told.count() == 0


def folder_of(show: Reviewed) -> Path:
    """The shot's in the storage."""
    return show.house.folder / "storage" / "projects" / show.project / show.shot


def test_a_matte_that_is_gone_is_told(open_as: Open, show: Reviewed) -> None:
    small = next(folder_of(show).rglob(".small/*/1003.png"))
    own = small.parents[2] / small.parent.name / small.name
    with without(small), without(own):
        page = open_as(show.supervisor, f"/shots/{show.shot}/review?job={show.jobs[0]}&frame=1003")
        shows(page, 1003)
        lacks = page.get_by_text("v1 has no matte of creature on frame 1003.")
        expect(lacks).to_be_visible()
        axe(page)
        assert seen(page).max() > 60, "the plate"
        with page.expect_response(re.compile("/mattes/1003")) as answer:
            page.get_by_role("button", name=AGAIN).click()
        assert answer.value.status == 404
        expect(lacks).to_be_visible()
    until(lambda: gone_when_pressed(page, lacks))


def test_a_picture_of_the_plate_that_is_gone_is_told(open_as: Open, show: Reviewed) -> None:
    (proxy,) = folder_of(show).rglob("proxies/1005.jpg")
    with without(proxy) as back:
        page = open_as(show.supervisor, f"/shots/{show.shot}/review?job={show.jobs[0]}&frame=1005")
        shows(page, 1005)
        gone = page.get_by_text("The server has no picture of frame 1005 of the plate")
        expect(gone).to_be_visible()
        press(page, "ArrowRight")
        shows(page, 1006)
        expect(gone).to_have_count(0)
        press(page, "ArrowLeft")
        expect(gone).to_be_visible()
        back()
        until(lambda: gone_when_pressed(page, gone))


def test_a_connection_that_is_lost_is_waited_for(open_as: Open, show: Reviewed) -> None:
    """The frame before stays to be seen; what was missed comes by itself."""
    page = open_as(show.supervisor, "/review")
    lost = re.compile(r"/frames/1006\?")
    page.route(lost, lambda route: route.abort())
    page.goto(f"{show.house.url}/shots/{show.shot}/review?job={show.jobs[0]}&frame=1005")
    shows(page, 1005)
    press(page, "ArrowRight")
    told = page.get_by_text(
        "The server cannot be reached. Frame 1006 is asked for again by itself."
    )
    expect(told).to_be_visible()
    shows(page, 1005)
    assert seen(page).max() > 60, "not black"
    page.unroute(lost)
    shows(page, 1006)
    expect(told).to_have_count(0)


def test_a_plate_that_is_being_read_says_so(open_as: Open, show: Reviewed) -> None:
    shot = show.house.shot(show.project, show.artist)
    with show.house.database.session() as session:
        for row in (session.get_one(Shot, shot), session.get_one(Plate, shot)):
            row.state, row.width, row.height = "probing", None, None
    page = open_as(show.supervisor, f"/shots/{shot}/review")
    expect(page.get_by_text("The plate is being read")).to_be_visible()
    axe(page)


def test_every_control_is_reached_by_keys(open_as: Open, show: Reviewed) -> None:
    """And is seen to be; a dialog keeps the focus, and gives it back."""
    show.send_to_review(show.shot)
    page = open_as(show.supervisor)
    shows(page, 1001)
    # Tab goes past what is not to be pressed yet.
    expect(page.get_by_role("button", name="Splines")).to_be_enabled()
    page.locator("#page").focus()
    for _ in range(80):
        press(page, "Tab")
        inside, name, width = page.evaluate(
            """() => {
              const it = document.activeElement, style = getComputedStyle(it);
              it.dataset.reached = '1';
              return [!!it.closest('#page'), it.outerHTML.slice(0, 80),
                style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)];
            }"""
        )
        if not inside:
            break
        assert width >= 2, f"the focus is not seen: {name}"
    missed = page.evaluate(
        """() => [...document.querySelectorAll('#page :is(a, button, select, input, textarea)')]
          .filter((it) => it.checkVisibility() && !it.disabled && !it.dataset.reached)
          .map((it) => it.outerHTML.slice(0, 80))"""
    )
    assert missed == []
    assert page.locator("[data-reached]").count() > 20
    retake = page.get_by_role("button", name="Retake")
    retake.focus()
    press(page, "Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Chatter")).to_be_focused()
    for _ in range(20):
        press(page, "Tab")
        where = page.evaluate("document.activeElement.closest('dialog, body').tagName")
        # Between the last and the first the browser's own bar has a turn.
        assert where == "DIALOG" or page.evaluate("document.activeElement === document.body")
    press(page, "Escape")
    expect(dialog).to_have_count(0)
    expect(retake).to_be_focused()


def test_in_the_light(open_as: Open, show: Reviewed) -> None:
    """Nothing that axe finds in the light either: queue, player with its dialog, job. It is dark
    until somebody wants it so; around the picture it is the same grey without a colour."""
    show.send_to_review(show.shot)
    page = open_as(show.supervisor)
    shows(page, 1001)
    around = """() => [document.documentElement.dataset.theme, getComputedStyle(
      document.querySelector('[data-scale]')).backgroundColor]"""
    assert page.evaluate(around) == ["dark", "rgb(46, 46, 46)"]
    press(page, "t")
    assert page.evaluate(around) == ["light", "rgb(46, 46, 46)"]
    axe(page)
    page.goto(f"{show.house.url}/review?project={show.project}")
    expect(page.get_by_text("1 shot")).to_be_visible()
    axe(page)
    page.goto(f"{show.house.url}/shots/{show.shot}/review?job={show.jobs[0]}")
    shows(page, 1001)
    press(page, "x")
    axe(page)
    for tab in ("stages", "log", "prompts", "outputs", "history"):
        page.goto(f"{show.house.url}/jobs/{show.jobs[0]}?tab={tab}")
        expect(page.get_by_role("tab", selected=True)).to_be_visible()
        expect(page.get_by_text("Loading")).to_have_count(0)
        axe(page)


@pytest.fixture
def phone(browser: Browser, show: Reviewed) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    let_in(context, show.house, show.supervisor)
    yield context.new_page()
    context.close()


def least(page: Page, *controls: Locator) -> None:
    """Each of them is large enough for a thumb, and the page no wider than the phone."""
    for control in controls:
        box = control.bounding_box() or {"width": 0, "height": 0}
        assert min(box["width"], box["height"]) >= THUMB, (control.inner_text(), box)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_is_sent_back_by_thumb(phone: Page, show: Reviewed) -> None:
    """From the queue, with its reasons and words; then approved."""
    show.send_to_review(show.shot)
    page = phone
    page.goto(f"{show.house.url}/review?project={show.project}")
    begin = page.get_by_role("link", name="Begin")
    expect(begin).to_be_visible()
    least(page, begin)
    axe(page)
    begin.tap()
    shows(page, 1001)
    group = page.get_by_role("group", name="Decision")
    approve, retake = (group.get_by_role("button", name=name) for name in ("Approve", "Retake"))
    expect(retake).to_be_in_viewport()
    play = page.get_by_role("button", name="Play")
    least(page, approve, retake, play, page.get_by_role("button", name="A frame on"))
    axe(page)
    page.get_by_role("button", name="A frame on").tap()
    shows(page, 1002)
    retake.tap()
    dialog = page.get_by_role("dialog")
    reasons = [dialog.locator("label", has_text=name) for name in ("Chatter", "Holes", "Edge")]
    send = dialog.get_by_role("button", name="Retake")
    least(page, *reasons, send, dialog.get_by_role("button", name="Not now"))
    axe(page)
    reasons[0].tap()
    reasons[1].tap()
    dialog.get_by_label("What is to be done").fill("the tail")
    expect(send).to_be_in_viewport()
    send.tap()
    expect(page.get_by_text("sh010 is sent back")).to_be_visible()
    assert show.review(show.shot) == ("retake", "chatter, holes: the tail")
    show.send_to_review(show.shot)
    # One decides on what one sees.
    expect(page.locator("#page header").first.get_by_text("Pending review")).to_be_visible()
    approve.tap()
    expect(page.get_by_text("sh010 is approved")).to_be_visible()
    assert show.review(show.shot)[0] == "approved"
    page.goto(f"{show.house.url}/jobs/{show.jobs[0]}?tab=log")
    expect(page.get_by_role("log")).to_be_visible()
    least(page, page.get_by_role("tab", name="History"))
    axe(page)
