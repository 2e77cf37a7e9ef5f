"""A project with a clip and a farm: what a test begins with when it is about something later."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from helpers_prompting import Mask, Place
from helpers_signing_in import person_with_password

from roto_worker.synthetic.clip import Clip


@dataclass
class Show:
    """A project with the plate of one synthetic clip, and who works on it."""

    house: House
    clip: Clip
    project: str
    artist: Person
    viewer: Person
    client: httpx.Client

    def get(self, path: str, **query: Any) -> Any:
        """What whose client it is is answered."""
        answer = self.client.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make_shot(self, name: str, clip: Clip | None = None) -> str:
        """The id of a new shot of the show's clip or another, once its plate has been read."""
        body = {"name": name, "plate": {"path": (clip or self.clip).pattern}}
        made = self.client.post(f"/projects/{self.project}/shots", json=body)
        assert made.is_success, made.text
        shot = str(made.json()["id"])
        wait_for(
            lambda: self.get(f"/shots/{shot}")["state"] == "ready",
            lambda: self.client.get(f"/shots/{shot}").text,
        )
        return shot

    def submit(self, shot: str, prompt: dict[str, Any] | None = None) -> str:
        """The id of a job that tracks the clip's object from its own prompt or another."""
        body = {
            "objects": [{"name": self.clip.object, "prompts": [prompt or self.clip.prompt]}],
            "engine": "flow",
            "outputs": ["mattes", "shapes"],
        }
        asked = self.client.post(f"/shots/{shot}/segment", json=body)
        assert asked.is_success, asked.text
        return str(asked.json()["id"])

    def track(self, shot: str, prompt: dict[str, Any] | None = None) -> str:
        """The id of such a job, once it is done."""
        job = self.submit(shot, prompt)
        self.wait(job)
        return job

    def wait(self, job: str) -> None:
        wait_for(
            lambda: self.get(f"/jobs/{job}")["state"] == "succeeded",
            lambda: self.client.get(f"/jobs/{job}").text,
        )

    def truth(self, frame: int) -> Mask:
        return np.asarray(self.clip.truth(frame) >= 0.5, np.bool_)

    @property
    def on_it(self) -> Place:
        """Deep inside the object on the first frame."""
        x, y = next((p["x"], p["y"]) for p in self.clip.prompt["points"] if p["positive"])
        return x, y


def longer(clip: Clip, folder: Path, frames: int) -> Clip:
    """The clip forwards and backwards until there are so many frames: they need not be drawn."""
    count = len(clip.frames)
    last = clip.frames[0] + frames - 1
    long = replace(clip, directory=folder, frame_range=(clip.frames[0], last))
    long.truth_path(last).parent.mkdir(parents=True)
    for place, frame in enumerate(long.frames):
        there = place % (2 * count - 2)
        source = clip.frames[min(there, 2 * count - 2 - there)]
        os.link(clip.pattern % source, long.pattern % frame)
        os.link(clip.truth_path(source), long.truth_path(frame))
    return long


@contextmanager
def running_show(house: House, clip: Clip) -> Iterator[Show]:
    """An artist, a viewer and a worker at a clip that lies in the house's plates."""
    artist = person_with_password(house, "artist", name="Ann")
    viewer = person_with_password(house, "viewer", name="Vic")
    project = house.project((artist, "artist"), (viewer, "viewer"))
    with running_worker(house), house.client(artist.key) as client:
        yield Show(house, clip, project, artist, viewer, client)
