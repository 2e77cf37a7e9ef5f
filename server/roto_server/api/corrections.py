"""Correcting a version of a shot's shapes: a new version that differs only where it must."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.roles import Permission
from ..db.models import Job, JsonObject, RotoObject
from ..errors import ConflictError
from ..jobs.changes import lock_shot
from ..jobs.corrections import Correction, check_base
from ..jobs.create import create_roto_job
from ..jobs.readiness import check_fits
from .corrected import Corrected, corrected, merged
from .deps import SettingsDep, Writer, refusals
from .engines import check_engine
from .idempotency import IdempotencyKey, create_once, fingerprint
from .objects import objects_of
from .schemas.corrections import CorrectionIn
from .schemas.jobs import JobOut
from .submission import check_formats, check_mask_sizes, check_template

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

_KEPT = ("frame_range", "outputs", "exports", "mattes", "image_size", "direction", "edges")
_KEPT_TOO = ("tolerance", "layer_transform", "template", "priority", "quality", "videos")


@router.post("/corrections", status_code=202, responses=refusals(404, 409, 413))
def correct(
    *,
    shot_id: str,
    body: CorrectionIn,
    request: Request,
    caller: Writer,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> JobOut:
    """Track again between the frames around what was corrected; the rest stays to the last bit.

    The job makes the next version of the shapes; its ``changed`` tells which frames were tracked
    again. 404 when the shot has no such version or object; 409 when the version is not the latest,
    or another job is making one.
    """
    session, shot = caller.session, caller.shot(shot_id, Permission.EDIT_SHOT)
    found = corrected(body.edits)
    check_formats(body.exports or [])

    def create() -> Job:
        lock_shot(session, shot)
        base = session.get_one(Job, check_base(session, shot, body.base_version).job_id)
        wanted = _wanted(base, body)
        _check_model(session, base, wanted, settings.lease_seconds)
        objects = _objects(session, base, found)
        names = [item["name"] for item in objects]
        check_template(wanted.get("template"), names, shot.project.name, shot.name)
        for item in objects:
            check_mask_sizes(item["name"], base.plate or shot, item["prompts"])
        check_fits(base.plate or shot, objects, wanted.get("frame_range"))
        ids = {item["name"]: item["id"] for item in objects}
        edits = [each.edit(ids[name]) for name, each in found.items()]
        return create_roto_job(
            session,
            shot,
            _with_rows(session, objects),
            wanted,
            caller.who.user_id,
            # What is kept was tracked on that plate, whatever has come since.
            plate=base.plate,
            ranges={item["name"]: item["frame_range"] for item in objects if "frame_range" in item},
            correction=Correction(body.base_version, base.id, edits),
            request_id=caller.request_id,
            max_attempts=settings.max_attempts,
        )

    return create_once(caller, idempotency_key, fingerprint(request.url.path, body), create)


def _wanted(base: Job, body: CorrectionIn) -> JsonObject:
    """The request of the corrected job with what is asked for anew, and with the model it used."""
    kept = {name: base.params[name] for name in (*_KEPT, *_KEPT_TOO) if name in base.params}
    anew = body.model_dump(mode="json", exclude={"base_version", "edits"}, exclude_none=True)
    engine = base.engine or base.params.get("engine") or "auto"
    model = base.model or base.params.get("model") or "auto"
    # Flow's model is the worker's build: there is no other to ask for.
    return {**kept, **anew, "engine": engine, "model": "auto" if engine == "flow" else model}


def _check_model(session: Session, base: Job, wanted: JsonObject, alive_seconds: float) -> None:
    """Raise `ConflictError` when nobody has the model that made the version any more."""
    try:
        check_engine(session, wanted["engine"], wanted["model"], alive_seconds)
    except RotoError as error:
        raise ConflictError(
            f"Version {base.version} was made by {wanted['engine']} {wanted['model']}, which no "
            "worker has now.",
            hint="Start a worker that has it, or submit the shot anew with another model.",
            detail={"engine": wanted["engine"], "model": wanted["model"], **error.detail},
        ) from error


def _objects(
    session: Session, base: Job, found: Mapping[str, Corrected]
) -> list[dict[str, Any]]:  # fmt: skip
    """The corrected job's objects, without deleted ones, with the new prompts among theirs."""
    kept = set(session.scalars(objects_of(base.shot_id).with_only_columns(RotoObject.id)))
    objects = [item for item in base.params["objects"] if item["id"] in kept]
    known = {item["name"]: item["id"] for item in objects}
    for name, each in found.items():
        if name not in known:
            raise RotoError(
                f"Version {base.version} has no object {name!r}.",
                code="not_found",
                hint=f"It has {', '.join(sorted(known))}.",
                detail={"object": name, "known": sorted(known)},
            )
        others = {ident for other, ident in known.items() if other != name}
        each.check_layer_is_not(others)
    return [
        {**item, "prompts": merged(item["prompts"], found[item["name"]].prompts)}
        if item["name"] in found
        else item
        for item in objects
    ]


def _with_rows(
    session: Session, objects: list[dict[str, Any]]
) -> list[tuple[RotoObject, list[JsonObject]]]:
    ids = [item["id"] for item in objects]
    rows = {
        row.id: row for row in session.scalars(select(RotoObject).where(RotoObject.id.in_(ids)))
    }
    return [(rows[item["id"]], item["prompts"]) for item in objects]
