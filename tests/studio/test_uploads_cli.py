"""`roto uploads` against a real server, and the list it reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

import pytest
from helpers_commands import Run, commands, told
from helpers_lifecycle import Studio, done, refused
from helpers_people import House
from helpers_plates import send_upload


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


@pytest.fixture
def run(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `roto` as the project's artist."""
    return partial(commands(studio.house, monkeypatch), studio.artist)


def test_uploads_are_listed_and_given_up(studio: Studio, run: Run) -> None:
    whole = send_upload(studio.theirs, studio.project, "a b.exr", b"whole")
    files = [{"name": f"p.{n}.exr", "size": 3, "sha256": hashlib.sha256(b"abc").hexdigest()}
             for n in range(3)]  # fmt: skip
    body = {"project_id": studio.project, "files": files}
    begun = done(studio.theirs.post("/uploads", json=body), 201)["id"]
    first, second = told(run("uploads", "list")).splitlines()
    assert first.startswith(f"{begun}  open ")
    assert first.endswith(f"     3 files  show {studio.project}  p.0.exr")
    assert second.startswith(f"{whole}  complete ")
    assert second.endswith(f"     1 files  show {studio.project}  a b.exr")
    assert done(studio.client.get("/uploads"))["items"] == []
    assert refused(studio.client.delete(f"/uploads/{begun}")) == (404, "not_found")
    assert "its room is free" in told(run("uploads", "delete", begun))
    assert begun not in told(run("uploads", "list"))
    gone = run("uploads", "delete", begun)
    assert (gone.exit_code, begun in gone.stderr) == (2, True)


def test_who_left_a_project_sees_nothing_of_it(studio: Studio) -> None:
    send_upload(studio.theirs, studio.project, "a.exr", b"a")
    members = f"/projects/{studio.project}/members/{studio.artist.id}"
    assert studio.client.delete(members).status_code == 204
    assert done(studio.theirs.get("/uploads"))["items"] == []
