"""The server is stopped and started again under open pages: they say so, and then go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from helpers_dashboard import eager_house, let_in
from helpers_people import House, Person
from helpers_prompting import SLOW, click_on, drag, previewed, shows
from helpers_show import Show, longer, running_show
from helpers_watching import watched
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, WebSocket, expect
from sqlalchemy import select

from roto_server.db.models import Job, Task, new_id
from roto_worker.synthetic.clip import generate_clip

SIZE = (480, 270)
FRAMES = 60
LONG = 240
"""Frames that are not tracked before a page has shown so and the server has been stopped."""
FIRST = 1001
PIECES = "**/api/v1/uploads/*/files/*/pieces/*"
ENDED = ("succeeded", "failed", "cancelled")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with eager_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture(scope="module")
def show(house: House) -> Iterator[Show]:
    clip = generate_clip(house.plates / "short", *SIZE, 6)
    with running_show(house, longer(clip, house.plates / "outlived", FRAMES)) as show:
        yield show


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """As everywhere; but that a socket finds nobody is what happens here."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    with watched(context, hears=("error", "warning"), expects="WebSocket connection to"):
        yield context


def open_page(context: BrowserContext, house: House, person: Person, address: str) -> Page:
    """A page that would tell if it were loaded anew."""
    # A second sign-in would end the first, under whatever another page is asking just then.
    if not context.cookies():
        let_in(context, house, person)
    page = context.new_page()
    page.goto(house.url + address)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SLOW)
    page.evaluate("window.isTheOneThatWasOpened = true")
    return page


def stop(house: House) -> None:
    assert house.processes[-1].stop() == 0


def start_again(house: House) -> None:
    """Another process at the same address, over the same data."""
    house.start(port=urlsplit(house.url).port or 0)


def is_lost(page: Page) -> None:
    expect(page.get_by_text("No connection: what you see may be old")).to_be_visible(timeout=SLOW)


def is_back(page: Page) -> None:
    """By itself, the same page, and whoever sat before it still signed in."""
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SLOW)
    assert page.evaluate("window.isTheOneThatWasOpened")


def row(page: Page, job: str) -> Locator:
    return page.locator("[role=row]", has=page.locator(f"a[href='/jobs/{job}']"))


def waiting_job(show: Show, shot: str) -> str:
    """A job of the shot that no worker takes."""
    ident = new_id()
    with show.house.database.session() as session:
        session.add(
            Job(id=ident, shot_id=shot, kind="roto", state="queued", priority="normal",
                version=90, params={}, created_by=show.artist.id)
        )  # fmt: skip
        session.flush()
        session.add(
            Task(job_id=ident, kind="track", position=0, queue="nobody", state="ready", params={},
                 progress={})
        )  # fmt: skip
    return ident


@pytest.mark.timeout(900)
def test_the_jobs_page_goes_on_with_a_running_job(show: Show, context: BrowserContext) -> None:
    house = show.house
    shot = show.make_shot("sh_running", longer(show.clip, house.plates / "long", LONG))
    other = waiting_job(show, shot)
    # On another page, where nothing that the running job tells makes anything old.
    beside = open_page(context, house, show.artist, f"/jobs/{other}")
    expect(beside.get_by_role("main").get_by_text("Queued").first).to_be_visible()
    page = open_page(context, house, show.artist, f"/jobs?shot_id={shot}")
    sockets: list[tuple[WebSocket, list[dict[str, Any]]]] = []

    def listen(socket: WebSocket) -> None:
        heard: list[dict[str, Any]] = []
        sockets.append((socket, heard))
        socket.on("framereceived", lambda payload: heard.append(json.loads(payload)))

    page.on("websocket", listen)
    # The list stands from here on: what comes is announced.
    expect(row(page, other)).to_contain_text("Queued", timeout=SLOW)
    job = show.submit(shot)
    page.get_by_role("button", name="1 new job").click(timeout=SLOW)
    expect(row(page, job)).to_contain_text("Running", timeout=SLOW)
    stop(house)
    with house.database.session() as session:
        assert session.get_one(Job, job).state not in ENDED, "too soon done to be interrupted"
        # What others see to while nothing answers here.
        session.get_one(Job, other).state = "cancelled"
        session.scalars(select(Task).where(Task.job_id == other)).one().state = "cancelled"
    is_lost(page)
    expect(row(page, job)).to_contain_text("Running")
    expect(row(page, other)).to_contain_text("Queued")

    start_again(house)
    is_back(page)
    expect(row(page, other)).to_contain_text("Cancelled", timeout=SLOW)
    is_back(beside)
    expect(beside.get_by_text("Cancelled").first).to_be_visible(timeout=SLOW)
    expect(row(page, job)).to_contain_text("Done", timeout=4 * SLOW)
    expect(row(page, job)).to_contain_text("100%")
    socket, heard = sockets[-1]
    assert "after=" in socket.url, "where the line before ended"
    states = [one["payload"]["state"] for one in heard if about(one, job, "job.updated")]
    assert states[-1] == "succeeded"
    # Not the page alone, its cookie too: a page that is loaded anew asks for no password.
    page.reload()
    expect(row(page, job)).to_contain_text("Done", timeout=SLOW)
    expect(page.locator("summary")).to_contain_text(show.artist.name)


def about(event: dict[str, Any], job: str, kind: str) -> bool:
    return event["kind"] == kind and event["payload"]["job_id"] == job


def test_what_was_said_is_still_there_and_can_be_submitted(
    show: Show, context: BrowserContext
) -> None:
    house = show.house
    shot = show.make_shot("sh_said")
    page = open_page(context, house, show.artist, f"/shots/{shot}/prompt")
    shows(page, FIRST)
    page.get_by_label("Name").fill("creature")
    click_on(page, show.on_it)
    previewed(page, FIRST)

    stop(house)
    is_lost(page)
    # One goes on meanwhile, and is told that nothing looks at it.
    page.keyboard.press("x")
    x0, y0, x1, y1 = show.clip.prompt["box"]
    drag(page, (x0, y0), (x1, y1))
    expect(page.get_by_text("1 click on it, a box.")).to_be_visible()
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Submit", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Engine").select_option("flow")
    dialog.get_by_role("button", name="Submit", exact=True).click()
    refused = dialog.get_by_role("alert")
    expect(refused).to_contain_text("The server cannot be reached.", timeout=SLOW)
    expect(refused).to_contain_text("then submit again")

    start_again(house)
    is_back(page)
    previewed(page, FIRST)
    expect(page.get_by_text("1 click on it, a box.")).to_be_visible()
    assert show.get(f"/shots/{shot}/versions")["items"] == []
    dialog.get_by_role("button", name="Submit", exact=True).click()
    page.wait_for_url("**/jobs/*", timeout=SLOW)
    job = page.url.rsplit("/", 1)[1]
    (thing,) = show.get(f"/jobs/{job}")["params"]["objects"]
    (prompt,) = thing["prompts"]
    assert thing["name"] == "creature"
    assert len(prompt["points"]) == 1
    assert prompt["box"] == pytest.approx(show.clip.prompt["box"], abs=2)
    assert page.evaluate("window.isTheOneThatWasOpened")


def test_an_upload_goes_on_where_it_was(
    show: Show, context: BrowserContext, tmp_path: Path
) -> None:
    house = show.house
    frames = []
    for number in range(1, 13):
        frames.append(tmp_path / f"sh.{1000 + number}.png")
        frames[-1].write_bytes(b"\x89PNG" + bytes([number]) * 50_000)
    page = open_page(context, house, show.artist, f"/upload?project={show.project}")
    begun: list[str] = []
    arrived: list[str] = []

    def stop_in_the_middle(route: Route) -> None:
        begun.append(route.request.url)
        if len(begun) == 7:
            stop(house)
        route.continue_()

    page.on("response", lambda one: "/pieces/" in one.url and one.ok and arrived.append(one.url))
    page.route(PIECES, stop_in_the_middle)
    page.get_by_label("Files", exact=True).set_input_files(frames)
    page.get_by_label("Shot of sh.[1001-1012].png").fill("sh_sent")
    page.get_by_role("button", name="Upload 1 plate").click()
    is_lost(page)
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_text("▶ Uploading")).to_be_visible()
    assert 0 < len(arrived) < len(frames)
    before = set(arrived)
    again = len(begun)

    start_again(house)
    expect(sending.get_by_role("link", name="sh_sent")).to_be_visible(timeout=SLOW)
    is_back(page)
    assert before.isdisjoint(begun[again:]), "what had arrived was not sent again"
    assert len(set(arrived)) == len(frames)
    sending.get_by_role("link", name="sh_sent").click()
    expect(page.get_by_role("heading", name="sh_sent")).to_be_visible()
