"""The media of a conform's events: looked for and matched in threads, before anything is written.

Disks may be slow and lists long. A write transaction that waited for either would keep everybody
else from writing; on the event loop the whole server would stand still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import anyio
from anyio.to_thread import run_sync
from starlette.requests import HTTPConnection

from roto_client.contract.places import path_of_url

from ..access.caller import Caller
from ..conform.comparing import MadeShot
from ..conform.entries import Entry
from ..conform.events import EditList
from ..conform.known import library_of
from ..conform.media import Library
from ..conform.working import compare_with, find_media
from ..db.media import Conform, Plate
from ..db.models import Project
from ..paths import plate_roots
from ..places import Disk, to_server
from ..scanning import FoundMedia, Limits, scan_folder
from ..settings import Settings
from .conform_rows import Around, around, keep, movie_in, plates_of
from .deps import transact

AT_ONCE = anyio.CapacityLimiter(2)
"""Lists read, folders looked at, and lists matched, at one time: each may take gigabytes."""
_LIMITS = Limits(plates=20_000)
"""Of a folder: a whole show's media lie below it."""


@dataclass(frozen=True)
class Look:
    """What lies in ``folders``, as this server names them. ``report``: of each of them."""

    folders: list[str]
    media: list[FoundMedia]
    report: list[dict[str, Any]]


def look_into(folders: Sequence[str], depth: int, project: Project, settings: Settings) -> Look:
    """Look for media in folders, as whoever asks names them. Blocks; raises ``path_refused``."""
    roots, disk = plate_roots(project, settings), Disk()
    look = Look([to_server(folder, project, settings, disk) for folder in folders], [], [])
    for folder in look.folders:
        scan = scan_folder(folder, roots, depth, _LIMITS)
        look.media.extend(scan.media)
        look.report.append({"path": folder, "plates": len(scan.media), "ended_by": scan.ended_by})
    return look


def named_here(listed: EditList, project: Project, settings: Settings) -> EditList:
    """The list with the paths in it as this server names them. Blocks as the disk does."""
    disk = Disk()
    events = tuple(
        replace(event, file=to_server(path_of_url(event.file), project, settings, disk))
        if event.file
        else event
        for event in listed.events
    )
    return replace(listed, events=events)


@dataclass(frozen=True)
class Matched:
    """A list's events with their media, compared with the shots that were there: ``around``."""

    entries: list[Entry]
    gone: list[MadeShot]
    around: Around
    look: Look

    def write(self, caller: Caller, project: Project, row: Conform) -> None:
        """Keep it in ``row``; compared again when shots have come or gone meanwhile."""
        entries, gone, now = self.entries, self.gone, around(caller, project, row.name)
        if now != self.around:
            entries, gone = compare_with(entries, now.shots, now.names)
        row.report = {
            **row.report,
            "folders": self.look.report,
            "gone": [{"shot_id": shot.id, "name": shot.name} for shot in gone],
        }
        keep(caller, row, entries)


async def matched(
    connection: HTTPConnection, project: Project, row: Conform, entries: Sequence[Entry], look: Look
) -> Matched:
    """The events of ``row`` with the media they mean; nothing is written."""

    def read(caller: Caller) -> tuple[list[Plate], Around]:
        here = caller.project(project.id)
        return plates_of(caller, here), around(caller, here, row.name)

    plates, there = await transact(connection, read, writing=False)

    def match() -> Matched:
        library = Library(library_of(look.media, plates))
        handles = int(row.options["handles"])
        found = find_media(entries, library, handles, movie_in(row.options))
        compared, gone = compare_with(found, there.shots, there.names)
        return Matched(compared, gone, there, look)

    return await run_sync(match, limiter=AT_ONCE)
