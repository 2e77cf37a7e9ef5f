"""Uploads: resumable, verified, visible all at once, and honest about a full disk."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from helpers_api import API, Live, add_project, assert_refused

from roto_server.storage import DirectoryStorage

FRAME = os.urandom(300_000)


def announce(
    api: httpx.Client, project: str, files: dict[str, bytes], **wrong: str
) -> dict[str, Any]:
    """Announce ``files``; ``wrong`` maps a name to a false SHA-256."""
    told = [
        {
            "name": name,
            "size": len(data),
            "sha256": wrong.get(name, hashlib.sha256(data).hexdigest()),
        }
        for name, data in files.items()
    ]
    answer = api.post("/uploads", json={"project_id": project, "files": told})
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    return upload


def send(api: httpx.Client, upload: str, index: int, offset: int, data: bytes) -> httpx.Response:
    return api.patch(
        f"/uploads/{upload}/files/{index}", content=data, headers={"Upload-Offset": str(offset)}
    )


def visible_files(live: Live, upload: str) -> list[str]:
    """What of an upload can be seen under its final name."""
    folders = live.settings.storage_root.glob(f"projects/*/uploads/{upload}")
    return sorted(path.name for folder in folders for path in folder.iterdir())


@pytest.mark.database
def test_a_sequence_in_pieces(live: Live, api: httpx.Client, project: str) -> None:
    files = {f"plate.{frame}.png": FRAME[frame - 1001 :] for frame in (1001, 1002, 1003)}
    upload = announce(api, project, files)
    assert upload["state"] == "open"
    assert [file["offset"] for file in upload["files"]] == [0, 0, 0]
    for index, data in enumerate(files.values()):
        half = len(data) // 2
        assert send(api, upload["id"], index, 0, data[:half]).json() == {"offset": half}
        assert api.get(f"/uploads/{upload['id']}").json()["files"][index]["offset"] == half
        assert send(api, upload["id"], index, half, data[half:]).json() == {"offset": len(data)}
    assert visible_files(live, upload["id"]) == []
    done = api.post(f"/uploads/{upload['id']}/complete")
    assert done.status_code == 200
    assert done.json()["state"] == "complete"
    assert visible_files(live, upload["id"]) == sorted(files)
    assert api.post(f"/uploads/{upload['id']}/complete").json() == done.json()
    assert_refused(send(api, upload["id"], 0, 0, b"x"), 409, "conflict")


def test_sending_by_offset_is_on_its_way_out(api: httpx.Client, project: str) -> None:
    upload = announce(api, project, {"a.mov": b"movie"})["id"]
    answer = send(api, upload, 0, 0, b"mo")
    until = parsedate_to_datetime(answer.headers["Sunset"])
    assert until > parsedate_to_datetime(answer.headers["Date"])
    assert answer.headers["Deprecation"].startswith("@")
    [link] = re.findall(r"<(.*)>; rel=\"successor-version\"", answer.headers["Link"])
    piece = api.put(link.removeprefix(API), content=b"movie")
    assert piece.status_code == 204, piece.text
    assert "Deprecation" not in piece.headers


@pytest.mark.database
def test_a_shot_of_an_upload(live: Live, api: httpx.Client, project: str) -> None:
    files = {f"plate.{frame}.png": FRAME[:99] for frame in (1001, 1002, 1003)}
    upload = announce(api, project, files)["id"]
    body = {"name": "up", "plate": {"upload_id": upload}}
    place = f"/projects/{project}/shots"
    assert_refused(api.post(place, json=body), 409, "conflict")
    for index, data in enumerate(files.values()):
        send(api, upload, index, 0, data)
    api.post(f"/uploads/{upload}/complete")
    other = add_project(api)["id"]
    assert_refused(api.post(f"/projects/{other}/shots", json=body), 404, "not_found")
    outside = api.post(place, json={**body, "frame_range": [1001, 1009]})
    assert_refused(outside, 422, "range_outside_plate")
    shot = api.post(place, json=body).json()
    assert shot["frame_range"] == [1001, 1003]
    plate = Path(shot["plate"]["path"])
    assert plate.name == "plate.%04d.png"
    assert shot["id"] in str(plate.parent)
    assert sorted(path.name for path in plate.parent.iterdir()) == sorted(files)
    assert (plate.parent / "plate.1001.png").read_bytes() == FRAME[:99]
    assert (plate.parent / "plate.1001.png").stat().st_nlink == 2, "copied, not linked"
    again = api.post(place, json={**body, "name": "twin"})
    assert again.status_code == 201
    sources = {path.parts[-3] for path in live.settings.storage_root.glob(
        f"projects/{project}/*/source/v001")}  # fmt: skip
    assert sources == {shot["id"], again.json()["id"]}


def test_a_movie_upload(api: httpx.Client, project: str) -> None:
    upload = announce(api, project, {"take one.mov": b"movie"})["id"]
    send(api, upload, 0, 0, b"movie")
    api.post(f"/uploads/{upload}/complete")
    body = {"name": "m", "plate": {"upload_id": upload, "first_frame": 1001}}
    shot = api.post(f"/projects/{project}/shots", json=body).json()
    assert shot["plate"]["kind"] == "movie"
    assert shot["plate"]["first_frame"] == 1001


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["a.1001.png", "b.1001.png"], "bad_request"),
        (["a.1001.png", "notes.txt"], "bad_request"),
        (["a.mov", "b.mov"], "bad_request"),
        (["still.png"], "bad_range"),
        (["a.1001.png", "a.1003.png"], "missing_frame"),
    ],
)
def test_an_upload_that_is_no_plate(
    live: Live, api: httpx.Client, project: str, *, names: list[str], code: str
) -> None:
    upload = announce(api, project, dict.fromkeys(names, b"x"))["id"]
    for index in range(len(names)):
        send(api, upload, index, 0, b"x")
    api.post(f"/uploads/{upload}/complete")
    body = {"name": "s", "plate": {"upload_id": upload}}
    assert_refused(api.post(f"/projects/{project}/shots", json=body), 422, code)
    assert list(live.settings.storage_root.glob(f"projects/{project}/*/source/v001")) == []


@pytest.mark.parametrize(
    "name",
    ["../up.png", "a/b.png", "a\\b.png", ".hidden", "..", "", "a\u0000.png", "a%04d.png", "x" * 201,
     "a*.png", "a####.png", "ü" * 150 + ".png", "CON", "aux.mov", "a.", "a.mov "],
)  # fmt: skip
def test_hostile_names(live: Live, api: httpx.Client, project: str, name: str) -> None:
    file = {"name": name, "size": 1, "sha256": "0" * 64}
    body = {"project_id": project, "files": [file]}
    assert_refused(api.post("/uploads", json=body), 422, "bad_request")


@pytest.mark.parametrize(
    "more",
    [{"files": []}, {"project_id": "x"}, {"files": [{"name": "a", "size": -1, "sha256": "0" * 64}]},
     {"files": [{"name": "a", "size": 1, "sha256": "abc"}]},
     {"files": [{"name": n, "size": 1, "sha256": "0" * 64} for n in ("Ä.png", "A\u0308.png")]},
     {"files": [{"name": n, "size": 1, "sha256": "0" * 64} for n in ("a.png", "A.png")]}],
)  # fmt: skip
def test_malformed_announcements(api: httpx.Client, project: str, more: dict[str, Any]) -> None:
    file = {"name": "a.png", "size": 1, "sha256": "0" * 64}
    answer = api.post("/uploads", json={"project_id": project, "files": [file], **more})
    assert answer.status_code == (404 if "project_id" in more else 422)


def test_offsets_that_are_wrong(api: httpx.Client, project: str) -> None:
    upload = announce(api, project, {"a.mov": FRAME})["id"]
    send(api, upload, 0, 0, FRAME[:1000])
    for offset in (0, 999, 1001):
        refusal = assert_refused(send(api, upload, 0, offset, b"xyz"), 409, "conflict")
        assert refusal["detail"]["offset"] == 1000
    assert_refused(send(api, upload, 1, 0, b"x"), 404, "not_found")
    assert_refused(send(api, upload, -1, 0, b"x"), 404, "not_found")
    assert_refused(api.patch(f"/uploads/{upload}/files/0", content=b"x"), 422, "bad_request")
    assert_refused(send(api, upload, 0, -1, b"x"), 422, "bad_request")
    assert api.get(f"/uploads/{upload}").json()["files"][0]["offset"] == 1000


def test_more_bytes_than_announced(api: httpx.Client, project: str) -> None:
    upload = announce(api, project, {"a.mov": b"12345"})["id"]
    assert_refused(send(api, upload, 0, 0, b"123456"), 413, "too_large")

    def unannounced() -> Any:
        yield b"123"
        yield b"456"

    answer = api.patch(
        f"/uploads/{upload}/files/0", content=unannounced(), headers={"Upload-Offset": "0"}
    )
    assert_refused(answer, 413, "too_large")
    offset = api.get(f"/uploads/{upload}").json()["files"][0]["offset"]
    assert offset <= 5
    assert send(api, upload, 0, offset, b"12345"[offset:]).json() == {"offset": 5}
    assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"


@pytest.mark.database
def test_a_connection_that_breaks_keeps_what_arrived(
    live: Live, api: httpx.Client, project: str
) -> None:
    data = FRAME * 10
    upload = announce(api, project, {"a.mov": data})["id"]
    place = urlsplit(live.url)
    head = (
        f"PATCH {API}/uploads/{upload}/files/0 HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: Bearer {live.user_token}\r\nUpload-Offset: 0\r\n"
        f"Content-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection((str(place.hostname), int(place.port or 0))) as raw:
        raw.sendall(head.encode() + data[:2_000_000])
        while api.get(f"/uploads/{upload}").json()["files"][0]["offset"] == 0:
            time.sleep(0.01)
    offset = settled_offset(api, upload)
    assert 0 < offset <= 2_000_000
    assert send(api, upload, 0, offset, data[offset:]).json() == {"offset": len(data)}
    assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"


def settled_offset(api: httpx.Client, upload: str) -> int:
    """The offset once the server has noticed that nothing more comes."""
    before = -1
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        offset = int(api.get(f"/uploads/{upload}").json()["files"][0]["offset"])
        probe = send(api, upload, 0, offset, b"")
        if probe.status_code == 200 and offset == before:
            return offset
        before = offset
        time.sleep(0.05)
    raise AssertionError("the server never noticed")


def test_two_senders_at_once_take_turns(live: Live, api: httpx.Client, project: str) -> None:
    data = FRAME * 10
    upload = announce(api, project, {"a.mov": data})["id"]
    go_on = threading.Event()

    def slowly() -> Any:
        yield data[: len(data) // 2]
        assert go_on.wait(20)
        yield data[len(data) // 2 :]

    def send_slowly() -> None:
        with live.client() as client:
            client.patch(
                f"/uploads/{upload}/files/0", content=slowly(), headers={"Upload-Offset": "0"}
            )

    thread = threading.Thread(target=send_slowly)
    thread.start()
    try:
        while api.get(f"/uploads/{upload}").json()["files"][0]["offset"] == 0:
            time.sleep(0.01)
        answer = send(api, upload, 0, 0, b"other bytes")
        assert_refused(answer, 409, "conflict")
        assert "Another request" in answer.json()["message"]
    finally:
        go_on.set()
        thread.join()
    assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"


@pytest.mark.database
def test_a_damaged_file_is_named_and_sent_again(
    live: Live, api: httpx.Client, project: str
) -> None:
    files = {"p.1.png": b"good", "p.2.png": b"bad!"}
    right = hashlib.sha256(b"fine").hexdigest()
    upload = announce(api, project, files, **{"p.2.png": right})["id"]
    for index, data in enumerate(files.values()):
        send(api, upload, index, 0, data)
    refusal = assert_refused(api.post(f"/uploads/{upload}/complete"), 422, "checksum_mismatch")
    assert (refusal["detail"]["index"], refusal["detail"]["name"]) == (1, "p.2.png")
    assert visible_files(live, upload) == []
    offsets = [file["offset"] for file in api.get(f"/uploads/{upload}").json()["files"]]
    assert offsets == [4, 0]
    send(api, upload, 1, 0, b"fine")
    assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"


def test_an_upload_with_missing_bytes_does_not_complete(
    live: Live, api: httpx.Client, project: str
) -> None:
    upload = announce(api, project, {"p.1.png": b"1234", "p.2.png": b"1234"})["id"]
    send(api, upload, 0, 0, b"12")
    refusal = assert_refused(api.post(f"/uploads/{upload}/complete"), 409, "conflict")
    assert [item["offset"] for item in refusal["detail"]["missing"]] == [2, 0]
    assert visible_files(live, upload) == []


def test_an_empty_file_needs_no_piece(live: Live, api: httpx.Client, project: str) -> None:
    upload = announce(api, project, {"p.1.png": b"", "p.2.png": b"1"})["id"]
    send(api, upload, 1, 0, b"1")
    assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"
    assert visible_files(live, upload) == ["p.1.png", "p.2.png"]


def test_complete_after_a_crash_between_publish_and_commit(
    live: Live, api: httpx.Client, project: str
) -> None:
    upload = announce(api, project, {"a.mov": b"1234"})["id"]
    send(api, upload, 0, 0, b"1234")
    folder = live.settings.storage_root / f"projects/{project}/uploads/{upload}"
    folder.with_name(f"{upload}.incoming").rename(folder)
    assert api.get(f"/uploads/{upload}").json()["files"][0]["offset"] == 4
    assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"
    assert visible_files(live, upload) == ["a.mov"]


@pytest.mark.database
def test_many_completing_at_once_all_succeed(live: Live, api: httpx.Client, project: str) -> None:
    files = {f"p.{frame}.png": FRAME for frame in range(20)}
    upload = announce(api, project, files)["id"]
    for index in range(20):
        send(api, upload, index, 0, FRAME)
    statuses = at_once(live, 4, lambda client: client.post(f"/uploads/{upload}/complete"))
    assert statuses == [200] * 4
    assert visible_files(live, upload) == sorted(files)


@pytest.mark.database
def test_many_shots_of_one_name_at_once_are_one(
    live: Live, api: httpx.Client, project: str
) -> None:
    upload = announce(api, project, {"p.1.png": b"1"})["id"]
    send(api, upload, 0, 0, b"1")
    api.post(f"/uploads/{upload}/complete")
    body = {"name": "s", "plate": {"upload_id": upload}}
    statuses = at_once(live, 6, lambda c: c.post(f"/projects/{project}/shots", json=body))
    assert statuses == [201] + [409] * 5
    sources = list(live.settings.storage_root.glob(f"projects/{project}/*/source/v001"))
    assert len(sources) == 1


def at_once(live: Live, count: int, ask: Callable[[httpx.Client], httpx.Response]) -> list[int]:
    """The statuses of ``count`` equal requests sent together, sorted."""
    statuses: list[int] = []
    together = threading.Barrier(count)

    def one() -> None:
        with live.client() as client:
            client.get("/projects?limit=1")
            together.wait(20)
            statuses.append(ask(client).status_code)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


class TestDiskFull:
    def test_at_the_announcement(self, api: httpx.Client, project: str) -> None:
        file = {"name": "a.mov", "size": 2**52, "sha256": "0" * 64}
        answer = api.post("/uploads", json={"project_id": project, "files": [file]})
        assert_refused(answer, 507, "disk_full")

    def test_what_is_there_already_needs_no_room(
        self,
        live: Live,
        api: httpx.Client,
        project: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        first = announce(api, project, {"a.mov": FRAME})["id"]
        send(api, first, 0, 0, FRAME)
        assert api.post(f"/uploads/{first}/complete").status_code == 200
        monkeypatch.setattr(DirectoryStorage, "free_bytes", lambda _: 10)
        again = announce(api, project, {"b.mov": FRAME})
        assert again["files"][0]["offset"] == len(FRAME)
        file = {"name": "c.mov", "size": 11, "sha256": "0" * 64}
        answer = api.post("/uploads", json={"project_id": project, "files": [file]})
        assert_refused(answer, 507, "disk_full")

    def test_while_bytes_arrive(self, live: Live, api: httpx.Client, project: str) -> None:
        """/dev/full refuses every byte with ENOSPC, as a full disk does."""
        upload = announce(api, project, {"p.1.png": b"1234", "p.2.png": FRAME})["id"]
        send(api, upload, 0, 0, b"1234")
        incoming = live.settings.storage_root / f"projects/{project}/uploads/{upload}.incoming"
        (incoming / "p.2.png").symlink_to("/dev/full")
        refusal = assert_refused(send(api, upload, 1, 0, FRAME), 507, "disk_full")
        assert refusal["hint"]
        assert visible_files(live, upload) == []
        (incoming / "p.2.png").unlink()
        assert api.get(f"/uploads/{upload}").json()["files"][1]["offset"] == 0
        assert send(api, upload, 1, 0, FRAME).json() == {"offset": len(FRAME)}
        assert api.post(f"/uploads/{upload}/complete").json()["state"] == "complete"

    def test_a_storage_that_is_gone(self, own: Live) -> None:
        with own.client() as client:
            project = add_project(client)["id"]
            upload = announce(client, project, {"a.mov": b"1234"})["id"]
            storage = own.settings.storage_root
            storage.rename(storage.with_name("away"))
            storage.write_text("a file where the folder was")
            assert_refused(send(client, upload, 0, 0, b"1234"), 503, "storage_failed")
