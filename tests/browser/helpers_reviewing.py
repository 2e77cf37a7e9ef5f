"""A shot that a real worker tracked, in the player, and what is seen there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import cv2
import helpers_prompting
import numpy as np
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from helpers_show import Show
from helpers_signing_in import person_with_password
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from roto_worker.synthetic.clip import generate_clip

Mask = NDArray[np.bool_]
Open = Callable[..., Page]
"""Who, and where: the page there."""

WIDTH, HEIGHT, FRAMES = 480, 270, 8
LIKE_THE_MATTE, LIKE_THE_TRUTH = 0.97, 0.9
"""Intersection over union: of what is drawn by the page's scale, and of what was tracked."""


@dataclass
class Reviewed(Show):
    """A show whose shot was tracked, once or oftener; the client is the supervisor's."""

    supervisor: Person
    shot: str = ""
    jobs: list[str] = field(default_factory=list)

    def send_to_review(self, shot: str, job: str | None = None) -> None:
        """From whatever state it is in; ``job``: with this version."""
        before = self.get(f"/shots/{shot}")["review"]
        if before in ("approved", "final"):
            self._move(shot, before, "in_progress")
            before = "in_progress"
        if before != "pending_review":
            self._move(shot, before, "pending_review", job)

    def _move(self, shot: str, before: str, after: str, job: str | None = None) -> None:
        body = {"before": before, "after": after, "job_id": job}
        answer = self.client.post(f"/shots/{shot}/reviews", json=body)
        assert answer.status_code == 201, answer.text

    def review(self, shot: str) -> tuple[str, str]:
        """The state the shot is in, and why."""
        last = self.get(f"/shots/{shot}/reviews")["items"][0]
        return last["after"], last["reason"]

    def matte(self, frame: int, job: int = 0) -> Mask:
        """What the version covers, as the server has it, at the size of the plate."""
        query = {"object": self.clip.object}
        answer = self.client.get(f"/jobs/{self.jobs[job]}/mattes/{frame}", params=query)
        assert answer.status_code == 200, answer.text
        grey = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_GRAYSCALE)
        return np.asarray(cv2.resize(grey, (WIDTH, HEIGHT)) >= 128, np.bool_)


@contextmanager
def tracked_show(house: House, *prompts: dict[str, Any]) -> Iterator[Reviewed]:
    """Tracked by a real worker from where the object is, then again from each of ``prompts``."""
    clip = generate_clip(house.plates / "review_010", WIDTH, HEIGHT, FRAMES)
    supervisor, artist, viewer = (
        person_with_password(house, role, name=name)
        for role, name in (("artist", "Sue"), ("artist", "Ann"), ("viewer", "Vic"))
    )
    project = house.project((supervisor, "supervisor"), (artist, "artist"), (viewer, "viewer"))
    with running_worker(house), house.client(supervisor.key) as client:
        show = Reviewed(house, clip, project, artist, viewer, client, supervisor)
        show.shot = show.make_shot("sh010")
        show.jobs = [show.track(show.shot, prompt) for prompt in (clip.prompt, *prompts)]
        yield show


def shows(page: Page, frame: int) -> None:
    """Return once ``frame`` is on the canvas."""
    expect(page.locator("output")).to_have_attribute("data-shown", str(frame))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def seen(page: Page) -> NDArray[np.uint8]:
    """The picture as it is on the screen, sampled at the centres of the plate's pixels."""
    return helpers_prompting.seen(page, (WIDTH, HEIGHT))


def white(page: Page) -> Mask:
    """Where the picture is bright."""
    return np.asarray(seen(page)[..., 1] >= 128, np.bool_)


def until(holds: Callable[[], bool]) -> None:
    """Return once what is on the screen is so."""
    wait_for(holds, lambda: "not seen on the screen", 30)


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / (one | other).sum())
