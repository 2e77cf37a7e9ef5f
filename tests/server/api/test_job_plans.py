"""The table of jobs stays quick when there are many: the databases read indices, not everything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import joinedload

from roto_server.access.caller import Caller
from roto_server.access.principal import Principal
from roto_server.access.roles import ALL_SCOPES, Role
from roto_server.api.job_filters import JobFilters, Sort, in_states, passed_over, sorted_by
from roto_server.db.models import Job, Project, Shot, new_id
from roto_server.db.people import Membership, User
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.statistics import Scope, failures, grouped, stage_times

JOBS, SHOTS = 20_000, 400
STATES = ("succeeded",) * 17 + ("failed", "running", "queued")


@pytest.fixture
def full(database: Database) -> Database:
    """Twenty thousand jobs in one of three projects."""
    now, projects = utc_now(), [new_id() for _ in range(3)]
    shots = [new_id() for _ in range(SHOTS)]
    with database.session() as session:
        session.add(User(id="a" * 32, name="ann", role=Role.SUPERVISOR))
        session.add_all(Project(id=one, name=one, created_by="a" * 32) for one in projects)
        session.flush()
        session.add(Membership(project_id=projects[0], user_id="a" * 32, role=Role.SUPERVISOR))
        session.execute(
            insert(Shot),
            [
                {"id": one, "project_id": projects[place % 3], "name": one, "plate": {},
                 "created_by": "a" * 32}
                for place, one in enumerate(shots)
            ],
        )  # fmt: skip
        session.execute(
            insert(Job),
            [
                {"id": new_id(), "shot_id": shots[place % SHOTS], "kind": "roto", "params": {},
                 "state": STATES[place % 20], "version": place, "created_by": "a" * 32,
                 "urgency": place % 3, "worst_confidence": (place % 97) / 97,
                 "created_at": now - timedelta(seconds=place),
                 "finished_at": now - timedelta(seconds=place),
                 "updated_at": now - timedelta(seconds=place // 2)}
                for place in range(JOBS)
            ],
        )  # fmt: skip
        session.execute(text("ANALYZE"))
    return database


def plan(database: Database, role: Role, sort: Sort, **asked: Any) -> str:
    """How the database reads the second part of a table in that order."""
    statements: list[tuple[str, Any]] = []

    def note(*facts: Any) -> None:
        statements.append((facts[2], facts[3]))

    states = asked.pop("state", None)
    who = Principal("user", "a" * 32, "ann", role=role, scopes=frozenset(ALL_SCOPES))
    with database.reading() as session:
        caller = Caller(session, who)
        query = in_states(JobFilters(**asked).apply(caller, select(Job)), states)
        _, cursor = sorted_by(session, query, sort, 100, None)
        event.listen(database.engine, "before_cursor_execute", note)
        sorted_by(session, query, sort, 100, cursor)
        event.remove(database.engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        statement, parameters = statements[-1]
        rows = session.connection().exec_driver_sql(explain + statement, parameters)
        return "\n".join(str(row[-1]) for row in rows)


INDICES = {
    "created": "ix_jobs_created",
    "updated": "ix_jobs_updated",
    "priority": "ix_jobs_urgency",
    "confidence": "ix_jobs_confidence",
}


@pytest.mark.database
@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR])
def test_every_order_is_an_index(full: Database, role: Role) -> None:
    for sort in get_args(Sort):
        found = plan(full, role, sort)
        index = INDICES[sort.removeprefix("-")]
        # Sorted is at most what ties in an index leave open.
        assert index in found, f"{sort}:\n{found}"
        assert "SCAN jobs\n" not in found, f"{sort}:\n{found}"


@pytest.mark.database
def test_of_what_is_passed_over_the_keys_alone_are_read(full: Database) -> None:
    who = Principal("user", "a" * 32, "ann", role=Role.ADMIN, scopes=frozenset(ALL_SCOPES))
    statements: list[str] = []

    def note(*facts: Any) -> None:
        statements.append(facts[2])

    with full.reading() as session:
        query = JobFilters().apply(Caller(session, who), select(Job)).options(joinedload(Job.shot))
        event.listen(full.engine, "before_cursor_execute", note)
        cursor = passed_over(session, query, "-created", 6000)
        event.remove(full.engine, "before_cursor_execute", note)
        [row] = sorted_by(session, query, "-created", 1, cursor)[0]
        # The full database's first job is its newest, and each is older than the one before.
        assert row.version == 6000
    columns, _, rest = statements[-1].partition("FROM")
    assert "jobs.created_at" in columns
    assert "params" not in columns
    assert "JOIN" not in rest.partition("WHERE")[0]


@pytest.mark.database
def test_what_is_under_way_is_found_by_its_state(full: Database) -> None:
    found = plan(full, Role.SUPERVISOR, "priority", state=["queued", "running"])
    assert "ix_jobs_" in found, found
    assert "Seq Scan on jobs" not in found, found


@pytest.mark.database
@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERVISOR])
def test_statistics_read_what_is_theirs_or_ended_then(full: Database, role: Role) -> None:
    if full.is_sqlite:
        # No studio's database was ever analysed.
        with full.session() as session:
            session.execute(text("DELETE FROM sqlite_stat1"))
        full.engine.dispose()
    who = Principal("user", "a" * 32, "ann", role=role, scopes=frozenset(ALL_SCOPES))
    until = utc_now()
    statements: list[tuple[str, Any]] = []

    def note(*facts: Any) -> None:
        statements.append((facts[2], facts[3]))

    with full.reading() as session:
        scope = Scope(Caller(session, who), until - timedelta(minutes=5), until)
        event.listen(full.engine, "before_cursor_execute", note)
        grouped(scope, "day")
        stage_times(scope)
        failures(scope)
        event.remove(full.engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if full.is_sqlite else "EXPLAIN "
        for statement, parameters in statements:
            if "finished_at" not in statement:
                continue
            rows = session.connection().exec_driver_sql(explain + statement, parameters)
            found = "\n".join(str(row[-1]) for row in rows)
            table = "attempts" if "FROM attempts" in statement else "jobs"
            index = f"ix_{table}_finished"
            if full.is_sqlite and role is not Role.ADMIN:
                # It begins with what is theirs.
                index = "ix_jobs_shot_id"
                assert "ix_shots_project_created" in found, found
            # The attempts are none, which PostgreSQL knows: it reads all of them.
            assert index in found or "Seq Scan on attempts" in found, found
            assert "SCAN jobs\n" not in found, found
            assert "SCAN attempts\n" not in found, found
            assert "Seq Scan on jobs" not in found, found


def test_statistics_of_little_cost_little(full: Database) -> None:
    """What ended in other people's projects is passed over, not looked at."""
    with full.session() as session:
        session.add(User(id="b" * 32, name="bob", role=Role.ARTIST))
        session.add(Project(id="c" * 32, name="of his own", created_by="b" * 32))
        session.flush()
        session.add(Membership(project_id="c" * 32, user_id="b" * 32, role=Role.SUPERVISOR))
        session.execute(text("DELETE FROM sqlite_stat1"))
    full.engine.dispose()
    everything, his = (_steps(full, ident, role) for ident, role in (
        ("a" * 32, Role.ADMIN), ("b" * 32, Role.ARTIST),
    ))  # fmt: skip
    assert everything > 1_000_000
    assert his < everything / 10


def _steps(database: Database, ident: str, role: Role) -> int:
    """How many thousand instructions of SQLite's, in instructions, a month's statistics take."""
    counted = [0]

    def count() -> None:
        counted[0] += 1000

    who = Principal("user", ident, "x", role=role, scopes=frozenset(ALL_SCOPES))
    until = utc_now() + timedelta(days=1)
    with database.reading() as session:
        connection = session.connection().connection.driver_connection
        assert connection is not None
        connection.set_progress_handler(count, 1000)
        scope = Scope(Caller(session, who), until - timedelta(days=30), until)
        grouped(scope, "day")
        stage_times(scope)
        failures(scope)
        connection.set_progress_handler(None, 0)
    return counted[0]
