"""One long plate becomes several shots: cuts are looked for, and ranges made shots."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import select
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError
from roto_shapes.naming import check_name

from ..access.caller import Caller
from ..access.roles import Permission
from ..conform import scenes as cuts
from ..conform.media import Media
from ..conform.placing import fit
from ..db.media import MAIN_VIEW
from ..db.models import Job, Shot, Task, new_id
from ..errors import BadRequestError, NotFoundError
from ..jobs import sources
from ..jobs.create import create_scenes_job
from ..jobs.new_shots import NewShot, name_taken
from ..jobs.states import JobState
from ..paths import range_outside_plate
from ..settings import Settings
from ..storage import Storage
from . import present
from .deps import DatabaseDep, SettingsDep, StorageDep, Writer, refusals, transact
from .frames import PlateVersion, PlateView
from .new_shots import add, taken_names
from .schemas.conform import CutIn, SceneCut, SceneRange, ScenesOut
from .schemas.jobs import JobOut
from .schemas.projects import ShotOut
from .shared_plates import Copies, WholePlate, share, whole_of
from .store_threads import linking, looking

router = APIRouter(prefix="/shots", tags=["conform"])


@router.post("/{shot_id}/scenes", status_code=202, responses=refusals(404, 409))
def find_scenes(shot_id: str, caller: Writer) -> JobOut:
    """Have a worker look for cuts in the shot's plate. 409 until the plate has been read."""
    shot = caller.shot(shot_id, Permission.EDIT_SHOT)
    plate, _ = whole_of(caller, shot)
    ingest = caller.session.scalars(
        select(Job)
        .where(Job.shot_id == shot.id, Job.kind == "ingest", Job.state == JobState.SUCCEEDED)
        .where((Job.plate_id == plate.id) | Job.plate_id.is_(None))
        .order_by(Job.version.desc())
        .limit(1)
    ).first()
    if ingest is None:
        raise RotoError("The plate has no proxies to look at.", code="plate_not_ready")
    job = create_scenes_job(
        caller.session, shot, ingest, caller.who.user_id, request_id=caller.request_id
    )
    caller.audit(
        "job.submitted", "job", job.id, project_id=shot.project_id, after={"kind": job.kind}
    )
    return present.job(job, caller.who.name)


@router.get("/{shot_id}/scenes", responses=refusals(404, 409))
async def get_scenes(
    shot_id: str,
    request: Request,
    storage: StorageDep,
    threshold: Annotated[float, Query(ge=0.01, le=1)] = cuts.THRESHOLD,
    shortest: Annotated[int, Query(ge=1, le=10_000, description="Frames of a scene.")] = 6,
) -> ScenesOut:
    """The cuts that the newest look found, at any ``threshold``: another one needs no new look.

    409 until a look at the shot's current plate has ended.
    """
    job_id, key = await transact(request, lambda caller: _looked(caller, shot_id), writing=False)
    data = await looking(storage.read, f"{key}/scenes.json")
    if data is None:
        raise NotFoundError("scenes of the shot", shot_id)
    told = json.loads(data)
    first, scores = int(told["first_frame"]), told["scores"]
    found = cuts.cuts(scores, first, threshold, shortest)
    return ScenesOut(
        job_id=job_id,
        threshold=threshold,
        shortest=shortest,
        cuts=[
            SceneCut(
                frame=frame,
                score=score,
                picture_url=present.frame_url(shot_id, frame),
                before_url=present.frame_url(shot_id, frame - 1),
            )
            for frame, score in found
        ],
        scenes=[
            SceneRange(first=a, last=b)
            for a, b in cuts.scenes([frame for frame, _ in found], first, first + len(scores) - 1)
        ],
    )


def _looked(caller: Caller, shot_id: str) -> tuple[str, str]:
    """The newest look at the shot's current plate: the cuts of one before are not this one's."""
    shot = caller.shot(shot_id)
    query = (
        select(Job.id, Task.published_dir)
        .join(Task)
        .where(Job.shot_id == shot.id, Job.kind == "scenes", Task.published_dir.is_not(None))
        .where(Job.plate_id == shot.plate_id, Job.trashed_at.is_(None))
        .order_by(Job.version.desc())
    )
    found = caller.session.execute(query.limit(1)).first()
    if found is None:
        raise RotoError(
            "Nobody has looked for cuts in the shot's current plate, or not to the end.",
            hint="POST scenes, and ask again when that job has succeeded.",
            code="conflict",
        )
    return found[0], str(found[1])


@dataclass(frozen=True)
class _Whole:
    """A plate that may be cut, and whose."""

    project_id: str
    shot_id: str
    plate: WholePlate


async def _whole(
    shot_id: str,
    connection: HTTPConnection,
    view: PlateView = MAIN_VIEW,
    version: PlateVersion = None,
) -> _Whole:
    """The shot's plate, if they may cut it; known before the body is looked at."""

    def read(caller: Caller) -> _Whole:
        shot = caller.shot(shot_id, Permission.EDIT_SHOT)
        caller.project(shot.project_id, Permission.ADD_SHOT)
        return _Whole(shot.project_id, shot.id, whole_of(caller, shot, view, version)[1])

    return await transact(connection, read, writing=False)


@router.post("/{shot_id}/cut", status_code=201, responses=refusals(404, 409, 413, 507))
async def cut_shot(
    *,
    whole: Annotated[_Whole, Depends(_whole)],
    body: CutIn,
    request: Request,
    settings: SettingsDep,
    storage: StorageDep,
    database: DatabaseDep,
) -> list[ShotOut]:
    """Make ranges of the shot's plate shots of their own, with its frame numbers; all or none.

    They share the plate's files, of any version of any view. Handles are as many as it has on
    either side.
    """
    parts = _parts(whole, body, storage)
    await transact(request, lambda caller: _check_names(caller, whole, body), writing=False)
    await linking(_count, parts, whole.plate, storage)
    new: list[NewShot] = []
    try:
        for part in parts:
            new.append(await linking(part.take, whole.plate, storage))
        return await transact(
            request, lambda caller: _make(caller, whole, new, settings), writing=True
        )
    except RotoError:
        # Refused, so nothing was committed. After anything else the shots may well be there.
        for source in {one.source for one in new if one.source}:
            await linking(sources.release, database, storage, source)
        raise


@dataclass(frozen=True)
class _Part:
    """One range: its name, its frames with handles, the handles there are."""

    ident: str
    name: str
    frames: tuple[int, int]
    handles: tuple[int, int]
    source: str

    def take(self, whole: WholePlate, storage: Storage) -> NewShot:
        """The shot to be made."""
        plate, source = share(whole, self.frames, self.source, storage)
        return NewShot(
            name=self.name,
            plate=plate,
            frames=self.frames,
            colorspace=whole.colorspace,
            fps=whole.fps,
            handles=self.handles,
            source=source,
            id=self.ident,
        )


def _parts(whole: _Whole, body: CutIn, storage: Storage) -> list[_Part]:
    """What is to be made; raises ``range_outside_plate``."""
    frames = whole.plate.frames
    media = Media(str(whole.plate.plate["kind"]), "", "", *frames)
    parts = []
    for wanted in body.ranges:
        placed = fit("hand", (wanted.first, wanted.last), media, (body.handles, body.handles))
        if placed.lacking or placed.frames is None:
            raise range_outside_plate((wanted.first, wanted.last), frames)
        ident = new_id()
        source = sources.new_key(storage, whole.project_id, ident, "v001")
        parts.append(_Part(ident, wanted.name, placed.frames, placed.handles, source))
    return parts


def _count(parts: list[_Part], whole: WholePlate, storage: Storage) -> None:
    """Too much to be shared in one request is refused before any file is touched."""
    copies = Copies(storage)
    for part in parts:
        copies.count(whole, part.frames, part.ident)


def _check_names(caller: Caller, whole: _Whole, body: CutIn) -> None:
    """Names that cannot be or are taken are refused before any file is touched."""
    names = [check_name(wanted.name) for wanted in body.ranges]
    if len(set(names)) < len(names):
        raise BadRequestError("Two of the ranges have one name.")
    project = caller.project(whole.project_id, Permission.ADD_SHOT)
    for name in taken_names(caller, project, names):
        raise name_taken(name)


def _make(caller: Caller, whole: _Whole, new: list[NewShot], settings: Settings) -> list[ShotOut]:
    project = caller.project(whole.project_id, Permission.ADD_SHOT)
    caller.shot(whole.shot_id, Permission.EDIT_SHOT)
    sources.hold(caller.session, whole.plate.source)
    made: list[Shot] = [add(caller, project, one, settings) for one in new]
    caller.audit(
        "shot.cut", "shot", whole.shot_id, project_id=project.id, after={"shots": len(made)}
    )
    return [present.shot(shot) for shot in made]
