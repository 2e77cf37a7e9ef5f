"""Which engines and models a job may ask for."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..db.models import Worker
from ..db.session import database_now
from ..jobs.create import ENGINES

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
    since = database_now(session) - timedelta(seconds=alive_seconds)
    reports = session.scalars(select(Worker.engines).where(Worker.last_seen_at > since))
    return {
        str(report["model"])
        for worker in reports
        for report in worker
        if engine in ("auto", report["engine"])
    }


def _unknown(message: str, known: list[str]) -> RotoError:
    hint = f"Known: {', '.join(known)}."
    return RotoError(message, code="unknown_model", hint=hint, detail={"known": known})
