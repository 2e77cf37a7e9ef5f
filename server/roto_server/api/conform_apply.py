"""A conform's events become shots: new ones are made, those that moved are told where to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import HTTPConnection

from roto_shapes.errors import RotoError

from ..access.caller import Caller
from ..access.roles import Permission
from ..conform.cuts import cut_of
from ..conform.entries import Entry
from ..conform.placing import wanted
from ..db.media import MAIN_VIEW
from ..db.models import JsonObject, Project, Shot, new_id
from ..db.session import Database, savepoint
from ..errors import ConflictError
from ..jobs import plates, sources
from ..jobs.changes import emit_shot, lock_shot
from ..jobs.create import create_ingest_job
from ..jobs.new_shots import NewShot
from ..paths import find_plate, plate_roots
from ..settings import Settings
from ..storage import Storage
from .conform_rows import (
    OpenConform,
    conform_for_change,
    conform_row,
    entries_of,
    invalid_among,
    keep,
    plates_of,
    uploaded,
)
from .deps import DatabaseDep, SettingsDep, StorageDep, refusals, transact
from .new_shots import add
from .present_conform import conform
from .schemas.conform import ApplyIn, ConformOut
from .shared_plates import Copies, WholePlate, share
from .store_threads import linking

router = APIRouter(tags=["conform"])

_BATCH = 50
"""Events of one transaction: others wait for its end, and a crash costs no more than that."""


@router.post("/conforms/{conform_id}/apply", responses=refusals(404, 409))
async def apply_conform(
    *,
    found: OpenConform,
    body: ApplyIn,
    request: Request,
    settings: SettingsDep,
    storage: StorageDep,
    database: DatabaseDep,
) -> ConformOut:
    """Make shots of the events that match, and tell shots of an older list what changed.

    An event that cannot be made says so in its ``error``, and keeps no other from being made;
    applied again, only what is not made yet is. Shots that are gone from the list are left alone.
    """
    applying = _Applying(found[0].id, settings, storage, database)
    await transact(request, applying.read, writing=False)
    todo = applying.todo(body.events)
    for begin in range(0, len(todo), _BATCH):
        await applying.run(request, todo[begin : begin + _BATCH])
    return await transact(request, applying.close, writing=True)


@dataclass(frozen=True)
class _Taken:
    """An event whose plate was looked at. ``new``: the shot to be made; of a shot that there is,
    what becomes of it, with the id that a new version of its plate has. ``origin``: the source of
    the plate whose files it takes."""

    index: int
    entry: Entry
    new: NewShot
    origin: str | None


class _Applying:
    """One request to apply a conform."""

    def __init__(
        self, ident: str, settings: Settings, storage: Storage, database: Database
    ) -> None:  # fmt: skip
        self._ident = ident
        self._settings = settings
        self._storage = storage
        self._database = database
        self._copies = Copies(storage)

    def read(self, caller: Caller) -> None:
        """What is there to be done. Raises what `conform_row` does."""
        self._row, self._project = conform_row(caller, self._ident, Permission.ADD_SHOT)
        self._entries = entries_of(self._row)
        self._uploaded = uploaded(plates_of(caller, self._project))
        self._invalid = invalid_among(caller, self._entries)

    def todo(self, chosen: Sequence[int] | None) -> list[int]:
        """Events that can be made, of those ``chosen`` (None: all)."""
        wanted_ones = range(len(self._entries)) if chosen is None else sorted(set(chosen))
        return [
            index
            for index in wanted_ones
            if 0 <= index < len(self._entries)
            and self._entries[index].state == "matched"
            and not self._entries[index].made
        ]

    async def run(self, connection: HTTPConnection, batch: Sequence[int]) -> None:
        """Make those events; each in a savepoint of one transaction."""
        taken: list[_Taken] = []
        errors: dict[int, RotoError] = {}
        for index in batch:
            try:
                taken.append(await linking(self._take, index))
            except RotoError as error:
                errors[index] = error
        unused: list[_Taken] = []

        def write(caller: Caller) -> None:
            unused.extend(self._write(caller, taken, errors))

        try:
            await transact(connection, write, writing=True)
        except RotoError:
            # Refused, so nothing was committed. After anything else the shots may well be there.
            unused = taken
            raise
        finally:
            for source in {one.new.source for one in unused if one.new.source}:
                await linking(sources.release, self._database, self._storage, source)

    def close(self, caller: Caller) -> ConformOut:
        """The conform as it stands after all; applied when nothing is left that matched."""
        row, project = conform_for_change(caller, self._ident)
        entries = entries_of(row)
        if all(entry.made for entry in entries if entry.state == "matched"):
            row.state = "applied"
        caller.audit(
            "conform.applied",
            "conform",
            row.id,
            project_id=project.id,
            after={"made": sum(entry.made for entry in entries), "events": len(entries)},
        )
        caller.session.flush()
        return conform(row, project)

    def _take(self, index: int) -> _Taken:
        """Look at the plate of an event, every file of it; raises what `find_plate` does."""
        entry = self._entries[index]
        assert entry.match is not None, "a matched event has media"
        ident = new_id()
        whole = self._uploaded.get(entry.match.path)
        if whole is not None:
            plate, source = self._share(whole, entry, ident)
        else:
            roots = plate_roots(self._project, self._settings)
            wanted_frames = None if entry.match.kind == "movie" else entry.frames
            found = find_plate(entry.match.path, roots, wanted_frames)
            plate, source = {"kind": found.kind, "path": found.path}, None
        # As the event's frames are counted; other shots of the movie may count otherwise by now.
        plate["first_frame"] = entry.match.first_frame
        new = self._new(ident, entry, plate, source, whole)
        return _Taken(index, entry, new, whole.source if whole and source else None)

    def _share(self, whole: WholePlate, entry: Entry, ident: str) -> tuple[JsonObject, str | None]:
        """The files of an uploaded plate, where the shot that will have them finds them."""
        if entry.shot_id is None:
            shot_id, name = ident, "v001"
        elif self._is_recut(entry):
            shot_id, name = entry.shot_id, ident
        else:
            return dict(whole.plate), None  # it has its frames
        folder = sources.new_key(self._storage, self._project.id, shot_id, name)
        self._copies.count(whole, entry.frames, ident)
        return share(whole, entry.frames, folder, self._storage)

    def _new(
        self,
        ident: str,
        entry: Entry,
        plate: JsonObject,
        source: str | None,
        whole: WholePlate | None,
    ) -> NewShot:
        rate = Fraction(self._row.fps_num, self._row.fps_den)
        colorspace = self._row.options["colorspace"] or (whole.colorspace if whole else None)
        movie = plate["kind"] == "movie"
        own = entry.event.rate
        path = entry.match.path if entry.match else ""
        return NewShot(
            name=entry.name,
            plate=plate,
            frames=entry.frames,
            colorspace=colorspace,
            # A movie says how fast it is; a sequence is as fast as the list says.
            fps=(whole.fps if whole else None) if movie else (own.numerator, own.denominator),
            handles=entry.handles,
            cut={**cut_of(self._row.name, rate, entry.event, path), "conform_id": self._ident},
            source=source,
            placing=None if entry.frames is not None else _placing(entry),
            id=ident,
        )

    def _write(
        self, caller: Caller, taken: Sequence[_Taken], errors: dict[int, RotoError]
    ) -> Iterator[_Taken]:
        """Rows of what was taken; those of which nothing came."""
        row, project = conform_for_change(caller, self._ident)
        entries = entries_of(row)
        for index, error in errors.items():
            entries[index] = replace(entries[index], error=error.as_dict())
        for one in taken:
            if entries[one.index] != one.entry:
                yield one  # somebody changed or made it meanwhile
                continue
            used = False
            try:
                with savepoint(caller.session):
                    shot, used = self._become(caller, project, one)
                made = replace(one.entry, made=True, shot_id=shot.id, error=None)
                entries[one.index] = made
            except RotoError as error:
                entries[one.index] = replace(one.entry, error=error.as_dict())
            if not used:
                yield one
        keep(caller, row, entries)

    def _become(self, caller: Caller, project: Project, one: _Taken) -> tuple[Shot, bool]:
        """The event's shot, and whether what was taken for it is in use.

        Raises what `Caller.shot` does, `NotFoundError` for one in the trash, and `ConflictError`
        for one that was moved out of the project: its files would lie where it is not.
        """
        sources.hold(caller.session, one.origin)
        if one.entry.shot_id is None:
            return add(caller, project, one.new, self._settings), True
        shot = caller.shot(one.entry.shot_id, Permission.EDIT_SHOT)
        lock_shot(caller.session, shot)
        if shot.project_id != project.id:
            raise ConflictError(
                "The shot was moved to another project.", hint="Match the list again."
            )
        before = shot.cut
        shot.cut = one.new.cut
        used = self._is_recut(one.entry) and self._trim(caller, shot, one)
        if one.entry.change != "same":
            caller.audit(
                "shot.recut",
                "shot",
                shot.id,
                project_id=project.id,
                before=_record(before),
                after={**_record(shot.cut), "change": one.entry.change},
            )
            emit_shot(caller.session, shot)
        return shot, used

    def _is_recut(self, entry: Entry) -> bool:
        """Whether its shot has to have other frames; one that could not be read has none."""
        return entry.change == "trimmed" or entry.shot_id in self._invalid

    def _trim(self, caller: Caller, shot: Shot, one: _Taken) -> bool:
        """Let the shot have the frames of its new cut; True when that takes a new plate version.

        Frames it has already only become handles, or cease to be.
        """
        frames, handles = one.new.frames, one.new.handles
        if shot.state == "probing":
            raise ConflictError("The shot's plate is being read.", hint="Apply it again later.")
        there = (shot.first_frame, shot.last_frame)
        if shot.state == "ready" and frames and there[0] is not None and there[1] is not None:
            head = frames[0] + handles[0] - there[0]
            tail = there[1] - (frames[1] - handles[1])
            if head >= handles[0] and tail >= handles[1]:
                shot.handle_head, shot.handle_tail = head, tail
                return False
        first, last = frames or (None, None)
        fps_num, fps_den = one.new.fps or (shot.fps_num, shot.fps_den)
        plate = plates.add_version(
            caller.session,
            shot,
            MAIN_VIEW,
            {
                "plate": one.new.plate,
                "first_frame": first,
                "last_frame": last,
                "colorspace": one.new.colorspace or shot.colorspace,
                "fps_num": fps_num,
                "fps_den": fps_den,
            },
            caller.who.user_id,
            source=one.new.source,
            ident=one.new.id,
        )
        shot.handle_head, shot.handle_tail = handles
        create_ingest_job(
            caller.session,
            shot,
            caller.who.user_id,
            plate=plate,
            placing=one.new.placing,
            request_id=caller.request_id,
            max_attempts=self._settings.max_attempts,
        )
        return True


def _placing(entry: Entry) -> JsonObject:
    """For the worker that reads the plate: which frames of it, by its own timecode."""
    rate = entry.event.rate
    return {
        "times": list(wanted(entry.event)),
        "rate": [rate.numerator, rate.denominator],
        "handles": list(entry.handles),
    }


def _record(cut: dict[str, Any] | None) -> dict[str, Any]:
    return {} if cut is None else {"record_in": cut["record_in"], "record_out": cut["record_out"]}
