"""Whose bytes need not be sent again, and what many files of an upload cost."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_people import House
from helpers_plates import send_upload

from roto_server.db.models import Upload
from roto_server.db.people import Assignment
from roto_server.storage import DirectoryStorage
from roto_server.uploading.completing import publish
from roto_server.uploading.files import UploadFiles

DATA = os.urandom(1000)


def offered(api: httpx.Client, project: str, data: bytes = DATA) -> int:
    """Bytes that the server says it has of a file of which it was told the SHA-256 alone."""
    digest = hashlib.sha256(data).hexdigest()
    file = {"name": "mine.mov", "size": len(data), "sha256": digest}
    answer = api.post("/uploads", json={"project_id": project, "files": [file]})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["files"][0]["offset"])


@pytest.mark.one_database
@pytest.mark.parametrize("sees_all", [False, True])
def test_a_sha256_is_no_key_to_what_one_may_not_see(house: House, sees_all: bool) -> None:
    maker, other, lead = (house.person(name) for name in ("artist", "artist", "supervisor"))
    members = ((maker, "artist"), (other, "artist"), (lead, "supervisor"))
    project = house.project(*members, artists_see_all=sees_all)
    hidden = len(DATA) if sees_all else 0
    with (
        house.client(maker.key) as makers,
        house.client(other.key) as others,
        house.client(lead.key) as leads,
        house.client(house.admin.key) as admins,
    ):
        upload = send_upload(makers, project, "plate.mov", DATA)
        assert offered(makers, project) == len(DATA), "their own upload"
        assert offered(others, project) == hidden
        body = {"name": "sh010", "plate": {"upload_id": upload}}
        shot = makers.post(f"/projects/{project}/shots", json=body)
        assert shot.status_code == 201, shot.text
        assert offered(makers, project) == len(DATA), "their own shot"
        assert offered(others, project) == hidden
        for whole in (leads, admins):
            assert offered(whole, project) == len(DATA)
        # What is hidden is sent as if it were new, and makes no difference to anybody.
        send_upload(others, house.project((other, "artist")), "else.mov", DATA)
        with house.database.session() as session:
            session.add(
                Assignment(shot_id=shot.json()["id"], user_id=other.id, assigned_by=lead.id)
            )
        assert offered(others, project) == len(DATA), "assigned, so they may see it"


@pytest.mark.one_database
def test_what_is_hidden_is_sent_again(house: House) -> None:
    maker, other = house.person(), house.person()
    members = ((maker, "artist"), (other, "artist"))
    project = house.project(*members, artists_see_all=False)
    with house.client(maker.key) as makers, house.client(other.key) as others:
        send_upload(makers, project, "a.mov", DATA)
        body = {
            "name": "theirs",
            "plate": {"upload_id": send_upload(others, project, "b.mov", DATA)},
        }
        assert others.post(f"/projects/{project}/shots", json=body).status_code == 201
        assert offered(makers, project) == len(DATA)


class Counted(dict[str, Any]):
    """A file as an upload's row tells it, which counts how often it is looked at."""

    looks = 0

    def __getitem__(self, key: str) -> Any:
        Counted.looks += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("piece_size", [None, 8 << 20], ids=["an older upload", "now"])
def test_many_files_cost_what_many_files_cost(
    tmp_path: Path, piece_size: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 000 files are allowed: whatever looks at all of them for each of them takes minutes."""
    monkeypatch.setattr(Counted, "looks", 0)
    count = 500
    empty = hashlib.sha256(b"").hexdigest()
    told = [Counted(name=f"p.{number:05d}.exr", size=0, sha256=empty) for number in range(count)]
    upload = Upload(id="1" * 32, project_id="2" * 32, state="open", files=told)
    upload.piece_size = piece_size
    storage = DirectoryStorage(tmp_path)
    assert len(UploadFiles(upload, storage).arrivals({})) == count
    assert publish(UploadFiles(upload, storage), {}) == []
    files = UploadFiles(upload, storage)
    assert all(arrival.is_whole for arrival in files.arrivals({}))
    files.remove()
    assert 0 < Counted.looks < 40 * count
