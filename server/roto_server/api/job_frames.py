"""A job frame by frame, for pages: what is known of each, and the matte as a small picture."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from ..access.caller import Caller
from ..db.models import Job, RotoObject, Shapes, Task
from ..errors import NotFoundError
from ..storage import Storage
from .deps import Responses, RowsDep, StorageDep, refusals
from .etags import NOT_MODIFIED, etag_of, headers_of, not_modified
from .newest import matte_folder
from .schemas.job_frames import JobFrames, ObjectFrames
from .store_threads import looking
from .stored import stored_file

router = APIRouter(prefix="/jobs", tags=["jobs"])

SUMMARY = "track.json"
"""What the track stage says of its mattes, in its published folder."""
_FRESH_SECONDS = 3600
_NAME = re.compile(r"[^/\\]{1,200}")
_Frame = Annotated[int, Path(ge=-(2**31), le=2**31 - 1)]
_Object = Annotated[str, Query(alias="object", min_length=1, max_length=200)]
_PNG: Responses = {
    200: {
        "content": {"image/png": {}},
        "description": "Grey, linear: 8-bit and as large as the plate's proxies, or, of jobs of "
        "before 0.2, 16-bit and as large as the plate.",
    }
}


@dataclass(frozen=True)
class _Known:
    """What the rows say of a job. ``attempt``: whose mattes it has. ``marks``: what its frames
    depend on."""

    frame_range: tuple[int, int]
    objects: list[dict[str, Any]]
    colors: Mapping[str, list[float]]
    track_dir: str | None
    shapes_key: str | None
    attempt: str | None
    marks: tuple[str | None, ...]


@router.get(
    "/{job_id}/frames", response_model=JobFrames, responses={**NOT_MODIFIED, **refusals(404)}
)
async def get_frames(
    job_id: str, rows: RowsDep, request: Request, response: Response, storage: StorageDep
) -> JobFrames | Response:
    """What is known of each frame, object by object: confidence, area, prompts, keys.

    Until the job's track stage has ended only the prompts are.
    """
    known = await rows.read(lambda caller: _known(caller, job_id))
    headers = headers_of(etag_of("frames", job_id, *known.marks))
    if (same := not_modified(request, headers)) is not None:
        return same
    response.headers.update(headers)
    summary = await looking(_document, storage, known.track_dir and f"{known.track_dir}/{SUMMARY}")
    shapes = await looking(_document, storage, known.shapes_key)
    return await run_in_threadpool(_frames, known, summary, shapes)


@router.get(
    "/{job_id}/mattes/{frame}",
    response_class=FileResponse,
    responses={**_PNG, **NOT_MODIFIED, **refusals(404)},
)
async def get_matte(
    *,
    job_id: str,
    frame: _Frame,
    name: _Object,
    rows: RowsDep,
    request: Request,
    storage: StorageDep,
) -> Response:
    """The matte of an object on one frame, also while the job tracks. 404 where there is none."""

    def find(caller: Caller) -> tuple[str | None, bool]:
        job = caller.job(job_id)
        folder, task = matte_folder(job, name), _track(job)
        return folder, task is not None and task.state == "succeeded"

    folder, is_published = await rows.read(find)
    if folder is None:
        raise NotFoundError("matte", f"of {name!r} on frame {frame}")
    headers = headers_of(
        etag_of("matte", folder, frame), fresh_seconds=_FRESH_SECONDS if is_published else 0
    )
    if (same := not_modified(request, headers)) is not None:
        return same
    parent, _, own = folder.rpartition("/")
    small = f"{parent}/.small/{own}/{frame}.png"
    is_there = await looking(storage.size, small) is not None
    key = small if is_there else f"{folder}/{frame}.png"
    return await stored_file(storage, request, key, media_type="image/png", headers=headers)


def _known(caller: Caller, job_id: str) -> _Known:
    job = caller.job(job_id)
    objects = [one for one in job.params.get("objects") or () if _NAME.fullmatch(str(one["name"]))]
    rows = caller.session.scalars(select(RotoObject).where(RotoObject.shot_id == job.shot_id))
    shapes = caller.session.scalars(select(Shapes).where(Shapes.job_id == job.id)).first()
    task = _track(job)
    done = task is not None and task.state == "succeeded"
    row = job.plate or job.shot
    newest = max(task.attempts, key=lambda one: one.number, default=None) if task else None
    attempt = newest.id if newest else None
    return _Known(
        (row.first_frame or 0, row.last_frame or 0),
        objects,
        {one.name: one.color for one in rows},
        task.published_dir if done and task is not None else None,
        shapes.path if shapes else None,
        attempt,
        (str(done), shapes.id if shapes else None, attempt),
    )


def _track(job: Job) -> Task | None:
    return next((one for one in job.tasks if one.kind == "track"), None)


def _document(storage: Storage, key: str | None) -> dict[str, Any]:
    """A JSON document of ours; empty where it is not (any more)."""
    content = storage.read(key) if key else None
    found: dict[str, Any] = json.loads(content) if content else {}
    return found


def _frames(known: _Known, summary: dict[str, Any], shapes: dict[str, Any]) -> JobFrames:
    first, last = _within(summary.get("frame_range"), known.frame_range)
    idents = {one["name"]: one["id"] for one in summary.get("objects") or ()}
    keys = _keys(shapes)
    return JobFrames(
        first=first,
        last=last,
        attempt=known.attempt,
        objects=[
            _of_object(one, known, summary, idents.get(one["name"], ""), keys, (first, last))
            for one in known.objects
        ],
    )


def _within(told: Sequence[int] | None, rows: tuple[int, int]) -> tuple[int, int]:
    """The tracked frames that ``told`` names; of the ones the rows know, whatever it says."""
    if not told:
        return rows
    first, last = max(told[0], rows[0]), min(told[1], rows[1])
    return (first, last) if first <= last else rows


def _of_object(
    told: dict[str, Any],
    known: _Known,
    summary: dict[str, Any],
    ident: str,
    keys: Mapping[str, set[int]],
    frames: tuple[int, int],
) -> ObjectFrames:
    name = str(told["name"])
    confidence = (summary.get("confidence") or {}).get(ident) or {}
    signals = (summary.get("signals") or {}).get(ident) or {}
    areas = {frame: one.get("area") for frame, one in signals.items()}
    return ObjectFrames(
        id=ident,
        name=name,
        color=known.colors.get(name),
        confidence=_row(confidence, frames),
        area=_row(areas, frames),
        prompts=sorted({int(prompt["frame"]) for prompt in told.get("prompts") or ()}),
        keys=sorted(keys.get(name, ())),
    )


def _row(values: Mapping[str, float | None], frames: tuple[int, int]) -> list[float | None]:
    return [values.get(str(frame)) for frame in range(frames[0], frames[1] + 1)]


def _keys(shapes: dict[str, Any]) -> dict[str, set[int]]:
    """Frames with keys by layer name, which is an object's."""
    found: dict[str, set[int]] = {}
    for layer in shapes.get("layers") or ():
        of_layer = found.setdefault(str(layer.get("name")), set())
        for shape in layer.get("shapes") or ():
            of_layer |= set(_frames_of(shape.get("keys") or ()))
    return found


def _frames_of(keys: Iterable[dict[str, Any]]) -> Iterable[int]:
    return (int(key["frame"]) for key in keys)
