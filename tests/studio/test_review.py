"""Review states on a real server: who moves a shot where, what is kept of it, who is told."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from helpers_people import House
from helpers_review import Show, show
from sqlalchemy import select, update

from roto_server.access.roles import Permission
from roto_server.db.models import Event, Shot
from roto_server.db.people import AuditEntry
from roto_server.reviewing import MOVES, ReviewState, permission_for
from roto_shapes.errors import RotoError

PROMPT = {"frame": 1001, "points": [{"x": 5, "y": 5, "positive": True}]}


@pytest.fixture
def heist(house: House) -> Show:
    return show(house)


def _state(heist: Show) -> str:
    with heist.as_(heist.viewer) as client:
        return str(client.get(f"/shots/{heist.shot_id}").json()["review"])


def _put(heist: Show, state: str) -> None:
    with heist.house.database.session() as session:
        session.execute(update(Shot).where(Shot.id == heist.shot_id).values(review=state))


@pytest.mark.one_database
def test_every_state_is_reached_and_can_be_left() -> None:
    befores, afters = ({move[side] for move in MOVES} for side in (0, 1))
    assert befores == afters == set(ReviewState)
    assert all(before is not after for before, after in MOVES)
    # Nobody approves their own work, and nobody but a supervisor undoes a decision.
    decisions = {ReviewState.APPROVED, ReviewState.RETAKE, ReviewState.FINAL}
    for (before, after), permission in MOVES.items():
        if after in decisions or before in {ReviewState.APPROVED, ReviewState.FINAL}:
            assert permission is Permission.REVIEW, (before, after)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("before", "after"),
    [pair for pair in itertools.product(ReviewState, repeat=2) if pair not in MOVES],
)
def test_there_are_no_other_moves(before: ReviewState, after: ReviewState) -> None:
    with pytest.raises(RotoError, match="cannot become") as caught:
        permission_for(before, after)
    assert caught.value.code == "conflict"
    assert set(caught.value.detail["possible"]) == {b for a, b in MOVES if a is before}


def test_a_shot_goes_the_whole_way(heist: Show) -> None:
    version = heist.version(1)
    assert _state(heist) == "waiting"
    for person, before, after, more in (
        (heist.artist, "waiting", "in_progress", {}),
        (heist.artist, "in_progress", "pending_review", {"job_id": version}),
        (heist.supervisor, "pending_review", "retake", {"reason": "The hair\r\nflickers."}),
        (heist.artist, "retake", "pending_review", {}),
        (heist.supervisor, "pending_review", "approved", {"job_id": version}),
        (heist.supervisor, "approved", "final", {}),
        (heist.supervisor, "final", "in_progress", {"reason": "the client called"}),
    ):
        answer = heist.move(person, before, after, **more)
        assert answer.status_code == 201, answer.text
        assert _state(heist) == after
    with heist.as_(heist.viewer) as client:
        told = client.get(f"/shots/{heist.shot_id}/reviews").json()["items"]
    assert [one["after"] for one in told] == [
        "in_progress", "final", "approved", "pending_review", "retake", "pending_review",
        "in_progress",
    ]  # fmt: skip
    assert [one["before"] for one in told] == [*(one["after"] for one in told[1:]), "waiting"]
    assert told[4]["reason"] == "The hair\nflickers."
    assert told[4]["created_by"] == heist.supervisor.name
    assert [one["job_id"] for one in told] == [None, None, version, None, None, version, None]


@pytest.mark.one_database
def test_a_retake_says_why(heist: Show) -> None:
    _put(heist, "pending_review")
    for reason in ("", "  \n "):
        answer = heist.move(heist.supervisor, "pending_review", "retake", reason=reason)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
    assert _state(heist) == "pending_review"


@pytest.mark.one_database
@pytest.mark.parametrize("who", ["artist", "other", "viewer"])
def test_who_may_not_decide_is_refused_whatever_state_they_name(heist: Show, who: str) -> None:
    for (before, after), permission in MOVES.items():
        if permission is Permission.EDIT_SHOT and who == "artist":
            continue
        _put(heist, before)
        answer = heist.move(getattr(heist, who), before, after, reason="because")
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), (before, after)
        assert _state(heist) == before


@pytest.mark.one_database
def test_who_does_not_see_the_shot_learns_nothing_of_it(house: House) -> None:
    heist = show(house, artists_see_all=False)
    for before, after in (("waiting", "in_progress"), ("waiting", "final")):
        answer = heist.move(heist.other, before, after)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert answer.json()["detail"] == {"what": "shot", "id": heist.shot_id}


@pytest.mark.one_database
def test_a_move_from_what_is_no_more_is_refused(heist: Show) -> None:
    _put(heist, "pending_review")
    answer = heist.move(heist.supervisor, "approved", "final")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    told = answer.json()
    assert told["detail"]["review"] == "pending_review"
    assert "meanwhile: it is pending review now" in told["message"]
    assert told["hint"] == "You saw it approved. Look at it again, then decide."


@pytest.mark.one_database
@pytest.mark.parametrize("state", ["queued", "running", "failed", "cancelled"])
def test_a_version_with_nothing_in_it_is_neither_sent_nor_approved(heist: Show, state: str) -> None:
    done = heist.version(1)
    empty = heist.version(2, state=state)
    moves = (("in_progress", "pending_review"), ("pending_review", "approved"),
             ("approved", "final"))  # fmt: skip
    for before, after in moves:
        _put(heist, before)
        answer = heist.move(heist.supervisor, before, after, job_id=empty)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict"), (before, after)
        assert answer.json()["message"].startswith(f"Version 2 is {state}")
        assert answer.json()["detail"] == {"job_id": empty, "state": state}
        assert _state(heist) == before
        assert heist.move(heist.supervisor, before, after, job_id=done).status_code == 201
    _put(heist, "pending_review")
    back = heist.move(heist.supervisor, "pending_review", "retake", reason="x", job_id=empty)
    assert back.status_code == 201, "what was sent in vain goes back"


def _sent(heist: Show) -> dict[str, Any] | None:
    with heist.as_(heist.viewer) as client:
        (listed,) = client.get("/shots", params={"project_id": heist.project_id}).json()["items"]
        alone = client.get(f"/shots/{heist.shot_id}").json()
    assert listed["sent"] == alone["sent"]
    return cast("dict[str, Any] | None", alone["sent"])


def test_a_shot_tells_which_version_was_sent(heist: Show) -> None:
    """Also when a newer one has come, when none was named, and when an approval is taken back."""
    assert _sent(heist) is None
    first = heist.version(1)
    moved = heist.move(heist.artist, "waiting", "pending_review").json()
    heist.version(2)
    due = {"job_id": first, "version": 1, "by": heist.artist.name, "at": moved["created_at"]}
    assert _sent(heist) == due, "the newest that was done then"
    second = heist.version(3)
    heist.move(heist.supervisor, "pending_review", "approved", job_id=second)
    assert _sent(heist) == due
    back = heist.move(heist.supervisor, "approved", "pending_review", job_id=second)
    assert back.status_code == 201, back.text
    assert _sent(heist) == due, "taken back is not sent anew"
    heist.move(heist.supervisor, "pending_review", "retake", reason="x")
    again = heist.move(heist.artist, "retake", "pending_review", job_id=second).json()
    assert _sent(heist) == {**due, "job_id": second, "version": 3, "at": again["created_at"]}


def test_what_was_sent_since_is_found_whatever_became_of_it(heist: Show) -> None:
    sent = heist.move(heist.artist, "waiting", "pending_review").json()
    last = heist.move(heist.supervisor, "pending_review", "approved").json()
    with heist.as_(heist.viewer) as client:

        def found(since: str) -> list[str]:
            query = {"project_id": heist.project_id, "sent_since": since}
            answer = client.get("/shots", params=query)
            assert answer.status_code == 200, answer.text
            return [one["id"] for one in answer.json()["items"]]

        assert found(sent["created_at"]) == [heist.shot_id]
        assert found(last["created_at"]) == []
        heist.move(heist.supervisor, "approved", "pending_review")
        assert found(last["created_at"]) == [], "taken back is not sent anew"


def test_of_two_who_decide_at_once_one_is_told(heist: Show) -> None:
    _put(heist, "pending_review")
    second = heist.house.admin
    with ThreadPoolExecutor(2) as pool:
        answers = list(
            pool.map(
                lambda move: heist.move(move[0], "pending_review", move[1], reason="x"),
                [(heist.supervisor, "approved"), (second, "retake")],
            )
        )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    won = next(answer for answer in answers if answer.status_code == 201)
    assert _state(heist) == won.json()["after"]


@pytest.mark.one_database
def test_the_version_must_be_one_of_the_shots(heist: Show) -> None:
    _put(heist, "pending_review")
    elsewhere = show(heist.house).version(1)
    ingest = heist.version(1, "ingest")
    for job in (elsewhere, ingest, "0" * 32):
        answer = heist.move(heist.supervisor, "pending_review", "approved", job_id=job)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert _state(heist) == "pending_review"


def test_a_submitted_job_begins_the_work(heist: Show) -> None:
    body = {"objects": [{"name": "hero", "prompts": [PROMPT]}], "engine": "flow"}
    _lend_worker(heist.house)
    with heist.as_(heist.artist) as client:
        for before, after in (
            ("waiting", "in_progress"), ("retake", "in_progress"), ("in_progress", "in_progress"),
            ("pending_review", "pending_review"), ("approved", "approved"), ("final", "final"),
        ):  # fmt: skip
            _put(heist, before)
            answer = client.post(f"/shots/{heist.shot_id}/segment", json=body)
            assert answer.status_code == 202, answer.text
            assert _state(heist) == after
        told = client.get(f"/shots/{heist.shot_id}/reviews").json()["items"]
    assert [(one["before"], one["after"]) for one in told] == [
        ("retake", "in_progress"), ("waiting", "in_progress"),
    ]  # fmt: skip
    assert {one["created_by_id"] for one in told} == {heist.artist.id}
    assert all(one["job_id"] for one in told)


@pytest.mark.one_database
def test_shots_are_found_by_their_state(heist: Show) -> None:
    waits = heist.house.shot(heist.project_id, heist.supervisor)
    _put(heist, "pending_review")
    with heist.as_(heist.artist) as client:
        for path in (
            f"/projects/{heist.project_id}/shots",
            f"/shots?project_id={heist.project_id}",
        ):
            joined = "&" if "?" in path else "?"
            for state, found in (("pending_review", heist.shot_id), ("waiting", waits)):
                items = client.get(f"{path}{joined}review={state}").json()["items"]
                assert [one["id"] for one in items] == [found]
        assert client.get("/users/me/shots?review=waiting").json()["items"] == []
        assert client.get("/shots?review=done").status_code == 422


def test_what_was_moved_since_is_found(heist: Show) -> None:
    """The state it is in counts: one that came to it before is not of today."""
    moved = heist.move(heist.artist, "waiting", "pending_review").json()
    with heist.as_(heist.viewer) as client:

        def found(since: str) -> list[str]:
            query = {"project_id": heist.project_id, "reviewed_since": since}
            answer = client.get("/shots", params=query)
            assert answer.status_code == 200, answer.text
            return [one["id"] for one in answer.json()["items"]]

        assert found(moved["created_at"]) == [heist.shot_id]
        assert found("2999-01-01T00:00:00+02:00") == []
        _put(heist, "in_progress")
        assert found(moved["created_at"]) == []


@pytest.mark.one_database
def test_moves_leave_an_event_and_a_trace_without_words(heist: Show) -> None:
    _put(heist, "pending_review")
    heist.move(heist.supervisor, "pending_review", "retake", reason="secret words")
    with heist.house.database.reading() as session:
        event = session.scalars(
            select(Event).where(Event.kind == "shot.reviewed").order_by(Event.seq.desc())
        ).first()
        trace = session.scalars(
            select(AuditEntry).where(AuditEntry.target_id == heist.shot_id)
        ).one()
    assert event is not None
    assert event.payload["shot_id"] == heist.shot_id
    assert (event.payload["before"], event.payload["after"]) == ("pending_review", "retake")
    assert (trace.action, trace.actor_id) == ("shot.reviewed", heist.supervisor.id)
    assert "secret words" not in str((event.payload, trace.before, trace.after))


@pytest.mark.one_database
def test_what_is_archived_is_not_reviewed(heist: Show) -> None:
    from roto_server.db.types import utc_now

    _put(heist, "pending_review")
    with heist.house.database.session() as session:
        session.execute(update(Shot).where(Shot.id == heist.shot_id).values(archived_at=utc_now()))
    assert heist.move(heist.supervisor, "pending_review", "approved").status_code == 409
    assert heist.note(heist.artist).status_code == 409
    assert _state(heist) == "pending_review"


def _lend_worker(house: House) -> None:
    """A worker that has the flow engine, as far as the server knows."""
    from roto_client.contract import PRODUCT_VERSION

    body = {"node": "review", "slot": 0, "boot_id": "0" * 32, "version": PRODUCT_VERSION,
            "queues": ["gpu"], "kinds": ["track"], "device": "cpu",
            "engines": [{"engine": "flow", "model": "flow"}]}  # fmt: skip
    with house.client(house.farm_token) as client:
        answer = client.post("/farm/workers", json=body)
        assert answer.status_code in (200, 201), answer.text
