"""A part of a transaction that may fail alone takes its events, rings and audit entries along."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from roto_server import audit, bell, events
from roto_server.db.models import Event, Job, Project, Task
from roto_server.db.people import AuditEntry
from roto_server.db.session import Database, savepoint

QUEUE = "rq:queue:roto-cpu-normal"


def _project(name: str) -> Project:
    return Project(name=name, created_by="ada")


def _fail_in_part(session: Session) -> None:
    with savepoint(session):
        events.emit(session, "gone", None, {})
        audit.record(session, audit.SERVER, "project.created", "project", "0")
        session.add(_project("heist"))


@pytest.mark.database
def test_what_fails_goes_alone(database: Database) -> None:
    with database.session() as session:
        session.add(_project("heist"))
        events.emit(session, "kept", None, {})
        with pytest.raises(IntegrityError):
            _fail_in_part(session)
        with savepoint(session):
            events.emit(session, "kept too", None, {})
            session.add(_project("dune"))
    with database.reading() as session:
        assert set(session.scalars(select(Project.name))) == {"heist", "dune"}
        kinds = list(session.scalars(select(Event.kind).order_by(Event.seq)))
        assert kinds == ["kept", "kept too"]
        assert session.scalars(select(AuditEntry)).all() == []


def test_nothing_is_rung_or_nudged_before_the_commit(database: Database, redis_url: str) -> None:
    ringer = bell.Bell(redis_url)
    ringer.attach(database)
    with Redis.from_url(redis_url) as redis:
        with database.session() as session:
            with savepoint(session):
                events.emit(session, "job.created", None, {})
                task, job = Task(id="1" * 32, queue="cpu"), Job(priority="normal")
                bell.order(session, task, job, datetime.now(UTC))
            assert redis.llen(QUEUE) == 0
            assert session.scalars(select(Event)).all() == []
        assert redis.llen(QUEUE) == 1
    with database.reading() as session:
        assert [event.kind for event in session.scalars(select(Event))] == ["job.created"]
    ringer.close()
