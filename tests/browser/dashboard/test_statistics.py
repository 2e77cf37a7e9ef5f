"""The statistics page: what ended, by day, project and person; tables for a spreadsheet."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta

from helpers_dashboard import Enter, axe, let_in
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, Locator, Page, expect

from roto_server.db.media import Review
from roto_server.db.models import Attempt, Job, Task, Worker, new_id
from roto_server.db.types import utc_now

GPU = "cuda:0 NVIDIA L40S"


def ended_work(house: House, shot: str, maker: Person, at: datetime) -> None:
    """Two jobs of the shot that ended then, and two retakes of it.

    One has twenty attempts at tracking, of 1 to 20 seconds, and one of 5 at vectorizing, by the
    same worker; the other failed at its only attempt.
    """
    worker = Worker(id=f"{shot}:0", node=shot, slot=0, boot_id=new_id(), version="0", queues=[],
                    kinds=[], engines=[], device=GPU)  # fmt: skip
    good, bad = (
        Job(id=new_id(), shot_id=shot, kind="roto", state=state, version=version, params={},
            created_by=maker.id, finished_at=at, error=error)
        for version, (state, error) in enumerate(
            (("succeeded", None), ("failed", {"code": "bad_plate", "message": "x"}))
        )
    )  # fmt: skip
    with house.database.session() as session:
        session.add_all([worker, good, bad])
        session.flush()
        for job, kind, queue, times in (
            (good, "track", "gpu", range(1, 21)), (good, "vectorize", "cpu", (5,)),
            (bad, "track", "gpu", (900,)),
        ):  # fmt: skip
            task = Task(id=new_id(), job_id=job.id, kind=kind, position=0, queue=queue, params={},
                        state=job.state)  # fmt: skip
            session.add(task)
            session.flush()
            session.add_all(
                Attempt(task_id=task.id, worker_id=worker.id, boot_id=worker.boot_id, number=number,
                        state=job.state, output_dir="x", heartbeat_at=at, progress_at=at,
                        started_at=at - timedelta(seconds=seconds), finished_at=at, error=job.error)
                for number, seconds in enumerate(times)
            )  # fmt: skip
        session.add_all(
            Review(shot_id=shot, before="pending_review", after="retake", reason=reason,
                   created_by=maker.id, created_at=at)
            for reason in ("chatter: hair", "chatter, edge: left")
        )  # fmt: skip


def table(page: Page, title: str) -> Locator:
    """The section with that heading."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=title))


def cells(section: Locator) -> list[list[str]]:
    """What the rows of a section's table say, without their heads."""
    expect(section).to_be_visible()
    return [row.locator("th, td").all_inner_texts() for row in section.locator("tbody tr").all()]


def downloaded(section: Locator) -> list[dict[str, str]]:
    """The rows of the file behind a section's CSV."""
    with section.page.expect_download() as download:
        section.get_by_role("link", name="CSV").click()
    with download.value.path().open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_supervisor_sees_what_went_wrong(context: BrowserContext, house: House) -> None:
    sue = person_with_password(house, "supervisor", name="Sue Supervisor")
    project = house.project((sue, "supervisor"))
    ended_work(house, house.shot(project, sue), sue, utc_now())
    let_in(context, house, sue)
    page = context.new_page()
    page.goto(f"{house.url}/statistics?by=project")
    figures = page.get_by_role("listitem")
    expect(figures.filter(has_text="failed")).to_contain_text("1 (50 %)")
    expect(figures.filter(has_text="retakes")).to_contain_text("2")
    # 210 + 900 s; what vectorized did so on the same worker, without its GPU.
    assert [row[3:] for row in cells(table(page, "By project"))] == [["0.31", "2", "1", "2"]]
    assert cells(table(page, "Stages")) == [
        ["track\nthe slowest", "20", "10.5 s", "19.0 s"],
        ["vectorize", "1", "5.0 s", "5.0 s"],
    ]
    assert cells(table(page, "Failures")) == [["bad plate\nbad_plate", "1", "50.0 %", "1"]]
    assert cells(table(page, "Retakes")) == [["chatter", "2"], ["edge", "1"]]
    axe(page)
    [group] = downloaded(table(page, "By project"))
    assert {**group, "gpu_hours": f"{float(group['gpu_hours']):.3f}"} == {
        "key": project, "name": group["name"], "shots": "1", "frames": "10", "gpu_hours": "0.308",
        "jobs": "2", "failed": "1", "retakes": "2",
    }  # fmt: skip
    track, vectorize = downloaded(table(page, "Stages"))
    assert (track["stage"], track["attempts"], vectorize["stage"]) == ("track", "20", "vectorize")
    assert (float(track["mean_seconds"]), float(track["p95_seconds"])) == (10.5, 19)
    assert downloaded(table(page, "Failures")) == [
        {"code": "bad_plate", "jobs": "1", "job_rate": "0.5", "attempts": "1",
         "attempt_rate": str(1 / 22)},
    ]  # fmt: skip
    assert downloaded(table(page, "Retakes")) == [
        {"reason": "chatter", "retakes": "2"}, {"reason": "edge", "retakes": "1"},
    ]  # fmt: skip
    page.get_by_label("By", exact=True).select_option("user")
    expect(page).to_have_url(re.compile("by=user"))
    expect(page.get_by_role("rowheader", name="Sue Supervisor")).to_be_visible()


def test_days_of_ones_own(context: BrowserContext, house: House) -> None:
    sue = person_with_password(house, "supervisor")
    shot = house.shot(house.project((sue, "supervisor")), sue)
    ended_work(house, shot, sue, datetime(2024, 2, 29, 23, 30, tzinfo=UTC))
    let_in(context, house, sue)
    page = context.new_page()
    page.goto(f"{house.url}/statistics?days=90")
    expect(page.get_by_text("Nothing has ended in this time")).to_be_visible()
    page.get_by_label("Days").select_option("Between…")
    first, last = page.get_by_label("From"), page.get_by_label("To", exact=True)
    first.fill("2024-02-29")
    expect(first).to_have_accessible_description(re.compile("At most 400 days"))
    axe(page)
    last.fill("2024-02-29")
    expect(page).to_have_url(re.compile(r"\?since=2024-02-29&until=2024-02-29$"))
    expect(table(page, "By day (UTC)").get_by_role("rowheader")).to_have_text("2024-02-29")
    page.reload()
    expect(first).to_have_value("2024-02-29")
    page.get_by_label("Days").select_option("7 days")
    expect(page).to_have_url(re.compile(r"\?days=7$"))


def test_where_nothing_has_ended_it_says_so(enter: Enter) -> None:
    page = enter("artist", "/statistics?days=7")
    expect(page.get_by_text("Nothing of yours has ended in this time")).to_be_visible()
    axe(page)
