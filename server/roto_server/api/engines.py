"""Which engines and models a job may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fastapi import APIRouter
from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Worker
from ..db.session import database_now
from ..jobs import nodes
from ..jobs.create import ENGINES
from ..previews.ask import KIND as PREVIEW
from .deps import Reader, SettingsDep
from .schemas.engines import EngineOut, EnginesOut

router = APIRouter(prefix="/engines", tags=["farm"])

KNOWN_MODELS = {
    "sam2": (
        "sam2.1_hiera_tiny",
        "sam2.1_hiera_small",
        "sam2.1_hiera_base_plus",
        "sam2.1_hiera_large",
        "nano",
    ),
}
"""Models a worker can load without having said so: their checkpoints may still be fetched."""


@router.get("")
def list_engines(caller: Reader, settings: SettingsDep) -> EnginesOut:
    """The models that a job or a preview may name now, and how many workers have each.

    ``auto`` may always be named, as an engine and as a model: the best that a worker has.
    """
    session = caller.session
    counts = {(engine, name): 0 for engine, names in KNOWN_MODELS.items() for name in names}
    shown: set[tuple[str, str]] = set()
    shut = nodes.closed(session)
    for worker in _alive(session, settings.lease_seconds):
        for report in worker.engines:
            pair = str(report["engine"]), str(report["model"])
            is_open = worker.node not in shut
            counts[pair] = counts.get(pair, 0) + is_open
            if is_open and PREVIEW in worker.kinds:
                shown.add(pair)
    return EnginesOut(
        engines=[
            EngineOut(engine=pair[0], model=pair[1], workers=count, previews=pair in shown)
            for pair, count in sorted(counts.items())
        ]
    )


def check_engine(session: Session, engine: str, model: str, alive_seconds: float) -> None:
    """Raise `RotoError` ``unknown_model`` unless the pair can be meant.

    Known are `KNOWN_MODELS` and what workers heard of within ``alive_seconds`` report.
    """
    if engine not in ENGINES:
        raise _unknown(f"There is no engine {engine!r}.", list(ENGINES))
    if model == "auto":
        return
    models = {
        *(
            name
            for kind, names in KNOWN_MODELS.items()
            if engine in ("auto", kind)
            for name in names
        ),
        *_reported(session, engine, alive_seconds),
    }
    if model not in models:
        known = ["auto", *sorted(models)]
        raise _unknown(f"There is no model {model!r} for engine {engine!r}.", known)


def _reported(session: Session, engine: str, alive_seconds: float) -> set[str]:
    return {
        str(report["model"])
        for worker in _alive(session, alive_seconds)
        for report in worker.engines
        if engine in ("auto", report["engine"])
    }


def _alive(session: Session, alive_seconds: float) -> Sequence[Worker]:
    since = database_now(session) - timedelta(seconds=alive_seconds)
    return session.scalars(select(Worker).where(Worker.last_seen_at > since)).all()


def _unknown(message: str, known: list[str]) -> RotoError:
    hint = f"Known: {', '.join(known)}."
    return RotoError(message, code="unknown_model", hint=hint, detail={"known": known})
