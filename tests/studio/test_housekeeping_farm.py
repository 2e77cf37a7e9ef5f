"""What a real farm leaves: told as versions, told in figures, and none of it an orphan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from helpers_outputs import FRAMES, working
from helpers_people import House

from roto_server.admin.orphans import find
from roto_server.db.types import utc_now
from roto_server.storage import DirectoryStorage
from roto_worker.runtime.kept import look


@pytest.mark.one_database
def test_what_a_farm_made_is_known_to_the_last_file(house: House) -> None:
    with working(house) as studio:
        project = studio.project()
        shot = studio.shot(project)
        tracked = studio.succeeded(studio.segment(shot))
        written = studio.succeeded(
            studio.accepted(f"/shots/{shot}/export", {"formats": ["fusion"]})
        )
        newest, oldest = studio.client.get(f"/shots/{shot}/versions").json()["items"]
        moves = studio.client.get(f"/shots/{shot}/reviews").json()["items"]
    # The worker has ended: it tidies up after its last report.
    kept = look(house.folder / "scratch")

    assert [newest["id"], oldest["id"]] == [written["id"], tracked["id"]]
    assert (oldest["shapes_version"], newest["shapes_version"]) == (1, 1)
    assert newest["source_job_id"] == oldest["id"]
    assert [one["name"] for one in oldest["objects"]] == ["disc", "corner"]
    assert newest["objects"] == oldest["objects"]
    assert oldest["confidence"]["frames"] == 2 * FRAMES
    assert {one["role"] for one in oldest["files"]} >= {"matte", "shape_export"}
    assert {one["format"] for one in newest["files"]} >= {"fusion"}
    assert 0 <= oldest["confidence"]["lowest"] <= oldest["confidence"]["mean"] <= 1
    assert [(one["before"], one["after"], one["job_id"]) for one in moves] == [
        ("waiting", "in_progress", tracked["id"])
    ]

    with house.client(house.admin.key) as client:
        [row] = client.get(f"/admin/storage?project_id={project}").json()["items"]
    on_disk = list((house.folder / "storage" / "projects" / project).rglob("*"))
    files = [path for path in on_disk if path.is_file()]
    assert row["files"] == len(files)
    assert row["bytes"] == sum({path.stat().st_ino: path.stat().st_size for path in files}.values())
    filled = {name for name, part in row["parts"].items() if part["files"]}
    assert filled == {"proxies", "masks", "shapes", "exports", "logs"}

    later = utc_now() + timedelta(minutes=1)
    storage = DirectoryStorage(house.folder / "storage")
    assert list(find(house.database, storage, later, project)) == []
    assert {one.what for one in kept} <= {"models"}
