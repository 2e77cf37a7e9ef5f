"""Previews: an answer at once, or an address to ask again."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection

from roto_client.contract import API_PREFIX
from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..access.roles import Permission
from ..db.models import JsonObject, Preview, Shot
from ..db.session import Database
from ..errors import NotFoundError
from ..jobs import plates
from ..previews import DONE, OPEN
from ..previews.ask import Asked, create, outlook, raise_unless_well, state_of
from ..settings import Settings
from .deps import Responses, SettingsDep, refusals, transact
from .engines import check_engine
from .schemas.previews import PreviewedObject, PreviewIn, PreviewObject, PreviewOut, PreviewState
from .schemas.segment import PromptedObject, PromptIn, SegmentIn
from .submission import check_against_plate, check_objects

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25
_LATER: Responses = {202: {"model": PreviewOut, "description": "Not answered yet: ask `url`."}}


async def _shot(shot_id: str, connection: HTTPConnection) -> str:
    """The id of the shot, if they may edit it; known before the body is looked at."""

    def check(caller: Caller) -> str:
        return caller.shot(shot_id, Permission.EDIT_SHOT).id

    return await transact(connection, check, writing=False)


@router.post("/preview", responses={**_LATER, **refusals(404, 409, 413, 504)})
async def preview(
    *,
    shot_id: Annotated[str, Depends(_shot)],
    body: PreviewIn,
    request: Request,
    response: Response,
    settings: SettingsDep,
) -> PreviewOut:
    """The masks of what is prompted on one frame: 200 within seconds, else 202 and a URL.

    Refused at once is what a job with these prompts would be refused for. What fails on the worker
    comes back with the worker's code.
    """

    def ask(caller: Caller) -> str:
        shot = caller.shot(shot_id, Permission.EDIT_SHOT)
        check_engine(caller.session, body.engine, body.model, settings.lease_seconds)
        told = _request(caller.session, shot, body)
        user = caller.who.user_id
        asked = Asked(shot, body.frame, told, user, body.client_key, caller.request_id)
        return create(caller.session, asked, settings).id

    preview_id = await transact(request, ask, writing=True)
    await _until_answered(request, preview_id, settings.preview_wait_seconds)
    return await _answer(request, preview_id, shot_id, response, settings)


@router.get("/previews/{preview_id}", responses={**_LATER, **refusals(404, 409, 504)})
async def get_preview(
    shot_id: str, preview_id: str, request: Request, response: Response, settings: SettingsDep
) -> PreviewOut:
    """The same answer as of ``POST preview``, waiting for it as long; 404 once it is forgotten."""
    told = await _answer(request, preview_id, shot_id, response, settings)
    if told.state not in OPEN:
        return told
    await _until_answered(request, preview_id, settings.preview_wait_seconds)
    return await _answer(request, preview_id, shot_id, response, settings)


async def _answer(
    request: Request, preview_id: str, shot_id: str, response: Response, settings: Settings
) -> PreviewOut:
    def read(caller: Caller) -> PreviewOut:
        shot = caller.shot(shot_id)
        found = caller.session.get(Preview, preview_id)
        if found is None or found.shot_id != shot.id:
            raise NotFoundError("preview", preview_id)
        raise_unless_well(found)
        return _present(caller.session, found, settings)

    told = await transact(request, read, writing=False)
    response.status_code = 200 if told.state == DONE else 202
    return told


async def _until_answered(connection: HTTPConnection, preview_id: str, patience: float) -> None:
    """Until the preview is no longer open, or ``patience`` (seconds) ends.

    It looks at the row, since the answer may come in at another server process, the more rarely
    the longer it waits: at most a tenth of the wait comes on top.
    """
    database: Database = connection.app.state.database
    began = time.monotonic()
    while await _state_of(database, preview_id) in OPEN:
        waited = time.monotonic() - began
        if waited >= patience:
            return
        await asyncio.sleep(min(max(waited / 10, _SHORTEST_PAUSE), _LONGEST_PAUSE))


async def _state_of(database: Database, preview_id: str) -> str:
    return await database.gate.run(partial(state_of, database, preview_id))


def _request(session: Session, shot: Shot, body: PreviewIn) -> JsonObject:
    """What the worker is told beside shot and frame, after every check a job would meet."""
    plate = plates.for_jobs(session, shot, body.view)
    row = plate or shot
    if row.state != "ready":
        raise RotoError(
            f"Shot {shot.name!r} is {row.state}: its plate is not known yet.",
            hint=str((row.error or {}).get("message", "Ask again when the shot is ready.")),
            code="plate_not_ready",
        )
    described = check_objects(SegmentIn(objects=[_prompted(one, body) for one in body.objects]))
    check_against_plate(row, described, None)
    return {
        "plate_id": plate.id if plate else None,
        "objects": [{"name": item.name, "prompt": prompts[0]} for item, prompts in described],
        "engine": body.engine,
        "model": body.model,
        "image_size": body.image_size,
    }


def _prompted(item: PreviewObject, body: PreviewIn) -> PromptedObject:
    prompt = PromptIn(frame=body.frame, **item.model_dump(exclude={"name"}, exclude_unset=True))
    return PromptedObject(name=item.name, prompts=[prompt])


def _present(session: Session, row: Preview, settings: Settings) -> PreviewOut:
    result = (row.result if row.state == DONE else None) or {}
    return PreviewOut(
        id=row.id,
        shot_id=row.shot_id,
        state=cast("PreviewState", row.state),
        frame=row.frame,
        url=f"{API_PREFIX}/shots/{row.shot_id}/previews/{row.id}",
        message=outlook(session, row, settings.lease_seconds) if row.state in OPEN else "",
        engine=result.get("engine"),
        width=result.get("width"),
        height=result.get("height"),
        objects=[PreviewedObject.model_validate(one) for one in result.get("objects", ())],
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
