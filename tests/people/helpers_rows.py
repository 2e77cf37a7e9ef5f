"""A studio's rows: something in every table, and what a step of the schema must not forget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, MetaData, inspect, select
from sqlalchemy.orm import Session

from roto_server.access.tokens import create_key, create_token
from roto_server.audit import Actor, record
from roto_server.db.farm import FarmSample, Node
from roto_server.db.leader import Leader
from roto_server.db.media import Blob, Conform, Note, Plate, Publication, Review, UploadPiece
from roto_server.db.models import (
    Attempt,
    Event,
    Export,
    Job,
    Mask,
    Preview,
    Project,
    RotoObject,
    Shapes,
    Shot,
    Task,
    Upload,
    Worker,
    new_id,
)
from roto_server.db.people import (
    Assignment,
    ConfigChange,
    DeviceGrant,
    Identity,
    LoginSession,
    Membership,
    OidcFlow,
    OneTimeToken,
    OutgoingMail,
    RefreshToken,
    SavedViews,
    SigningKey,
    User,
)
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.jobs.create import create_roto_job

PROMPT = {"frame": 1001, "points": [{"x": 20.5, "y": 10.5, "positive": True}]}
EVERY_SCOPE = ["read", "write", "manage", "admin"]
_FACTS: dict[str, Any] = {
    "state": "ready", "width": 64, "height": 36, "pixel_aspect": 1.0, "fps_num": 24, "fps_den": 1,
    "first_frame": 1001, "last_frame": 1003,
}  # fmt: skip

Rows = dict[str, list[dict[str, Any]]]


def fill(database: Database) -> dict[str, str]:
    """Rows in every table: two projects of one name, shots alive and in the trash, a shot's second
    plate and what was said and made of it. Returns the secrets of tokens."""
    with database.session() as session:
        ada = User(id=new_id(), name="Ada", email="ada@studio.example", role="admin")
        bob = User(id=new_id(), name="Bob", email="bob@studio.example", role="artist")
        session.add_all([ada, bob])
        session.flush()
        secrets = _keys(session, ada, bob)
        first = Project(
            name="heist", created_by=ada.id, client="Northwind", settings={"handles": [8, 8]}
        )
        session.add(first)
        session.flush()
        second = Project(name="heist", created_by=bob.id, archived_at=utc_now())
        session.add_all([second, Membership(project_id=first.id, user_id=bob.id, role="artist")])
        gone = _shot(session, first, ada)
        gone.trash_id, gone.trashed_at, gone.trashed_by = gone.id, utc_now(), ada.id
        session.flush()
        shot = _shot(session, first, ada)
        session.add(Assignment(shot_id=shot.id, user_id=bob.id, assigned_by=ada.id))
        hero = RotoObject(shot_id=shot.id, name="hero", created_by=ada.id, position=3)
        session.add(hero)
        session.flush()
        job = create_roto_job(
            session, shot, [(hero, [PROMPT])], {}, ada.id, plate=_second_plate(session, shot)
        )
        job.priority = "high"
        session.flush()
        _results(session, shot, job, hero)
        _words(session, shot, job, hero, bob)
        _media(session, first, ada)
        _of_people(session, ada)
        _farm(session, shot, ada)
        record(session, Actor("user", ada.id), "project.created", "project", first.id)
    return secrets


def rows(connection: Connection) -> Rows:
    """Every row of every table there is now, by its primary key."""
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: [
            dict(row)
            for row in connection.execute(
                select(table).order_by(*table.primary_key.columns)
            ).mappings()
        ]
        for table in found.sorted_tables
        if table.name != "alembic_version"
    }


def schema(connection: Connection) -> dict[str, Any]:
    """Columns, keys and indices of every table there is now."""
    asked = inspect(connection)
    return {
        table: {
            "columns": {
                one["name"]: (str(one["type"]), one["nullable"]) for one in asked.get_columns(table)
            },
            "unique": sorted(one["column_names"] for one in asked.get_unique_constraints(table)),
            "indices": sorted(
                (one["name"], one["column_names"]) for one in asked.get_indexes(table)
            ),
            "refers": sorted(
                (one["constrained_columns"], one["referred_table"])
                for one in asked.get_foreign_keys(table)
            ),
        }
        for table in asked.get_table_names()
    }


def _keys(session: Session, ada: User, bob: User) -> dict[str, str]:
    keys = {
        "the admin's": create_key(session, ada, "one", EVERY_SCOPE),
        "an artist's": create_key(session, bob, "two", EVERY_SCOPE),
        "the admin's for reading": create_key(session, ada, "three", ["read"]),
        "the admin's for a week": create_key(session, ada, "four", EVERY_SCOPE),
    }
    keys["the admin's for a week"][0].expires_at = utc_now() + timedelta(days=7)
    secrets = {name: secret for name, (_, secret) in keys.items()}
    secrets["the farm's"] = create_token(session, "the farm", "farm")
    return secrets


def _shot(session: Session, project: Project, maker: User) -> Shot:
    """A shot sh010 and its plate as a step forth makes it, under the shot's own id."""
    ident = new_id()
    plate = {"kind": "sequence", "path": "/plates/sh010.%04d.exr"}
    shot = Shot(
        id=ident, project_id=project.id, name="sh010", created_by=maker.id, plate=plate, **_FACTS
    )
    session.add(shot)
    session.flush()
    session.add(Plate(id=ident, shot_id=ident, plate=plate, created_by=maker.id, **_FACTS))
    shot.plate_id = ident
    return shot


def _second_plate(session: Session, shot: Shot) -> Plate:
    """It was uploaded, and is the shot's now."""
    ident = new_id()
    source = f"projects/{shot.project_id}/{shot.id}/source/{ident}"
    told = {"kind": "sequence", "path": f"/storage/{source}/sh010.%04d.exr"}
    plate = Plate(
        id=ident, shot_id=shot.id, version=2, plate=told, source=source,
        warnings=[{"code": "range_changed", "message": "", "detail": {}}],
        created_by=shot.created_by, **{**_FACTS, "last_frame": 1005},
    )  # fmt: skip
    session.add(plate)
    shot.plate, shot.last_frame, shot.plate_id = told, 1005, plate.id
    shot.review, shot.handle_head, shot.cut = "retake", 8, {"list": "reel1", "event": "003"}
    session.flush()
    return plate


def _results(session: Session, shot: Shot, job: Job, hero: RotoObject) -> None:
    now = utc_now()
    worker = Worker(
        id="node1:0", node="node1", slot=0, boot_id=new_id(), version="0.2.0", queues=["gpu"],
        kinds=["track"], engines=["flow"], device="cpu", memory={"host": 1}, reach={"places": []},
    )  # fmt: skip
    session.add(worker)
    session.flush()
    task = session.scalars(select(Task).where(Task.job_id == job.id, Task.kind == "track")).one()
    attempt = Attempt(
        task_id=task.id, worker_id=worker.id, boot_id=worker.boot_id, number=1, state="lost",
        output_dir="jobs/1", token_sha256="a" * 64, heartbeat_at=now, progress_at=now,
    )  # fmt: skip
    session.add(attempt)
    session.flush()
    job.worst_confidence = 0.25
    session.add_all(
        Mask(shot_id=shot.id, object_id=hero.id, job_id=job.id, attempt_id=attempt.id,
             frame=frame, path=f"m.{frame}.exr", confidence=confidence)
        for frame, confidence in ((1001, 0.75), (1002, 0.25))
    )  # fmt: skip
    made = Export(shot_id=shot.id, job_id=job.id, role="matte", name="m", path="m", size=1)
    made.id = new_id()
    session.add_all([
        made,
        Shapes(shot_id=shot.id, job_id=job.id, version=1, path="s", size=1,
               created_by=job.created_by),
        Publication(shot_id=shot.id, job_id=job.id, export_id=made.id, path="/delivery/m.exr",
                    size=1, created_by=job.created_by),
    ])  # fmt: skip


def _words(session: Session, shot: Shot, job: Job, hero: RotoObject, by: User) -> None:
    note = Note(
        id=new_id(), shot_id=shot.id, job_id=job.id, object_id=hero.id, text="the left edge boils",
        frame=1001, x=0.5, y=0.5, created_by=by.id,
    )  # fmt: skip
    session.add(note)
    session.flush()
    session.add_all([
        Note(shot_id=shot.id, reply_to=note.id, text="better now?", created_by=shot.created_by),
        Review(shot_id=shot.id, job_id=job.id, before="pending_review", after="retake",
               reason="it boils", created_by=shot.created_by),
    ])  # fmt: skip


def _media(session: Session, project: Project, by: User) -> None:
    file = {"name": "p.mov", "size": 9, "sha256": "b" * 64}
    upload = Upload(
        id=new_id(), project_id=project.id, files=[file], piece_size=8, multipart=["m"],
        created_by=by.id,
    )  # fmt: skip
    session.add(upload)
    session.flush()
    session.add_all([
        UploadPiece(upload_id=upload.id, file=0, number=0, size=8),
        Blob(project_id=project.id, sha256="c" * 64, size=9, key="blobs/c"),
        Conform(project_id=project.id, name="reel1", kind="edl", fps_num=24, fps_den=1, events=[],
                created_by=by.id),
    ])  # fmt: skip


def _of_people(session: Session, ada: User) -> None:
    later = utc_now() + timedelta(days=1)
    login = LoginSession(id=new_id(), user_id=ada.id, kind="web", expires_at=later)
    session.add(login)
    session.flush()
    session.add_all([
        RefreshToken(session_id=login.id, sha256="d" * 64, expires_at=later),
        Identity(user_id=ada.id, issuer="https://accounts.example", subject="ada"),
        OneTimeToken(user_id=ada.id, purpose="reset", sha256="e" * 64, expires_at=later),
        SigningKey(algorithm="EdDSA", public="p", private="s"),
        DeviceGrant(device_sha256="f" * 64, user_code="ABCD", client="nuke", expires_at=later),
        OidcFlow(state_sha256="0" * 64, provider="google", nonce="n", verifier="v",
                 expires_at=later),
        OutgoingMail(user_id=ada.id, kind="reset", content="c"),
        SavedViews(user_id=ada.id, page="jobs", views={"mine": "?state=failed"}),
        ConfigChange(name="ROTO_TRASH_DAYS", value=7, changed_by=ada.id),
        Leader(name="reconciler", holder="a server", since=utc_now(), until=later),
    ])  # fmt: skip


def _farm(session: Session, shot: Shot, by: User) -> None:
    now = utc_now()
    session.add_all([
        Node(name="node1", state="draining", reason="a new fan", changed_by=by.id, changed_at=now),
        Node(name="node2", state="disabled", reason="sold"),
        FarmSample(minute=1, queue="gpu", waiting=2, running=1, oldest_waiting_seconds=3.5,
                   workers_alive=1),
        Event(project_id=shot.project_id, kind="shot.changed", payload={"id": shot.id}),
        Preview(shot_id=shot.id, frame=1001, request={}, request_id="r", claims=0, rung_at=now,
                expires_at=now, created_by=by.id, created_at=now),
    ])  # fmt: skip
