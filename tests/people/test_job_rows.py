"""The table of jobs: filters, orders, counts, and what a line tells, on both databases."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers_people import House, Person

from roto_server.db.models import Job, Prompt, RotoObject, Shot, Task, new_id
from roto_server.db.types import utc_now

NAMES = ("a", "b", "c", "d", "e", "f")
PRIORITIES = ("low", "high", "normal", "high", "normal", "low")
CONFIDENCES = (0.9, 2.0, 0.2, 2.0, 0.2, 0.5)
STATES = ("queued", "running", "succeeded", "failed", "queued", "cancelled")
KINDS = ("roto", "export", "roto", "ingest", "roto", "roto")


@dataclass
class Table:
    """Six jobs, ``a`` the oldest, in two shots of a project of their own."""

    house: House
    project: str
    shots: tuple[str, str]
    makers: tuple[Person, Person]
    ids: dict[str, str]

    def names(self, answer: httpx.Response) -> str:
        """The jobs of a page, by their letters."""
        assert answer.status_code == 200, answer.text
        letters = {ident: name for name, ident in self.ids.items()}
        return "".join(letters[item["id"]] for item in answer.json()["items"])


@pytest.fixture(scope="session")
def table(house: House) -> Table:
    ann, bob = house.person("supervisor"), house.person("artist")
    project = house.project((ann, "supervisor"), (bob, "artist"), artists_see_all=False)
    shots = (house.shot(project, ann), house.shot(project, bob))
    word = uuid.uuid4().hex
    ids = {name: new_id() for name in NAMES}
    begin = utc_now() - timedelta(days=1)
    with house.database.session() as session:
        session.get_one(Shot, shots[0]).name = f"100%_{word}"
        hero = RotoObject(shot_id=shots[1], name=f"Hero {word}", created_by=bob.id)
        car = RotoObject(shot_id=shots[1], name="car", position=1, created_by=bob.id)
        session.add_all([hero, car])
        session.flush()
        for place, name in enumerate(NAMES):
            at = begin + timedelta(minutes=place)
            job = Job(
                id=ids[name], shot_id=shots[place % 2], kind=KINDS[place], state=STATES[place],
                priority=PRIORITIES[place], worst_confidence=CONFIDENCES[place], version=place + 1,
                params={}, created_by=(ann, bob)[place % 2].id, created_at=at,
                updated_at=begin + timedelta(hours=-place),
                error={"code": "bad_plate", "message": "x"} if STATES[place] == "failed" else None,
            )  # fmt: skip
            session.add(job)
        session.flush()
        for position, (kind, state) in enumerate([("track", "running"), ("export", "waiting")]):
            session.add(
                Task(
                    job_id=ids["b"], kind=kind, position=position, queue="gpu", state=state,
                    params={}, progress={"done": 5, "total": 10, "frames_per_second": 2.0},
                )
            )  # fmt: skip
        for item in (car, hero):
            for frame in (1001, 1002):
                session.add(
                    Prompt(job_id=ids["b"], object_id=item.id, frame=frame, data={},
                           created_by=bob.id)
                )  # fmt: skip
    return Table(house, project, shots, (ann, bob), ids)


@pytest.fixture
def ann(table: Table) -> Iterator[httpx.Client]:
    with table.house.client(table.makers[0].key) as client:
        yield client


def test_a_line_tells_what_a_table_shows(table: Table, ann: httpx.Client) -> None:
    rows = ann.get("/jobs/rows", params={"project_id": table.project}).json()["items"]
    [row] = [row for row in rows if row["id"] == table.ids["b"]]
    assert [one["name"].split()[0] for one in row["objects"]] == ["Hero", "car"]
    assert row["stages"] == [
        {"kind": "track", "state": "running", "done": 5, "total": 10},
        {"kind": "export", "state": "waiting", "done": 5, "total": 10},
    ]
    assert (row["queue"], row["frames_per_second"]) == ("gpu", 2.0)
    assert row["owner_name"] == table.makers[1].name
    assert row["thumbnail_url"] == f"/api/v1/shots/{table.shots[1]}/thumbnail"
    assert (row["worst_confidence"], row["review"]) == (None, "waiting")
    assert "edit_shot" in row["may"]
    [failed] = [row for row in rows if row["state"] == "failed"]
    assert failed["error_code"] == "bad_plate"
    [sure] = [row for row in rows if row["id"] == table.ids["a"]]
    assert sure["worst_confidence"] == 0.9


@pytest.mark.parametrize(
    ("sort", "wanted"),
    [
        ("created", "abcdef"), ("-created", "fedcba"), ("updated", "fedcba"),
        ("-updated", "abcdef"), ("priority", "bdceaf"), ("-priority", "faecdb"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/jobs/rows", "/jobs"])
def test_every_order_is_read_in_parts(
    table: Table, ann: httpx.Client, address: str, sort: str, wanted: str
) -> None:
    seen, cursor = "", None
    while cursor is not None or not seen:
        params: dict[str, Any] = {"project_id": table.project, "sort": sort, "limit": 2}
        page = ann.get(address, params={**params, **({"cursor": cursor} if cursor else {})})
        seen += table.names(page)
        cursor = page.json()["next"]
    assert seen == wanted


def test_the_least_sure_come_first_and_those_without_mattes_last(
    table: Table, ann: httpx.Client
) -> None:
    seen, cursor = "", None
    for _ in range(3):
        params: dict[str, Any] = {"project_id": table.project, "sort": "confidence", "limit": 2}
        page = ann.get("/jobs/rows", params={**params, **({"cursor": cursor} if cursor else {})})
        seen += table.names(page)
        cursor = page.json()["next"]
    assert cursor is None
    assert set(seen[:2]) == {"c", "e"}
    assert seen[2:4] == "fa"
    assert set(seen[4:]) == {"b", "d"}


@pytest.mark.parametrize("sort", ["created", "-created", "priority", "-priority", "confidence"])
def test_a_far_part_is_the_one_that_reading_in_turn_comes_to(
    table: Table, ann: httpx.Client, sort: str
) -> None:
    asked: dict[str, Any] = {"project_id": table.project, "sort": sort}
    whole = table.names(ann.get("/jobs/rows", params=asked))
    for skip in range(8):
        part = ann.get("/jobs/rows", params={**asked, "skip": skip, "limit": 2})
        assert table.names(part) == whole[skip : skip + 2]
        assert (part.json()["next"] is None) == (skip + 2 >= len(whole))
    part = ann.get("/jobs/rows", params={**asked, "skip": 1, "limit": 2})
    on = ann.get("/jobs/rows", params={**asked, "cursor": part.json()["next"]})
    assert table.names(on) == whole[3:]


@pytest.mark.one_database
@pytest.mark.parametrize("skip", [1, -1, 100_001])
def test_how_far_is_said_once_and_within_bounds(ann: httpx.Client, skip: int) -> None:
    asked = {"cursor": "any"} if skip == 1 else {}
    answer = ann.get("/jobs/rows", params={**asked, "skip": skip})
    assert answer.json()["code"] == "bad_request"


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"state": "queued"}, "ae"),
        ({"state": ["queued", "failed"]}, "ade"),
        ({"kind": "export"}, "b"),
        ({"kind": ["export", "ingest"]}, "bd"),
        ({"priority": ["high", "low"]}, "abdf"),
        ({"owner": "me"}, "ace"),
        ({"owner": "{bob}"}, "bdf"),
        ({"shot_id": "{first}"}, "ace"),
        ({"id": ["{b}", "{e}"]}, "be"),
        ({"id": ["{b}", "{e}"], "state": "queued"}, "e"),
        ({"search": "100%_"}, "ace"),
        ({"search": "100x"}, ""),
        ({"search": "hERO"}, "b"),
        ({"owner": "me", "state": "queued", "search": "100"}, "ae"),
        ({"newest": True}, "ef"),
        ({"newest": True, "state": "queued"}, "e"),
        ({"newest": True, "state": "failed"}, ""),
    ],
    ids=str,
)
def test_filters(table: Table, ann: httpx.Client, asked: dict[str, Any], wanted: str) -> None:
    names = {"{bob}": table.makers[1].id, "{first}": table.shots[0]}
    names |= {f"{{{name}}}": ident for name, ident in table.ids.items()}
    asked = {
        key: [names.get(one, one) for one in value] if isinstance(value, list)
        else names.get(value, value)
        for key, value in asked.items()
    }  # fmt: skip
    params = {"project_id": table.project, "sort": "created", **asked}
    for address in ("/jobs/rows", "/jobs"):
        assert table.names(ann.get(address, params=params)) == wanted
    params.pop("state", None)
    whole = ann.get("/jobs/rows", params=params).json()["items"]
    counts = ann.get("/jobs/counts", params=params).json()
    assert counts["total"] == len(whole)
    assert counts["states"] == {
        state: sum(row["state"] == state for row in whole)
        for state in {row["state"] for row in whole}
    }


def test_by_when_they_were_submitted(table: Table, ann: httpx.Client) -> None:
    rows = ann.get("/jobs/rows", params={"project_id": table.project, "sort": "created"})
    moments = [row["created_at"] for row in rows.json()["items"]]
    params = {"project_id": table.project, "since": moments[1], "until": moments[4]}
    assert table.names(ann.get("/jobs/rows", params=params)) == "dcb"
    counted = ann.get("/jobs/counts", params=params).json()
    assert counted["total"] == 3
    # The list that was counted: nothing that came later is in it.
    assert table.names(ann.get("/jobs/rows", params={**params, "until": counted["at"]})) == "fedcb"


def test_an_artist_finds_and_counts_their_own_alone(table: Table) -> None:
    with table.house.client(table.makers[1].key) as bob:
        params = {"project_id": table.project}
        assert table.names(bob.get("/jobs/rows", params=params)) == "fdb"
        assert bob.get("/jobs/counts", params=params).json()["total"] == 3


@pytest.mark.one_database
@pytest.mark.parametrize(
    "asked", [{"sort": "age"}, {"owner": "ann"}, {"state": "lost"}, {"since": "2026-01-01"}]
)
def test_what_is_no_filter(table: Table, ann: httpx.Client, asked: dict[str, str]) -> None:
    assert ann.get("/jobs/rows", params=asked).json()["code"] == "bad_request"


@pytest.mark.one_database
def test_many_rows_are_packed_for_who_unpacks(table: Table, ann: httpx.Client) -> None:
    asked = {"project_id": table.project}
    plain = ann.get("/jobs/rows", params=asked, headers={"Accept-Encoding": "identity"})
    packed = ann.get("/jobs/rows", params=asked, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.json() == plain.json()
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    few = ann.get("/jobs/counts", params=asked, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in few.headers
