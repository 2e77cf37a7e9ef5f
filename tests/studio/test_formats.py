"""A plate of every format goes by upload and by path through ingest, and is tracked, on real parts.

What ingest says of each is exact: nothing odd about a plate is passed over, nothing is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from helpers_formats import BOX, FORMATS, FRAMES, HEIGHT, WIDTH, disc
from helpers_observing import running_worker, wait_for
from helpers_people import running_house

from roto_client.api import Transport, Uploader, UploadNotes

pytestmark = pytest.mark.one_database

SENT, IN_PLACE = "sent", "in-place"
PLATES = [(name, way) for name in FORMATS for way in (SENT, IN_PLACE)]
# Every one that was sent, and every other one that is read where it lies.
TRACKED = [*((name, SENT) for name in FORMATS), *((name, IN_PLACE) for name in [*FORMATS][::2])]


@dataclass
class Trade:
    """A house with two shots of every format, one sent and one read where it lies, and jobs of
    those that are tracked, all asked for at once: ids by format and way."""

    client: httpx.Client
    worker_log: Path
    shots: dict[tuple[str, str], str]
    jobs: dict[tuple[str, str], str]
    project: str
    plates: Path

    def shot(self, name: str, way: str = IN_PLACE) -> dict[str, Any]:
        """The shot of a format once its plate has been read."""
        path = f"/shots/{self.shots[name, way]}"
        return _settled(self.client, path, "probing", self.worker_log)

    def job(self, name: str, way: str) -> dict[str, Any]:
        """The shot's roto job once it has ended."""
        if (name, way) not in self.jobs:
            self._submit(name, way)
        path = f"/jobs/{self.jobs[name, way]}"
        return _settled(self.client, path, "queued running", self.worker_log)

    def submit_all(self) -> None:
        for name, way in TRACKED:
            if self.shot(name, way)["state"] == "ready":
                self._submit(name, way)

    def _submit(self, name: str, way: str) -> None:
        body = {
            "objects": [{"name": "disc", "prompts": [_prompt(FORMATS[name].first)]}],
            "engine": "flow",
            "outputs": ["mattes"],
            "exports": [],
            "mattes": "png8",
        }
        answer = self.client.post(f"/shots/{self.shots[name, way]}/segment", json=body)
        assert answer.status_code == 202, answer.text
        self.jobs[name, way] = answer.json()["id"]


def _prompt(frame: int) -> dict[str, Any]:
    return {"frame": frame, "box": BOX, "points": [{"x": 64, "y": 71, "positive": True}]}


def _settled(client: httpx.Client, path: str, pending: str, log: Path) -> dict[str, Any]:
    def settled() -> dict[str, Any] | None:
        row: dict[str, Any] = client.get(path).json()
        return None if row["state"] in pending.split() else row

    return wait_for(settled, lambda: client.get(path).text + log.read_text()[-4000:])


def _send(uploader: Uploader, project: str, folder: Path) -> str:
    """The id of an upload of all files in the folder, sent in pieces by our own client."""
    upload = uploader.send(project, uploader.look_at(sorted(folder.iterdir())))
    assert upload.piece_size, "the server takes pieces"
    return upload.id


def _add(client: httpx.Client, project: str, name: str, **source: str) -> str:
    made = client.post(f"/projects/{project}/shots", json={"name": name, "plate": source})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


@pytest.fixture(scope="module")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trade]:
    folder = tmp_path_factory.mktemp("trade")
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}") as house:
        artist = house.person("artist")
        project = house.project((artist, "artist"))
        with house.client(artist.key) as client, running_worker(house) as log:
            notes = UploadNotes(folder / "notes")
            uploader = Uploader(Transport(house.url, artist.key), notes=notes)
            found = Trade(client, log, {}, {}, project, house.plates)
            for name in FORMATS:
                (house.plates / name).mkdir()
                path = FORMATS[name].write(house.plates / name, "plate")
                sent = _send(uploader, project, house.plates / name)
                found.shots[name, SENT] = _add(client, project, name, upload_id=sent)
                lies = _add(client, project, f"{name} in place", path=str(path))
                found.shots[name, IN_PLACE] = lies
            found.submit_all()
            yield found


@pytest.mark.parametrize(("name", "way"), PLATES)
def test_what_ingest_says_of_a_plate(trade: Trade, name: str, way: str) -> None:
    shot, wanted = trade.shot(name, way), FORMATS[name]
    assert shot["state"] == "ready", shot["error"]
    assert (shot["width"], shot["height"]) == (WIDTH, HEIGHT)
    assert shot["pixel_aspect"] == wanted.pixel_aspect
    assert tuple(shot["fps"]) == wanted.fps
    assert shot["frame_range"] == [wanted.first, wanted.first + FRAMES - 1]
    metadata = shot["metadata"]
    assert {key: metadata.get(key) for key in wanted.says} == wanted.says
    report = {remark["code"]: remark for remark in metadata["report"]}
    assert set(report) == wanted.remarks
    assert all(one["level"] in {"info", "warning"} and one["message"] for one in report.values())


@pytest.mark.parametrize(("name", "way"), TRACKED)
def test_a_plate_is_tracked_and_its_proxy_shown(trade: Trade, name: str, way: str) -> None:
    job, last = trade.job(name, way), FORMATS[name].first + FRAMES - 1
    assert job["state"] == "succeeded", job["error"]
    outputs = trade.client.get(f"/jobs/{job['id']}/outputs").json()["items"]
    matte = next(one for one in outputs if f".{last:04d}." in one["name"])
    found = _image(trade.client, f"/jobs/{job['id']}/outputs/{matte['id']}") >= 128
    truth = disc(FRAMES - 1)
    assert found.shape == truth.shape
    overlap = (found & truth).sum() / (found | truth).sum()
    assert overlap > 0.85, overlap
    proxy = trade.client.get(f"/shots/{trade.shots[name, way]}/frames/{last}")
    assert proxy.status_code == 200, proxy.text
    seen = cv2.imdecode(np.frombuffer(proxy.content, np.uint8), cv2.IMREAD_COLOR)
    assert seen is not None
    assert seen.shape == (HEIGHT, WIDTH, 3)
    red_over_blue = seen[..., 2].astype(int) - seen[..., 0]
    assert red_over_blue[truth].mean() > 60, "the disc is orange"


def test_thumbnails_of_what_ingest_read(trade: Trade) -> None:
    shot, wanted = trade.shot("png-16"), FORMATS["png-16"]
    assert shot["thumbnail_url"] == f"/api/v1/shots/{shot['id']}/thumbnail"
    middle = trade.client.get(f"/shots/{shot['id']}/thumbnail")
    last = trade.client.get(
        f"/shots/{shot['id']}/frames/{wanted.first + FRAMES - 1}", params={"size": "thumbnail"}
    )
    shown = [int(one.headers["X-Roto-Frame"]) - wanted.first for one in (middle, last)]
    assert shown == [(FRAMES - 1) // 2, FRAMES - 1]
    for answer in (middle, last):
        seen = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert seen is not None
        assert seen.shape == (120, round(WIDTH * 120 / HEIGHT), 3)


def test_gaps_are_named_and_a_range_without_them_is_taken(trade: Trade) -> None:
    folder = trade.plates / "gaps"
    folder.mkdir()
    path = FORMATS["png-16"].write(folder, "plate")
    (folder / "plate.1002.png").unlink()
    body = {"name": "gaps", "plate": {"path": str(path)}}
    shots = f"/projects/{trade.project}/shots"
    refused = trade.client.post(shots, json=body)
    assert refused.status_code == 422
    assert refused.json()["code"] == "missing_frame"
    assert refused.json()["detail"]["missing"] == [1002]
    made = trade.client.post(shots, json={**body, "frame_range": [1003, 1003]})
    assert made.status_code == 201, made.text
    trade.shots["gaps", IN_PLACE] = made.json()["id"]
    assert trade.shot("gaps")["state"] == "ready"


def test_a_wrong_size_in_the_middle_is_named(trade: Trade) -> None:
    folder = trade.plates / "sizes"
    folder.mkdir()
    path = FORMATS["tiff-8"].write(folder, "plate")
    odd = np.zeros((HEIGHT, WIDTH - 2, 3), np.uint8)
    assert cv2.imwrite(str(folder / "plate.1002.tif"), odd)
    body = {"name": "sizes", "plate": {"path": str(path)}}
    made = trade.client.post(f"/projects/{trade.project}/shots", json=body)
    trade.shots["sizes", IN_PLACE] = made.json()["id"]
    shot = trade.shot("sizes")
    assert shot["state"] == "invalid"
    assert shot["error"]["code"] == "bad_plate"
    assert "frame 1002 is 254x144 but the plate is 256x144" in shot["error"]["message"]


def _image(client: httpx.Client, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    image = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return image
