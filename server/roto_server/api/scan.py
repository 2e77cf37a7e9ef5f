"""Which plates lie in a folder of the studio: what bulk creation of shots begins with."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from sqlalchemy import select

from ..access.caller import Caller
from ..db.media import Plate
from ..db.models import Project, Shot
from ..paths import plate_roots
from ..places import to_server, told
from ..scanning import FoundMedia, Scan, scan_folder, suggest_names
from ..scanning.stereo import Eyes, pairs, without_eye
from .deps import SettingsDep, refusals, transact
from .new_shots import OpenProject
from .schemas.plates import FoundOut, ScanIn, ScanOut, SkippedOut

router = APIRouter(tags=["shots"])

_AT_ONCE = anyio.CapacityLimiter(4)
"""Scans at one time. A share that does not answer holds their threads and nobody else's."""


@router.post("/projects/{project_id}/scan", responses=refusals(404, 409))
async def scan(
    *, project: OpenProject, body: ScanIn, request: Request, settings: SettingsDep
) -> ScanOut:
    """The sequences and movies in a folder that plates may be read from, by their names alone.

    It ends by itself, after seconds at most, and says by which limit; what a limit cut off is left
    out whole. Names for shots are suggested that are free in the project.
    """

    def look() -> Scan:
        folder = to_server(body.path, project, settings)
        return scan_folder(folder, plate_roots(project, settings), body.depth)

    done = await run_sync(look, limiter=_AT_ONCE)
    return await transact(request, lambda caller: _told(caller, project, done), writing=False)


def _told(caller: Caller, project: Project, done: Scan) -> ScanOut:
    # Shots that artists do not see have names too.
    taken = caller.session.scalars(
        select(Shot.name).where(Shot.project_id == project.id, Shot.trashed_at.is_(None))
    ).all()
    return ScanOut(
        found=_found(project, done.media, _read_by(caller, project), taken),
        skipped=[
            SkippedOut(path=told(one.path, project), reason=one.reason) for one in done.skipped
        ],
        folders=done.folders,
        ended_by=done.ended_by,
    )


def _read_by(caller: Caller, project: Project) -> dict[str, str]:
    """By path the shot that reads the plate in place, as far as they may see it."""
    known = caller.visible_shots(
        select(Plate).join(Shot).where(Shot.project_id == project.id, Plate.source.is_(None))
    )
    return {plate.plate["path"]: plate.shot_id for plate in caller.session.scalars(known)}


def _found(
    project: Project, media: list[FoundMedia], read_by: dict[str, str], taken: Sequence[str]
) -> list[FoundOut]:
    eyes = pairs(media)
    found = [
        FoundOut(
            kind=one.kind,
            path=told(one.path, project),
            name=name,
            frames=one.frames,
            count=one.count,
            gaps=list(one.gaps),
            missing=one.missing,
            shot_id=read_by.get(one.path),
        )
        for one, name in zip(media, _names(media, eyes, taken), strict=True)
    ]
    for pair in eyes:
        found[pair.right].view = "right"
        found[pair.right].beside = found[pair.left].path
    return found


def _names(media: list[FoundMedia], eyes: list[Eyes], taken: Sequence[str]) -> list[str]:
    """Names for shots; both eyes of one have one, without the word that tells them apart."""
    left, right = {one.left: one for one in eyes}, {one.right: one for one in eyes}
    named = {
        index: without_eye(one, left[index].path) if index in left else one
        for index, one in enumerate(media)
        if index not in right
    }
    names = dict(zip(named, suggest_names(list(named.values()), taken), strict=True))
    return [names[right[i].left if i in right else i] for i in range(len(media))]
