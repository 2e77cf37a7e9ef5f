"""Files made to do harm, named to a real server (two are sent) and read by a real worker.

Each ends as an invalid shot with an error for people; the worker process lives on, nothing is left
on its disk, and the next plate is read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_formats import FORMATS
from helpers_hostile import PICTURES, dpx, many_channels, png
from helpers_media import write_movie
from helpers_observing import running_worker, wait_for
from helpers_people import House, running_house
from helpers_plates import send_upload

pytestmark = pytest.mark.one_database

LIMITS = {
    "ROTO_WORKER_DECODE_SECONDS": "30",
    "ROTO_WORKER_DECODE_MEMORY_MB": "500",
    "ROTO_WORKER_MAX_FRAMES": "1000",
    "ROTO_WORKER_MAX_PIXELS": "140000000",
}
NAMES = {"newline": "new\nline", "escape": "a\x1b[2Jb", "right-to-left": "r\u202eight"}
_CUTS = {
    "cut.mov": ("prores_ks", "yuv422p10le"),
    "cut.mp4": ("libx264", "yuv420p"),
    "cut.mxf": ("mpeg2video", "yuv422p"),
}
BOMBS: dict[str, bytes] = {
    **PICTURES,
    "memory.png": png(16_000, 8_000, rows=8_000),
    "channels.exr": many_channels(),
    "text.mov": b"#EXTM3U\nfile:///etc/passwd\n" * 40,
    "still.mp4": png(64, 64, rows=64),
}
MEANING = {
    "billion.png": "31623x31623",
    "wide.exr": "536870913",
    "picture.exr": "is a PNG image, not an OpenEXR image as its name says",
    "text.dpx": "is a text file, not a DPX image as its name says",
    "text.mov": "is a text file, not a movie",
    "still.mp4": "is a PNG image, not a movie",
    "memory.png": "more than 500 MB of memory",
    "channels.exr": "stopped after 30 s",
    "cut.mov": "cut.mov",
    "cut.mxf": "frames are there",
}
"""Part of what people are told; of the others only that it names the file."""


@dataclass
class Siege:
    """A house that is sent all of them; shots by the file's name."""

    house: House
    client: httpx.Client
    project: str
    log: Path
    shots: dict[str, str]

    def settled(self, shot: str) -> dict[str, Any]:
        def read() -> dict[str, Any] | None:
            row: dict[str, Any] = self.client.get(f"/shots/{shot}").json()
            return None if row["state"] == "probing" else row

        return wait_for(read, lambda: shot + self.log.read_text()[-4000:])

    def add(self, name: str, path: Path) -> httpx.Response:
        body = {"name": name, "plate": {"path": str(path)}}
        return self.client.post(f"/projects/{self.project}/shots", json=body)


def _write(folder: Path, name: str, data: bytes) -> Path:
    stem, _, extension = name.rpartition(".")
    if extension in ("mov", "mp4", "mxf"):
        path = folder / name
        path.write_bytes(data)
        return path
    (folder / f"{stem}.1001.{extension}").write_bytes(data)
    return folder / f"{stem}.%04d.{extension}"


def _cut_movies(folder: Path) -> dict[str, bytes]:
    found = {}
    for name, (codec, pixels) in _CUTS.items():
        write_movie(folder / name, codec, pixels, options={"b": "8M"})
        whole = (folder / name).read_bytes()
        found[name] = whole[: int(len(whole) * 0.7)]
    return found


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    folder = tmp_path_factory.mktemp("siege")
    bombs = {**BOMBS, **_cut_movies(tmp_path_factory.mktemp("movies"))}
    database = f"sqlite:///{folder / 'roto.db'}"
    with running_house(folder, database, **LIMITS) as house, running_worker(house) as log:
        artist = house.person("artist")
        project = house.project((artist, "artist"))
        with house.client(artist.key) as client:
            siege = Siege(house, client, project, log, {})
            for name, data in bombs.items():
                own = house.plates / name
                own.mkdir()
                made = siege.add(name, _write(own, name, data))
                assert made.status_code == 201, made.text
                siege.shots[name] = made.json()["id"]
            yield siege


@pytest.mark.parametrize("name", [*BOMBS, *_CUTS])
def test_it_is_refused_with_a_reason(siege: Siege, name: str) -> None:
    shot = siege.settled(siege.shots[name])
    assert shot["state"] == "invalid"
    error = shot["error"]
    assert error["code"] in {"bad_plate", "unsupported_plate"}, error
    assert error["message"].isprintable()
    assert error["hint"]
    told = MEANING.get(name, name.rpartition(".")[0])
    assert told in error["message"], error


@pytest.mark.parametrize("name", ["billion.png", "cut.mov"])
def test_what_is_sent_is_refused_as_what_is_named_by_its_path(siege: Siege, name: str) -> None:
    [path] = (siege.house.plates / name).iterdir()
    upload = send_upload(siege.client, siege.project, path.name, path.read_bytes())
    body = {"name": f"sent {name}", "plate": {"upload_id": upload}}
    made = siege.client.post(f"/projects/{siege.project}/shots", json=body)
    assert made.status_code == 201, made.text
    shot = siege.settled(made.json()["id"])
    assert shot["state"] == "invalid"
    assert MEANING[name] in shot["error"]["message"], shot["error"]


@pytest.mark.parametrize("kind", NAMES)
def test_names_with_odd_letters(siege: Siege, kind: str) -> None:
    """A sound plate in such a folder is read or refused by its path; a damaged one is one line."""
    folder = siege.house.plates / NAMES[kind]
    folder.mkdir()
    sound = FORMATS["png-8"].write(folder, NAMES[kind])
    answer = siege.add(f"sound {kind}", sound)
    assert answer.status_code in (201, 403, 422), answer.text
    if answer.status_code == 201:
        assert siege.settled(answer.json()["id"])["state"] == "ready"
    broken = _write(folder, f"{NAMES[kind]}x.mov", b"text")
    answer = siege.add(f"broken {kind}", broken)
    assert answer.status_code in (201, 403, 422), answer.text
    if answer.status_code == 201:
        assert siege.settled(answer.json()["id"])["error"]["message"].isprintable()


def test_fuzzed_headers_of_a_whole_sequence(siege: Siege) -> None:
    """A hundred damaged frames in one shot: the first of them is named."""
    folder = siege.house.plates / "fuzzed"
    folder.mkdir()
    for frame in range(1001, 1101):
        size = (48, 32) if frame < 1040 else (frame * 7919 % 4_000_000_000, frame)
        (folder / f"f.{frame}.dpx").write_bytes(dpx(*size))
    shot = siege.settled(siege.add("fuzzed", folder / "f.%04d.dpx").json()["id"])
    assert shot["state"] == "invalid"
    assert "frame 1040" in shot["error"]["message"]


def test_a_job_can_be_cancelled_while_a_decoder_hangs(siege: Siege) -> None:
    folder = siege.house.plates / "hanging"
    folder.mkdir()
    path = _write(folder, "hanging.exr", many_channels())
    shot = siege.add("hanging", path).json()["id"]
    jobs = siege.client.get("/jobs", params={"shot_id": shot}).json()["items"]
    job = f"/jobs/{jobs[0]['id']}"
    wait_for(
        lambda: siege.client.get(job).json()["state"] == "running",
        lambda: siege.client.get(job).text,
    )
    assert siege.client.post(f"{job}/cancel").is_success
    wait_for(
        lambda: siege.client.get(job).json()["state"] == "cancelled",
        lambda: siege.client.get(job).text,
    )


def test_the_worker_has_lived_on_and_nothing_is_left(siege: Siege) -> None:
    folder = siege.house.plates / "sound"
    folder.mkdir()
    answer = siege.add("sound", FORMATS["exr-half"].write(folder, "plate"))
    assert siege.settled(answer.json()["id"])["state"] == "ready"
    log = siege.log.read_text()  # of the whole siege
    assert len(re.findall(r"started with PID \d+", log)) == 1, "one process all the time"
    assert "Traceback" not in log
    scratch = siege.house.folder / "scratch"
    wait_for(lambda: not list(scratch.rglob("attempts/*")), lambda: "scratch is kept", 60)
    storage = siege.house.folder / "storage"
    left = [path for path in storage.rglob("*") if path.is_file() and "logs" not in path.parts]
    assert sum(map(_size, left)) < 2_000_000, [path for path in left if _size(path) > 100_000]


def _size(path: Path) -> int:
    return os.path.getsize(path)
