"""Uploads in pieces, on a directory and on an object store: any order, cut, known already."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psutil
import pytest
from helpers_lifecycle import soon
from helpers_people import House, running_house
from helpers_s3 import BUCKET, Store, running_store
from sqlalchemy import select

from helpers_services import postgres_database
from roto_server.db.media import Blob, Plate, UploadPiece
from roto_server.db.models import Upload
from roto_server.db.types import utc_now
from roto_server.settings import load_settings
from roto_server.storage import open_storage
from roto_server.uploading.expiring import Expiry

CLIP = os.urandom(20 << 20)
SHA256 = "X-Roto-SHA256"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with running_store() as running:
        yield running


@pytest.fixture(scope="module")
def bucket_house(
    request: pytest.FixtureRequest,
    house: House,
    store: Store,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """On the same database as the house with a directory."""
    folder = tmp_path_factory.mktemp("bucket")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'roto.db'}"
        if not house.database.is_sqlite:
            url = stack.enter_context(postgres_database(request.getfixturevalue("postgres")))
        yield stack.enter_context(running_house(folder, url, **store.environment))


@pytest.fixture(params=["directory", "s3"])
def home(request: pytest.FixtureRequest, house: House) -> House:
    """A house with each kind of storage."""
    if request.param == "directory":
        return house
    other: House = request.getfixturevalue("bucket_house")
    return other


@pytest.fixture
def api(home: House) -> Iterator[httpx.Client]:
    with home.client(home.admin.key) as client:
        yield client


def announce(
    api: httpx.Client, project: str, files: dict[str, bytes], **wrong: str
) -> dict[str, Any]:
    told = [
        {"name": name, "size": len(data), "sha256": wrong.get(name, sha256(data))}
        for name, data in files.items()
    ]
    answer = api.post("/uploads", json={"project_id": project, "files": told})
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    return upload


def put(
    api: httpx.Client,
    upload: dict[str, Any],
    number: int,
    data: bytes,
    index: int = 0,
    **headers: str,
) -> httpx.Response:
    path = f"/uploads/{upload['id']}/files/{index}/pieces/{number}"
    size = upload["piece_size"]
    return api.put(path, content=data[number * size :][:size], headers=headers)


def send_all(api: httpx.Client, upload: dict[str, Any], data: bytes, index: int = 0) -> None:
    count = -(-len(data) // upload["piece_size"])
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda n: put(api, upload, n, data, index), reversed(range(count)))
        assert [answer.status_code for answer in answers] == [204] * count


def complete(api: httpx.Client, upload: dict[str, Any]) -> httpx.Response:
    return api.post(f"/uploads/{upload['id']}/complete", timeout=60)


def test_a_clip_in_pieces(home: House, api: httpx.Client) -> None:
    project = home.project()
    upload = announce(api, project, {"clip.mov": CLIP})
    size, last = upload["piece_size"], -(-len(CLIP) // upload["piece_size"]) - 1
    assert (upload["files"][0]["pieces"], upload["files"][0]["offset"]) == ([], 0)
    assert put(api, upload, last, CLIP, **{SHA256: sha256(CLIP[last * size :])}).status_code == 204
    assert put(api, upload, last, CLIP).status_code == 204, "twice is harmless"
    halfway = api.get(f"/uploads/{upload['id']}").json()
    assert halfway["files"][0]["pieces"] == [[last, last]]
    early = complete(api, upload)
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    assert early.json()["detail"]["missing"][0]["name"] == "clip.mov"
    send_all(api, upload, CLIP)
    done = complete(api, upload)
    assert done.json()["state"] == "complete", done.text
    assert done.json()["files"][0]["pieces"] == [[0, last]]
    assert complete(api, upload).json() == done.json()
    assert put(api, upload, 0, CLIP).json()["code"] == "conflict"
    shot = api.post(
        f"/projects/{project}/shots", json={"name": "a", "plate": {"upload_id": upload["id"]}}
    )
    assert shot.status_code == 201, shot.text
    with home.database.reading() as session:
        assert session.get(UploadPiece, (upload["id"], 0, 0)) is None, "rows of pieces are spent"


def test_damage_on_the_way_is_one_piece_and_a_lie_is_all(home: House, api: httpx.Client) -> None:
    upload = announce(
        api, home.project(), {"a.mov": b"what it is", "b.mov": b"b"}, **{"a.mov": "0" * 64}
    )
    damaged = put(api, upload, 0, b"what it is", **{SHA256: "1" * 64})
    assert (damaged.status_code, damaged.json()["code"]) == (422, "checksum_mismatch")
    for index, data in enumerate((b"what it is", b"b")):
        assert put(api, upload, 0, data, index).status_code == 204
    refused = complete(api, upload)
    assert (refused.status_code, refused.json()["code"]) == (422, "checksum_mismatch")
    assert refused.json()["detail"]["indexes"] == [0]
    now = api.get(f"/uploads/{upload['id']}").json()
    assert [file["pieces"] for file in now["files"]] == [[], [[0, 0]]]
    assert put(api, upload, 0, b"what it is").status_code == 204, "it can be sent again"


@pytest.mark.parametrize(
    ("number", "content", "code"),
    [(0, b"x" * 9, "bad_request"), (0, b"x" * 11, "too_large"), (1, b"x", "bad_request"),
     (-1, b"x", "bad_request"), (2**40, b"x", "bad_request")],
)  # fmt: skip
def test_pieces_that_do_not_fit(
    home: House, api: httpx.Client, number: int, content: bytes, code: str
) -> None:
    upload = announce(api, home.project(), {"a.mov": b"x" * 10})
    answer = api.put(f"/uploads/{upload['id']}/files/0/pieces/{number}", content=content)
    assert answer.json()["code"] == code, answer.text
    assert api.get(f"/uploads/{upload['id']}").json()["files"][0]["pieces"] == []
    assert api.put(f"/uploads/{upload['id']}/files/1/pieces/0", content=b"x").status_code == 404


def test_what_the_project_has_is_not_sent_again(home: House, api: httpx.Client) -> None:
    project, other = home.project(), home.project()
    frames = {f"p.{number}.png": os.urandom(1000) for number in (1001, 1002)}
    first = announce(api, project, frames)
    for index, data in enumerate(frames.values()):
        put(api, first, 0, data, index)
    complete(api, first)
    again = announce(api, project, {"q.1001.png": frames["p.1001.png"], "q.1002.png": b"new"})
    assert [file["offset"] for file in again["files"]] == [1000, 0]
    put(api, again, 0, b"new", 1)
    assert complete(api, again).json()["state"] == "complete"
    elsewhere = announce(api, other, {"q.1001.png": frames["p.1001.png"]})
    assert elsewhere["files"][0]["offset"] == 0, "another project's bytes tell nobody of themselves"
    shot = api.post(
        f"/projects/{project}/shots", json={"name": "q", "plate": {"upload_id": again["id"]}}
    )
    assert shot.status_code == 201, shot.text
    with home.database.reading() as session:
        keys = {row.key for row in session.query(Blob).filter_by(project_id=project)}
        [plate] = session.query(Plate).filter_by(shot_id=shot.json()["id"])
        assert f"{plate.source}/q.1002.png" in keys


def test_known_bytes_that_are_gone_or_wrong_are_sent(house: House) -> None:
    """What the table says is a hint: the storage decides, and everything is verified."""
    project, data = house.project(), os.urandom(500)
    root = house.folder / "storage"
    with house.client(house.admin.key) as api:
        first = announce(api, project, {"a.mov": data})
        put(api, first, 0, data)
        complete(api, first)
        kept = root / "projects" / project / "uploads" / first["id"] / "a.mov"
        kept.write_bytes(b"y" * 500)
        second = announce(api, project, {"a.mov": data})
        assert second["files"][0]["offset"] == 500
        assert complete(api, second).json()["code"] == "checksum_mismatch"
        third = announce(api, project, {"a.mov": data})
        assert third["files"][0]["offset"] == 0
        put(api, third, 0, data)
        assert complete(api, third).json()["state"] == "complete"
        (root / "projects" / project / "uploads" / third["id"] / "a.mov").unlink()
        assert announce(api, project, {"a.mov": data})["files"][0]["offset"] == 0


def test_a_cut_piece_is_no_piece(house: House) -> None:
    upload_id = ""
    with house.client(house.admin.key) as api:
        upload = announce(api, house.project(), {"a.mov": CLIP[: 1 << 20]})
        upload_id = upload["id"]

        def half() -> Iterator[bytes]:
            yield CLIP[: 1 << 19]
            raise ConnectionError

        with pytest.raises(ConnectionError):
            api.put(f"/uploads/{upload_id}/files/0/pieces/0", content=half())
    with house.client(house.admin.key) as api:
        assert api.get(f"/uploads/{upload_id}").json()["files"][0]["pieces"] == []
        assert put(api, upload, 0, CLIP[: 1 << 20]).status_code == 204
        assert complete(api, upload).json()["state"] == "complete"


def test_complete_waits_for_a_piece_that_is_being_written(house: House) -> None:
    with house.client(house.admin.key) as api:
        upload = announce(api, house.project(), {"a.mov": b"x" * 10})
        assert put(api, upload, 0, b"x" * 10).status_code == 204
        go = threading.Event()

        def slow() -> Iterator[bytes]:
            yield b"y" * 5
            go.wait(60)
            yield b"y" * 5

        headers = {"Content-Length": "10"}
        path = f"/uploads/{upload['id']}/files/0/pieces/0"
        with ThreadPoolExecutor(2) as pool:
            late = pool.submit(lambda: api.put(path, content=slow(), headers=headers))
            server = psutil.Process(house.processes[0].popen.pid)
            soon(lambda: any(file.path.endswith("/.lock") for file in server.open_files()))
            done = pool.submit(complete, api, upload)
            time.sleep(0.5)
            assert not done.done()
            go.set()
            assert late.result().status_code == 204
        # The later bytes won, and they are not what was announced.
        assert done.result().json()["code"] == "checksum_mismatch"


def ids_of_uploads(home: House) -> list[str]:
    with home.database.reading() as session:
        return list(session.scalars(select(Upload.id)))


def test_old_uploads_go(
    home: House, house: House, api: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = home.project()
    unfinished = announce(api, project, {"a.mov": b"x" * 10, "b.mov": b"y"})
    put(api, unfinished, 0, b"x" * 10)
    done, fresh = (announce(api, project, {"c.mov": name}) for name in (b"done", b"fresh"))
    put(api, done, 0, b"done")
    complete(api, done)
    with home.database.session() as session:
        for upload in (unfinished, done):
            session.get_one(Upload, upload["id"]).updated_at = utc_now() - timedelta(days=8)
    if home is not house or not home.database.is_sqlite:
        # One wait for the server's own sweep is enough.
        for name, value in home.environment.items():
            monkeypatch.setenv(name, value)
        settings = load_settings()
        expiry = Expiry(home.database, open_storage(settings), lambda: settings)
        expiry.mark(utc_now())
        for over in expiry.marked():
            expiry.remove(over)
    deadline = time.monotonic() + 90
    while api.get(f"/uploads/{done['id']}").status_code == 200:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    while {unfinished["id"], done["id"]} & set(ids_of_uploads(home)):
        time.sleep(0.2)
    assert api.get(f"/uploads/{unfinished['id']}").status_code == 404
    assert put(api, unfinished, 0, b"x" * 10).status_code == 404
    assert api.get(f"/uploads/{fresh['id']}").status_code == 200
    left = {path.name for path in (home.folder / "storage").glob(f"projects/{project}/uploads/*")}
    assert not any(upload["id"] in name for name in left for upload in (unfinished, done))
    assert not any(f"{project}/uploads/{upload['id']}" in key for key in store.names()
                   for upload in (unfinished, done))  # fmt: skip


def test_an_upload_is_given_up_by_who_sent_it(home: House, api: httpx.Client, store: Store) -> None:
    """What it took is free again: whole files, pieces, and what a bucket keeps of a multipart."""
    project = home.project()
    half = announce(api, project, {"half.mov": CLIP})
    put(api, half, 0, CLIP[: half["piece_size"]])
    whole = announce(api, project, {"whole.mov": b"whole"})
    put(api, whole, 0, b"whole")
    assert complete(api, whole).status_code == 200
    uploads = {half["id"], whole["id"]}
    for ident in uploads:
        assert api.delete(f"/uploads/{ident}").status_code == 204
        for answer in (api.get(f"/uploads/{ident}"), api.delete(f"/uploads/{ident}")):
            assert answer.status_code == 404
        assert api.post(f"/uploads/{ident}/complete").status_code == 404
    deadline = time.monotonic() + 60
    while uploads & set(ids_of_uploads(home)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    places = [str(path) for path in (home.folder / "storage").rglob("*")] + store.names()
    begun = store.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    places += [one["Key"] for one in begun]
    assert not [place for place in places if any(ident in place for ident in uploads)]


@pytest.mark.parametrize("way", ["offset", "pieces", "urls", "complete"])
def test_what_is_being_sent_does_not_expire(
    request: pytest.FixtureRequest, house: House, way: str
) -> None:
    """Also where the server sees no bytes: a large movie goes into the bucket for days."""
    home: House = request.getfixturevalue("bucket_house") if way == "urls" else house
    with home.client(home.admin.key) as api:
        upload = announce(api, home.project(), {"a.mov": b"xy"})
        path = f"/uploads/{upload['id']}"
        place = {"pieces": [{"file": 0, "number": 0}]}
        ask = {
            "offset": lambda: api.patch(
                f"{path}/files/0", content=b"x", headers={"Upload-Offset": "0"}
            ),
            "pieces": lambda: put(api, upload, 0, b"xy"),
            "urls": lambda: api.post(f"{path}/urls", json=place),
            "complete": lambda: complete(api, upload),
        }[way]
        if way == "urls":
            ask()  # begun; from here on only the store is told of bytes
        with home.database.session() as session:
            # Short of a week: the running server's own sweep has to leave it alone.
            session.get_one(Upload, upload["id"]).updated_at = utc_now() - timedelta(days=6)
        assert ask().status_code in (200, 204, 409), "409: not all is there to be completed"
        with home.database.reading() as session:
            touched = session.get_one(Upload, upload["id"]).updated_at
            assert utc_now() - touched < timedelta(minutes=1)


class TestDirectly:
    """Into the object store itself, at addresses we sign."""

    def test_a_clip(self, bucket_house: House, store: Store) -> None:
        with bucket_house.client(bucket_house.admin.key) as api:
            project = bucket_house.project()
            upload = announce(api, project, {"clip.mov": CLIP, "more.mov": b"more"})
            assert upload["direct"]
            size = upload["piece_size"]
            asked = [{"file": 0, "number": 1}, {"file": 0, "number": 0}, {"file": 1, "number": 0}]
            answer = api.post(f"/uploads/{upload['id']}/urls", json={"pieces": asked}).json()
            assert answer["expires_in"] == 900
            for place in answer["urls"]:
                query = parse_qs(urlsplit(place["url"]).query)
                assert query["X-Amz-Expires"] == ["900"]
                assert "content-length" in query["X-Amz-SignedHeaders"][0]
                assert not place["url"].startswith(bucket_house.url)
                data = (CLIP, b"more")[place["file"]][place["number"] * size :][:size]
                sent = httpx.put(place["url"], content=data, headers=place["headers"], timeout=60)
                assert sent.is_success
            arrived = api.get(f"/uploads/{upload['id']}").json()["files"]
            assert [file["pieces"] for file in arrived] == [[[0, 1]], [[0, 0]]]
            assert complete(api, upload).json()["state"] == "complete"
            late = api.post(f"/uploads/{upload['id']}/urls", json={"pieces": asked})
            assert (late.status_code, late.json()["code"]) == (409, "conflict")
            key = f"studio/roto/projects/{project}/uploads/{upload['id']}/clip.mov"
            kept = store.client.get_object(Bucket=BUCKET, Key=key)
            assert kept["ServerSideEncryption"] == "AES256"
            assert kept["Body"].read() == CLIP

    def test_only_theirs_and_only_pieces_there_are(self, bucket_house: House) -> None:
        artist, other = bucket_house.person(), bucket_house.person()
        project = bucket_house.project((artist, "artist"), (other, "artist"))
        with bucket_house.client(artist.key) as api, bucket_house.client(other.key) as theirs:
            upload = announce(api, project, {"a.mov": b"x"})
            path = f"/uploads/{upload['id']}/urls"
            body = {"pieces": [{"file": 0, "number": 0}]}
            assert theirs.post(path, json=body).status_code == 404
            for piece in (
                {"file": 1, "number": 0},
                {"file": 0, "number": 1},
                {"file": -1, "number": 0},
            ):
                assert api.post(path, json={"pieces": [piece]}).status_code in (404, 422)
            assert api.post(path, json={"pieces": []}).status_code == 422
            headers = {"Upload-Offset": "0"}
            old = api.patch(f"/uploads/{upload['id']}/files/0", content=b"x", headers=headers)
            assert old.json()["code"] == "conflict"

    def test_two_who_begin_the_same_file(self, bucket_house: House, store: Store) -> None:
        with bucket_house.client(bucket_house.admin.key) as api:
            upload = announce(api, bucket_house.project(), {"a.mov": b"x"})
            body = {"pieces": [{"file": 0, "number": 0}]}
            with ThreadPoolExecutor(4) as pool:
                ask = [
                    pool.submit(api.post, f"/uploads/{upload['id']}/urls", json=body)
                    for _ in range(4)
                ]
            ids = {parse_qs(urlsplit(one.result().json()["urls"][0]["url"]).query)["uploadId"][0]
                   for one in ask}  # fmt: skip
            assert len(ids) == 1
            begun = store.client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
            assert [one["UploadId"] for one in begun if upload["id"] in one["Key"]] == [*ids]


def test_a_directory_signs_nothing(house: House) -> None:
    with house.client(house.admin.key) as api:
        upload = announce(api, house.project(), {"a.mov": b"x"})
        assert not upload["direct"]
        body = {"pieces": [{"file": 0, "number": 0}]}
        assert api.post(f"/uploads/{upload['id']}/urls", json=body).json()["code"] == "conflict"


def test_nothing_lies_about_after_an_upload(house: House) -> None:
    project = house.project()
    with house.client(house.admin.key) as api:
        upload = announce(api, project, {"a.mov": b"x", "empty.mov": b""})
        put(api, upload, 0, b"x")
        complete(api, upload)
    uploads = Path(house.folder / "storage/projects" / project / "uploads")
    assert [path.name for path in uploads.iterdir()] == [upload["id"]]
    assert sorted(path.name for path in (uploads / upload["id"]).iterdir()) == [
        "a.mov",
        "empty.mov",
    ]


@pytest.mark.postgresql
def test_the_same_piece_several_times_at_once(house: House) -> None:
    with house.client(house.admin.key) as api:
        upload = announce(api, house.project(), {"a.mov": CLIP})
        with ThreadPoolExecutor(8) as pool:
            sent = [pool.submit(put, api, upload, number, CLIP) for number in (0, 1, 2) * 4]
        assert {one.result().status_code for one in sent} == {204}
        assert complete(api, upload).json()["state"] == "complete"
