"""`roto projects members`, `roto shots assign|unassign|mine|show` and `roto objects`, for real."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

import pytest
from helpers_commands import Run, commands, told
from helpers_lifecycle import Studio, done
from helpers_people import House

pytestmark = pytest.mark.one_database


@pytest.fixture
def studio(house: House) -> Iterator[Studio]:
    studio = Studio.open(house)
    yield studio
    studio.close()


@pytest.fixture
def run(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `roto` as somebody."""
    return commands(studio.house, monkeypatch)


def test_people_come_into_a_project_and_go(studio: Studio, run: Run) -> None:
    lead = partial(run, studio.lead)
    ann = studio.house.person()
    added = told(lead("projects", "members", "add", studio.project, ann.email))
    assert added.split() == [ann.id, *ann.name.split(), "artist", ann.email]
    again = lead("projects", "members", "add", studio.project, ann.email)
    assert (again.exit_code, "member of the project already" in again.stderr) == (2, True)
    listed = told(run(ann, "projects", "members", "list", studio.project)).splitlines()
    assert listed[0].split()[0] == ann.id
    assert len(listed) == 3
    assert studio.lead.email not in "".join(listed)
    for who in (ann.email, ann.name, ann.id):
        changed = lead("projects", "members", "set", studio.project, who, "--role", "viewer")
        assert "viewer" in told(changed)
    wrong = lead("projects", "members", "set", studio.project, ann.id, "--role", "boss")
    assert (wrong.exit_code, "supervisor, artist, viewer" in wrong.stderr) == (2, True)
    refused = run(ann, "projects", "members", "remove", studio.project, studio.artist.name)
    assert (refused.exit_code, "not allowed" in refused.stderr) == (2, True)
    assert "no member of" in told(lead("projects", "members", "remove", studio.project, ann.name))
    gone = lead("projects", "members", "remove", studio.project, ann.name)
    assert (gone.exit_code, "members list" in gone.stderr) == (2, True)


def test_two_of_one_name_are_told_apart_by_id(studio: Studio, run: Run) -> None:
    twins = [studio.house.person(name="Kim") for _ in range(2)]
    for one in twins:
        told(run(studio.lead, "projects", "members", "add", studio.project, one.email))
    shot = studio.shot()
    refused = run(studio.lead, "shots", "assign", shot, "--to", "Kim")
    assert refused.exit_code == 2
    assert all(one.id in refused.stderr for one in twins)
    told(run(studio.lead, "shots", "assign", shot, "--to", twins[1].id))


def test_shots_are_given_to_people_and_taken_from_them(studio: Studio, run: Run) -> None:
    lead, artist = partial(run, studio.lead), partial(run, studio.artist)
    shots = [studio.shot(), studio.shot()]
    named = f"show {studio.project}/sh {shots[1]}"
    assert told(artist("shots", "mine")) == ""
    assigned = lead("shots", "assign", shots[0], named, "--to", studio.artist.email)
    assert told(assigned) == "2 of 2 shots have other people now.\n"
    assert told(lead("shots", "assign", *shots, "--to", studio.artist.name)).startswith("0 of 2")
    mine = told(artist("shots", "mine", "--project", studio.project)).splitlines()
    assert sorted(line.split()[0] for line in mine) == sorted(shots)
    assert all(f"show {studio.project}/sh" in line for line in mine)
    assert told(artist("shots", "mine", "--review", "retake")) == ""
    told(lead("shots", "assign", shots[0], "--to", studio.lead.name, "--only"))
    assert told(artist("shots", "mine")).split()[0] == shots[1]
    told(lead("shots", "unassign", shots[1], "--from", studio.artist.id))
    told(lead("shots", "unassign", shots[0]))
    assert done(studio.client.get(f"/shots/{shots[0]}/assignees"))["items"] == []
    assert told(artist("shots", "mine")) == ""
    refused = artist("shots", "assign", shots[0], "--to", studio.artist.id)
    assert (refused.exit_code, "not allowed" in refused.stderr) == (2, True)
    other = studio.house.shot(studio.house.project((studio.lead, "supervisor")), studio.lead)
    mixed = lead("shots", "assign", shots[0], other, "--to", studio.lead.id)
    assert (mixed.exit_code, "several projects" in mixed.stderr) == (2, True)


def test_a_shot_is_shown_on_one_page(studio: Studio, run: Run) -> None:
    shot = studio.shot(studio.artist)
    studio.object(shot, "hero")
    told(run(studio.lead, "shots", "set", shot, "--handles", "1,2", "--fps", "23.976"))
    shown = told(run(studio.artist, "shots", "show", f"show {studio.project}/sh {shot}"))
    head, *lines = shown.splitlines()
    assert head == f"{shot}  show {studio.project}/sh {shot}"
    facts = {line[:16].strip(): line[16:] for line in lines}
    known = done(studio.client.get(f"/shots/{shot}"))
    first, last = known["frame_range"]
    assert facts["frames"] == f"{first}-{last}, in the cut {first + 1}-{last - 2}"
    assert facts["size"] == f"{known['width']}x{known['height']}"
    assert (facts["state"], facts["rate"], facts["review"]) == ("ready", "24000/1001", "waiting")
    assert facts["plate"] == f"main v001  {known['plate']['path']}"
    assert (facts["objects"], facts["assigned to"]) == ("hero", studio.artist.name)
    assert json.loads(told(run(studio.lead, "shots", "show", shot, "--json"))) == known
    stranger = run(studio.house.person(), "shots", "show", shot)
    assert (stranger.exit_code, "Traceback" in stranger.output) == (2, False)


def test_objects_are_named_coloured_ordered_and_deleted(studio: Studio, run: Run) -> None:
    lead = partial(run, studio.lead)
    shot = studio.shot()
    hero, car, dog = (studio.object(shot, name) for name in ("hero", "car", "dog"))
    told(lead("objects", "set", shot, "hero", "--label", "lead actor", "--color", "1,0.5,0"))
    changed = told(lead("objects", "set", f"show {studio.project}/sh {shot}", car, "--name", "bus"))
    assert changed.split()[:2] == [car, "bus"]
    taken = lead("objects", "set", shot, "bus", "--name", "hero")
    assert (taken.exit_code, "called 'hero' already" in taken.stderr) == (2, True)
    for words, message in (
        (("--color", "red"), "R,G,B"),
        (("--color", "2,0,0"), "color"),
        ((), "Nothing is to be changed"),
    ):
        refused = lead("objects", "set", shot, "hero", *words)
        assert (refused.exit_code, message in refused.stderr) == (2, True), refused.output
    ordered = told(lead("objects", "order", shot, "dog", hero)).splitlines()
    assert [line.split()[0] for line in ordered] == [dog, hero, car]
    assert ordered[1].endswith("1,0.5,0         lead actor")
    listed = json.loads(told(lead("objects", "list", shot, "--json")))
    assert [one["name"] for one in listed] == ["dog", "hero", "bus"]
    assert f"roto trash restore object {dog}" in lead("objects", "delete", shot, "dog").stderr
    assert "dog" not in told(lead("objects", "list", shot))
    gone = lead("objects", "delete", shot, "dog")
    assert (gone.exit_code, "no object called 'dog'" in gone.stderr) == (2, True)
