"""From "this object in this plate" to a job: the submitter every front end shares.

It knows no host and no terminal. The CLI, the demo and the plugins fill in a `SubmitRequest` and
give a watcher; what is wrong with a request is said before anything is sent, and again, with the
plate's size and range known, before the job is made.
"""

from __future__ import annotations

import math
import os
import uuid
from dataclasses import dataclass, replace
from itertools import count
from threading import Event
from typing import Callable, Iterator

from ..contract.places import same, this_system
from .client import RotoClient, first, raise_unless_succeeded
from .errors import (
    AccessError,
    ConflictError,
    NotFoundError,
    PathRefusedError,
    PlateError,
    StoppedError,
    error_from,
)
from .models import Job, Project, Shot
from .path_map import PathMap
from .plates import LocalPlate, find_plate
from .request import MAIN_VIEW, SubmitRequest, check, check_against_shot
from .shots import plates
from .upload import Uploader, UploadNotes, Watcher

_MOST_NAMES = 100
_PATIENCE = 15.0
"""Seconds until a plate that no worker takes up is worth a remark."""


@dataclass(frozen=True)
class Submitted:
    """A job and what it belongs to. ``in_place``: the server reads the plate where it is."""

    job: Job
    shot: Shot
    project: Project
    in_place: bool


@dataclass(frozen=True)
class Prepared:
    """A shot that is ready for jobs. ``in_place`` as in `Submitted`, and where nothing was sent."""

    shot: Shot
    project: Project
    in_place: bool


class Submitter:
    """Submits requests through one client.

    ``watcher`` is told `Progress` (stages hashing, uploading, ingest); ``say`` gets a sentence
    now and then; setting ``stop`` gives up sending or waiting with StoppedError. ``paths`` names
    this machine's folders as the server does.
    """

    def __init__(
        self,
        client: RotoClient,
        *,
        watcher: Watcher | None = None,
        say: Callable[[str], None] | None = None,
        stop: Event | None = None,
        notes: UploadNotes | None = None,
        paths: PathMap | None = None,
    ) -> None:
        self.client = client
        self.paths = paths or PathMap()
        self.watcher = watcher or _silent
        self.say = say or _silent
        self.stop = stop or Event()
        self.uploader = Uploader(client.transport, notes=notes, watcher=watcher, stop=self.stop)

    def submit(self, request: SubmitRequest) -> Submitted:
        """Make the job: find or make project and shot, wait for the plate, check, send.

        Raises RotoError subclasses: what `check` raises, PlateError when the plate turns out to
        be unusable, and every `ApiError` of the calls made.
        """
        return self.send(request, self.prepare(request))

    def prepare(self, request: SubmitRequest) -> Prepared:
        """Everything before the job: project, shot, and the farm's look at the plate."""
        if not request.plate:
            return self._prepare_known(request)
        plate = find_plate(request.plate)
        check(request, plate)
        project = self.project(request.project)
        shot, in_place = self.shot(project, request, plate)
        shot = self.wait_ready(shot)
        check_against_shot(request, shot)
        return Prepared(shot, project, in_place)

    def _prepare_known(self, request: SubmitRequest) -> Prepared:
        """A shot that is there, on the plate it has."""
        check(request, None)
        project = project_named(self.client, request.project)
        shot = project and first(self.client.shots(project.id, name=request.shot))
        if not project or not shot:
            raise NotFoundError(
                f"There is no shot {request.shot!r} in project {request.project!r}.",
                hint="Name its plate, and the shot is made.",
            )
        shot = self.wait_ready(shot)
        check_against_shot(request, self._seen_in(shot, request.view))
        return Prepared(shot, project, in_place=True)

    def _seen_in(self, shot: Shot, view: str) -> Shot:
        """The shot with the size and the frames of its plate in a view, as far as they are known.

        Raises NotFoundError when it has no plate in that view.
        """
        if view == MAIN_VIEW:
            return shot
        known = list(plates(self.client.transport, shot.id))
        if view not in {one.view for one in known}:
            raise NotFoundError(
                f"The shot {shot.name} has no view {view!r}.",
                hint=f"`roto shots new-plate --view {view}` gives it one.",
            )
        now = first(one for one in known if one.view == view and one.current)
        width, height = (now.size if now else None) or (None, None)
        return replace(shot, width=width, height=height, frame_range=now.frames if now else None)

    def send(self, request: SubmitRequest, prepared: Prepared) -> Submitted:
        """Make the job of a request whose shot is ready."""
        job = self.client.segment(
            prepared.shot.id, request.body(), idempotency_key=request.key or uuid.uuid4().hex
        )
        return Submitted(job, prepared.shot, prepared.project, prepared.in_place)

    def project(self, name: str) -> Project:
        """The project of that name, made if there is none.

        Raises AccessError when there is none to see and this key may make none, ConflictError when
        there are several.
        """
        found = project_named(self.client, name)
        if found:
            return found
        try:
            made = self.client.create_project(name)
            self.say(f"There was no project {name!r}: it has been made.")
            return made
        except ConflictError:
            # Another submit made it in this moment, or the answer to ours was lost.
            found = project_named(self.client, name)
            if found is None:
                raise
            return found
        except AccessError as error:
            if error.code != "forbidden":
                raise
            raise _no_project(name, error) from error

    def shot(
        self, project: Project, request: SubmitRequest, plate: LocalPlate
    ) -> tuple[Shot, bool]:
        """The shot of this plate, and whether the server reads the plate in place.

        A shot of the same plate that has the frames is used again. A name the caller chose
        that belongs to another plate is a ConflictError; a name made here gets a number.
        """
        if request.transfer != "upload":
            try:
                return self._shot_in_place(project, request, plate), True
            except PathRefusedError:
                if request.transfer == "path":
                    raise
                if not plate.is_here:
                    raise _nowhere(plate) from None
                self.say("The server may not read that folder; the plate is sent to it instead.")
        return self._shot_of_upload(project, request, plate), False

    def wait_ready(self, shot: Shot) -> Shot:
        """Wait until the farm has looked at the plate.

        Raises PlateError (or what the farm says) for an invalid plate, JobError when the ingest
        job ended without an answer, StoppedError when ``stop`` is set meanwhile.
        """
        pause = 0.1
        patience = _PATIENCE
        is_new = shot.state == "probing"
        while shot.state == "probing":
            if self.stop.wait(pause):
                raise StoppedError(f"Stopped waiting for the shot {shot.name}.")
            patience -= pause
            pause = min(2.0, pause * 1.5)
            ingest = self._ingest_job(shot)
            if ingest and ingest.state == "queued" and patience < 0:
                self.say("No worker has taken up the plate yet. Is one running?")
                patience = math.inf
            shot = self.client.shot(shot.id)
            if ingest:
                self._tell_ingest(ingest, shot)
        if shot.state == "invalid":
            raise error_from(shot.error or {"code": "bad_plate", "message": "Unusable plate."})
        warnings = shot.warnings
        if is_new and warnings:
            self.say(f"About the plate: {'; '.join(warnings)}.")
        return shot

    def _tell_ingest(self, ingest: Job, shot: Shot) -> None:
        progress = ingest.progress
        if shot.state == "ready":
            # A short plate is done before there was anything to report.
            first_frame, last_frame = shot.frame_range or (1, progress.total)
            frames = last_frame - first_frame + 1
            progress = replace(progress, stage="ingest", done=frames, total=frames, fraction=1.0)
        elif shot.state == "probing" and ingest.ended:
            # The job may have ended between the two questions; then the shot knows by now.
            raise_unless_succeeded(ingest)
        self.watcher(progress)

    def _ingest_job(self, shot: Shot) -> Job | None:
        jobs = self.client.jobs(shot_id=shot.id, limit=10)
        return first(job for job in jobs if job.kind == "ingest")

    def _shot_in_place(self, project: Project, request: SubmitRequest, plate: LocalPlate) -> Shot:
        path = self.paths.to_server(plate.path)
        ours = (path, self.paths.to_server(os.path.realpath(plate.path)))

        def fits(shot: Shot) -> bool:
            made = shot.created_at.timestamp() if shot.created_at else 0.0
            return (
                any(self._is_same(shot.plate.get("path", ""), one) for one in ours)
                and _same_use(shot, request, plate)
                # A plate rendered again is another plate: the shot knows the old one's pictures.
                and not plate.changed_since(made, request.frame_range)
            )

        found, name = self._free_name(project, request, plate, fits)
        return found or self._create(project, name, request, path=path)

    def _is_same(self, told: str, ours: str) -> bool:
        """Whether the server, which knows this system's names, tells of the plate at ``ours``."""
        return same(told, ours, this_system()) or self.paths.to_server(told) == ours

    def _shot_of_upload(self, project: Project, request: SubmitRequest, plate: LocalPlate) -> Shot:
        if not plate.is_here:
            raise _nowhere(plate)
        files = self.uploader.look_at(plate.files(request.frame_range))
        key = self.uploader.key(project.id, files)
        known = self._known_shot(key)

        def fits(shot: Shot) -> bool:
            return known is not None and shot.id == known.id and _same_use(shot, request, plate)

        found, name = self._free_name(project, request, plate, fits)
        if found:
            self.say("The server has these files already.")
            return found
        upload = self.uploader.send(project.id, files)
        shot = self._create(project, name, request, upload_id=upload.id)
        self.uploader.notes.put(key, shot_id=shot.id)
        return shot

    def _known_shot(self, key: str) -> Shot | None:
        shot_id = self.uploader.notes.get(key).get("shot_id")
        if not shot_id:
            return None
        try:
            return self.client.shot(shot_id)
        except NotFoundError:
            self.uploader.notes.forget(key)
            return None

    def _free_name(
        self,
        project: Project,
        request: SubmitRequest,
        plate: LocalPlate,
        fits: Callable[[Shot], bool],
    ) -> tuple[Shot | None, str]:
        """A shot that fits, or the first name that is free."""
        name = ""
        for name in _names(request.shot, plate.shot_name):
            shot = first(self.client.shots(project.id, name=name))
            if shot is None or fits(shot):
                return shot, name
        raise ConflictError(
            f"The shot {name!r} of project {project.name!r} is of another plate or range, or its "
            "plate has changed or was found to be unusable.",
            hint="Give another --shot name, or none.",
        )

    def _create(
        self,
        project: Project,
        name: str,
        request: SubmitRequest,
        *,
        path: str | None = None,
        upload_id: str | None = None,
    ) -> Shot:
        return self.client.create_shot(
            project.id,
            name,
            path=path,
            upload_id=upload_id,
            first_frame=request.first_frame,
            frame_range=request.frame_range,
            colorspace=request.colorspace,
            fps=request.fps,
        )


def project_named(client: RotoClient, name: str) -> Project | None:
    """The project of that name, None if there is none to see.

    Raises ConflictError when there are several: names are unique only among the projects of those
    who may see them, and an administrator sees all.
    """
    found = list(client.projects(name=name))
    if len(found) > 1:
        raise ConflictError(
            f"There are {len(found)} projects named {name!r}.",
            hint="Only an administrator sees them all. Have one of them renamed, or sign in as "
            "somebody who works on one of them.",
            detail={"projects": [one.id for one in found]},
        )
    return found[0] if found else None


def _nowhere(plate: LocalPlate) -> PlateError:
    return PlateError(
        f"There is no plate {plate.path} on this machine, and the server reads none there.",
        hint="Check the name. One that only the server sees must lie in a folder it may read.",
    )


def _no_project(name: str, error: AccessError) -> AccessError:
    return AccessError(
        f"There is no project {name!r} that you work on, and you may not make one.",
        hint="Ask a supervisor to make it or to add you to it, or check the project's name.",
        code=error.code,
        detail=error.detail,
        status=error.status,
        request_id=error.request_id,
    )


def _same_use(shot: Shot, request: SubmitRequest, plate: LocalPlate) -> bool:
    """Whether ``shot`` reads the plate as the request wants it read, and has its frames."""
    if shot.state == "invalid":
        return False
    wanted = plate.range(request.frame_range)
    there = shot.frame_range
    if wanted and there and not (there[0] <= wanted[0] <= wanted[1] <= there[1]):
        return False
    asked = (
        (request.colorspace, shot.colorspace),
        (request.fps, shot.fps),
        (request.first_frame, shot.plate.get("first_frame")),
    )
    return all(mine is None or mine == theirs for mine, theirs in asked)


def _names(chosen: str | None, made: str) -> Iterator[str]:
    if chosen is not None:
        yield chosen
        return
    yield made
    for number in count(2):
        if number > _MOST_NAMES:
            return
        yield f"{made}-{number}"


def _silent(_: object) -> None:
    """For callers who do not watch."""
