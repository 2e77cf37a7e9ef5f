"""`roto review`, `roto notes` and `roto versions` against a real server."""

from __future__ import annotations

import json

import pytest
from helpers_commands import Run, commands, told
from helpers_people import House
from helpers_review import Show, show

pytestmark = pytest.mark.one_database


@pytest.fixture
def heist(house: House) -> Show:
    return show(house)


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `roto` as somebody."""
    return commands(house, monkeypatch)


def test_a_shot_is_sent_back_and_approved(heist: Show, run: Run) -> None:
    shot = f"show {heist.project_id}/sh {heist.shot_id}"
    first = heist.version(1)
    heist.object("hero", first)
    assert told(run(heist.artist, "review", shot, "pending_review")).endswith(": pending_review\n")
    refused = run(heist.supervisor, "review", shot, "retake")
    assert (refused.exit_code, "A retake needs a reason." in refused.output) == (2, True)
    told(run(heist.supervisor, "review", shot, "retake", "--reason", "hair", "--job", first))
    told(run(heist.artist, "review", heist.shot_id, "pending_review"))
    told(run(heist.supervisor, "review", heist.shot_id, "approved"))
    shown = told(run(heist.viewer, "review", shot)).splitlines()
    assert shown[0] == f"sh {heist.shot_id}: approved"
    assert "retake -> pending_review" in shown[2]
    assert shown[3].endswith(f"{heist.supervisor.name} (job {first}): hair")
    refused = run(heist.artist, "review", shot, "final")
    assert refused.exit_code == 2
    assert "You are not allowed to do that." in refused.output
    unknown = run(heist.artist, "review", "nowhere/at_all")
    assert (unknown.exit_code, "nowhere" in unknown.output) == (2, True)
    listed = told(run(heist.viewer, "versions", shot))
    assert listed.startswith("v001  roto    succeeded")
    assert listed.count("main plate v001") == 1
    assert listed.rstrip().endswith("hero  retake")
    assert json.loads(told(run(heist.viewer, "versions", shot, "--kind", "export", "--json"))) == []
    heist.version(2, "export", params={"objects": [], "shapes_version": 1, "source_job_id": first})
    assert "v002  export  of v001  succeeded" in told(run(heist.viewer, "versions", shot))


def test_notes_are_said_answered_and_resolved(heist: Show, run: Run) -> None:
    version = heist.version(1)
    heist.object("hero", version)
    note = told(run(
        heist.supervisor, "notes", "add", heist.shot_id, "the hand\nslips off", "--frame", 1003,
        "--at", "12,7.5", "--object", "hero", "--job", version,
    )).strip()  # fmt: skip
    other = told(run(heist.artist, "notes", "add", heist.shot_id, "no pin")).strip()
    answer = told(run(heist.artist, "notes", "answer", note, "which one?")).strip()
    lines = told(run(heist.viewer, "notes", "list", heist.shot_id)).splitlines()
    assert lines[0].endswith(f"frame 1003, at 12,7.5, hero, job {version}  [{note}]")
    assert lines[1:3] == ["  the hand", "  slips off"]
    assert lines[3].startswith("    ")
    assert lines[3].endswith(f"[{answer}]")
    assert lines[5].endswith(f"[{other}]")
    assert told(run(heist.artist, "notes", "resolve", note)) == f"{note}: resolved\n"
    left = json.loads(told(run(heist.viewer, "notes", "list", heist.shot_id, "--open", "--json")))
    assert [one["id"] for one in left] == [other]
    assert told(run(heist.artist, "notes", "resolve", note, "--undo")) == f"{note}: open\n"
    told(run(heist.artist, "notes", "delete", other))
    refused = run(heist.supervisor, "notes", "delete", note)
    assert (refused.exit_code, "has been answered" in refused.output) == (2, True)
    refused = run(heist.artist, "notes", "add", heist.shot_id, "x", "--frame", 1003, "--at", "99,1")
    assert (refused.exit_code, "outside the 64x36 plate" in refused.output) == (2, True)
    assert run(heist.artist, "notes", "add", heist.shot_id, "x", "--at", "here").exit_code == 2
    refused = run(heist.artist, "notes", "add", heist.shot_id, "x", "--object", "dog")
    assert "no object called 'dog'" in refused.output
