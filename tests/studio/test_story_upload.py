"""A clip comes in over a bad line while the server is restarted, and goes out as mattes and video.

Real processes throughout: server, Redis, worker; the client is the one of the plugins.
"""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import av
import cv2
import numpy as np
import OpenEXR
import pytest
from helpers_lines import Line, line_to
from helpers_observing import running_worker
from helpers_outputs import FIRST, FRAMES, Studio, disc, write_plate
from helpers_people import House, running_house
from helpers_plates import preview_of
from numpy.typing import NDArray

from roto_client.api import Progress, RotoClient, Uploader, UploadNotes
from roto_client.api.errors import StoppedError
from roto_client.api.transport import Retry

pytestmark = [pytest.mark.one_database, pytest.mark.timeout(900)]
MIB = 1 << 20
PATIENT = Retry(tries=300, first_pause=0.2, longest_pause=1.0)
"""Longer than a server takes to start on a machine that is busy."""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("story")
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}") as house:
        person = house.person("supervisor")
        with running_worker(house), house.client(person.key) as client:
            yield Studio(house, person, client)


@pytest.fixture
def line(studio: Studio) -> Iterator[Line]:
    with line_to(port_of(studio.house)) as made:
        yield made


def port_of(house: House) -> int:
    return int(urlsplit(house.url).port or 0)


def write_clip(path: Path) -> None:
    """A ProRes clip of many pieces: after the movie comes an atom that players skip."""
    write_plate(path)
    with path.open("ab") as file:
        filling = os.urandom(60 * MIB)
        file.write((len(filling) + 8).to_bytes(4, "big") + b"free" + filling)


def restart(house: House) -> None:
    house.processes[-1].stop()
    house.start(port_of(house))


def sender(line: Line, studio: Studio, notes: Path, **options: object) -> Uploader:
    client = RotoClient(line.url, studio.person.key, retry=Retry(2, 0.1, 0.5))
    told = UploadNotes(notes)
    return Uploader(client.transport, notes=told, patience=PATIENT, **options)  # type: ignore[arg-type]


def test_the_story(studio: Studio, line: Line, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    write_clip(clip)
    restarting = threading.Thread(target=restart, args=(studio.house,))

    def second_cut() -> None:
        line.cut()
        line.when_sent(line.sent + 15 * MIB, restarting.start)

    def first_cut() -> None:
        line.cut()
        line.when_sent(line.sent + 15 * MIB, second_cut)

    line.when_sent(10 * MIB, first_cut)
    told: list[Progress] = []
    uploading = sender(line, studio, tmp_path / "notes", watcher=told.append)
    project = studio.project()
    try:
        upload = uploading.send(project, uploading.look_at([clip]))
    finally:  # it starts the server that the next tests need
        if restarting.ident is not None:
            restarting.join()
    assert upload.state == "complete"
    assert (line.cuts, len(studio.house.processes)) == (2, 2)
    steps = [one for one in told if one.stage == "uploading"]
    assert [one.done for one in steps] == sorted(one.done for one in steps)
    assert (steps[-1].done, steps[-1].eta_seconds) == (clip.stat().st_size, 0)
    assert all(one.eta_seconds and one.eta_seconds > 0 for one in steps[:-1])

    body = {"name": "sh010", "plate": {"upload_id": upload.id, "first_frame": 1001}}
    shot = studio.client.post(f"/projects/{project}/shots", json=body).json()["id"]
    studio.ready(shot)
    click = {"x": 60.5, "y": 52.5, "positive": True}
    prompted = {"name": "disc", "points": [click], "box": [34, 26, 86, 78]}
    asked = {"frame": FIRST, "engine": "flow", "objects": [prompted]}
    preview = preview_of(studio.client, shot, asked)
    assert preview.status_code == 200, preview.text
    [told] = preview.json()["objects"]
    check_disc(read_png(told["candidates"][0]["png"]), 0)
    job = studio.succeeded(
        studio.segment(
            shot,
            outputs=["mattes"],
            videos=[{"kind": "cutout", "codec": "prores4444", "objects": ["disc"]}],
        )
    )
    shapes = studio.client.get(f"/shots/{shot}/shapes").json()
    assert {layer["name"] for layer in shapes["layers"]} == {"disc", "corner"}
    mattes = [one for one in studio.outputs(job).values() if one["role"] == "matte"]
    assert len(mattes) == 2 * FRAMES
    last = f"disc_matte_v001.{FIRST + FRAMES - 1}"
    check_disc(read_exr(studio.download(job, "matte", last, tmp_path)), FRAMES - 1)
    check_cutout(studio.download(job, "video", "_cutout_", tmp_path))


def read_png(text: str) -> NDArray[np.bool_]:
    """What is inside by a soft matte of the preview."""
    image = cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    return np.asarray(image > 127)


def read_exr(path: Path) -> NDArray[np.bool_]:
    """What is inside by a matte."""
    with OpenEXR.File(str(path)) as file:
        return np.asarray(file.channels()["A"].pixels > 0.5)


def check_disc(inside: NDArray[np.bool_], index: int) -> None:
    """It is the disc where it is in picture ``index`` (from 0), and nothing else."""
    wanted = disc(index)
    assert inside.shape == wanted.shape
    assert (inside & wanted).sum() / (inside | wanted).sum() > 0.9


def check_cutout(path: Path) -> None:
    """In the last frame the disc is there, where it went, and the ground is not."""
    with av.open(str(path)) as movie:
        alphas = [
            frame.to_ndarray(format="rgba64le", threads=1)[..., 3]
            for frame in movie.decode(video=0)
        ]
    assert len(alphas) == FRAMES
    check_disc(np.asarray(alphas[-1]) > 32768, FRAMES - 1)


def test_who_starts_anew_sends_the_rest(
    studio: Studio, line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, size = tmp_path / "other.mov", 60 * MIB
    clip.write_bytes(os.urandom(size))
    stop, project = threading.Event(), studio.project()

    def stop_at_two_pieces(progress: Progress) -> None:
        if progress.stage == "uploading" and progress.done >= 16 * MIB:
            stop.set()

    first = sender(line, studio, tmp_path / "notes", stop=stop, watcher=stop_at_two_pieces)
    with pytest.raises(StoppedError):
        first.send(project, first.look_at([clip]))
    before = still(line)
    monkeypatch.setattr(
        "roto_client.api.upload.sha256_of", lambda _path: pytest.fail("hashed again")
    )
    second = sender(line, studio, tmp_path / "notes")
    assert second.send(project, second.look_at([clip])).state == "complete"
    assert line.sent - before < size - 15 * MIB
    # What the project has needs no bytes at all.
    again = sender(line, studio, tmp_path / "elsewhere")
    monkeypatch.undo()
    before = line.sent
    assert again.send(project, again.look_at([clip])).state == "complete"
    assert line.sent - before < MIB


def still(line: Line) -> int:
    """What was sent, once nothing more is on its way."""
    while True:
        before = line.sent
        time.sleep(1)
        if line.sent == before:
            return before


def test_a_file_that_only_looks_the_same_is_hashed_anew(
    studio: Studio, line: Line, tmp_path: Path
) -> None:
    clip = tmp_path / "rendered.mov"
    clip.write_bytes(b"a" * MIB)
    stat = clip.stat()
    sending = sender(line, studio, tmp_path / "notes")
    sending.look_at([clip])
    clip.write_bytes(b"b" * MIB)
    os.utime(clip, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    project = studio.project()
    with pytest.raises(Exception, match="SHA-256"):
        sending.send(project, sending.look_at([clip]))
    assert sending.send(project, sending.look_at([clip])).state == "complete"
