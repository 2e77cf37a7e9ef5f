"""The asking side: a new preview, who could answer it, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from .. import bell
from ..db.models import JsonObject, Preview, Shot, Worker
from ..db.session import Database, database_now
from ..errors import NotFoundError
from ..jobs import nodes
from ..settings import Settings
from . import EXPIRED, FAILED, OPEN, RUNNING, SUPERSEDED, WAITING

_LOCK = 0x726F7464
KIND = "preview"
"""Among the kinds that a worker registers: it answers previews."""


@dataclass(frozen=True)
class Asked:
    """What a client wants to see, by which request. ``request``: objects, engine, model,
    image_size.
    """

    shot: Shot
    frame: int
    request: JsonObject
    user: str
    client_key: str | None
    request_id: str | None = None


def create(session: Session, asked: Asked, settings: Settings) -> Preview:
    """A waiting preview, rung for; unfinished ones of the same user and key are superseded."""
    if asked.client_key is not None:
        _supersede(session, asked.user, asked.client_key)
    now = database_now(session)
    preview = Preview(
        shot_id=asked.shot.id,
        state=WAITING,
        frame=asked.frame,
        request=asked.request,
        client_key=asked.client_key,
        claims=0,
        rung_at=now,
        expires_at=now + timedelta(seconds=settings.preview_seconds),
        created_by=asked.user,
        request_id=asked.request_id,
        created_at=now,
    )
    session.add(preview)
    session.flush()
    bell.order_preview(session, preview, now)
    return preview


def _supersede(session: Session, user: str, client_key: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        # Two requests at once would not see each other's rows; on SQLite writers take turns anyway.
        turn = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:view))")
        session.execute(turn, {"lock": _LOCK, "view": f"{user}/{client_key}"})
    session.execute(
        update(Preview)
        .where(
            Preview.created_by == user,
            Preview.client_key == client_key,
            Preview.state.in_(OPEN),
        )
        .values(state=SUPERSEDED)
    )


def state_of(database: Database, preview_id: str) -> str:
    """How the preview stands. Raises `RotoError` ``not_found`` once it is forgotten."""
    with database.reading() as session:
        state = session.scalar(select(Preview.state).where(Preview.id == preview_id))
    if state is None:
        raise NotFoundError("preview", preview_id)
    return state


def raise_unless_well(preview: Preview) -> None:
    """Raise why the preview will never be answered: superseded, expired, or a worker's error."""
    if preview.state == SUPERSEDED:
        raise RotoError(
            "A newer preview of the same client took this one's place.",
            code="superseded",
            hint="Show the newer one's answer.",
            detail={"preview_id": preview.id},
        )
    if preview.state in (FAILED, EXPIRED):
        error = preview.error or {}
        raise RotoError(
            str(error.get("message", f"The preview {preview.state}.")),
            code=str(error.get("code", "internal")),
            hint=str(error.get("hint", "")),
            detail={**(error.get("detail") or {}), "preview_id": preview.id},
        )


def outlook(session: Session, preview: Preview, alive_seconds: float) -> str:
    """For people: what an unanswered preview waits for."""
    if preview.state == RUNNING:
        return f"{preview.worker_id} is at it."
    engine, model = preview.request["engine"], preview.request["model"]
    since = database_now(session) - timedelta(seconds=alive_seconds)
    workers = session.scalars(select(Worker).where(Worker.last_seen_at > since)).all()
    able = {worker.node for worker in workers if _answers(worker, engine, model)}
    shut = nodes.closed(session)
    if able and able <= set(shut):
        return f"Nobody may answer: {'; '.join(nodes.told(shut[name]) for name in sorted(able))}."
    if able:
        return "A worker that answers previews is connected, but has not come to it yet."
    wanted = "" if (engine, model) == ("auto", "auto") else f" with engine {engine}, model {model},"
    return f"No worker that answers previews{wanted} is connected."


def _answers(worker: Worker, engine: str, model: str) -> bool:
    return KIND in worker.kinds and any(
        engine in ("auto", installed["engine"]) and model in ("auto", installed["model"])
        for installed in worker.engines
    )
