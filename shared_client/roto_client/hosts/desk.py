"""The desk: everything a host's panel can do with the farm, without knowing the host.

A host gives a way onto its main thread and draws `Desk.state`. Every action returns at once; its
answer comes back on the main thread, or not at all once the desk is closed. Errors come as
`RotoError`: a message that says what, a hint that says what to do.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Iterable, List, Optional, TypeVar

from roto_shapes.errors import RotoError

from ..api.client import RotoClient
from ..api.errors import ServerUnavailableError, SignInError, VersionMismatchError
from ..api.models import Job, Progress, Shot
from ..api.newest import NewestMask
from ..api.previews import Preview, PreviewOptions
from ..api.request import check_against_shot
from ..api.submit import Submitter
from . import fetching
from .board import Board
from .code_sign_in import CodeSignIn, Show
from .connecting import ASKS_FOR_PATIENCE, MakeClient, Way, make_client
from .following import Follower
from .hints import for_artists
from .keys import Keys
from .memory import HostMemory
from .orders import HostCorrection, HostRequest, check_size
from .ready import ReadyShots
from .rows import Attention, row_of
from .runner import Failed, Post, Runner, Task
from .state import READY, DeskState, HostResult, JobRow
from .way_in import WayIn

T = TypeVar("T")
Done = Callable[[T], None]
_Work = Callable[[Way, threading.Event], T]

_LISTED = 100
_SENDING = {"hashing": "Looking at", "uploading": "Sending", "ingest": "Reading"}


class Desk:
    """One per host. ``host``: its name, for what is remembered; ``post``: see `runner.Post`.

    ``make``: how a client is made of server and key; ``pause``: seconds between two looks at the
    jobs that are followed.
    """

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
        self._board = Board(self.runner.post)
        self._follower = Follower(
            self._client_to_follow, self._looked_at, self._gone, self._heard, pause
        )
        self._in = WayIn(make, self._board, self._follower)
        self._code = CodeSignIn(self.runner, self._board, make, host, self._in.sign_in)
        self._signing: Optional[Task] = None
        self._keys, self._ready, self._attention = Keys(), ReadyShots(), Attention()

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
        """Find the server (see `api.config`) and try the key; the state tells the rest.

        While nothing answers it is tried again, until something does or `sign_out`.
        """
        turn = self._in.to(server, key)

        def refused(error: RotoError) -> None:
            self._in.refused(error, turn)

        return self.runner.run(lambda stop: self._in.find(), lambda way: None, refused)

    def sign_in(self, server: str, key: str, done: Done[None], failed: Failed) -> Task:
        """Try a key and keep it (keyring, or a private file) if the server takes it."""
        self._stop_signing_in()
        turn = self._in.signing_in(server)

        def refused(error: RotoError) -> None:
            self._in.refused(error, turn, server)
            failed(for_artists(error))

        self._signing = self.runner.run(
            lambda stop: self._in.sign_in(server, key, stop, turn), done, refused
        )
        return self._signing

    def sign_in_by_code(
        self,
        server: str,
        done: Done[None],
        failed: Failed,
        *,
        show: Show = lambda shown: None,
    ) -> Task:
        """Sign in through the artist's browser, and keep the key as `sign_in` does.

        ``server`` empty: the one that settings name. ``show`` gets the code once there is one, to
        open the browser; until it is approved, refused, too old or stopped it is in the state,
        where any panel finds it (`DeskState.sign_in`). A second call takes the first one's place.
        """
        return self._code.begin(server, done, failed, show)

    def stop_sign_in(self) -> None:
        """Wait no longer for a code to be approved; returns at once. Of it nothing more is told."""
        self._code.stop()

    def sign_out(self) -> Task:
        """Forget the key of the server; nothing connects again before `connect` or a sign-in."""
        self._stop_signing_in()
        turn, server = self._in.out(), self.state.server.server
        return self.runner.run(
            lambda stop: self._in.forget(turn, server), lambda none: None, self._say_error
        )

    def _stop_signing_in(self) -> None:
        self.stop_sign_in()
        if self._signing is not None:
            self._signing.cancel()

    # -- work

    def submit(self, request: HostRequest, done: Done[JobRow], failed: Failed) -> Task:
        """Send a plate's objects to be tracked; ``done`` gets the job's row, which is followed.

        A repeated press is another job, unless no answer came to the press before.
        """

        def work(way: Way, stop: threading.Event) -> JobRow:
            key = request.key or self._keys.key(request)
            submitter = self._submitter(way, stop)
            prepared = submitter.prepare(request)
            self._ready.keep(way.client.server, request, prepared.shot)
            check_size(request, prepared.shot)
            job = self._send(
                request, key, lambda: submitter.send(replace(request, key=key), prepared).job
            )
            return self._listed(row_of(job, prepared.shot.name))

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
            shot = self._shot_ready(way, request, frame, stop)
            check_size(request, shot)
            options = PreviewOptions(request.engine, request.model, request.image_size, client_key)
            try:
                return way.client.preview(shot.id, frame, prompts, options, stop=stop)
            except RotoError:
                self._ready.drop(way.client.server, request)
                raise

        return self._run(work, done, failed)

    def correct(self, correction: HostCorrection, done: Done[JobRow], failed: Failed) -> Task:
        """Send what an artist changed in a version of the shapes.

        ConflictError: there is a newer version than the one that was corrected.
        """

        def work(way: Way, stop: threading.Event) -> JobRow:
            client = way.patient(stop, self._waiting(stop))
            shot_id = correction.shot_id
            base = fetching.shapes_of(client, shot_id, correction.base_version)
            body = correction.body(base)
            key = correction.key or self._keys.key((shot_id, body))
            job = self._send(
                (shot_id, body), key, lambda: client.correct(shot_id, body, idempotency_key=key)
            )
            return self._listed(row_of(job, client.shot(job.shot_id).name))

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
                text = f"Fetching {got >> 20} of {total >> 20} MB"
                self._board.busy(stop, text, got / max(total, 1))

            client = way.patient(stop, self._waiting(stop))
            return fetching.fetch(
                client, job_id, folder, stop, tell, self._attention, mattes=mattes
            )

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
            for row in reversed(rows):
                self._listed(row)
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

    def newest_mask(
        self, job_id: str, object_name: str, done: Done[NewestMask], failed: Failed
    ) -> Task:
        """The matte of an object that was tracked last; NotFoundError until there is one."""
        return self._run(
            lambda way, stop: way.client.newest_mask(job_id, object_name), done, failed
        )

    def forget(self, job_id: str) -> None:
        """Take a job off the list; it goes on at the farm."""
        self._board.remove(job_id)

    def close(self) -> None:
        """The host ends. Nothing is called any more; jobs go on at the farm."""
        self._follower.close()
        self._board.close()
        self.runner.close()

    # -- how

    def _run(self, work: _Work[T], done: Done[T], failed: Failed) -> Task:
        def connected(stop: threading.Event) -> T:
            way = self._in.way or self._in.find()
            try:
                result = work(way, stop)
            except (ServerUnavailableError, SignInError, VersionMismatchError) as error:
                if way is self._in.way and not isinstance(error, ASKS_FOR_PATIENCE):
                    self._heard(error)
                raise
            finally:
                self._board.busy(stop, "")
            if way is self._in.way:
                self._heard(None)
            return result

        return self.runner.run(connected, done, lambda error: failed(for_artists(error)))

    def _job_call(
        self, call: Callable[[RotoClient], Job], done: Done[JobRow], failed: Failed
    ) -> Task:
        def work(way: Way, stop: threading.Event) -> JobRow:
            job = call(way.client)
            known = self.state.job(job.id)
            return self._listed(
                row_of(job, known.shot if known else way.client.shot(job.shot_id).name)
            )

        return self._run(work, done, failed)

    def _send(self, what: Any, key: str, send: Callable[[], Job]) -> Job:
        """A job made under ``key``, which is kept for the next try if no answer comes."""
        self._keys.unsure(what, key)
        try:
            job = send()
        except RotoError as error:
            if not isinstance(error, ServerUnavailableError):
                self._keys.heard(what)
            raise
        self._keys.heard(what)
        return job

    def _shot_ready(
        self, way: Way, request: HostRequest, frame: int, stop: threading.Event
    ) -> Shot:
        server = way.client.server
        shot = self._ready.find(server, request, frame)
        if shot is not None:
            check_against_shot(request, shot)
            return shot
        shot = self._submitter(way, stop).prepare(request).shot
        self._ready.keep(server, request, shot)
        return shot

    def _listed(self, row: JobRow) -> JobRow:
        row = replace(row, attention=self._attention.known(row.id))
        self._board.show(row)
        if not row.ended:
            self._follower.follow([row.id])
        return row

    def _submitter(self, way: Way, stop: threading.Event) -> Submitter:
        return Submitter(
            way.patient(stop, self._waiting(stop)),
            watcher=lambda progress: self._sending(stop, progress),
            say=self._board.notice,
            stop=stop,
            paths=way.paths,
        )

    def _sending(self, work: object, progress: Progress) -> None:
        doing = _SENDING.get(progress.stage, progress.stage)
        text = f"{doing} the plate: {progress.done} of {progress.total} frames"
        if progress.stage in {"hashing", "uploading"}:
            text = f"{doing} the plate: {progress.done >> 20} of {progress.total >> 20} MB"
        self._board.busy(work, text, progress.fraction)

    def _waiting(self, work: object) -> Callable[[str], None]:
        return lambda text: self._board.busy(work, text)

    # -- the way to the server, on threads

    def _client_to_follow(self) -> Optional[RotoClient]:
        if self._in.way is None and not self._in.signed_out:
            self._in.find()
        way = self._in.way
        return way.client if way else None

    def _heard(self, error: Optional[RotoError]) -> None:
        """What work and following say of the server: an error, or that all is well."""
        way = self._in.way
        if error is None:
            if self.state.server.status != READY:
                self._in.well()
        elif way is not None and isinstance(error, ASKS_FOR_PATIENCE):
            self._say_error(error)
        elif isinstance(error, (ServerUnavailableError, SignInError, VersionMismatchError)):
            self._in.refused(error)
        elif way is not None:
            self._say_error(error)

    # -- jobs that are followed, on the follower's thread

    def _looked_at(self, job: Job, shot: str) -> None:
        self._board.show(replace(row_of(job, shot), attention=self._attention.known(job.id)))
        way = self._in.way
        if way is not None and job.state == "succeeded" and not self._attention.known(job.id):
            client = way.client
            self.runner.run(
                lambda stop: self._attention.of(client, job),
                lambda found: self._board.attention(job.id, found),
                self._say_error,
            )

    def _gone(self, job_id: str) -> None:
        self._board.remove(job_id)
        self._board.notice(f"The server does not know the job {job_id[:8]} any more.")

    def _say_error(self, error: RotoError) -> None:
        self._board.notice(f"{error.message} {for_artists(error).hint}".strip())
