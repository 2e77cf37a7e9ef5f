# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs that were sent from this file: kept beside the plates they are of, so that opening the
file another day, or on another machine, finds them again.

They are notes in a custom property of the MovieClip or Image. An undo step takes custom properties
back, but not a job at the farm, so what was noted since the file was opened is noted again.
"""

from __future__ import annotations

import json
import logging
from typing import Any, NamedTuple

import bpy
from bpy.app.handlers import persistent
from bpy.types import ID

from . import online, session, targets
from .targets import Target

_log = logging.getLogger("roto_client.blender")

PROPERTY = "megaton_roto_jobs"
_MOST = 50
"""Jobs kept of one plate: the newest."""


class JobNote(NamedTuple):
    """``version`` of the shot's shapes that the job makes; ``objects``: names, as sent."""

    id: str
    shot_id: str
    version: int
    objects: tuple[str, ...] = ()


_since_opened: dict[str, tuple[Target, JobNote]] = {}


def of(block: ID | None) -> list[JobNote]:
    """The jobs sent from a plate, the newest first. What cannot be read is none."""
    if block is None:
        return []
    try:
        listed = json.loads(block.get(PROPERTY, "[]"))
        return [_note(one) for one in listed]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        _log.warning("%s: its jobs cannot be read: %s", block.name, error)
        return []


def note(target: Target, job: JobNote) -> bool:
    """Keep a job beside its plate. False where the plate is not in this file any more, or belongs
    to a linked one, on which nothing can be kept."""
    block = target.block()
    if block is None or block.library is not None:
        return False
    _since_opened[job.id] = (target, job)
    _write(block, job)
    return True


def forget(job_id: str) -> None:
    """Keep no note of a job any more."""
    _since_opened.pop(job_id, None)
    block = block_of(job_id)
    if block is not None:
        _store(block, [one for one in of(block) if one.id != job_id])


def block_of(job_id: str) -> ID | None:
    """The plate a job was sent from, None if it is not in this file."""
    for block in targets.blocks():
        if any(one.id == job_id for one in of(block)):
            return block
    return None


def ids() -> list[str]:
    """All jobs of the file."""
    return [one.id for block in targets.blocks() for one in of(block)]


def follow() -> None:
    """Have the desk follow the jobs of the file, if there are any and Blender may ask."""
    if not online.allowed():
        return
    found = ids()
    if found:
        session.desk().follow(found)


def _note(one: dict[str, Any]) -> JobNote:
    objects = tuple(str(name) for name in one.get("objects", ()))
    return JobNote(str(one["id"]), str(one["shot"]), int(one["version"]), objects)


def _write(block: ID, job: JobNote) -> None:
    _store(block, [job, *(one for one in of(block) if one.id != job.id)][:_MOST])


def _store(block: ID, jobs: list[JobNote]) -> None:
    block[PROPERTY] = json.dumps(
        [
            {"id": one.id, "shot": one.shot_id, "version": one.version, "objects": one.objects}
            for one in jobs
        ]
    )


# -- Blender's handlers


@persistent  # type: ignore[misc, unused-ignore]
def _opened(*_: Any) -> None:
    targets.another_file()
    _since_opened.clear()
    try:
        follow()
    except Exception as error:
        # Opening a file is the artist's; what the farm says to it is a line in the panel.
        session.failed(error)


@persistent  # type: ignore[misc, unused-ignore]
def _undone(*_: Any) -> None:
    for target, job in list(_since_opened.values()):
        block = target.block()
        if block is not None and all(one.id != job.id for one in of(block)):
            _write(block, job)


def _made(desk: Any) -> None:
    found = ids()
    if found:
        desk.follow(found)


_HANDLERS = (("load_post", _opened), ("undo_post", _undone), ("redo_post", _undone))


def register() -> None:
    """Handlers for files that are opened and steps that are undone."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    session.on_made.append(_made)


def unregister() -> None:
    """None of ours is left; what other extensions put there stays."""
    for name, handler in _HANDLERS:
        listed = getattr(bpy.app.handlers, name)
        while handler in listed:
            listed.remove(handler)
    while _made in session.on_made:
        session.on_made.remove(_made)
    _since_opened.clear()
