"""The desk: everything a host's panel can do with the farm, without knowing the host.

A host gives a way onto its main thread and draws `Desk.state`. Every action returns at once; its
answer comes back on the main thread, or not at all once the desk is closed. Errors come as
`RotoError`: a message that says what, a hint that says what to do.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Callable, Iterable, List, Optional, TypeVar
from uuid import uuid4

from roto_shapes.errors import RotoError

from ..api.client import RotoClient
from ..api.errors import AccessError, ServerUnavailableError, VersionMismatchError
from ..api.models import Job, Progress
from ..api.previews import Preview, PreviewOptions
from ..api.submit import Submitter
from . import connecting, fetching
from .board import Board
from .connecting import MakeClient, Way, make_client
from .following import Follower
from .memory import HostMemory
from .orders import HostCorrection, HostRequest, check_size
from .rows import row_of
from .runner import Failed, Post, Runner, Task
from .state import CONNECTING, OFFLINE, READY, REFUSED, DeskState, HostResult, JobRow, ServerState

T = TypeVar("T")
Done = Callable[[T], None]

_LISTED = 100
_SENDING = {"hashing": "Looking at", "uploading": "Sending", "ingest": "Reading"}


class Desk:
    """One per host. ``host``: its name, for what is remembered; ``post``: see `runner.Post`."""

    def __init__(
        self,
        host: str,
        post: Post,
        *,
        make: MakeClient = make_client,
        memory: Optional[HostMemory] = None,
        pause: float = 1.0,
    ) -> None:
        self.host = host
        self.memory = memory or HostMemory(host)
        self.runner = Runner(post)
        self._make = make
        self._board = Board(self.runner.post)
        self._lock = threading.Lock()
        self._way: Optional[Way] = None
        self._follower = Follower(
            lambda: self._way.client if self._way else None,
            self._board.show,
            self._board.remove,
            self._heard,
            pause,
        )

    # -- what is drawn

    @property
    def state(self) -> DeskState:
        """How things stand now. From any thread."""
        return self._board.state

    def subscribe(self, callback: Callable[[DeskState], None]) -> Callable[[], None]:
        """Have ``callback`` called on the main thread after changes, at most five times a second;
        returns what ends that."""
        return self._board.subscribe(callback)

    # -- the server

    def connect(self, server: str = "", key: str = "") -> Task:
        """Find the server (see `api.config`) and try the key; the state tells the rest."""
        self._board.server(ServerState(CONNECTING, server or self.state.server.server))
        return self.runner.run(
            lambda stop: self._connect(server, key), lambda way: None, self._refused
        )

    def sign_in(self, server: str, key: str, done: Done[None], failed: Failed) -> Task:
        """Try a key and keep it (keyring, or a private file) if the server takes it."""
        self._board.server(ServerState(CONNECTING, server))

        def refused(error: RotoError) -> None:
            self._refused(error)
            failed(error)

        def work(stop: threading.Event) -> None:
            self._reached(connecting.sign_in(self._make, server, key))

        return self.runner.run(work, done, refused)

    def sign_out(self) -> Task:
        """Forget the key of the server."""
        server, self._way = self.state.server.server, None
        self._board.server(ServerState(REFUSED, server, "Signed out.", "Sign in with an API key."))
        return self.runner.run(
            lambda stop: connecting.sign_out(server), lambda none: None, self._say_error
        )

    # -- work

    def submit(self, request: HostRequest, done: Done[JobRow], failed: Failed) -> Task:
        """Send a plate's objects to be tracked; ``done`` gets the job's row, which is followed.

        A repeated press is another job; the retries of one press never are.
        """
        request = replace(request, key=request.key or uuid4().hex)

        def work(way: Way, stop: threading.Event) -> JobRow:
            submitter = self._submitter(way, stop)
            prepared = submitter.prepare(request)
            check_size(request, prepared.shot)
            job = submitter.send(request, prepared).job
            return self._follow_new(job, prepared.shot.name)

        return self._run(work, done, failed)

    def preview(
        self,
        request: HostRequest,
        frame: int,
        done: Done[Preview],
        failed: Failed,
        *,
        client_key: str = "",
    ) -> Task:
        """The masks of what ``request`` prompts on one plate frame, within a second or two.

        A newer preview under the same ``client_key`` takes this one's place (SupersededError).
        """

        def work(way: Way, stop: threading.Event) -> Preview:
            prompts = request.prompts_on(frame)
            shot = self._submitter(way, stop).prepare(request).shot
            check_size(request, shot)
            options = PreviewOptions(request.engine, request.model, request.image_size, client_key)
            return way.client.preview(shot.id, frame, prompts, options, stop=stop)

        return self._run(work, done, failed)

    def correct(self, correction: HostCorrection, done: Done[JobRow], failed: Failed) -> Task:
        """Send what an artist changed in a version of the shapes.

        ConflictError: there is a newer version than the one that was corrected.
        """
        key = correction.key or uuid4().hex

        def work(way: Way, stop: threading.Event) -> JobRow:
            base = fetching.shapes_of(way.client, correction.shot_id, correction.base_version)
            body = correction.body(base)
            job = way.client.correct(correction.shot_id, body, idempotency_key=key)
            return self._follow_new(job, way.client.shot(job.shot_id).name)

        return self._run(work, done, failed)

    def fetch(
        self,
        job_id: str,
        done: Done[HostResult],
        failed: Failed,
        *,
        folder: Optional[Path] = None,
        mattes: bool = True,
    ) -> Task:
        """Bring a job's shapes and, if wanted, mattes to this machine; see `fetching.fetch`."""

        def work(way: Way, stop: threading.Event) -> HostResult:
            def tell(got: int, total: int) -> None:
                self._board.busy(f"Fetching {got >> 20} of {total >> 20} MB", got / max(total, 1))

            return fetching.fetch(way.client, job_id, folder, stop, tell, mattes=mattes)

        return self._run(work, done, failed)

    # -- jobs

    def follow(self, job_ids: Iterable[str]) -> None:
        """Keep the rows of these jobs up to date until they end; returns at once."""
        self._follower.follow(job_ids)

    def list_jobs(self, done: Done[List[JobRow]], failed: Failed, *, shot_id: str = "") -> Task:
        """The newest jobs, of one shot or of all; they are listed, and followed while they run."""

        def work(way: Way, stop: threading.Event) -> List[JobRow]:
            shots = {}
            rows = []
            for job in way.client.jobs(shot_id=shot_id or None, limit=_LISTED):
                if job.kind == "roto":
                    if job.shot_id not in shots:
                        shots[job.shot_id] = way.client.shot(job.shot_id).name
                    rows.append(row_of(job, shots[job.shot_id]))
            for row in rows:
                self._board.show(row)
            self._follower.follow(row.id for row in rows if not row.ended)
            return rows

        return self._run(work, done, failed)

    def cancel(self, job_id: str, done: Done[JobRow], failed: Failed) -> Task:
        """Ask for a job to be stopped."""
        return self._job_call(lambda client: client.cancel(job_id), done, failed)

    def retry(self, job_id: str, done: Done[JobRow], failed: Failed) -> Task:
        """Run a failed or cancelled job again, from where it broke."""
        return self._job_call(lambda client: client.retry(job_id), done, failed)

    def log(self, job_id: str, done: Done[str], failed: Failed) -> Task:
        """What the workers wrote about a job."""
        return self._run(lambda way, stop: way.client.log(job_id), done, failed)

    def forget(self, job_id: str) -> None:
        """Take a job off the list; it goes on at the farm."""
        self._board.remove(job_id)

    def close(self) -> None:
        """The host ends. Nothing is called any more; jobs go on at the farm."""
        self._follower.close()
        self._board.close()
        self.runner.close()

    # -- how

    def _run(
        self, work: Callable[[Way, threading.Event], T], done: Done[T], failed: Failed
    ) -> Task:
        def connected(stop: threading.Event) -> T:
            way = self._way or self._connect()
            try:
                return work(way, stop)
            except (ServerUnavailableError, AccessError, VersionMismatchError) as error:
                self._heard(error)
                raise
            finally:
                self._board.busy("")

        return self.runner.run(connected, done, failed)

    def _job_call(
        self, call: Callable[[RotoClient], Job], done: Done[JobRow], failed: Failed
    ) -> Task:
        def work(way: Way, stop: threading.Event) -> JobRow:
            job = call(way.client)
            known = self.state.job(job.id)
            row = row_of(job, known.shot if known else way.client.shot(job.shot_id).name)
            return self._listed(row)

        return self._run(work, done, failed)

    def _follow_new(self, job: Job, shot: str) -> JobRow:
        return self._listed(row_of(job, shot))

    def _listed(self, row: JobRow) -> JobRow:
        self._board.show(row)
        if not row.ended:
            self._follower.follow([row.id])
        return row

    def _submitter(self, way: Way, stop: threading.Event) -> Submitter:
        return Submitter(
            way.client, watcher=self._sending, say=self._board.notice, stop=stop, paths=way.paths
        )

    def _sending(self, progress: Progress) -> None:
        doing = _SENDING.get(progress.stage, progress.stage)
        unit = "frames" if progress.stage == "ingest" else "bytes"
        text = f"{doing} the plate: {progress.done} of {progress.total} {unit}"
        if progress.stage in {"hashing", "uploading"}:
            text = f"{doing} the plate: {progress.done >> 20} of {progress.total >> 20} MB"
        self._board.busy(text, progress.fraction)

    def _connect(self, server: str = "", key: str = "") -> Way:
        return self._reached(connecting.reach(self._make, server, key))

    def _reached(self, way: Way) -> Way:
        self._way = way
        self._board.server(ServerState(READY, way.client.server))
        self._follower.look_now()
        return way

    def _refused(self, error: RotoError) -> None:
        self._board.server(connecting.trouble(error, self.state.server.server))

    def _heard(self, error: Optional[RotoError]) -> None:
        """What following jobs says of the server: an error, or that all is well."""
        server = self.state.server
        if error is None:
            if server.status == OFFLINE and self._way is not None:
                self._board.server(ServerState(READY, server.server))
        elif isinstance(error, (ServerUnavailableError, AccessError, VersionMismatchError)):
            self._board.server(connecting.trouble(error, server.server))
        else:
            self._say_error(error)

    def _say_error(self, error: RotoError) -> None:
        self._board.notice(f"{error.message} {error.hint}".strip())
