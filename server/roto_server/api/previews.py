"""Previews: an answer at once, or an address to ask again."""

from __future__ import annotations

import asyncio
import time
from typing import cast

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from roto_client.contract import API_PREFIX
from roto_shapes.errors import RotoError

from ..auth import User
from ..db.models import JsonObject, Preview, Shot
from ..db.session import Database
from ..errors import NotFoundError
from ..previews import DONE, OPEN
from ..previews.ask import Asked, create, outlook, raise_unless_well, state_of
from ..settings import Settings
from .deps import DatabaseDep, Responses, SettingsDep, get_row, refusals
from .engines import check_engine
from .schemas.previews import PreviewedObject, PreviewIn, PreviewObject, PreviewOut, PreviewState
from .schemas.segment import PromptedObject, PromptIn, SegmentIn
from .submission import check_against_shot, check_objects

router = APIRouter(prefix="/shots/{shot_id}", tags=["shots"])

_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.02, 0.25
_LATER: Responses = {202: {"model": PreviewOut, "description": "Not answered yet: ask `url`."}}


@router.post("/preview", responses={**_LATER, **refusals(404, 409, 413, 504)})
async def preview(
    *,
    shot_id: str,
    body: PreviewIn,
    response: Response,
    user: User,
    database: DatabaseDep,
    settings: SettingsDep,
) -> PreviewOut:
    """The masks of what is prompted on one frame: 200 within seconds, else 202 and a URL.

    Refused at once is what a job with these prompts would be refused for. What fails on the worker
    comes back with the worker's code.
    """

    def ask() -> str:
        with database.session() as session:
            shot = get_row(session, Shot, shot_id, "shot")
            check_engine(session, body.engine, body.model, settings.lease_seconds)
            asked = Asked(shot, body.frame, _request(shot, body), user.name, body.client_key)
            return create(session, asked, settings).id

    preview_id = await asyncio.to_thread(ask)
    return await _answer(preview_id, shot_id, response, database, settings)


@router.get("/previews/{preview_id}", responses={**_LATER, **refusals(404, 409, 504)})
async def get_preview(
    shot_id: str, preview_id: str, response: Response, database: DatabaseDep, settings: SettingsDep
) -> PreviewOut:
    """The same answer as of ``POST preview``, waiting for it as long; 404 once it is forgotten."""
    return await _answer(preview_id, shot_id, response, database, settings)


async def _answer(
    preview_id: str, shot_id: str, response: Response, database: Database, settings: Settings
) -> PreviewOut:
    await _until_answered(database, preview_id, settings.preview_wait_seconds)

    def read() -> PreviewOut:
        with database.reading() as session:
            found = get_row(session, Preview, preview_id, "preview")
            if found.shot_id != shot_id:
                raise NotFoundError("preview", preview_id)
            raise_unless_well(found)
            return _present(session, found, settings)

    told = await asyncio.to_thread(read)
    response.status_code = 200 if told.state == DONE else 202
    return told


async def _until_answered(database: Database, preview_id: str, patience: float) -> None:
    """Until the preview is no longer open, or ``patience`` (seconds) ends.

    It looks at the row, since the answer may come in at another server process, the more rarely
    the longer it waits: at most a tenth of the wait comes on top.
    """
    began = time.monotonic()
    while await asyncio.to_thread(state_of, database, preview_id) in OPEN:
        waited = time.monotonic() - began
        if waited >= patience:
            return
        await asyncio.sleep(min(max(waited / 10, _SHORTEST_PAUSE), _LONGEST_PAUSE))


def _request(shot: Shot, body: PreviewIn) -> JsonObject:
    """What the worker is told beside shot and frame, after every check a job would meet."""
    if shot.state != "ready":
        raise RotoError(
            f"Shot {shot.name!r} is {shot.state}: its plate is not known yet.",
            hint=str((shot.error or {}).get("message", "Ask again when the shot is ready.")),
            code="plate_not_ready",
        )
    described = check_objects(SegmentIn(objects=[_prompted(one, body) for one in body.objects]))
    check_against_shot(shot, described, None)
    return {
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
