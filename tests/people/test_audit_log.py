"""The audit log: read, exported, added to and never changed."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from helpers_people import House
from sqlalchemy import Executable, delete, text, update
from sqlalchemy.exc import DBAPIError

from roto_server import migrations
from roto_server.admin.audit_log import BATCH, Filter, exported
from roto_server.audit import SERVER, START, Actor, broken, check_part, record
from roto_server.db.models import new_id
from roto_server.db.people import AuditEntry, User
from roto_server.db.session import Database


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    database = Database(empty_database)
    migrations.upgrade(database)
    yield database
    database.dispose()


def fill(database: Database, count: int, actor: Actor = SERVER) -> None:
    with database.session() as session:
        for number in range(count):
            record(session, actor, "thing.made", "thing", str(number), after={"number": number})


def ask(house: House, key: str, **query: Any) -> list[dict[str, Any]]:
    with house.client(key) as client:
        answer = client.get("/audit", params=query)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def test_an_entry_tells_who_what_on_what_from_where_before_and_after(house: House) -> None:
    ada = house.person("artist")
    with house.client(house.admin.key) as admin:
        changed = admin.patch(
            f"/admin/users/{ada.id}", json={"role": "viewer"}, headers={"X-Request-Id": ada.id}
        )
        assert changed.status_code == 200
    [entry] = ask(house, house.admin.key, target=ada.id, action="user.role")
    assert entry["actor"] == {"kind": "user", "id": house.admin.id, "name": "the admin"}
    assert entry["via"].startswith("token ")
    assert entry["address"] == "127.0.0.1"
    assert entry["request_id"] == ada.id
    assert (entry["target_kind"], entry["target_name"]) == ("user", ada.name)
    assert (entry["before"], entry["after"]) == ({"role": "artist"}, {"role": "viewer"})
    assert datetime.fromisoformat(entry["at"]).tzinfo is not None


def test_entries_are_filtered_and_paged(house: House) -> None:
    actor = Actor("user", new_id())
    project = house.project()
    with house.database.session() as session:
        for number in range(5):
            record(session, actor, "thing.made", "thing", f"t{number}", project_id=project)
        record(session, actor, "thing_made", "thing", "t9")
        record(session, actor, "other.made", "other", "t1")
    key = house.admin.key

    def targets(**query: Any) -> list[str]:
        return [entry["target_id"] for entry in ask(house, key, actor=actor.id, **query)]

    assert targets() == ["t1", "t9", "t4", "t3", "t2", "t1", "t0"]
    assert targets(action="thing.") == ["t4", "t3", "t2", "t1", "t0"]
    assert targets(action="thing_") == ["t9"]
    assert targets(target="t1") == ["t1", "t1"]
    assert targets(target="t1", target_kind="other") == ["t1"]
    assert targets(project_id=project) == ["t4", "t3", "t2", "t1", "t0"]
    first, last = (
        ask(house, key, actor=actor.id)[-1]["at"],
        ask(house, key, actor=actor.id)[0]["at"],
    )
    assert targets(until=first) == []
    assert targets(since=first, until=last)[-1] == "t0"
    with house.client(key) as admin:
        page = admin.get("/audit", params={"actor": actor.id, "limit": 4}).json()
        query = {"actor": actor.id, "limit": 4, "cursor": page["next"]}
        rest = admin.get("/audit", params=query).json()
        for bad in (
            {"cursor": "!"},
            {"since": "0001-01-01T00:00:00+14:00"},
            {"until": "9999-12-31T23:59:59-14:00"},
            {"since": "2026-01-01T00:00:00"},
        ):
            assert admin.get("/audit", params=bad).status_code == 422
    assert [entry["target_id"] for entry in rest["items"]] == ["t2", "t1", "t0"]
    assert rest["next"] is None


def test_a_projects_supervisor_reads_its_part_and_no_other(house: House) -> None:
    head, artist = house.person("artist"), house.person("artist")
    project = house.project((head, "supervisor"), (artist, "artist"))
    other = house.project()
    with house.database.session() as session:
        for ident in (project, other):
            record(session, SERVER, "thing.made", "thing", "t", project_id=ident)
    found = ask(house, head.key, project_id=project)
    assert {entry["project_id"] for entry in found} == {project}
    with house.client(head.key) as client:
        assert client.get("/audit").status_code == 403
        assert client.get("/audit", params={"project_id": other}).status_code == 404
        assert client.get("/audit/verify").status_code == 403
        lines = client.get("/audit/export", params={"project_id": project}).text.splitlines()
        assert {json.loads(line)["project_id"] for line in lines} == {project}
    with house.client(artist.key) as client:
        assert client.get("/audit", params={"project_id": project}).status_code == 403
        assert client.get("/audit/export", params={"project_id": project}).status_code == 403


def test_the_export_holds_every_entry_in_order_in_both_forms(house: House) -> None:
    ident = new_id()
    with house.database.session() as session:
        session.add(User(id=ident, kind="service", name="=HYPERLINK(1)", role="viewer"))
    fill(house.database, BATCH + 5, Actor("user", ident, via="token x"))
    with house.client(house.admin.key) as admin:
        lines = admin.get("/audit/export", params={"actor": ident})
        table = admin.get("/audit/export", params={"actor": ident, "format": "csv"})
    assert lines.headers["Content-Type"].startswith("application/x-ndjson")
    rows = [json.loads(line) for line in lines.text.splitlines()]
    assert [row["after"]["number"] for row in rows] == list(range(BATCH + 5))
    assert rows[0]["actor_name"] == "=HYPERLINK(1)"
    assert len(rows[0]["hash"]) == 64
    cells = list(csv.DictReader(io.StringIO(table.text)))
    assert [cell["seq"] for cell in cells] == [str(row["seq"]) for row in rows]
    assert cells[0]["actor_name"] == "'=HYPERLINK(1)"
    assert json.loads(cells[0]["after"]) == {"number": 0}
    exports = ask(house, house.admin.key, action="audit.exported", actor=house.admin.id)
    assert len(exports) >= 2


def test_no_connection_is_held_between_the_pieces_of_an_export(database: Database) -> None:
    fill(database, BATCH * 2 + 1)
    sizes = []
    for piece in exported(database, Filter(), "jsonl"):
        sizes.append(piece.count(b"\n"))
        assert database.connections_in_use() == 0
    assert sizes == [BATCH, BATCH, 1]


def test_an_export_ends_where_the_log_ended_when_it_began(database: Database) -> None:
    fill(database, 3)
    pieces = exported(database, Filter(), "csv")
    assert next(pieces).startswith(b"seq,at,")
    fill(database, 2)
    assert b"".join(pieces).count(b"thing.made") == 3


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditEntry).values(action="x"),
        update(AuditEntry).where(AuditEntry.seq == 2).values(actor_id="x"),
        delete(AuditEntry),
        delete(AuditEntry).where(AuditEntry.seq == 3),
    ],
    ids=["update all", "update one", "delete all", "delete one"],
)
def test_nothing_that_was_written_can_be_changed(database: Database, statement: Executable) -> None:
    fill(database, 3)
    refuses(database, statement)


@pytest.mark.postgresql
def test_the_log_cannot_be_truncated(database: Database) -> None:
    fill(database, 3)
    refuses(database, text("TRUNCATE audit"))
    refuses(database, text("TRUNCATE audit, users CASCADE"))


def refuses(database: Database, statement: Executable) -> None:
    """Assert that the database does not do it, and that all is as it was."""
    with (
        pytest.raises(DBAPIError, match="the audit log is only added to"),
        database.session() as session,
    ):
        session.execute(statement)
    with database.reading() as session:
        assert list(broken(session)) == []
        assert check_part(session, START).entries == 3


@pytest.mark.parametrize(
    ("harm", "shows"),
    [
        ("UPDATE audit SET actor_id = 'somebody' WHERE seq = 3", [3]),
        ("UPDATE audit SET after = '{\"number\": 7}' WHERE seq = 3", [3]),
        ("DELETE FROM audit WHERE seq = 3", [4]),
        ("DELETE FROM audit WHERE seq = 1", [2]),
    ],
)
def test_what_somebody_with_the_databases_password_changes_shows(
    database: Database, harm: str, shows: list[int]
) -> None:
    fill(database, 5)
    tamper(database, harm)
    with database.reading() as session:
        assert list(broken(session)) == shows


def tamper(database: Database, statement: str) -> None:
    """Do what the triggers forbid, as the owner of the database can."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            connection.execute(text("DROP TRIGGER audit_update"))
            connection.execute(text("DROP TRIGGER audit_delete"))
        else:
            connection.execute(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        connection.execute(text(statement))


def test_the_log_is_verified_in_parts(house: House) -> None:
    fill(house.database, 25)
    with house.client(house.admin.key) as admin:
        part = admin.get("/audit/verify", params={"limit": 20}).json()
        assert (part["entries"], part["broken"]) == (20, [])
        total = part["entries"]
        while part["next"] is not None:
            part = admin.get("/audit/verify", params={"after": part["next"], "limit": 20}).json()
            assert part["broken"] == []
            total += part["entries"]
        assert total >= 25
        assert len(part["hash"]) == 64
        assert admin.get("/audit/verify?after=99999999").status_code == 404


def test_many_who_write_at_once_make_one_chain(house: House) -> None:
    from concurrent.futures import ThreadPoolExecutor

    people = [house.person("supervisor") for _ in range(4)]

    def make(number: int) -> int:
        with house.client(people[number % 4].key) as client:
            return client.post("/projects", json={"name": f"s {uuid.uuid4().hex}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(make, range(40))) == {201}
    with house.database.reading() as session:
        assert list(broken(session)) == []
    made = [len(ask(house, house.admin.key, actor=one.id, action="project.")) for one in people]
    assert made == [10, 10, 10, 10]
