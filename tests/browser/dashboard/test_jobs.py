"""The table of jobs and a job's own page, over real jobs and over many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from helpers_dashboard import axe, let_in
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, Locator, Page, expect

from roto_server.db.models import Attempt, Job, Shot, Task, Worker, new_id
from roto_server.db.types import utc_now
from roto_server.jobs.folders import log_key
from roto_worker.synthetic.clip import Clip, generate_clip

SLOW = 60_000
MANY = 1500
DAY = 86_400


@dataclass
class Show:
    """A project with a supervisor, and one shot of theirs."""

    house: House
    boss: Person
    project: str
    shot: str

    def jobs(self, *states: str, kind: str = "roto", newer_by: int = 0) -> list[str]:
        """Ids of jobs that no worker takes, the first the newest."""
        now = utc_now() + timedelta(seconds=newer_by)
        ids = [new_id() for _ in states]
        with self.house.database.session() as session:
            session.add_all(
                Job(id=ident, shot_id=self.shot, kind=kind, state=state, priority="normal",
                    version=len(states) - place, params={}, created_by=self.boss.id,
                    created_at=now - timedelta(seconds=place), worst_confidence=2.0)
                for place, (ident, state) in enumerate(zip(ids, states, strict=True))
            )  # fmt: skip
            session.flush()
            session.add_all(
                Task(job_id=ident, kind="track", position=0, queue="nobody",
                     state="ready" if state == "queued" else state, params={}, progress={})
                for ident, state in zip(ids, states, strict=True)
            )  # fmt: skip
        return ids

    def running(self, stage: str = "track") -> tuple[str, list[Path]]:
        """A job whose first attempt failed and whose second runs for ever; their logs."""
        [job] = self.jobs("running")
        now, ages, worker = utc_now(), (timedelta(minutes=9), timedelta(minutes=3)), new_id()
        attempts = [new_id() for _ in ages]
        with self.house.database.session() as session:
            session.add(
                Worker(id=worker, node=worker, slot=0, boot_id=worker, version="1", queues=[],
                       kinds=[stage], engines=[], device="cpu")
            )  # fmt: skip
            (task,) = session.get_one(Job, job).tasks
            session.get_one(Job, job).created_at = now - timedelta(minutes=10)
            task.started_at = now - ages[0]
            session.flush()
            session.add_all(
                Attempt(id=ident, task_id=task.id, worker_id=worker, boot_id=worker, number=number,
                        state="running" if number == 2 else "failed", output_dir="",
                        heartbeat_at=now + timedelta(days=1), progress_at=now + timedelta(days=1),
                        started_at=now - age, finished_at=None if number == 2 else now - ages[1],
                        error=None if number == 2 else {"message": "The disk is full."})
                for number, (ident, age) in enumerate(zip(attempts, ages, strict=True), 1)
            )  # fmt: skip
            keys = [log_key(session.get_one(Shot, self.shot), one) for one in attempts]
        logs = [self.house.folder / "storage" / key for key in keys]
        logs[0].parent.mkdir(parents=True)
        return job, logs


def show(house: House, name: str, *viewers: Person) -> Show:
    boss = person_with_password(house, "supervisor")
    project = house.project((boss, "supervisor"), *((one, "viewer") for one in viewers))
    shot = house.shot(project, boss)
    with house.database.session() as session:
        session.get_one(Shot, shot).name = name
    return Show(house, boss, project, shot)


def look(context: BrowserContext, house: House, person: Person, address: str) -> Page:
    let_in(context, house, person)
    page = context.new_page()
    page.goto(house.url + address)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    return page


def row(page: Page, number: int) -> Locator:
    """The job of that line, from 1."""
    return page.locator(f"[role=row][aria-rowindex='{number + 1}']")


@pytest.fixture(scope="module")
def _worker(house: House) -> Iterator[None]:
    with running_worker(house):
        yield


@pytest.fixture(scope="module")
def clip(house: House) -> Clip:
    return generate_clip(house.plates / "watched", 160, 90, 12)


@pytest.mark.usefixtures("_worker")
def test_a_job_is_watched_from_its_submission_to_its_files(
    context: BrowserContext, house: House, clip: Clip
) -> None:
    artist = person_with_password(house)
    out = house.plates / "out"
    out.mkdir()
    rule = {"folder": str(out), "template": "{shot}/{object}_v{version:03d}.{frame:04d}.{ext}"}
    project = house.project((artist, "artist"), settings={"publish": rule})
    page = look(context, house, artist, f"/jobs?project_id={project}&kind=roto")
    expect(page.get_by_text("No job is like that")).to_be_visible()
    with house.client(artist.key) as client:
        plate = {"name": "watched", "plate": {"path": clip.pattern}}
        shot = client.post(f"/projects/{project}/shots", json=plate).json()["id"]
        wait_for(
            lambda: client.get(f"/shots/{shot}").json()["state"] == "ready",
            lambda: client.get(f"/shots/{shot}").text,
        )
        body = {
            "objects": [{"name": "hero", "prompts": [clip.prompt]}],
            "engine": "flow",
            "exports": ["nuke"],
        }
        job = client.post(f"/shots/{shot}/segment", json=body).json()["id"]

    # It is announced, not put between; then its line goes on by itself.
    page.get_by_role("button", name="1 new job").click(timeout=SLOW)
    expect(row(page, 1)).to_contain_text("watched")
    expect(row(page, 1)).to_contain_text("hero")
    expect(row(page, 1)).to_contain_text("Done", timeout=SLOW)
    expect(row(page, 1)).to_contain_text("100%")
    picture = row(page, 1).locator("img")
    assert picture.evaluate("async (img) => { await img.decode(); return img.naturalWidth }") > 0
    axe(page)

    # Its own page.
    row(page, 1).get_by_role("link").click()
    expect(page.get_by_role("heading", name="watched v1")).to_be_visible()
    for stage in ("track", "vectorize", "export"):
        expect(page.get_by_role("listitem").filter(has_text=stage).first).to_contain_text("Done")
    axe(page)
    page.get_by_role("button", name="Log of track, attempt 1").click()
    expect(page.get_by_role("log")).to_contain_text("=== track, attempt 1")
    page.get_by_label("Search the log").fill("track, ATTEMPT")
    expect(page.get_by_text("1 of 1", exact=True)).to_be_visible()
    expect(page.locator("mark")).to_have_text("track, attempt")
    expect(page).to_have_url(re.compile("search=track"))
    axe(page)
    page.get_by_role("tab", name="Prompts").click()
    drawn = page.get_by_role("img", name=f"Frame {clip.prompt['frame']}: 2 clicks, a box")
    left, top, *_ = clip.prompt["box"]
    expect(drawn.locator("rect")).to_have_attribute("x", f"{left:g}")
    expect(drawn.locator("rect")).to_have_attribute("y", f"{top:g}")
    for point in clip.prompt["points"]:
        at = f"translate({point['x']:g} {point['y']:g})"
        expect(drawn.locator(f"g[transform='{at}']")).to_be_visible()
    axe(page)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("Ended: done")).to_be_visible()
    expect(page.get_by_text("flow").first).to_be_visible()
    axe(page)
    page.get_by_role("tab", name="Outputs").click()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile(r"\.nk$")).click()
    assert download.value.path().read_text().count("Roto") > 0
    axe(page)
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("dialog")).to_contain_text(str(out))
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("heading", name="watched publish v1")).to_be_visible()
    expect(page.get_by_role("main").get_by_text("Done").first).to_be_visible(timeout=SLOW)
    assert len(list(out.glob("watched/hero_v001.*"))) >= len(clip.frames)
    page.goto(f"{house.url}/jobs/{job}?tab=history")
    expect(page.get_by_text("Published").first).to_be_visible()

    # The frame that is clicked is where the player goes.
    strip = page.get_by_role("slider", name="Frame")
    wide = strip.evaluate("(element) => element.clientWidth")
    strip.click(position={"x": wide - 3, "y": 20})
    expect(page).to_have_url(re.compile(f"/shots/{shot}/review\\?job={job}&frame=1012"))


def test_three_are_cancelled_at_once_and_who_refuses_is_told(
    context: BrowserContext, house: House
) -> None:
    made = show(house, "cancelled")
    ids = made.jobs("queued", "queued", "queued", "succeeded", "queued")
    page = look(context, house, made.boss, f"/jobs?project_id={made.project}")
    # The first by key, the fourth by Shift: a range of which one has ended already.
    expect(row(page, 1)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    row(page, 4).click(modifiers=["Shift"], position={"x": 400, "y": 10})
    expect(page.get_by_text("4 jobs selected")).to_be_visible()
    page.get_by_role("button", name="Cancel…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Cancel 3 jobs?")).to_be_visible()
    expect(dialog).to_contain_text("3 queued.")
    expect(dialog).to_contain_text("1 job of the 4 selected is left alone")
    axe(page)
    # One ends while the question is on the screen.
    with house.database.session() as session:
        session.get_one(Job, ids[1]).state = "succeeded"
    dialog.get_by_role("button", name="Cancel 3 jobs").click()
    told = page.get_by_role("dialog")
    expect(told.get_by_role("heading", name="1 job refused it")).to_be_visible()
    expect(told).to_contain_text("The job has succeeded; nothing is left to cancel.")
    told.get_by_role("button", name="Close").click()
    for number, state in enumerate(["Cancelled", "Done", "Cancelled", "Done", "Queued"], 1):
        expect(row(page, number)).to_contain_text(state)
    # They are selected still, and two of them can be retried.
    page.get_by_role("button", name="Retry…").click()
    expect(page.get_by_role("heading", name="Retry 2 jobs?")).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete 4 jobs").click()
    expect(row(page, 1)).to_contain_text("Queued")
    expect(row(page, 2)).to_have_count(0)


def test_lines_stay_in_their_place(context: BrowserContext, house: House) -> None:
    made = show(house, "placed")
    first, second = made.jobs("queued", "queued")
    page = look(context, house, made.boss, f"/jobs?project_id={made.project}")
    row(page, 2).click(position={"x": 400, "y": 10})
    made.jobs("queued", "failed", newer_by=60)
    with house.client(made.boss.key) as client:
        # What tells the page that something happened.
        assert client.patch(f"/jobs/{second}", json={"priority": "high"}).is_success
    expect(page.get_by_role("button", name="2 new jobs")).to_be_visible()
    expect(row(page, 2)).to_have_attribute("aria-selected", "true")
    expect(row(page, 2)).to_contain_text("High")
    expect(row(page, 1).get_by_role("link")).to_have_attribute("href", f"/jobs/{first}")
    page.get_by_role("button", name="2 new jobs").click()
    expect(row(page, 4)).to_have_attribute("aria-selected", "true")
    expect(row(page, 2)).to_contain_text("Failed")
    expect(page.get_by_role("button", name="2 new jobs")).to_have_count(0)
    # There and back: the same place.
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("placed")
    page.go_back()
    expect(row(page, 4)).to_have_attribute("aria-selected", "true")


def test_the_address_says_what_is_shown(context: BrowserContext, house: House) -> None:
    made = show(house, "asked for")
    made.jobs("queued", "failed", "failed", "succeeded")
    page = look(context, house, made.boss, f"/jobs?project_id={made.project}")
    page.get_by_role("button", name="Failed 2").click()
    page.get_by_role("button", name="Queued 1").click()
    expect(page).to_have_url(re.compile("state=failed.*state=queued|state=queued.*state=failed"))
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "4")
    page.keyboard.press("/")
    page.keyboard.type("ASKED")
    expect(page).to_have_url(re.compile("search=ASKED"))
    page.get_by_role("button", name="Age").click()
    expect(page.get_by_role("columnheader", name="Age")).to_have_attribute("aria-sort", "ascending")
    page.reload()
    expect(page.get_by_label("Search shots and objects")).to_have_value("ASKED")
    expect(row(page, 3)).to_contain_text("Queued")
    page.get_by_label("Search shots and objects").fill("nothing of that name")
    expect(page.get_by_text("No job is like that")).to_be_visible()
    page.get_by_role("button", name="Show all jobs").click()
    expect(page).to_have_url(f"{house.url}/jobs")


def test_one_persons_jobs_are_shown(context: BrowserContext, house: House) -> None:
    made, ann = show(house, "owned"), person_with_password(house, name="Ann Artist")
    ids = made.jobs("queued", "queued", "failed")
    with house.database.session() as session:
        session.get_one(Job, ids[1]).created_by = ann.id
    page = look(context, house, made.boss, f"/jobs?project_id={made.project}")
    row(page, 2).get_by_role("button", name="Ann Artist").click()
    expect(page).to_have_url(re.compile(f"owner={ann.id}"))
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "2")
    page.reload()
    expect(row(page, 1).get_by_role("link")).to_have_attribute("href", f"/jobs/{ids[1]}")
    axe(page)
    page.get_by_role("button", name="Owner Ann Artist").click()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "4")
    page.keyboard.type("jo")
    expect(page.get_by_role("button", name=f"Owner {made.boss.name}")).to_be_visible()
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "3")


def test_a_view_is_saved_gone_to_and_removed(context: BrowserContext, house: House) -> None:
    made = show(house, "viewed")
    made.jobs("failed", "queued")
    page = look(context, house, made.boss, "/jobs?state=failed&owner=me")
    page.get_by_role("button", name="Save view…").click()
    page.get_by_label("Name").fill("My failures")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Saved views")).to_have_value("My failures")
    axe(page)
    page.goto(f"{house.url}/jobs")
    page.get_by_label("Saved views").select_option("My failures")
    expect(page).to_have_url(f"{house.url}/jobs?owner=me&state=failed")
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "2")
    page.get_by_role("button", name="Remove view").click()
    expect(page.get_by_label("Saved views")).to_have_count(0)
    expect(page.get_by_role("button", name="Save view…")).to_be_visible()


def test_many_jobs_are_few_rows_of_the_page(context: BrowserContext, house: House) -> None:
    """The last one is shown without those between; a range over what was never seen has it all."""
    made = show(house, "many")
    ids = made.jobs(*["queued"] * MANY)
    asked: list[str] = []
    page = look(context, house, made.boss, f"/jobs?project_id={made.project}")
    page.on("request", lambda request: asked.append(request.url))
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", str(MANY + 1))
    row(page, 1).click(position={"x": 400, "y": 10})
    page.keyboard.press("End")
    expect(row(page, MANY).get_by_role("link")).to_have_attribute("href", f"/jobs/{ids[-1]}")
    expect(row(page, MANY)).to_be_visible()
    assert page.locator("[role=row]").count() < 80
    parts = [url for url in asked if "skip=" in url or "cursor=" in url]
    assert 0 < len(parts) <= 4, parts
    page.keyboard.press("Home")
    row(page, 1).click(position={"x": 400, "y": 10})
    grid.evaluate("(grid) => (grid.scrollTop = grid.scrollHeight)")
    row(page, MANY).click(modifiers=["Shift"], position={"x": 400, "y": 10})
    expect(page.get_by_text(f"{MANY:,} jobs selected")).to_be_visible()


def test_jobs_are_shown_by_when_they_were_submitted(context: BrowserContext, house: House) -> None:
    made = show(house, "submitted")
    made.jobs("queued", "queued")
    [old] = made.jobs("failed", newer_by=-10 * DAY)
    page = look(context, house, made.boss, f"/jobs?project_id={made.project}")
    grid = page.get_by_role("grid")
    expect(grid).to_have_attribute("aria-rowcount", "4")
    page.get_by_label("Submitted", exact=True).select_option("Last 7 days")
    expect(page).to_have_url(re.compile("submitted=7d"))
    expect(grid).to_have_attribute("aria-rowcount", "3")
    expect(page.get_by_role("button", name="All 2")).to_be_visible()
    page.get_by_label("Submitted", exact=True).select_option("Between…")
    day = (utc_now() - timedelta(days=10)).astimezone().date().isoformat()
    page.get_by_label("Submitted from").fill(day)
    page.get_by_label("Submitted until").fill(day)
    expect(page).to_have_url(re.compile(f"since={day}&until={day}"))
    expect(grid).to_have_attribute("aria-rowcount", "2")
    axe(page)
    page.reload()
    expect(page.get_by_label("Submitted until")).to_have_value(day)
    expect(row(page, 1).get_by_role("link")).to_have_attribute("href", f"/jobs/{old}")
    page.get_by_label("Submitted", exact=True).select_option("Submitted: any")
    expect(grid).to_have_attribute("aria-rowcount", "4")


def test_a_viewer_looks_and_is_offered_nothing(context: BrowserContext, house: House) -> None:
    viewer = person_with_password(house, "viewer")
    [job] = show(house, "looked at", viewer).jobs("queued")
    page = look(context, house, viewer, "/jobs")
    places = page.get_by_role("navigation", name="Pages")
    expect(places.get_by_role("link", name="Statistics")).to_be_visible()
    expect(places.get_by_role("link", name="Upload")).to_have_count(0)
    row(page, 1).click(position={"x": 400, "y": 10})
    expect(page.get_by_text("None of them is yours to change.")).to_be_visible()
    for verb in ("Cancel…", "Retry…", "Delete…"):
        expect(page.get_by_role("button", name=verb)).to_have_count(0)
    axe(page)
    page.goto(f"{house.url}/jobs/{job}")
    expect(page.get_by_role("heading", name="looked at v1")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel…")).to_have_count(0)
    expect(page.get_by_label("Priority")).to_have_count(0)


def test_a_job_is_hurried_cancelled_and_retried(context: BrowserContext, house: House) -> None:
    made = show(house, "hurried")
    [job] = made.jobs("queued")
    page = look(context, house, made.boss, f"/jobs/{job}")
    page.get_by_label("Priority").select_option("high")
    with house.client(made.boss.key) as client:
        wait_for(lambda: client.get(f"/jobs/{job}").json()["priority"] == "high", lambda: "")
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_text("Cancelled").first).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("button", name="Cancel…")).to_be_visible()
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_text("normal to high")).to_be_visible()
    page.goto(f"{house.url}/jobs/{new_id()}")
    expect(page.get_by_text("There is no such job")).to_be_visible()


def test_a_log_is_followed_until_somebody_reads(context: BrowserContext, house: House) -> None:
    """Also the log of the attempt before; the stages' times are drawn."""
    job, (before, running) = show(house, "written").running()
    before.write_text("the disk is full\n")
    running.write_text("".join(f"line {number}\n" for number in range(1, 301)))
    made = person_with_password(house, "admin")
    page = look(context, house, made, f"/jobs/{job}")
    stage = page.get_by_role("listitem").filter(has_text="Attempt 2")
    expect(stage).to_contain_text("The disk is full.")
    failed, runs = (stage.locator("[style*=width]").nth(one).bounding_box() for one in (0, 1))
    assert failed is not None
    assert runs is not None
    # Six of ten minutes for the one, then three for the other.
    assert failed["width"] / runs["width"] == pytest.approx(2, rel=0.2)
    assert failed["x"] + failed["width"] == pytest.approx(runs["x"], abs=failed["width"] / 10)
    page.get_by_role("tab", name="Log").click()
    log, follow = page.get_by_role("log"), page.get_by_role("checkbox", name="Follow")
    expect(log).to_contain_text("line 300")
    expect(follow).to_be_checked()
    with running.open("a") as file:
        file.write("line 301\n")
    expect(log).to_contain_text("line 301")
    log.hover()
    page.mouse.wheel(0, -2000)
    expect(follow).not_to_be_checked()
    expect(log).not_to_contain_text("line 301")
    with running.open("a") as file:
        file.write("line 302\n")
    page.mouse.wheel(0, 9000)
    expect(follow).to_be_checked()
    expect(log).to_contain_text("line 302")
    page.keyboard.press("/")
    page.keyboard.type("LINE 30")
    hits = page.get_by_text(re.compile(r"^\d+ of \d+$"))
    # 30, 300, 301, 302.
    expect(hits).to_have_text("1 of 4")
    expect(log).not_to_contain_text("line 302")
    page.keyboard.press("Shift+Enter")
    expect(hits).to_have_text("4 of 4")
    expect(log).to_contain_text("line 302")
    page.get_by_label("Attempt").select_option(label="track, attempt 1: failed")
    expect(page.get_by_text("Not in it")).to_be_visible()
    expect(log).to_contain_text("the disk is full")
    expect(log).not_to_contain_text("line")
