"""Pictures of every page, the dashboard's and the server's own: ``make screenshots``.

Of generated footage. No test: pytest collects it when it is named. What it makes lies in
screenshots/; the best of it is in docs/images.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_conform import HOUR, cut, edl, media_folder, movie
from helpers_dashboard import let_in
from helpers_observing import running_worker, wait_for
from helpers_people import House
from helpers_signing_in import person_with_password
from playwright.sync_api import Browser, BrowserContext, Page

from roto_worker.synthetic.clip import Clip, generate_clip

IMAGES = Path(__file__).parents[3] / "screenshots"
SIZE = (960, 540)
LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
SHOTS = {"sh010": 48, "sh020": 24, "sh030": 24}
"""Names and frames."""


@dataclass
class Show:
    house: House
    context: BrowserContext
    client: httpx.Client
    project: str
    artist: str
    shots: dict[str, str]
    jobs: dict[str, str]
    edit: str = ""

    @property
    def folder(self) -> Path:
        """Where the media of the edit list are."""
        return self.house.plates / "editorial"

    def post(self, path: str, body: dict[str, Any]) -> Any:
        answer = self.client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def open(self, address: str) -> Page:
        page = self.context.new_page()
        page.goto(self.house.url + address)
        page.get_by_text("Live", exact=True).wait_for(state="attached")
        return page


@pytest.fixture(scope="module")
def show(house: House, browser: Browser) -> Iterator[Show]:
    admin = person_with_password(house, "admin", name="Sue Supervisor")
    artist = person_with_password(house, "artist", name="Ann Artist")
    project = house.project((admin, "supervisor"), (artist, "artist"))
    context = browser.new_context(viewport=LAPTOP, reduced_motion="reduce")
    let_in(context, house, admin)
    with running_worker(house), house.client(admin.key) as client:
        assert client.patch(f"/projects/{project}", json={"name": "heist"}).is_success
        made = Show(house, context, client, project, artist.id, {}, {})
        for number, (name, frames) in enumerate(SHOTS.items()):
            clip = generate_clip(house.plates / name, *SIZE, frames, seed=number)
            _make(made, name, clip)
        _talk(made)
        _conform(made)
        _throw_away(made)
        yield made
    context.close()


def _make(show: Show, name: str, clip: Clip) -> None:
    """A shot of the clip, tracked."""
    body = {"name": name, "plate": {"path": clip.pattern}}
    shot = show.post(f"/projects/{show.project}/shots", body)["id"]
    wait_for(lambda: show.client.get(f"/shots/{shot}").json()["state"] == "ready", lambda: name, 90)
    job = show.post(f"/shots/{shot}/segment", {
        "objects": [{"name": "creature", "prompts": [clip.prompt]}], "engine": "flow",
        "outputs": ["mattes", "shapes", "overlay"], "exports": ["nuke", "silhouette"],
    })["id"]  # fmt: skip
    wait_for(
        lambda: show.client.get(f"/jobs/{job}").json()["state"] == "succeeded", lambda: name, 180
    )
    show.shots[name], show.jobs[name] = shot, job


def _talk(show: Show) -> None:
    """Notes and decisions, as on any day."""
    shot, job = show.shots["sh010"], show.jobs["sh010"]
    note = {"text": "The left edge boils here.", "frame": 1021, "x": 410, "y": 230, "job_id": job}
    show.post(f"/shots/{shot}/notes", note)
    for name in show.shots:
        move = {"before": "in_progress", "after": "pending_review", "job_id": show.jobs[name]}
        show.post(f"/shots/{show.shots[name]}/reviews", move)
    back = {"before": "pending_review", "after": "retake", "reason": "edge: see the note",
            "job_id": show.jobs["sh030"]}  # fmt: skip
    show.post(f"/shots/{show.shots['sh030']}/reviews", back)


def _conform(show: Show) -> None:
    """An edit list of which one event has no media."""
    media_folder(show.house, show.folder.name)
    movie(show.folder / "A001.mov", 96, "01:00:00:00")
    lines = [
        cut(n, reel, (HOUR + 10, HOUR + 34), (HOUR + 24 * n, HOUR + 24 * n + 24))
        for n, reel in enumerate(("A001", "A001", "B002"), start=1)
    ]
    body = {"name": "reel2", "fps": [24, 1], "text": edl(*lines), "folders": [str(show.folder)],
            "handles": 8}  # fmt: skip
    show.edit = show.post(f"/projects/{show.project}/conforms", body)["id"]


def _throw_away(show: Show) -> None:
    """Something for the trash."""
    old = show.post("/projects", {"name": "carousel"})["id"]
    plate = {"path": str(show.folder / "A001.mov")}
    spare = show.post(f"/projects/{show.project}/shots", {"name": "sh990", "plate": plate})["id"]
    for path in (f"/projects/{old}", f"/shots/{spare}"):
        assert show.client.delete(path).is_success


def take(page: Page, name: str, *, was_dark: bool = False) -> None:
    """``was_dark``: the theme is turned back after, for the browser keeps it."""
    page.wait_for_load_state("networkidle")
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png")
    if was_dark:
        page.get_by_role("button", name="Light or dark").click()
    page.close()


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("jobs", "/jobs"),
        ("job", "/jobs/{job}"),
        ("review-queue", "/review"),
        ("review", "/shots/{shot}/review?job={job}&frame=1021"),
        ("prompt", "/shots/{shot}/prompt?frame=1021"),
        ("correct", "/shots/{shot}/prompt?job={job}&frame=1021"),
        ("shots", "/shots"),
        ("shot", "/shots/{shot}"),
        ("upload", "/upload?project={project}"),
        ("upload-list", "/upload?project={project}&by=list&list={edit}"),
        ("projects", "/projects"),
        ("project", "/projects/{project}"),
        ("trash", "/projects/trash"),
        ("farm", "/farm"),
        ("statistics", "/statistics"),
        ("account", "/profile"),
        ("people", "/people"),
        ("person", "/people/{artist}"),
        ("roles", "/people/roles"),
        ("farm-tokens", "/people/farm-tokens"),
        ("audit", "/audit"),
        ("settings", "/settings"),
    ],
)
def test_page(show: Show, name: str, address: str) -> None:
    named = {"shot": show.shots["sh010"], "job": show.jobs["sh010"], "project": show.project,
             "artist": show.artist, "edit": show.edit}  # fmt: skip
    take(show.open(address.format(**named)), name)


def test_upload_from_a_folder(show: Show) -> None:
    page = show.open(f"/upload?project={show.project}&by=folder")
    page.get_by_label("Folder, as the studio names it").fill(str(show.house.plates))
    page.get_by_role("button", name="Look for plates").click()
    page.get_by_role("region", name="Found").wait_for()
    take(page, "upload-folder")


@pytest.mark.parametrize("name", ["sign-in", "register", "reset", "confirm"])
def test_the_way_in(show: Show, browser: Browser, name: str) -> None:
    with browser.new_context(viewport=LAPTOP) as context:
        page = context.new_page()
        page.goto(f"{show.house.url}/{name}")
        page.get_by_role("heading").first.wait_for()
        take(page, name)


@pytest.mark.parametrize("name", ["account", "device"])
def test_what_is_ones_own_without_the_dashboard(show: Show, name: str) -> None:
    page = show.context.new_page()
    page.goto(f"{show.house.url}/{name}")
    page.get_by_role("heading").first.wait_for()
    take(page, f"own-{name}")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", ["laptop", "phone"])
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("account", "/profile"),
        ("person", "/people/{artist}"),
        ("roles", "/people/roles"),
        ("audit", "/audit"),
        ("settings", "/settings"),
    ],
)
def test_people_and_settings_in_both_themes_and_on_a_phone(
    show: Show, name: str, address: str, size: str, theme: str
) -> None:
    page = show.open(address.format(artist=show.artist))
    page.set_viewport_size(LAPTOP if size == "laptop" else PHONE)
    if theme == "light":
        page.get_by_role("button", name="Light or dark").click()
    take(page, f"{name}-{size}-{theme}", was_dark=theme == "light")


def test_review_on_a_phone(show: Show) -> None:
    page = show.open(f"/shots/{show.shots['sh020']}/review?job={show.jobs['sh020']}&frame=1010")
    page.set_viewport_size(PHONE)
    take(page, "review-phone")
