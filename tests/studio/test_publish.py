"""Results in the studio's own folders: named by the project's template, never over anything."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_outputs import FIRST, FRAMES, TEMPLATE, Studio, working
from helpers_people import House
from sqlalchemy import select
from typer.testing import CliRunner

from roto_client import cli
from roto_server.db.media import Publication
from roto_server.db.models import Project


@pytest.fixture(scope="module")
def studio(house: House) -> Iterator[Studio]:
    with working(house) as made:
        yield made


def publishing(studio: Studio, template: str = TEMPLATE, **settings: Any) -> tuple[str, Path]:
    """A project that publishes, and the folder it publishes into."""
    folder = studio.house.plates / f"delivery-{uuid.uuid4().hex[:8]}"
    folder.mkdir()
    rule = {"folder": str(folder), "template": template}
    return studio.project(publish=rule, **settings), folder


def there(folder: Path) -> dict[str, str]:
    """Every file below the folder with its SHA-256."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def publications(studio: Studio, shot: str, **headers: str) -> list[dict[str, Any]]:
    answer = studio.client.get(f"/shots/{shot}/publications", headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_a_job_publishes_what_it_has_made(studio: Studio) -> None:
    place = {"name": "delivery", "linux": str(studio.house.plates), "windows": ["P:\\"]}
    project, folder = publishing(studio, places=[place])
    shot = studio.shot(project)
    wishes = {"videos": [{"kind": "cutout", "codec": "prores4444"}], "outputs": ["mattes"]}
    job = studio.succeeded(studio.segment(shot, publish=True, **wishes))
    assert [task["kind"] for task in job["tasks"]] == ["track", "vectorize", "export", "publish"]

    name = studio.client.get(f"/projects/{project}").json()["name"]
    shot_name = studio.client.get(f"/shots/{shot}").json()["name"]
    stem = f"{name}/{shot_name}/v001"
    found = there(folder)
    frames = range(FIRST, FIRST + FRAMES)
    assert set(found) == {
        *(f"{stem}/{one}_v001.{n}.exr" for one in ("disc", "corner") for n in frames),
        f"{stem}/shapes_v001.nk",
        f"{stem}/cutout_v001.mov",
    }
    digests = {one["sha256"] for one in studio.outputs(job).values()}
    assert set(found.values()) == digests

    rows = publications(studio, shot)
    assert {row["path"]: row["sha256"] for row in rows} == {
        str(folder / name): digest for name, digest in found.items()
    }
    assert {row["job_id"] for row in rows} == {job["id"]}
    told = publications(studio, shot, **{"X-Roto-Platform": "windows"})[0]["path"]
    assert told.startswith(f"P:\\{folder.name}\\")
    assert "/" not in told

    again = studio.succeeded(studio.accepted(f"/jobs/{job['id']}/publish", {}))
    assert (again["kind"], [task["kind"] for task in again["tasks"]]) == ("publish", ["publish"])
    assert there(folder) == found
    assert {row["job_id"] for row in publications(studio, shot)} == {job["id"]}

    changed = folder / stem / f"disc_v001.{FIRST + 3}.exr"
    changed.write_bytes(b"painted over by the studio")
    (folder / stem / f"disc_v001.{FIRST}.exr").unlink()
    before = there(folder)
    refused = studio.ended(studio.accepted(f"/jobs/{job['id']}/publish", {}))
    assert (refused["state"], refused["error"]["code"]) == ("failed", "conflict")
    assert changed.name in refused["error"]["message"]
    assert there(folder) == before, "nothing of the set was published"

    changed.unlink()
    retried = studio.client.post(f"/jobs/{refused['id']}/retry")
    assert retried.status_code == 200, retried.text
    studio.succeeded(refused)
    assert there(folder) == found


def test_later_versions_lie_beside_earlier_ones(studio: Studio) -> None:
    project, folder = publishing(studio, "{shot}/{object}_v{version:02d}.{frame:04d}.{ext}")
    shot = studio.shot(project)
    first = studio.succeeded(studio.segment(shot, outputs=["mattes"], exports=[]))
    assert there(folder) == {}, "only what was asked for is published"
    studio.succeeded(studio.accepted(f"/jobs/{first['id']}/publish", {}))
    wanted = {"outputs": ["mattes"], "mattes": "png8", "publish": True}
    second = studio.succeeded(studio.accepted(f"/shots/{shot}/export", wanted))
    assert second["version"] == 2
    name = studio.client.get(f"/shots/{shot}").json()["name"]
    names = set(there(folder))
    assert {f"{name}/disc_v01.{FIRST}.exr", f"{name}/disc_v02.{FIRST}.png"} <= names
    assert len(names) == 4 * FRAMES
    with studio.house.database.reading() as session:
        rows = session.scalars(select(Publication).where(Publication.shot_id == shot)).all()
        assert len(rows) == 4 * FRAMES
        assert len({row.job_id for row in rows}) == 2


def test_a_shared_folder_that_is_gone_fails_the_job_and_is_not_made(studio: Studio) -> None:
    project, folder = publishing(studio)
    shot = studio.shot(project)
    job = studio.succeeded(studio.segment(shot, outputs=["mattes"], exports=[]))
    folder.rmdir()
    failed = studio.ended(studio.accepted(f"/jobs/{job['id']}/publish", {}))
    assert (failed["state"], failed["error"]["code"]) == ("failed", "path_refused")
    assert not folder.exists()


def change_rule(studio: Studio, project: str, rule: dict[str, str] | None) -> None:
    """As an older server, or somebody at the database, may have left it."""
    with studio.house.database.session() as session:
        session.get_one(Project, project).settings = {"publish": rule}


def test_what_cannot_be_published_is_refused_at_once(studio: Studio) -> None:
    project, folder = publishing(studio)
    shot = studio.house.shot(project, studio.person)
    prompts = [{"frame": 1001, "box": [1, 1, 9, 9]}]
    body = {"objects": [{"name": "o", "prompts": prompts}], "publish": True}
    path = f"/shots/{shot}/segment"

    def refused(rule: dict[str, str] | None, **wishes: Any) -> str:
        change_rule(studio, project, rule)
        answer = studio.client.post(path, json={**body, **wishes})
        assert answer.status_code >= 400, answer.text
        return str(answer.json()["code"])

    good = {"folder": str(folder), "template": TEMPLATE}
    assert refused(None) == "conflict"
    assert refused({**good, "folder": "/etc"}) == "path_refused"
    assert refused({**good, "folder": str(studio.house.folder / "storage")}) == "path_refused"
    outside = folder / "link"
    outside.symlink_to("/")
    assert refused({**good, "folder": str(outside / "tmp")}) == "path_refused"
    same = {**good, "template": "{shot}_v{version:03d}.{frame:04d}.{ext}"}
    two = [{"name": name, "prompts": prompts} for name in ("o", "p")]
    assert refused(same, objects=two) == "bad_template"
    movies = {"outputs": ["overlay"], "exports": [], "videos": [{"kind": "greenscreen"}]}
    assert refused(same, **movies) == "bad_template", "a number has no place in that name either"
    both = {"outputs": ["mattes", "cryptomatte"], "exports": []}
    named = [{"name": "cryptomatte", "prompts": prompts}]
    assert refused(good, objects=named, **both) == "bad_template", "ID mattes have that name"
    assert refused({**good, "template": "x" * 250 + "{version}.{frame}.{ext}"}) == "bad_template"
    change_rule(studio, project, good)
    made = studio.accepted(path, body)
    assert made["params"]["publish"] == good
    unfinished = studio.client.post(f"/jobs/{made['id']}/publish", json={})
    assert unfinished.status_code == 409
    studio.client.post(f"/jobs/{made['id']}/cancel")


@pytest.mark.one_database
def test_the_commands(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_SERVER", studio.house.url)
    monkeypatch.setenv("ROTO_API_KEY", studio.person.key)
    app = cli.build_app()

    def roto(*words: str) -> str:
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
        return result.stdout

    project, folder = publishing(studio)
    shot = studio.shot(project)
    first = studio.succeeded(studio.segment(shot, outputs=["mattes"]))
    told = roto(
        "shots", "export", shot, "--video", "cutout", "--video", "overlay:h264",
        "--format", "fusion", "--quality", "draft", "--publish", "--out", str(tmp_path),
    )  # fmt: skip
    assert "cutout" in told
    assert {path.suffix for path in tmp_path.rglob("*.*")} == {".mov", ".mp4", ".setting"}
    assert {Path(name).name for name in there(folder)} == {
        "cutout_v002.mov", "overlay_v002.mp4", "shapes_v002.setting",
    }  # fmt: skip
    paths = roto("publish", first["id"]).splitlines()
    assert len(paths) == 2 * FRAMES + 1
    assert all(Path(path).is_file() for path in paths)
    assert set(roto("shots", "published", shot).splitlines()) == {
        str(folder / name) for name in there(folder)
    }
    refused = CliRunner().invoke(app, ["shots", "export", shot, "--video", "cutout:cinepak"])
    assert refused.exit_code == 2
    assert "There is no video 'cutout:cinepak'." in refused.output
