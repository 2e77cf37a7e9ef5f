"""The review player: what a real worker tracked is seen where it is, talked about, decided."""

from __future__ import annotations

import re
from collections.abc import Iterator

import cv2
import helpers_prompting
import numpy as np
import pytest
from helpers_dashboard import axe
from helpers_observing import wait_for
from helpers_people import House
from helpers_reviewing import (
    HEIGHT,
    LIKE_THE_MATTE,
    LIKE_THE_TRUTH,
    WIDTH,
    Mask,
    Open,
    Reviewed,
    iou,
    press,
    seen,
    shows,
    tracked_show,
    until,
    white,
)
from playwright.sync_api import Page, Route, expect

BESIDE = {"frame": 1001, "box": [300.0, 150.0, 400.0, 230.0]}
LABEL = 40
"""Plate pixels on either side of the wipe that its labels lie on."""


def until_drawn(page: Page, matte: Mask) -> None:
    """It may be drawn later than the plate that it lies over."""
    until(lambda: iou(white(page), matte) >= LIKE_THE_MATTE)


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Reviewed]:
    """Tracked twice, the second time what is beside the object."""
    with tracked_show(house, BESIDE) as show:
        yield show


def test_what_is_drawn_is_where_the_object_is(open_as: Open, show: Reviewed) -> None:
    """Matte, tint and cut-out, on the first frame, on others, and zoomed in."""
    page = open_as(show.supervisor)
    shows(page, 1001)
    page.get_by_role("button", name="Matte", exact=True).click()
    for frame in (1001, 1004, 1008):
        page.get_by_role("spinbutton", name="Frame").fill(str(frame))
        shows(page, frame)
        until_drawn(page, show.matte(frame))
        assert iou(white(page), show.clip.truth(frame) >= 0.5) >= LIKE_THE_TRUTH, frame
    page.locator("h1").click()
    press(page, "1")
    until_drawn(page, show.matte(1008))
    page.get_by_role("region", name="Objects").get_by_label("creature").uncheck()
    until(lambda: not white(page).any())
    page.get_by_role("region", name="Objects").get_by_label("creature").check()
    until_drawn(page, show.matte(1008))
    page.get_by_role("button", name="Plate", exact=True).click()
    plain = seen(page).astype(int)
    page.get_by_role("button", name="Tint", exact=True).click()
    matte = show.matte(1008)
    until(lambda: iou(np.abs(seen(page).astype(int) - plain).max(axis=2) >= 12, matte) >= 0.9)
    press(page, "l")
    until(lambda: bool((np.ptp(seen(page)[2:-2, 2:-2].astype(int), axis=2) <= 1).all()))
    press(page, "c")
    page.get_by_role("button", name="Cut-out", exact=True).click()
    page.get_by_label("Ground").select_option("black")
    outside = cv2.dilate(show.matte(1008).astype(np.uint8), np.ones((15, 15))) == 0
    # Half a pixel at the plate's border is the ground behind it.
    assert seen(page)[2:-2, 2:-2][outside[2:-2, 2:-2]].max() <= 3


def test_keys_move_by_plate_frames(open_as: Open, show: Reviewed) -> None:
    page = open_as(show.supervisor)
    shows(page, 1001)
    press(page, "ArrowRight", "ArrowRight")
    shows(page, 1003)
    press(page, "[", "End", "]", "Home", "ArrowLeft")
    shows(page, 1008)
    press(page, "\\", "Home")
    shows(page, 1001)
    # Where the keys lie is told together with the objects.
    expect(page.get_by_role("region", name="Objects").get_by_label("creature")).to_be_visible()
    press(page, "Shift+ArrowRight")
    expect(page.locator("output")).not_to_have_attribute("data-shown", "1001")
    press(page, "?")
    expect(page.get_by_role("dialog").get_by_text("Next doubtful frame")).to_be_visible()
    press(page, "Escape", "Home", "Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(page.locator("output")).not_to_have_attribute("data-shown", "1001")
    press(page, "Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_splines_lie_on_the_mattes_edge(open_as: Open, show: Reviewed) -> None:
    page = open_as(show.supervisor)
    shows(page, 1001)
    page.get_by_role("button", name="Plate", exact=True).click()
    plain = seen(page).astype(int)
    page.get_by_role("button", name="Splines").click()
    drawn = np.abs(seen(page).astype(int) - plain).max(axis=2) >= 40
    assert drawn.sum() > 50
    matte = show.matte(1001).astype(np.uint8)
    near = cv2.dilate(matte, np.ones((13, 13))) - cv2.erode(matte, np.ones((13, 13)))
    assert (drawn & (near > 0)).sum() / drawn.sum() >= 0.95


def test_two_versions_are_compared(open_as: Open, show: Reviewed) -> None:
    """By a wipe, the one on its left and the other on its right; by what differs."""
    one, other = show.matte(1001), show.matte(1001, 1)
    assert iou(one, other) < 0.1
    page = open_as(show.supervisor)
    shows(page, 1001)
    page.get_by_role("button", name="Matte", exact=True).click()
    page.get_by_label("Compare with").select_option(show.jobs[1])
    middle = WIDTH // 2
    page.get_by_role("slider", name="Wipe").fill("50")
    due = np.where(np.arange(WIDTH) < middle, one, other)
    aside = np.abs(np.arange(WIDTH) - middle) > LABEL
    until(lambda: iou(white(page)[:, aside], due[:, aside]) >= LIKE_THE_MATTE)
    # The line itself is dragged: to a quarter of the width.
    helpers_prompting.drag(page, (middle, HEIGHT / 2), (WIDTH / 4, HEIGHT / 2))
    expect(page.get_by_role("slider", name="Wipe")).to_have_value(re.compile("^2[456]$"))
    by = page.get_by_label("Compare by")
    press(page, "F6")
    expect(by).to_have_value("off")
    press(page, "F6")
    expect(by).to_have_value("wipe")
    by.select_option("difference")
    until(lambda: iou(white(page), one ^ other) >= LIKE_THE_MATTE)
    page.reload()
    expect(page.get_by_label("Compare with")).to_have_value(show.jobs[1])


def test_a_note_at_its_place_is_answered_and_resolved(open_as: Open, show: Reviewed) -> None:
    page = open_as(show.supervisor)
    shows(page, 1001)
    press(page, "ArrowRight")
    shows(page, 1002)
    page.get_by_role("button", name="Place", exact=True).click()
    viewer = page.get_by_role("img", name="Frame")
    scale, x, y = (float(viewer.get_attribute(f"data-{one}") or 0) for one in ("scale", "x", "y"))
    viewer.click(position={"x": 100 * scale + x, "y": 60 * scale + y})
    page.get_by_label("A new note").fill("the ear is missing")
    page.get_by_role("button", name="Add note").click()
    notes = page.get_by_role("region", name="Notes").get_by_role("list")
    expect(notes.get_by_text("the ear is missing")).to_be_visible()
    (note,) = show.get(f"/shots/{show.shot}/notes")["items"]
    assert (note["frame"], note["job_id"]) == (1002, show.jobs[0])
    assert (note["x"], note["y"]) == pytest.approx((100, 60), abs=1 / scale + 0.5)
    with_pin = seen(page).astype(int)
    press(page, "ArrowRight")
    shows(page, 1003)
    press(page, "Alt+ArrowLeft")
    shows(page, 1002)
    notes.get_by_role("button", name="Answer").click()
    notes.get_by_label("Answer to note 1").fill("it is behind the tree")
    notes.get_by_role("button", name="Send").click()
    expect(notes.get_by_text("it is behind the tree")).to_be_visible()
    notes.get_by_role("button", name="Resolve").click()
    expect(notes.get_by_text("the ear is missing")).to_have_count(0)
    without = np.abs(seen(page).astype(int) - with_pin).max(axis=2) >= 40
    assert without[55:65, 95:105].any(), "the pin has gone from the picture"
    page.get_by_label("1 resolved").check()
    expect(page).to_have_url(re.compile("resolved=1"))
    page.reload()
    expect(notes.get_by_text("the ear is missing")).to_be_visible()


def test_a_retake_names_its_reasons_and_an_approval_goes_on(open_as: Open, show: Reviewed) -> None:
    """From the queue: the first is sent back, the next comes by itself and is approved."""
    second = show.make_shot("sh020")
    show.track(second)
    for shot in (show.shot, second):
        show.send_to_review(shot)
    page = open_as(show.supervisor, f"/review?project={show.project}&list=dailies")
    expect(page.get_by_text("2 shots")).to_be_visible()
    axe(page)
    page.get_by_role("link", name="Begin").click()
    expect(page.get_by_role("heading", name="sh010")).to_be_visible()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    press(page, "n")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    press(page, "Shift+N")
    expect(page.get_by_text("1 of 2")).to_be_visible()
    shows(page, 1001)
    press(page, "x")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Retake")).to_be_disabled()
    axe(page)
    dialog.get_by_label("Edge").check()
    dialog.get_by_label("Chatter").check()
    dialog.get_by_label("What is to be done").fill("the ear from 1004 on")
    dialog.get_by_role("button", name="Retake").click()
    expect(page.get_by_role("heading", name="sh020")).to_be_visible()
    assert show.review(show.shot) == ("retake", "chatter, edge: the ear from 1004 on")
    (last,) = show.get(f"/shots/{show.shot}/reviews", limit=1)["items"]
    assert last["job_id"] == show.jobs[1], "the version that was looked at"
    shows(page, 1001)
    press(page, "y")
    expect(page.get_by_text("That was the last of this list")).to_be_visible()
    assert show.review(second) == ("approved", "")
    expect(page.get_by_text("Approved").first).to_be_visible()


def test_what_was_approved_is_what_is_final(open_as: Open, show: Reviewed) -> None:
    """The first version was sent; the second is newer, and nobody has looked at it."""
    shot = show.make_shot("sh030")
    sent, newer = show.track(shot), show.track(shot, BESIDE)
    show.send_to_review(shot, sent)
    page = open_as(show.supervisor, f"/shots/{shot}/review")
    shows(page, 1001)
    expect(page.get_by_text("Sent: v1, newer: v2")).to_be_visible()
    press(page, "y")
    expect(page.get_by_text("Approved: v1, newer: v2")).to_be_visible()
    expect(page.get_by_label("Version", exact=True)).to_have_value(sent)
    page.get_by_role("button", name="Final").click()
    expect(page.get_by_text("sh030 is final.")).to_be_visible()
    final, approved = show.get(f"/shots/{shot}/reviews")["items"][:2]
    assert (final["after"], final["job_id"], approved["job_id"]) == ("final", sent, sent)
    # Sent again while it is watched: told, and shown when somebody wants it.
    show.send_to_review(shot, newer)
    page.get_by_role("button", name="Show v2").click()
    expect(page.get_by_label("Version", exact=True)).to_have_value(newer)
    shows(page, 1001)


def test_what_is_told_in_full_screen_is_seen(open_as: Open, show: Reviewed) -> None:
    show.send_to_review(show.shot)
    page = open_as(show.supervisor)
    shows(page, 1001)
    press(page, "`")
    page.wait_for_function("document.fullscreenElement !== null")
    strip = page.get_by_role("slider", name="Frame")
    until(lambda: (strip.bounding_box() or {})["width"] == page.evaluate("innerWidth"))
    press(page, "y")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("sh010 is pending review again.")).to_be_visible()
    assert show.review(show.shot)[0] == "pending_review"
    press(page, "`")
    page.wait_for_function("document.fullscreenElement === null")


def test_what_cannot_be_asked_again_leaves_what_is_there(open_as: Open, show: Reviewed) -> None:
    page = open_as(show.supervisor)
    shows(page, 1001)
    press(page, "ArrowRight")
    shows(page, 1002)
    # Of what happens before that no event comes.
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    asked = re.compile(rf"/shots/{show.shot}$")
    page.route(asked, lambda route: route.fulfill(status=404, json={}))
    # An event of it: the shot is asked for anew.
    show.client.post(f"/shots/{show.shot}/notes", json={"text": "the tail"})
    problem = page.get_by_role("alert")
    expect(problem).to_be_visible()
    shows(page, 1002)
    page.unroute(asked)
    problem.get_by_role("button", name="Try again").click()
    expect(problem).to_have_count(0)
    shows(page, 1002)


def test_a_dialog_stays_until_what_it_asked_for_is_answered(open_as: Open, show: Reviewed) -> None:
    """And the page's keys do nothing behind it."""
    show.send_to_review(show.shot)
    page = open_as(show.supervisor)
    shows(page, 1001)
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    page.route(re.compile(r"/reviews$"), hold)
    press(page, "x", "1")
    with page.expect_request(re.compile(r"/reviews$")):
        press(page, "Control+Enter", "Control+Enter", "Escape", "Escape", "y")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Not now")).to_be_disabled()
    asked[0].fulfill(status=409, json={})
    expect(dialog.get_by_role("alert")).to_be_visible()
    press(page, "y", "Escape")
    expect(dialog).to_have_count(0)
    assert len(asked) == 1
    assert show.review(show.shot)[0] == "pending_review"


def test_who_may_only_look_is_offered_no_decision(open_as: Open, show: Reviewed) -> None:
    show.send_to_review(show.shot)
    page = open_as(show.viewer)
    shows(page, 1001)
    expect(page.get_by_text("You may look at this shot, not decide")).to_be_visible()
    for name in ("Approve", "Retake", "Add note", "Send to review"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    press(page, "y", "x")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert show.get(f"/shots/{show.shot}")["review"] == "pending_review"
    axe(page)


def test_it_is_approved_on_a_phone(open_as: Open, show: Reviewed) -> None:
    show.send_to_review(show.shot)
    page = open_as(show.supervisor)
    page.set_viewport_size({"width": 390, "height": 844})
    shows(page, 1001)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_be_in_viewport()
    assert (approve.bounding_box() or {})["height"] >= 44
    axe(page)
    approve.click()
    expect(page.get_by_text("sh010 is approved")).to_be_visible()
    assert show.review(show.shot)[0] == "approved"


def test_mattes_appear_while_it_tracks(open_as: Open, show: Reviewed) -> None:
    """A job that has only been submitted: what it makes comes by itself."""
    body = {
        "objects": [{"name": show.clip.object, "prompts": [show.clip.prompt]}],
        "engine": "flow",
        "outputs": ["mattes"],
    }
    job = show.client.post(f"/shots/{show.shot}/segment", json=body).json()["id"]
    page = open_as(show.supervisor, f"/shots/{show.shot}/review?job={job}&frame=1004")
    page.get_by_role("button", name="Matte", exact=True).click()
    show_matte = show.matte(1004)
    wait_for(
        lambda: iou(white(page), show_matte) >= LIKE_THE_MATTE,
        lambda: str(show.get(f"/jobs/{job}")["progress"]),
        60,
    )


def test_a_movie_that_was_forgotten_is_exported_and_thrown_away(
    open_as: Open, show: Reviewed
) -> None:
    """From the page of the job that tracked it: nothing is tracked again, and the version stays."""
    page = open_as(show.supervisor, f"/jobs/{show.jobs[0]}")
    page.get_by_role("button", name="Export…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Export")).to_be_disabled()
    dialog.get_by_label("Cut-out with alpha").check()
    dialog.get_by_label("Nuke", exact=True).check()
    axe(page)
    dialog.get_by_role("button", name="Export").click()
    expect(page.get_by_role("heading", name="sh010 export")).to_be_visible()
    exported = page.url.rpartition("/")[2]
    show.wait(exported)
    told = show.get(f"/jobs/{exported}")
    assert [task["kind"] for task in told["tasks"]] == ["export"]
    assert told["params"]["source_job_id"] == show.jobs[0]
    page.get_by_role("tab", name="Outputs").click()
    expect(page.get_by_role("link", name=re.compile(r"\.mov$"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"\.nk$"))).to_be_visible()

    expect(page.get_by_role("button", name="Export…")).to_have_count(0)
    page.get_by_role("button", name="Delete…").click()
    expect(dialog).to_contain_text("a supervisor can take it again")
    dialog.get_by_role("button", name="Put into the trash").click()
    expect(page.get_by_text(f"v{told['version']} is in the trash.")).to_be_visible()
    versions = page.get_by_role("region", name="Versions")
    expect(versions.get_by_role("link", name="v1", exact=True)).to_be_visible()
    expect(versions.get_by_text(f"export {told['version']}")).to_have_count(0)
    trash = show.get("/trash", kind="version")["items"]
    assert [item["id"] for item in trash] == [exported]
