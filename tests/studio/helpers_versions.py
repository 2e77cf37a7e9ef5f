"""An artist with a shot of a disc that moves over noise, whose plate comes again and again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import cv2
import httpx
import numpy as np
from helpers_observing import wait_for
from helpers_people import House, Person

FIRST = 1001


def draw(folder: Path, first: int, count: int, size: tuple[int, int] = (96, 64)) -> str:
    """A sequence of a disc that walks to the right; its path."""
    folder.mkdir(parents=True)
    width, height = size
    noise = np.random.default_rng(7).integers(60, 110, (height, width, 3), dtype=np.uint8)
    noise = cv2.GaussianBlur(noise, (3, 3), 0)
    for index in range(count):
        picture = noise.copy()
        centre = (width // 4 + index * width // 48, height // 2)
        cv2.circle(picture, centre, height // 5, (40, 60, 230), -1)
        assert cv2.imwrite(str(folder / f"plate.{first + index:04d}.png"), picture)
    return str(folder / "plate.%04d.png")


def prompts(frame: int, size: tuple[int, int] = (96, 64)) -> list[dict[str, Any]]:
    x, y = size[0] // 4, size[1] // 2
    click = {"x": x, "y": y, "positive": True}
    away = {"x": size[0] - 4, "y": 4, "positive": False}
    half = size[1] // 4
    box = [x - half, y - half, x + half, y + half]
    return [{"name": "disc", "prompts": [{"frame": frame, "points": [click, away], "box": box}]}]


class Desk:
    """An artist with a shot of the disc."""

    def __init__(self, house: House, client: httpx.Client, artist: Person, project: str) -> None:
        self.house = house
        self.client = client
        self.artist = artist
        self.project = project
        self.folder = house.plates / uuid4().hex
        self.shot = ""

    def make_shot(self, frames: int = 6, **more: Any) -> None:
        path = draw(self.folder / "v1", FIRST, frames)
        body = {"name": f"sh {uuid4().hex}", "plate": {"path": path}, **more}
        answer = self.client.post(f"/projects/{self.project}/shots", json=body)
        assert answer.status_code == 201, answer.text
        self.shot = answer.json()["id"]
        self.until_read(1)

    def post(self, path: str, body: dict[str, Any], status: int = 202) -> dict[str, Any]:
        answer = self.client.post(f"/shots/{self.shot}/{path}", json=body)
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def add_plate(self, name: str, first: int, count: int, **more: Any) -> dict[str, Any]:
        size = more.pop("size", (96, 64))
        path = draw(self.folder / name, first, count, size)
        return self.post("plates", {"plate": {"path": path}, **more}, 201)

    def plates(self) -> list[dict[str, Any]]:
        """Newest first."""
        items: list[dict[str, Any]] = self.get("plates")["items"]
        return items

    def get(self, path: str) -> dict[str, Any]:
        answer = self.client.get(f"/shots/{self.shot}/{path}".rstrip("/"))
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def until_read(self, versions: int) -> dict[str, Any]:
        """The newest plate once all of ``versions`` are read or cannot be."""

        def read() -> dict[str, Any] | None:
            rows = self.plates()
            done = len(rows) == versions and all(row["state"] != "probing" for row in rows)
            return rows[0] if done else None

        return wait_for(read, lambda: json.dumps(self.plates(), indent=1))

    def until_done(self, job: dict[str, Any]) -> dict[str, Any]:
        def ended() -> dict[str, Any] | None:
            told: dict[str, Any] = self.client.get(f"/jobs/{job['id']}").json()
            return told if told["state"] in ("succeeded", "failed", "cancelled") else None

        done = wait_for(ended, lambda: self.client.get(f"/jobs/{job['id']}").text)
        assert done["state"] == "succeeded", json.dumps(done["error"], indent=1)
        return done

    def segment(self, frame: int = FIRST, **more: Any) -> dict[str, Any]:
        body = {
            "objects": prompts(frame), "engine": "flow", "outputs": ["shapes"],
            "exports": ["json"], **more,
        }  # fmt: skip
        return self.post("segment", body)

    def frame(self, number: int, **query: Any) -> httpx.Response:
        return self.client.get(f"/shots/{self.shot}/frames/{number}", params=query)

    def shapes(self, **query: Any) -> httpx.Response:
        return self.client.get(f"/shots/{self.shot}/shapes", params=query)


@contextmanager
def at_desk(house: House, **settings: Any) -> Iterator[Desk]:
    artist = house.person()
    project = house.project((artist, "artist"), settings=settings)
    with house.client(artist.key) as client:
        yield Desk(house, client, artist, project)


def codes(plate: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in plate["warnings"]]
