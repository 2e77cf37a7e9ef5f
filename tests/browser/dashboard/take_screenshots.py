"""Pictures of every page of the dashboard, of generated footage: ``make screenshots``.

No test: pytest collects it when it is named. What it makes lies in screenshots/; the best of it
is in docs/images.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
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
        move = {"before": "in_progress", "after": "pending_review"}
        show.post(f"/shots/{show.shots[name]}/reviews", move)
    back = {"before": "pending_review", "after": "retake", "reason": "edge: see the note",
            "job_id": show.jobs["sh030"]}  # fmt: skip
    show.post(f"/shots/{show.shots['sh030']}/reviews", back)


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
        ("upload", "/upload"),
        ("projects", "/projects"),
        ("project", "/projects/{project}"),
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
             "artist": show.artist}  # fmt: skip
    take(show.open(address.format(**named)), name)


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
