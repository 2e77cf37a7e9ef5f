"""Notes on a real server: pinned where the plate is, answered, resolved, taken back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from helpers_people import House
from helpers_review import Show, show
from sqlalchemy import select, update

from roto_server.access.roles import Permission
from roto_server.access.watching import audiences
from roto_server.db.media import Plate
from roto_server.db.models import Event, RotoObject, Shot
from roto_server.db.people import AuditEntry
from roto_server.db.types import utc_now


@pytest.fixture
def heist(house: House) -> Show:
    return show(house)


def _listed(heist: Show, query: str = "") -> list[dict[str, Any]]:
    with heist.as_(heist.viewer) as client:
        answer = client.get(f"/shots/{heist.shot_id}/notes{query}")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


def test_a_note_is_pinned_answered_and_resolved(heist: Show) -> None:
    version = heist.version(1)
    hero = heist.object("hero", version)
    made = heist.note(
        heist.supervisor, "  the hand\r\nslips off ", frame=1003, x=63.5, y=0, object_id=hero,
        job_id=version,
    )  # fmt: skip
    assert made.status_code == 201, made.text
    head = made.json()
    assert (head["text"], head["frame"], head["x"], head["y"]) == (
        "the hand\nslips off", 1003, 63.5, 0,
    )  # fmt: skip
    assert (head["object_id"], head["job_id"], head["reply_to"]) == (hero, version, None)
    assert (head["created_by"], head["resolved_at"]) == (heist.supervisor.name, None)
    first = heist.note(heist.artist, "which one?", reply_to=head["id"]).json()
    # Whoever answers an answer goes on with the thread.
    second = heist.note(heist.supervisor, "the left", reply_to=first["id"]).json()
    assert [first["reply_to"], second["reply_to"]] == [head["id"]] * 2
    assert [one["id"] for one in _listed(heist)] == [second["id"], first["id"], head["id"]]
    with heist.as_(heist.artist) as client:
        solved = client.patch(f"/notes/{head['id']}", json={"resolved": True}).json()
        assert solved["resolved_by"] == heist.artist.name
        assert client.patch(f"/notes/{head['id']}", json={"resolved": True}).json() == solved
        assert _listed(heist, "?resolved=false") == []
        assert len(_listed(heist, "?resolved=true")) == 3
        again = client.patch(f"/notes/{head['id']}", json={"resolved": False}).json()
        assert (again["resolved_at"], again["resolved_by"]) == (None, None)
        told = client.patch(f"/notes/{first['id']}", json={"resolved": True})
        assert (told.status_code, told.json()["code"]) == (422, "bad_request")


def test_lists_are_of_threads(heist: Show) -> None:
    version = heist.version(1)
    hero, dog = heist.object("hero", version), heist.object("dog", version)
    of_hero = heist.note(heist.artist, object_id=hero).json()["id"]
    of_dog = heist.note(heist.artist, object_id=dog, frame=1002).json()["id"]
    of_version = heist.note(heist.artist, job_id=version).json()["id"]
    answer = heist.note(heist.artist, reply_to=of_dog).json()["id"]
    for query, found in (
        (f"?object_id={hero}", [of_hero]),
        (f"?object_id={dog}", [answer, of_dog]),
        ("?frame=1002", [answer, of_dog]),
        (f"?job_id={version}", [of_version]),
        (f"?object_id={dog}&frame=1003", []),
        ("?limit=2", [answer, of_version]),
    ):
        assert [one["id"] for one in _listed(heist, query)] == found


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("pins", "code"),
    [
        ({"frame": 1000}, "range_outside_plate"),
        ({"frame": 1011}, "range_outside_plate"),
        ({"frame": 2**31}, "bad_request"),
        ({"frame": 1003, "x": 64.5, "y": 3}, "bad_request"),
        ({"frame": 1003, "x": -0.5, "y": 3}, "bad_request"),
        ({"frame": 1003, "x": 3, "y": 36.5}, "bad_request"),
        ({"frame": 1003, "x": 3}, "bad_request"),
        ({"x": 3, "y": 3}, "bad_request"),
        ({"text": " \n\t "}, "bad_request"),
        ({"text": "a\x00b"}, "bad_request"),
        ({"text": "\x1b[31m"}, "bad_request"),
        ({"text": "x" * 10_001}, "bad_request"),
        ({"object_id": "0" * 32}, "not_found"),
        ({"job_id": "0" * 32}, "not_found"),
        ({"reply_to": "0" * 32}, "not_found"),
        ({"reply_to": "0" * 32, "frame": 1003}, "bad_request"),
    ],
)
def test_what_cannot_be_pinned_is_refused(heist: Show, pins: dict[str, Any], code: str) -> None:
    answer = heist.note(heist.artist, **pins)
    assert answer.json().get("code") == code, answer.text
    assert _listed(heist) == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    "body", ['{"text": "\\ud800"}', '{"text": "x", "frame": 1003, "x": 1e400, "y": 1}', "[]"]
)
def test_json_that_is_no_note_is_refused(heist: Show, body: str) -> None:
    with heist.as_(heist.artist) as client:
        path = f"/shots/{heist.shot_id}/notes"
        answer = client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")


@pytest.mark.one_database
@pytest.mark.parametrize("query", [f"frame={2**63}", "frame=x", "job_id=1", "resolved=perhaps"])
def test_filters_that_make_no_sense_are_refused(heist: Show, query: str) -> None:
    with heist.as_(heist.viewer) as client:
        answer = client.get(f"/shots/{heist.shot_id}/notes?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")


@pytest.mark.one_database
def test_corners_of_the_plate_are_on_it(heist: Show) -> None:
    for x, y in ((0, 0), (64, 36)):
        assert heist.note(heist.artist, frame=1010, x=x, y=y).status_code == 201


@pytest.mark.one_database
def test_a_place_is_on_the_versions_plate(heist: Show) -> None:
    with heist.house.database.session() as session:
        plate = Plate(
            shot_id=heist.shot_id, version=2, state="ready", plate={}, width=128, height=72,
            first_frame=990, last_frame=995, created_by=heist.artist.id,
        )  # fmt: skip
        session.add(plate)
        session.flush()
        version = heist.version
        newer = plate.id
    job = version(2, plate_id=newer)
    assert heist.note(heist.artist, frame=991, x=120, y=70, job_id=job).status_code == 201
    assert heist.note(heist.artist, frame=991, x=120, y=70).status_code == 422
    assert heist.note(heist.artist, frame=1003, job_id=job).status_code == 422


@pytest.mark.one_database
def test_nothing_is_pinned_to_a_plate_nobody_has_read(heist: Show) -> None:
    with heist.house.database.session() as session:
        session.execute(
            update(Shot).where(Shot.id == heist.shot_id).values(state="probing", width=None)
        )
    answer = heist.note(heist.artist, frame=1003)
    assert (answer.status_code, answer.json()["code"]) == (409, "plate_not_ready")
    assert heist.note(heist.artist).status_code == 201


@pytest.mark.one_database
def test_pins_are_of_the_same_shot(heist: Show) -> None:
    other = show(heist.house)
    version = other.version(1)
    thing = other.object("hero", version)
    note = other.note(other.artist).json()["id"]
    gone = heist.object("gone")
    with heist.house.database.session() as session:
        session.execute(
            update(RotoObject).where(RotoObject.id == gone).values(trashed_at=utc_now())
        )
    for pins in ({"job_id": version}, {"object_id": thing}, {"reply_to": note},
                 {"object_id": gone}):  # fmt: skip
        answer = heist.note(heist.artist, **pins)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), pins


@pytest.mark.one_database
def test_words_are_changed_by_who_wrote_them(heist: Show) -> None:
    note = heist.note(heist.artist, "first").json()["id"]
    for person, status in ((heist.artist, 200), (heist.other, 403), (heist.supervisor, 403),
                           (heist.viewer, 403)):  # fmt: skip
        with heist.as_(person) as client:
            answer = client.patch(f"/notes/{note}", json={"text": f"by {person.name}"})
            assert answer.status_code == status
    assert [one["text"] for one in _listed(heist)] == [f"by {heist.artist.name}"]


def test_a_note_is_taken_back_unless_it_was_answered(heist: Show) -> None:
    note = heist.note(heist.artist).json()["id"]
    answer = heist.note(heist.other, reply_to=note).json()["id"]
    with heist.as_(heist.artist) as artist, heist.as_(heist.supervisor) as supervisor:
        assert artist.delete(f"/notes/{note}").status_code == 409
        assert artist.delete(f"/notes/{answer}").status_code == 403
        assert supervisor.delete(f"/notes/{answer}").status_code == 204
        assert artist.delete(f"/notes/{note}").status_code == 204
        gone = artist.delete(f"/notes/{note}")
        assert (gone.status_code, gone.json()["detail"]) == (404, {"what": "note", "id": note})
    assert _listed(heist) == []


@pytest.mark.one_database
def test_a_note_of_a_hidden_shot_is_not_there(house: House) -> None:
    heist = show(house, artists_see_all=False)
    note = heist.note(heist.artist, "secret words").json()["id"]
    with heist.as_(heist.other) as client:
        answers = [
            client.get(f"/notes/{note}"),
            client.patch(f"/notes/{note}", json={"resolved": True}),
            client.delete(f"/notes/{note}"),
            client.get(f"/notes/{'0' * 32}"),
        ]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.json()["detail"]["what"] == "note"
        assert heist.shot_id not in answer.text


def test_a_note_is_not_lost_under_its_answer(heist: Show) -> None:
    """Whoever answers while it is taken back: one of the two is told."""
    for _ in range(5):
        note = heist.note(heist.artist).json()["id"]
        with heist.as_(heist.artist) as client, ThreadPoolExecutor(2) as pool:
            taken = pool.submit(client.delete, f"/notes/{note}")
            answered = pool.submit(heist.note, heist.other, reply_to=note)
            statuses = (taken.result().status_code, answered.result().status_code)
        assert statuses in {(204, 404), (409, 201)}


@pytest.mark.one_database
def test_events_of_notes_are_for_those_who_see_the_shot(house: House) -> None:
    heist = show(house, artists_see_all=False)
    note = heist.note(heist.artist).json()["id"]
    with house.database.reading() as session:
        events = session.scalars(select(Event).where(Event.kind == "note.created")).all()
        [mine] = [event for event in events if event.payload["note_id"] == note]
        [audience] = audiences(session, [mine])
    assert audience.permission is Permission.VIEW_SHOT
    assert not audience.sees_all
    assert audience.theirs == {heist.artist.id, heist.supervisor.id}


@pytest.mark.one_database
def test_what_one_said_is_among_what_is_kept_of_one(heist: Show) -> None:
    heist.note(heist.artist, "my words", frame=1003, x=1, y=2)
    heist.move(heist.artist, "waiting", "in_progress", reason="my reason")
    with heist.house.client(heist.house.admin.key) as client:
        kept = client.get(f"/admin/users/{heist.artist.id}/export").json()
    assert [(one["text"], one["x"]) for one in kept["notes"]] == [("my words", 1)]
    assert [(one["after"], one["reason"]) for one in kept["reviews"]] == [
        ("in_progress", "my reason")
    ]


@pytest.mark.one_database
def test_notes_leave_events_and_traces_without_words(heist: Show) -> None:
    note = heist.note(heist.artist, "secret words", frame=1003).json()["id"]
    with heist.as_(heist.artist) as client:
        client.patch(f"/notes/{note}", json={"text": "other secret words", "resolved": True})
        client.delete(f"/notes/{note}")
    with heist.house.database.reading() as session:
        events = [
            event for event in session.scalars(select(Event).order_by(Event.seq))
            if event.payload.get("note_id") == note
        ]  # fmt: skip
        traces = session.scalars(
            select(AuditEntry).where(AuditEntry.target_id == note).order_by(AuditEntry.seq)
        ).all()
    assert [event.kind for event in events] == ["note.created", "note.updated", "note.deleted"]
    assert {event.payload["shot_id"] for event in events} == {heist.shot_id}
    assert [entry.action for entry in traces] == [
        "note.created", "note.changed", "note.resolved", "note.deleted",
    ]  # fmt: skip
    told = str([event.payload for event in events]) + str([entry.after for entry in traces])
    assert "secret" not in told
