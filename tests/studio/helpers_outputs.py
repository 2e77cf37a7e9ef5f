"""A shot whose plate is a movie with timecode, worked on by a real worker over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from numpy.typing import NDArray

WIDTH, HEIGHT, FRAMES, FIRST = 193, 108, 8, 1001
RADIUS = 24
TIMECODE = "10:00:00:12"
FPS = (24000, 1001)
DISC, GROUND = (0.85, 0.5, 0.15), (0.08, 0.2, 0.3)
TEMPLATE = "{project}/{shot}/v{version:03d}/{object}_v{version:03d}.{frame:04d}.{ext}"


def disc(index: int) -> NDArray[np.bool_]:
    """Where the object of picture ``index`` (from 0) is."""
    y, x = np.mgrid[0.5:HEIGHT, 0.5:WIDTH]
    inside: NDArray[np.bool_] = (x - 60 - 4 * index) ** 2 + (y - 52) ** 2 < RADIUS**2
    return inside


def write_plate(path: Path) -> None:
    """A disc that moves over a grainy ground, ProRes 4:2:2 with timecode."""
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("prores_ks", rate=Fraction(*FPS))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv422p10le"
        stream.metadata["timecode"], stream.thread_count = TIMECODE, 1
        grain = np.random.default_rng(5).random((HEIGHT, WIDTH, 1))
        for index in range(FRAMES):
            image = np.array(GROUND) * (0.7 + 0.6 * grain)
            image[disc(index)] = DISC
            codes = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(codes, format="rgb24")))
        movie.mux(stream.encode(None))


@dataclass
class Studio:
    """A house with a worker, and somebody who works there."""

    house: House
    person: Person
    client: httpx.Client

    def project(self, **settings: Any) -> str:
        """The id of a project of theirs."""
        return self.house.project((self.person, "supervisor"), settings=settings)

    def shot(self, project: str) -> str:
        """The id of a shot that is ready."""
        folder = self.house.plates / uuid.uuid4().hex
        folder.mkdir()
        write_plate(folder / "plate.mov")
        body = {"name": f"sh{uuid.uuid4().hex[:6]}", "plate": {"path": str(folder / "plate.mov")}}
        body["plate"]["first_frame"] = FIRST  # type: ignore[index]
        made = self.client.post(f"/projects/{project}/shots", json=body)
        assert made.status_code in (201, 202), made.text
        shot: str = made.json()["id"]
        self.ready(shot)
        return shot

    def ready(self, shot: str) -> None:
        """Returns when the shot's plate has been read."""

        def ready() -> bool:
            state = self.client.get(f"/shots/{shot}").json()
            assert state["state"] != "invalid", state
            return bool(state["state"] == "ready")

        wait_for(ready, lambda: self.client.get(f"/shots/{shot}").text)

    def segment(self, shot: str, **wishes: Any) -> dict[str, Any]:
        """A roto job of the disc and of a corner of the ground, as submitted."""
        click = {"x": 60.5, "y": 52.5, "positive": True}
        box = [34, 26, 86, 78]
        corner = {"frame": FIRST, "box": [150, 10, 185, 45]}
        objects = [
            {"name": "disc", "prompts": [{"frame": FIRST, "points": [click], "box": box}]},
            {"name": "corner", "prompts": [corner]},
        ]
        body = {"objects": objects, "engine": "flow", "exports": ["nuke"], **wishes}
        return self.accepted(f"/shots/{shot}/segment", body)

    def accepted(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The job that a request made."""
        answer = self.client.post(path, json=body)
        assert answer.status_code == 202, answer.text
        job: dict[str, Any] = answer.json()
        return job

    def ended(self, job: dict[str, Any]) -> dict[str, Any]:
        """The job once it has ended."""
        path = f"/jobs/{job['id']}"

        def over() -> dict[str, Any] | None:
            now: dict[str, Any] = self.client.get(path).json()
            return now if now["state"] in ("succeeded", "failed", "cancelled") else None

        return wait_for(over, lambda: self.client.get(path).text)

    def succeeded(self, job: dict[str, Any]) -> dict[str, Any]:
        """As `ended`, and it has succeeded."""
        done = self.ended(job)
        assert done["state"] == "succeeded", done
        return done

    def outputs(self, job: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """What a job has exported, by name."""
        items = self.client.get(f"/jobs/{job['id']}/outputs").json()["items"]
        return {item["name"]: item for item in items}

    def download(self, job: dict[str, Any], role: str, kind: str, folder: Path) -> Path:
        """The one output of that role whose name holds ``kind``."""
        found = [one for one in self.outputs(job).values() if one["role"] == role]
        (item,) = [one for one in found if kind in one["name"]]
        answer = self.client.get(f"/jobs/{job['id']}/outputs/{item['id']}")
        assert answer.status_code == 200
        assert len(answer.content) == item["size"]
        path = folder / Path(item["name"]).name
        path.write_bytes(answer.content)
        return path


@contextmanager
def working(house: House) -> Iterator[Studio]:
    """The studio, with a worker as long as the block lasts."""
    person = house.person("supervisor")
    with running_worker(house), house.client(person.key) as client:
        yield Studio(house, person, client)
