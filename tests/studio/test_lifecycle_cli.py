"""`roto projects`, `roto trash` and what `roto shots` does to a shot, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from helpers_commands import Run, commands, told
from helpers_lifecycle import Studio, done, soon
from helpers_people import House

from roto_server.db.models import Shot

pytestmark = pytest.mark.one_database


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


@pytest.fixture
def run(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `roto` as the project's supervisor."""
    return partial(commands(studio.house, monkeypatch), studio.lead)


def test_a_project_is_made_set_archived_and_deleted(
    studio: Studio, run: Run, tmp_path: Path
) -> None:
    name = f"cli {studio.project}"
    settings = tmp_path / "settings.json"
    settings.write_text('{"quality": "final", "handles": 8}')
    ident = told(
        run("projects", "create", name, "--client", "Acme", "--settings", settings)
    ).strip()
    shown = json.loads(told(run("projects", "show", name)))
    assert (shown["id"], shown["client"], shown["settings"]["handles"]) == (ident, "Acme", 8)
    told(run("projects", "set", name, "--client", "Other", "--artists-see-theirs"))
    shown = json.loads(told(run("projects", "show", name)))
    assert (shown["client"], shown["artists_see_all"]) == ("Other", False)
    assert shown["settings"]["quality"] == "final"
    told(run("projects", "archive", name))
    assert ident not in told(run("projects", "list"))
    assert ident in told(run("projects", "list", "--archived"))
    told(run("projects", "unarchive", name))
    assert ident in told(run("projects", "list"))
    assert "in the trash" in told(run("projects", "delete", name))
    assert f"project   {ident}  {name}" in told(run("trash", "list", "--kind", "project"))
    assert run("projects", "show", name).exit_code == 2
    told(run("trash", "restore", "project", ident))
    told(run("projects", "show", name))
    settings.write_text("{")
    assert "is not JSON" in run("projects", "set", name, "--settings", settings).output
    assert run("projects", "set", name).exit_code == 2


def test_a_shot_is_changed_moved_deleted_and_purged(studio: Studio, run: Run) -> None:
    shot = studio.shot()
    running = studio.version(shot, state="queued")
    told(run("shots", "set", shot, "--name", "cli_010", "--handles", "3,4", "--fps", "24000/1001"))
    as_it_is = done(studio.client.get(f"/shots/{shot}"))
    assert (as_it_is["handles"], as_it_is["fps"]) == ([3, 4], [24000, 1001])
    told(run("shots", "set", shot, "--handles", "2", "--fps", "29.97", "--colorspace", "auto"))
    as_it_is = done(studio.client.get(f"/shots/{shot}"))
    assert (as_it_is["handles"], as_it_is["fps"]) == ([2, 2], [30000, 1001])
    assert run("shots", "set", shot, "--handles", "8,9,10").exit_code == 2
    target = studio.house.project((studio.lead, "supervisor"))
    assert run("shots", "move", shot, target).exit_code == 2
    told(run("cancel", running))
    assert f"project {target}" in told(run("shots", "move", shot, f"show {target}"))
    told(run("shots", "archive", f"show {target}/cli_010"))
    told(run("shots", "unarchive", f"show {target}/cli_010"))
    again = studio.version(shot, number=2, state="queued")
    assert "1 jobs were cancelled" in told(run("trash", "put", "shot", f"show {target}/cli_010"))
    assert (
        done(studio.client.get("/trash", params={"project_id": target}))["items"][0]["id"] == shot
    )
    assert run("trash", "purge", "shot", shot, input="n\n").exit_code == 1
    told(run("trash", "restore", "shot", shot))
    assert done(studio.client.get(f"/jobs/{again}"))["state"] == "cancelled"
    told(run("shots", "delete", shot))
    told(run("trash", "purge", "shot", shot, "--yes"))

    def gone() -> bool:
        with studio.house.database.reading() as session:
            return session.get(Shot, shot) is None

    soon(gone)
    assert run("trash", "put", "thing", shot).exit_code == 2
