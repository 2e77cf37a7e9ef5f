"""`RotoClient`: the public API (``/api/v1``) as typed calls.

Pixels are those of the full-size plate (origin top left, y down); frames are plate frame numbers,
ranges inclusive. Every call raises `ApiError` (see errors.py) when the server says no or nothing
answers. An instance may be used from several threads.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from threading import Event
from typing import Any, Callable, Iterable, Iterator, Mapping, Sequence, TypeVar

from roto_shapes.prompts import FramePrompt

from . import answers, previews
from .answers import given
from .download import Transferred, download_file, download_outputs
from .errors import JobError, ServerError
from .models import Job, Output, Project, Shot
from .newest import FRAME_HEADER, NewestMask
from .transport import Retry, Session, Transport

T = TypeVar("T")


class RotoClient:
    """A connection to one server. ``server`` is its address, ``token`` an API key."""

    def __init__(
        self,
        server: str,
        token: str | None,
        *,
        session: Session | None = None,
        retry: Retry | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.transport = transport or Transport(server, token, session=session, retry=retry)

    @property
    def server(self) -> str:
        """The server's base address, without a trailing slash."""
        return self.transport.server

    def probe(self) -> None:
        """Ask something that needs a good key. Raises the `ApiError` that is in the way."""
        self.transport.json("GET", "/projects", params={"limit": 1})

    # -- projects and shots

    def projects(self, name: str | None = None) -> Iterator[Project]:
        """The projects this key may see; with ``name`` only those of that name.

        Of one name there is one, but for administrators, who see what others made under it.
        """
        return self._items(Project, "/projects", {"name": name})

    def create_project(self, name: str, allowed_roots: Sequence[str] = ()) -> Project:
        """A new project. ConflictError if the name is taken."""
        body: dict[str, Any] = {"name": name}
        if allowed_roots:
            body["allowed_roots"] = list(allowed_roots)
        return self._model(Project, self.transport.json("POST", "/projects", body=body))

    def project(self, project_id: str) -> Project:
        """One project by its id."""
        return self._get(Project, f"/projects/{project_id}")

    def shots(self, project_id: str, name: str | None = None) -> Iterator[Shot]:
        """The shots of a project; with ``name`` only the one of that name."""
        return self._items(Shot, f"/projects/{project_id}/shots", {"name": name})

    def create_shot(
        self,
        project_id: str,
        name: str,
        *,
        path: str | None = None,
        upload_id: str | None = None,
        first_frame: int | None = None,
        frame_range: tuple[int, int] | None = None,
        colorspace: str | None = None,
        fps: tuple[int, int] | None = None,
    ) -> Shot:
        """A new shot of the plate at ``path`` (as the server sees it) or of an upload.

        ``first_frame``: the plate frame number of a movie's first frame. The shot is ``probing``
        until the farm has looked at it. PathRefusedError if the server may not read the path,
        PlateError if frames are missing, ConflictError if the name is taken.
        """
        if (path is None) == (upload_id is None):
            raise TypeError("a shot is made from either a path or an upload")
        plate = {"path": path, "upload_id": upload_id, "first_frame": first_frame}
        body = {
            "name": name,
            "plate": given(plate),
            "frame_range": frame_range and list(frame_range),
            "colorspace": colorspace,
            "fps": fps and list(fps),
        }
        return self._model(
            Shot, self.transport.json("POST", f"/projects/{project_id}/shots", body=given(body))
        )

    def shot(self, shot_id: str) -> Shot:
        """One shot as it stands."""
        return self._get(Shot, f"/shots/{shot_id}")

    def objects(self, shot_id: str) -> list[Mapping[str, Any]]:
        """The objects of a shot: ``{id, name, label, color}``."""
        return list(self._pages(f"/shots/{shot_id}/objects", {}))

    def create_object(
        self,
        shot_id: str,
        name: str,
        *,
        label: str = "",
        color: Sequence[float] | None = None,
    ) -> Mapping[str, Any]:
        """A new object of a shot; ``color`` is r, g, b in 0..1."""
        body = given({"name": name, "label": label or None, "color": color and list(color)})
        made: Mapping[str, Any] = self.transport.json(
            "POST", f"/shots/{shot_id}/objects", body=body
        )
        return made

    def preview(
        self,
        shot_id: str,
        frame: int,
        prompts: Mapping[str, FramePrompt],
        options: previews.PreviewOptions | None = None,
        *,
        stop: Event | None = None,
    ) -> previews.Preview:
        """The masks of what is prompted on one frame of a shot that is ready; waits for them.

        ``prompts``: object name -> what is said about it on ``frame``. Raises, beside what a job
        with these prompts is refused for and what a worker met: SupersededError when a newer
        preview of ``options.client_key`` was asked for; FarmError ``preview_expired`` when no
        worker answered; StoppedError when ``stop`` is set (looked at between two requests of up
        to ten seconds) or ``options.patience`` ends.
        """
        options = options or previews.PreviewOptions()
        answer = previews.ask(self.transport, shot_id, frame, prompts, options, stop or Event())
        return self._model(previews.Preview, answer)

    # -- jobs

    def segment(
        self, shot_id: str, request: Mapping[str, Any], *, idempotency_key: str = ""
    ) -> Job:
        """Submit a roto job: ``request`` is the body of ``POST shots/{id}/segment``.

        The same ``idempotency_key`` never makes a second job; without one, a fresh key guards
        the retries of this call alone. `submit.Submitter` builds the body and checks it first.
        """
        return self._post_job(f"/shots/{shot_id}/segment", request, idempotency_key)

    def correct(
        self, shot_id: str, request: Mapping[str, Any], *, idempotency_key: str = ""
    ) -> Job:
        """Correct a version of a shot's shapes: the body of ``POST shots/{id}/corrections``.

        ConflictError when there is a newer version, or one on its way. Keys as for `segment`.
        """
        return self._post_job(f"/shots/{shot_id}/corrections", request, idempotency_key)

    def export(self, shot_id: str, formats: Sequence[str], *, version: int | None = None) -> Job:
        """Write a version of the shot's shapes (the latest by default) in ``formats``."""
        body = given({"formats": list(formats), "version": version})
        return self._post_job(f"/shots/{shot_id}/export", body, "")

    def jobs(
        self,
        *,
        state: str | None = None,
        shot_id: str | None = None,
        limit: int | None = None,
        owner: str | None = None,
        search: str | None = None,
        priority: str | None = None,
    ) -> Iterator[Job]:
        """Jobs, newest first, at most ``limit`` of them.

        ``owner``: a user's id, or ``me``; ``search``: part of a shot's or object's name.
        """
        asked = {
            "state": state, "shot_id": shot_id, "limit": limit, "owner": owner, "search": search,
            "priority": priority,
        }  # fmt: skip
        found = self._items(Job, "/jobs", asked)
        for count, job in enumerate(found, start=1):
            yield job
            if count == limit:
                return

    def job(self, job_id: str) -> Job:
        """One job with its tasks and their attempts."""
        return self._get(Job, f"/jobs/{job_id}")

    def status(self, job_id: str) -> Mapping[str, Any]:
        """The short form: ``{id, state, progress, error}``."""
        answer: Mapping[str, Any] = self.transport.json("GET", f"/jobs/{job_id}/status")
        return answer

    def cancel(self, job_id: str) -> Job:
        """Ask for a job to be stopped. ConflictError if it succeeded or failed already."""
        return self._model(
            Job, self.transport.json("POST", f"/jobs/{job_id}/cancel", idempotent=True)
        )

    def prioritize(self, job_id: str, priority: str) -> Job:
        """Have a job come before or after others. ConflictError if it succeeded already."""
        body = {"priority": priority}
        return self._model(
            Job, self.transport.json("PATCH", f"/jobs/{job_id}", body=body, idempotent=True)
        )

    def retry(self, job_id: str) -> Job:
        """Run a failed or cancelled job again from its first unfinished task."""
        return self._model(Job, self.transport.json("POST", f"/jobs/{job_id}/retry"))

    def log(self, job_id: str, *, attempt: str | None = None) -> str:
        """The log of a job, or of one attempt of it."""
        params = {"attempt": attempt} if attempt else {}
        answer = self.transport.send("GET", f"/jobs/{job_id}/log", params=params)
        try:
            return answer.content.decode("utf-8", errors="replace")
        finally:
            answer.close()

    def newest_mask(self, job_id: str, object_name: str) -> NewestMask:
        """The matte of an object tracked last, while the job still runs.

        NotFoundError until there is one.
        """
        path = f"/jobs/{job_id}/newest-mask"
        answer = self.transport.send("GET", path, params={"object": object_name})
        try:
            return NewestMask(object_name, int(answer.headers[FRAME_HEADER]), answer.content)
        except (KeyError, ValueError) as error:
            raise ServerError("The server does not say which frame its matte is of.") from error
        finally:
            answer.close()

    # -- results

    def outputs(self, job_id: str) -> list[Output]:
        """The result files of a job."""
        return list(self._items(Output, f"/jobs/{job_id}/outputs", {}))

    def download(
        self, job_id: str, output: Output, target: Path, progress: Transferred | None = None
    ) -> Path:
        """Fetch one result file to the file ``target``; see `download.download_file`."""
        return download_file(self.transport, job_id, output, target, progress)

    def download_all(
        self,
        job_id: str,
        folder: Path,
        *,
        wanted: Callable[[Output], bool] = lambda output: True,
        progress: Transferred | None = None,
    ) -> list[Path]:
        """Fetch a job's result files under ``folder``; see `download.download_outputs`."""
        chosen = [output for output in self.outputs(job_id) if wanted(output)]
        return download_outputs(self.transport, job_id, chosen, folder, progress)

    def masks(
        self, shot_id: str, *, job_id: str | None = None, object_id: str | None = None
    ) -> Iterator[Mapping[str, Any]]:
        """Mask rows of a shot: object, frame and confidence."""
        return self._pages(f"/shots/{shot_id}/masks", {"job_id": job_id, "object_id": object_id})

    def shapes(self, shot_id: str, *, version: int | None = None) -> Mapping[str, Any]:
        """The shot's ``roto/1`` document, the latest version by default."""
        document: Mapping[str, Any] = self.transport.json(
            "GET", f"/shots/{shot_id}/shapes", params={"version": version}
        )
        return document

    # -- how answers are read

    def _post_job(self, path: str, body: Mapping[str, Any], key: str) -> Job:
        key = key or uuid.uuid4().hex
        return self._model(Job, self.transport.json("POST", path, body=body, idempotency_key=key))

    def _get(self, model: answers.Model[T], path: str) -> T:
        return self._model(model, self.transport.json("GET", path))

    def _items(self, model: answers.Model[T], path: str, params: Mapping[str, Any]) -> Iterator[T]:
        return answers.items(model, self.transport, path, params)

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        return answers.pages(self.transport, path, params)

    def _model(self, model: answers.Model[T], body: Mapping[str, Any]) -> T:
        return answers.read(model, body)


def raise_unless_succeeded(job: Job) -> Job:
    """``job`` itself if it succeeded; JobError with its reason if it failed or was cancelled."""
    if job.state == "succeeded":
        return job
    if job.state == "cancelled":
        raise JobError(f"Job {job.id} was cancelled.", job_id=job.id, code="conflict")
    error = job.error or {}
    raise JobError(
        str(error.get("message") or f"Job {job.id} is {job.state}."),
        job_id=job.id,
        hint=str(error.get("hint") or f"`roto log {job.id}` shows what the worker wrote."),
        code=str(error.get("code") or "internal"),
        detail=dict(error.get("detail") or {}),
    )


def first(found: Iterable[T]) -> T | None:
    """The first of ``found``, None when there is none."""
    return next(iter(found), None)
