"""The statistics page: what ended, by day, project and person; tables for a spreadsheet."""

from __future__ import annotations

import re

from helpers_dashboard import Enter, axe, let_in
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, expect

from roto_server.db.media import Review
from roto_server.db.models import Attempt, Job, Task, Worker, new_id
from roto_server.db.types import utc_now


def failed_job(house: House, shot: str, maker: Person) -> None:
    """A job of the shot that failed just now at its only attempt, and a retake of the shot."""
    now = utc_now()
    job = Job(id=new_id(), shot_id=shot, kind="roto", state="failed", version=1, params={},
              created_by=maker.id, finished_at=now, error={"code": "bad_plate"})  # fmt: skip
    worker = Worker(id=f"{shot}:0", node=shot, slot=0, boot_id=new_id(), version="0", queues=[],
                    kinds=[], engines=[], device="cpu")  # fmt: skip
    task = Task(id=new_id(), job_id=job.id, kind="track", position=0, queue="x", params={},
                state="failed")  # fmt: skip
    attempt = Attempt(task_id=task.id, worker_id=worker.id, boot_id=worker.boot_id, number=1,
                      state="failed", output_dir="x", heartbeat_at=now, progress_at=now,
                      started_at=now, finished_at=now,
                      error={"code": "bad_plate", "message": "x"})  # fmt: skip
    review = Review(shot_id=shot, before="pending_review", after="retake", reason="chatter: hair",
                    created_by=maker.id)  # fmt: skip
    with house.database.session() as session:
        for row in (job, worker, task, attempt, review):
            session.add(row)
            session.flush()


def test_a_supervisor_sees_what_went_wrong(context: BrowserContext, house: House) -> None:
    sue = person_with_password(house, "supervisor", name="Sue Supervisor")
    project = house.project((sue, "supervisor"))
    failed_job(house, house.shot(project, sue), sue)
    let_in(context, house, sue)
    page = context.new_page()
    page.goto(f"{house.url}/statistics?by=project")
    figures = page.get_by_role("listitem")
    expect(figures.filter(has_text="failed")).to_contain_text("1 (100 %)")
    expect(figures.filter(has_text="retakes")).to_contain_text("1")
    expect(page.get_by_role("row", name=re.compile("^bad_plate"))).to_contain_text("100.0 %")
    expect(page.get_by_role("row", name=re.compile("^chatter"))).to_be_visible()
    expect(page.get_by_role("heading", name="By project")).to_be_visible()
    axe(page)
    failures = page.locator("section").filter(has_text="Failures").get_by_role("link", name="CSV")
    with page.expect_download() as download:
        failures.click()
    assert "bad_plate" in download.value.path().read_text(encoding="utf-8")
    page.get_by_label("By", exact=True).select_option("user")
    expect(page).to_have_url(re.compile("by=user"))
    expect(page.get_by_role("rowheader", name="Sue Supervisor")).to_be_visible()


def test_where_nothing_has_ended_it_says_so(enter: Enter) -> None:
    page = enter("artist", "/statistics?days=7")
    expect(page.get_by_text("Nothing has ended in this time")).to_be_visible()
    axe(page)
