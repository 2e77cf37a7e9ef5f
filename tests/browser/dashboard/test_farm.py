"""The farm's page: which machine works, on what, and who may send one to rest."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from helpers_dashboard import Enter, axe
from helpers_observing import running_worker
from helpers_people import House
from playwright.sync_api import expect

from roto_server.db.farm import FarmSample, Node
from roto_server.db.models import Attempt, Job, Shot, Task, Worker, new_id
from roto_server.db.types import utc_now

GIB = 2**30


@pytest.fixture(scope="module")
def _worker(house: House):
    with running_worker(house):
        yield


def test_before_any_machine_it_says_how_to_start_one(enter: Enter) -> None:
    page = enter("admin", "/farm")
    expect(page.get_by_text("No machine has ever worked for this server")).to_be_visible()
    axe(page)


@pytest.mark.usefixtures("_worker")
def test_an_administrator_drains_a_node_and_enables_it(enter: Enter) -> None:
    page = enter("admin", "/farm")
    page.get_by_role("button", name="Drain node1").click(timeout=30_000)
    drain = page.get_by_role("dialog").get_by_role("button", name="Drain")
    expect(drain).to_be_disabled()
    page.get_by_label("Reason").fill("new graphics card")
    drain.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Draining", exact=True)).to_be_visible()
    expect(page.get_by_text("new graphics card")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Enable node1").click()
    page.get_by_role("dialog").get_by_role("button", name="Enable").click()
    expect(page.get_by_text("Enabled", exact=True)).to_be_visible()


@pytest.mark.usefixtures("_worker")
def test_a_supervisor_looks_and_an_artist_has_no_such_page(enter: Enter) -> None:
    page = enter("supervisor", "/farm")
    expect(page.get_by_role("rowheader", name="node1")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Drain node1")).to_have_count(0)


def test_artists_are_told_they_may_not(enter: Enter) -> None:
    page = enter("artist", "/farm")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("link", name="Farm")).to_have_count(0)


@pytest.fixture(scope="module")
def busy_shot(house: House) -> str:
    """The name of a shot that node ``render7`` tracks on its first card and is stuck at on another.

    A task that waits in a queue of nobody, too, and how the queue ``gpu`` stood half an hour ago.
    """
    shot, now = house.shot(house.project(), house.admin), utc_now()
    # Nothing real beats for them: they live, and their tasks are theirs, for the whole test.
    later = now + timedelta(hours=1)
    memory = {"gpu_used_bytes": 12 * GIB, "gpu_total_bytes": 48 * GIB, "process_bytes": GIB}
    workers = [
        Worker(id=f"render7:{slot}", node="render7", slot=slot, boot_id=new_id(), version="1.2.3",
               queues=["gpu"], kinds=["track"], device=f"cuda:{slot} NVIDIA L40S", memory=memory,
               engines=[{"engine": "sam2", "model": "large"}], last_seen_at=later)
        for slot in range(2)
    ]  # fmt: skip
    progress = {"done": 30, "total": 100, "frames_per_second": 2.5}
    with house.database.session() as session:
        session.add(Node(name="render7"))
        session.add_all(workers)
        session.flush()
        for worker, heard in zip(workers, (later, now - timedelta(hours=1)), strict=True):
            task = _task(house, shot, worker.slot + 1, now, queue="gpu", state="running")
            session.add(task)
            session.flush()
            session.add(
                Attempt(task_id=task.id, worker_id=worker.id, boot_id=worker.boot_id, number=1,
                        state="running", output_dir="x", heartbeat_at=later, progress_at=heard,
                        progress=progress)
            )  # fmt: skip
        session.add(_task(house, shot, 3, now, queue="nobody's", state="ready"))
        minute = int(now.timestamp()) // 60
        session.add_all(
            # More than the server itself, which samples meanwhile, can ever find here.
            FarmSample(minute=minute - ago, queue="gpu", waiting=70, running=1,
                       oldest_waiting_seconds=48_000, workers_alive=9)
            for ago in range(30, 60)
        )  # fmt: skip
        return session.get_one(Shot, shot).name


def _task(house: House, shot: str, version: int, now: datetime, *, queue: str, state: str) -> Task:
    """One that is rung for by nobody, of a job of its own."""
    job = Job(id=new_id(), shot_id=shot, kind="roto", state="running", version=version, params={},
              created_by=house.admin.id)  # fmt: skip
    return Task(id=new_id(), job=job, kind="track", position=0, queue=queue, state=state,
                params={}, ready_at=now - timedelta(minutes=5),
                not_before=now + timedelta(hours=1))  # fmt: skip


def test_the_farm_is_told_and_a_node_is_disabled(enter: Enter, busy_shot: str) -> None:
    page = enter("admin", "/farm")
    queue = page.get_by_role("listitem").filter(has_text="nobody's")
    expect(queue).to_contain_text("1 waiting")
    expect(queue).to_contain_text(re.compile(r"0 running, 0 workers · oldest ([5-9]|\d\d) min"))
    expect(queue).to_contain_text("No worker takes this queue.")
    gpu = page.get_by_role("listitem").filter(has=page.get_by_text("gpu", exact=True))
    expect(gpu).to_contain_text("2 running")
    tops = (("Waiting tasks", "70"), ("Longest wait", "13 h 20 min"), ("Workers", "9"))
    for title, most in tops:
        chart = page.get_by_role("figure").filter(has_text=title)
        expect(chart).to_contain_text(re.compile(f"up to {most}.*gpu"))
        # The line begins at the top, two of a hundred below the edge.
        top = re.compile(r"^[\d.]+,2( |$)")
        expect(chart.locator("polyline").first).to_have_attribute("points", top)
    page.get_by_role("button", name="3 hours").click()
    expect(page).to_have_url(re.compile("hours=3"))
    listed = page.locator("section").filter(has=page.get_by_role("heading", name="Stuck"))
    stuck = listed.get_by_role("row").filter(has_text="track")
    expect(stuck).to_contain_text(busy_shot)
    expect(stuck).to_contain_text("render7:1")
    expect(stuck).to_contain_text("30 of 100")
    expect(stuck).to_contain_text(re.compile("1 ?h"))
    busy, still = (page.get_by_role("row").filter(has_text=f"cuda:{card}") for card in range(2))
    expect(busy).to_contain_text("cuda:0 NVIDIA L40S")
    expect(still).to_contain_text("cuda:1 NVIDIA L40S")
    memory = busy.get_by_role("cell").filter(has_text="GiB")
    expect(memory).to_contain_text("12.0 of 48.0 GiB")
    expect(memory.locator("span")).to_have_attribute("style", "width: 25%;")
    expect(busy.get_by_role("progressbar", name="track")).to_have_attribute("aria-valuenow", "30")
    expect(busy).to_contain_text("30 of 100, 2.5 a second")
    expect(busy).not_to_contain_text("stuck")
    expect(still).to_contain_text("stuck")
    axe(page)
    page.get_by_role("button", name="Disable render7").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It gives back what it runs, at once")
    expect(dialog).to_contain_text("It runs 2 tasks now.")
    disable = dialog.get_by_role("button", name="Disable")
    expect(disable).to_be_disabled()
    page.get_by_label("Reason").fill("smoke")
    disable.click()
    expect(dialog).to_have_count(0)
    expect(busy).to_contain_text("Disabled")
    expect(busy).to_contain_text("smoke")
    expect(page.get_by_role("button", name="Disable render7")).to_have_count(0)
    expect(page.get_by_role("button", name="Enable render7")).to_be_visible()
    busy.get_by_role("link", name=busy_shot).click()
    expect(page).to_have_url(re.compile("/jobs/"))


@pytest.mark.usefixtures("busy_shot")
def test_whose_shot_is_not_told_to_a_supervisor_of_another_project(enter: Enter) -> None:
    page = enter("supervisor", "/farm")
    # In the list of what is stuck, and for each card of the node.
    expect(page.get_by_text("A shot you do not see")).to_have_count(3)
