"""A project in the middle of its work, and every page of the dashboard with some of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from helpers_conform import HOUR, cut, edl, media_folder, movie
from helpers_dashboard import let_in
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import Browser, BrowserContext, Page, expect

from roto_worker.synthetic.clip import Clip, generate_clip

LAPTOP = {"width": 1366, "height": 768}
SHOWN = 1003
"""The frame that is looked at where one is: neither the first nor the last of the plate."""

PAGES = {
    "jobs": ("/jobs", "role=row >> role=link[name='sh010'] >> nth=0"),
    "job": ("/jobs/{job}", "role=tabpanel[name='Stages'] >> text=vectorize"),
    "job-log": ("/jobs/{job}?tab=log", "role=log >> text=stage=track >> nth=0"),
    "review-queue": ("/review", "role=link[name=/sh010/]"),
    "review": ("/shots/{shot}/review?job={job}&frame={frame}", "role=checkbox[name=/creature/]"),
    "prompt": ("/shots/{shot}/prompt?frame={frame}", "role=img[name=/sh010/]"),
    "correct": ("/shots/{shot}/prompt?job={job}&frame={frame}", "role=img[name=/sh010/]"),
    "shots": ("/shots", "role=link[name='sh010']"),
    "shot": ("/shots/{shot}", "role=button[name='Delete creature']"),
    "upload": ("/upload?project={project}", "text=Choose files"),
    "upload-folder": ("/upload?project={project}&by=folder", "role=button[name='Look for plates']"),
    "upload-list": ("/upload?project={project}&by=list&list={edit}", "role=cell[name='003 V1']"),
    "projects": ("/projects", "role=link[name='heist']"),
    "project": ("/projects/{project}", "role=cell[name='Ann Artist']"),
    "trash": ("/projects/trash", "role=cell[name='sh990']"),
    "farm": ("/farm", "role=rowheader[name='node1']"),
    "statistics": ("/statistics", "role=rowheader[name='vectorize']"),
    "account": ("/profile", "role=rowheader[name=/this browser/]"),
    "people": ("/people", "role=link[name='Ann Artist']"),
    "person": ("/people/{artist}", "role=link[name='heist']"),
    "roles": ("/people/roles", "role=columnheader[name=/supervisor/] >> nth=0"),
    "farm-tokens": ("/people/farm-tokens", "role=rowheader[name=/the farm/]"),
    "audit": ("/audit", "role=cell[name=/shot.trashed/] >> nth=0"),
    "settings": ("/settings", "role=button[name='Change trash_days']"),
}
"""Addresses, and what is there once the page has been drawn from what the server tells."""


@dataclass
class Studio:
    """An administrator's browser and client; ids of shots and of their jobs by the shots' names."""

    house: House
    context: BrowserContext
    client: httpx.Client
    admin: Person
    project: str
    artist: str
    shots: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)
    edit: str = ""

    @property
    def folder(self) -> Path:
        """Where the media of the edit list are."""
        return self.house.plates / "editorial"

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def address(self, page: str) -> str:
        return PAGES[page][0].format(
            shot=self.shots["sh010"], job=self.jobs["sh010"], project=self.project,
            artist=self.artist, edit=self.edit, frame=SHOWN,
        )  # fmt: skip

    def open(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(self.house.url + address)
        page.get_by_text("Live", exact=True).wait_for(state="attached")
        return page

    def draw(self, page: Page, name: str) -> None:
        """Go to one of `PAGES`, until nothing of it is waited for any more."""
        page.goto(self.house.url + self.address(name))
        page.locator(PAGES[name][1]).wait_for()
        page.get_by_text("Live", exact=True).wait_for(state="attached")
        expect(page.locator("#page [role=status]", has_text=re.compile("…$"))).to_have_count(0)


@contextmanager
def running_studio(
    house: House, browser: Browser, shots: dict[str, int], size: tuple[int, int]
) -> Iterator[Studio]:
    """Of shots by name and number of frames, sh010 and sh030 among them; ``size`` in pixels."""
    admin = person_with_password(house, "admin", name="Sue Supervisor")
    artist = person_with_password(house, "artist", name="Ann Artist")
    project = house.project((admin, "supervisor"), (artist, "artist"))
    context = browser.new_context(viewport=LAPTOP, reduced_motion="reduce")
    let_in(context, house, admin)
    with running_worker(house), house.client(admin.key) as client:
        assert client.patch(f"/projects/{project}", json={"name": "heist"}).is_success
        studio = Studio(house, context, client, admin, project, artist.id)
        for number, (name, frames) in enumerate(shots.items()):
            clip = generate_clip(house.plates / name, *size, frames, seed=number)
            _make(studio, name, clip)
        _talk(studio, size)
        _conform(studio)
        _throw_away(studio)
        yield studio
    context.close()


def _make(studio: Studio, name: str, clip: Clip) -> None:
    """A shot of the clip, tracked."""
    body = {"name": name, "plate": {"path": clip.pattern}}
    shot = studio.post(f"/projects/{studio.project}/shots", body)["id"]
    _wait(studio, f"/shots/{shot}", "ready")
    job = studio.post(f"/shots/{shot}/segment", {
        "objects": [{"name": "creature", "prompts": [clip.prompt]}], "engine": "flow",
        "outputs": ["mattes", "shapes", "overlay"], "exports": ["nuke", "silhouette"],
    })["id"]  # fmt: skip
    _wait(studio, f"/jobs/{job}", "succeeded")
    studio.shots[name], studio.jobs[name] = shot, job


def _wait(studio: Studio, path: str, state: str) -> None:
    wait_for(
        lambda: studio.client.get(path).json()["state"] == state,
        lambda: studio.client.get(path).text,
    )


def _talk(studio: Studio, size: tuple[int, int]) -> None:
    """Notes and decisions, as on any day."""
    shot, job = studio.shots["sh010"], studio.jobs["sh010"]
    x, y = (round(0.427 * one) for one in size)
    note = {"text": "The left edge boils here.", "frame": SHOWN, "x": x, "y": y, "job_id": job}
    studio.post(f"/shots/{shot}/notes", note)
    for name in studio.shots:
        move = {"before": "in_progress", "after": "pending_review", "job_id": studio.jobs[name]}
        studio.post(f"/shots/{studio.shots[name]}/reviews", move)
    back = {"before": "pending_review", "after": "retake", "reason": "edge: see the note",
            "job_id": studio.jobs["sh030"]}  # fmt: skip
    studio.post(f"/shots/{studio.shots['sh030']}/reviews", back)


def _conform(studio: Studio) -> None:
    """An edit list of which one event has no media."""
    media_folder(studio.house, studio.folder.name)
    movie(studio.folder / "A001.mov", 96, "01:00:00:00")
    lines = [
        cut(n, reel, (HOUR + 10, HOUR + 34), (HOUR + 24 * n, HOUR + 24 * n + 24))
        for n, reel in enumerate(("A001", "A001", "B002"), start=1)
    ]
    body = {"name": "reel2", "fps": [24, 1], "text": edl(*lines), "folders": [str(studio.folder)],
            "handles": 8}  # fmt: skip
    studio.edit = studio.post(f"/projects/{studio.project}/conforms", body)["id"]


def _throw_away(studio: Studio) -> None:
    """Something for the trash."""
    old = studio.post("/projects", {"name": "carousel"})["id"]
    plate = {"path": str(studio.folder / "A001.mov")}
    spare = {"name": "sh990", "plate": plate}
    shot = studio.post(f"/projects/{studio.project}/shots", spare)["id"]
    for path in (f"/projects/{old}", f"/shots/{shot}"):
        assert studio.client.delete(path).is_success
