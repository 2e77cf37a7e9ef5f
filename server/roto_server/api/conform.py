"""Edit lists: read, matched with media, looked at, changed by hand, forgotten."""

from __future__ import annotations

import base64
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import defer

from roto_shapes.naming import check_name
from roto_shapes.timecode import to_frames

from ..access.caller import Caller
from ..access.roles import Permission
from ..conform import naming, reading, working
from ..conform.entries import SKIPPED, Entry
from ..conform.events import EditList
from ..conform.known import known_of, media_of
from ..conform.media import Media
from ..db.media import Conform, Plate
from ..db.models import Project, new_id
from ..errors import BadRequestError, ConflictError, NotFoundError
from ..events import emit
from ..paths import find_plate, plate_roots
from ..places import to_server
from ..settings import Settings
from .conform_matching import AT_ONCE, look_into, matched, named_here
from .conform_rows import (
    OpenConform,
    around,
    conform_for_change,
    conform_row,
    conforms_of,
    entries_of,
    invalid_among,
    keep,
    movie_in,
    movie_to_options,
    plates_of,
)
from .deps import Reader, SettingsDep, Writer, refusals, transact
from .new_shots import OpenProject
from .paging import Cursor, Limit, newest_first
from .present_conform import conform, summary
from .schemas.common import Page
from .schemas.conform import ConformIn, ConformOut, ConformSummary, EventIn, EventIndex, MatchIn
from .schemas.project_settings import ProjectSettings
from .shared_plates import whole_of

router = APIRouter(tags=["conform"])

_Index = Annotated[EventIndex, Path()]


@router.post("/projects/{project_id}/conforms", status_code=201, responses=refusals(404, 409))
async def create_conform(
    *, project: OpenProject, body: ConformIn, request: Request, settings: SettingsDep
) -> ConformOut:
    """Read an edit list (EDL, Final Cut Pro 7 XML, AAF, OTIO) and find the media it means.

    Nothing is made yet: look at what did not match, say what is meant, then POST apply.
    """
    naming.check_template(body.template)
    check_name(body.name)
    data = _data_of(body)
    kind = reading.kind_of(data, body.file_name)
    movie = await transact(request, lambda caller: _movie(caller, project, body), writing=False)
    rate = _rate(body, project, movie, kind)
    listed = await run_sync(
        lambda: reading.read_list(data, kind, rate, body.sequence), limiter=AT_ONCE
    )
    if not listed.events:
        raise BadRequestError("There is no picture in the list.", detail=listed.left_out)
    listed = await run_sync(named_here, listed, project, settings, limiter=AT_ONCE)
    look = await run_sync(look_into, body.folders, body.depth, project, settings, limiter=AT_ONCE)
    row = _row(project, body, listed, movie)
    row.options["folders"] = look.folders
    entries = working.begin(listed, body.name, body.template)
    found = await matched(request, project, row, entries, look)

    def write(caller: Caller) -> ConformOut:
        where = caller.project(project.id, Permission.ADD_SHOT)
        row.created_by = caller.who.user_id
        found.write(caller, where, row)
        figures = {"name": row.name, "kind": row.kind, "events": len(row.events)}
        caller.audit("conform.created", "conform", row.id, project_id=where.id, after=figures)
        return conform(row, where)

    return await transact(request, write, writing=True)


@router.get("/projects/{project_id}/conforms", responses=refusals(404))
def list_conforms(
    project_id: str, caller: Reader, limit: Limit = 100, cursor: Cursor = None
) -> Page[ConformSummary]:
    """The edit lists of a project, newest first."""
    query = conforms_of(caller, caller.project(project_id)).options(defer(Conform.events))
    keys = (Conform.created_at, Conform.id)
    rows, after = newest_first(caller.session, query, keys, limit, cursor)
    return Page(items=[summary(row) for row in rows], next=after)


@router.get("/conforms/{conform_id}", responses=refusals(404))
def get_conform(conform_id: str, caller: Reader) -> ConformOut:
    """An edit list with its events, as they stand."""
    return conform(*conform_row(caller, conform_id))


@router.delete("/conforms/{conform_id}", status_code=204, responses=refusals(404))
def delete_conform(conform_id: str, caller: Writer) -> None:
    """Forget an edit list. Shots that were made of it stay."""
    row, project = conform_for_change(caller, conform_id)
    caller.audit(
        "conform.deleted", "conform", row.id, project_id=project.id, before={"name": row.name}
    )
    emit(caller.session, "conform.deleted", project.id, {"conform_id": row.id})
    caller.session.delete(row)


@router.post("/conforms/{conform_id}/match", responses=refusals(404, 409))
async def match_again(
    *, found: OpenConform, body: MatchIn, request: Request, settings: SettingsDep
) -> ConformOut:
    """Look for the media again, in the same or in other folders.

    What somebody chose or skipped stays, and what was made.
    """

    old, project = found
    told = body.model_dump(exclude_none=True)
    options = {**old.options, **told}
    folders, depth = options["folders"], options["depth"]
    look = await run_sync(look_into, folders, depth, project, settings, limiter=AT_ONCE)
    # Looking may have taken long: what people said of it meanwhile counts.
    old, project = await transact(
        request, lambda caller: conform_row(caller, old.id, Permission.ADD_SHOT), writing=False
    )
    before = old.events
    old.options = {**old.options, **told, "folders": look.folders}
    again = await matched(request, project, old, entries_of(old), look)

    def write(caller: Caller) -> ConformOut:
        row, project = conform_for_change(caller, old.id)
        if row.events != before:
            raise ConflictError("Somebody changed the list meanwhile.", hint="Match it again.")
        row.options = old.options
        again.write(caller, project, row)
        return conform(row, project)

    return await transact(request, write, writing=True)


@router.patch("/conforms/{conform_id}/events/{index}", responses=refusals(404, 409))
async def change_event(
    *, found: OpenConform, index: _Index, body: EventIn, request: Request, settings: SettingsDep
) -> ConformOut:
    """Say what an event means: its name, its media, where in it; or that it becomes no shot.

    Of one that is a shot already, only while the shot's plate cannot be read: applied again, what
    was said becomes the next version of the plate.
    """
    if body.name is not None:
        check_name(body.name)

    conform_id, project = found[0].id, found[1]
    entry = _entry(entries_of(found[0]), conform_id, index)
    media = None
    if body.path is not None:
        media = await run_sync(_media_at, body.path, entry, project, settings, limiter=AT_ONCE)

    def write(caller: Caller) -> ConformOut:
        row, project = conform_for_change(caller, conform_id)
        entries = entries_of(row)
        entry = _entry(entries, conform_id, index)
        if entry.made:
            if body.name is not None or entry.shot_id not in invalid_among(caller, [entry]):
                raise BadRequestError(
                    f"Event {entry.event.number} is a shot already.", hint="Change the shot."
                )
            entry = replace(entry, made=False, change="trimmed")
            row.state = "open"
        known = known_of(plates_of(caller, project))
        changed = _changed(row, entry, body, media and known.get(media.path, media), known)
        entries[index] = changed
        _check_name_free(caller, project, row, entries, index)
        keep(caller, row, entries)
        return conform(row, project)

    return await transact(request, write, writing=True)


def _data_of(body: ConformIn) -> bytes:
    if body.text is not None:
        return body.text.encode()
    try:
        return base64.b64decode(body.base64 or "", validate=True)
    except ValueError as error:  # also of what is not ASCII
        raise BadRequestError("base64 holds no base64.") from error


def _movie(caller: Caller, project: Project, body: ConformIn) -> Plate | None:
    if body.movie_shot_id is None:
        return None
    shot = caller.shot(body.movie_shot_id, Permission.EDIT_SHOT)
    if shot.project_id != project.id:
        raise NotFoundError("shot", body.movie_shot_id)
    return whole_of(caller, shot)[0]


def _rate(
    body: ConformIn, project: Project, movie: Plate | None, kind: reading.Kind
) -> Fraction | None:
    """The rate of a list that does not tell its own; never guessed."""
    if kind != "edl":
        return None
    fps = body.fps or ProjectSettings.model_validate(project.settings).fps
    if fps is None and movie is not None and movie.fps_num and movie.fps_den:
        fps = (movie.fps_num, movie.fps_den)
    if fps is None:
        raise BadRequestError(
            "An EDL does not tell its frame rate.",
            hint="Send fps, or set it once for the project.",
        )
    return Fraction(*fps)


def _row(project: Project, body: ConformIn, listed: EditList, movie: Plate | None) -> Conform:
    told = ProjectSettings.model_validate(project.settings)
    options: dict[str, Any] = {
        "title": listed.title,
        "folders": [],
        "depth": body.depth,
        "handles": told.handles if body.handles is None else body.handles,
        "template": body.template,
        "colorspace": body.colorspace or told.colorspace,
        "drop_frame": listed.drop_frame,
        "movie": None,
    }
    if movie is not None:
        found = working.movie_of(media_of(movie), listed)
        options["movie"] = movie_to_options(found, movie.shot_id)
    return Conform(
        id=new_id(),
        project_id=project.id,
        name=body.name,
        kind=listed.kind,
        fps_num=listed.rate.numerator,
        fps_den=listed.rate.denominator,
        options=options,
        report={"left_out": listed.left_out},
    )


def _entry(entries: list[Entry], conform_id: str, index: int) -> Entry:
    if index >= len(entries):
        raise NotFoundError(f"event of conform {conform_id}", str(index))
    return entries[index]


def _media_at(path: str, entry: Entry, project: Project, settings: Settings) -> Media:
    """The plate at a path: one of the entry's candidates, or any that may be read."""
    here = to_server(path, project, settings)
    for candidate in (*entry.candidates, *([entry.match] if entry.match else [])):
        if candidate.path == here:
            first, last = candidate.frames or (None, None)
            return Media(candidate.kind, here, "", first, last, first_frame=candidate.first_frame)
    found = find_plate(here, plate_roots(project, settings))
    first, last = found.frames or (None, None)
    return Media(found.kind, found.path, "", first, last)


def _changed(
    row: Conform, entry: Entry, body: EventIn, media: Media | None, known: dict[str, Media]
) -> Entry:
    if body.name is not None:
        entry = replace(entry, name=body.name)
    if body.skip:
        return replace(entry, state=SKIPPED, error=None)
    if body.media_start is not None:
        start = to_frames(body.media_start, entry.event.rate)
        entry = replace(entry, media_start=start)
    handles = row.options["handles"] if body.handles is None else body.handles
    movie = movie_in(row.options)
    if media is None and entry.match is not None:
        same = entry.match
        first, last = same.frames or (None, None)
        there = Media(same.kind, same.path, "", first, last, first_frame=same.first_frame)
        media = known.get(same.path, there)
    said = (body.path, body.media_start, body.frames, body.handles)
    if media is not None and (any(one is not None for one in said) or entry.state == SKIPPED):
        if movie is not None and body.frames is None:
            return entry.matched(working.in_movie(entry.event, movie, handles))
        return working.choose(entry, media, handles, body.frames)
    if entry.state == SKIPPED and body.skip is False:
        return replace(entry, state="ambiguous" if entry.candidates else "unmatched")
    return entry


def _check_name_free(
    caller: Caller, project: Project, row: Conform, entries: list[Entry], index: int
) -> None:
    """Raise `BadRequestError` when the entry's name is another event's or another shot's."""
    entry = entries[index]
    wanted = entry.name.casefold()
    others = {one.name.casefold() for at, one in enumerate(entries) if at != index}
    if entry.shot_id is None:
        others |= {name.casefold() for name in around(caller, project, row.name).names}
    if wanted in others:
        raise BadRequestError(f"The name {entry.name!r} is taken.")
