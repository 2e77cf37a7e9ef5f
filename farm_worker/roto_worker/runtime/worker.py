"""The RQ side of a worker: takes task ids off the queues, and nothing else.

Redis is a bell, not an authority. Whoever can write to it can put any job on a queue, so a job is
looked at before anything of it is imported, and RQ's own machinery for callbacks, webhooks,
retries, registries, remote commands and suspension is switched off.
"""

from __future__ import annotations

import logging
import re
import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any, Protocol

import redis
from rq import Queue, worker_registration
from rq.exceptions import DeserializationError, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text
from rq.worker import SimpleWorker, WorkerStatus

from .. import entry

logger = logging.getLogger(__name__)

PRIORITIES = ("high", "normal", "low")
_TASK_ID = re.compile(r"[0-9a-f]{32}")
_CALLBACKS = ("_success_callback_name", "_failure_callback_name", "_stopped_callback_name")
_POLL_SECONDS = 15
_PAUSE_SECONDS = 0.5
REDIS_TIMEOUT_SECONDS = _POLL_SECONDS + 10
"""Of the connection a worker is given: longer than it waits on its queues."""


def queue_names(queues: list[str]) -> list[str]:
    """The Redis queues to listen on for ``gpu`` and/or ``cpu``, most urgent first.

    Within a priority cpu comes first: the short stages that finish a job go before the next track.
    """
    return [f"roto-{queue}-{priority}" for priority in PRIORITIES for queue in sorted(queues)]


class Previews(Protocol):
    """What answers previews; see `previews.PreviewDesk`."""

    def lists(self) -> list[str]:
        """The Redis lists to take from."""
        ...

    def answer_idle(self, name: str, entry: bytes) -> None:
        """Answer an entry of one of them."""
        ...


class PreviewRung(Exception):  # noqa: N818 (news, not an error)
    """What came first was a preview, and no task."""

    def __init__(self, name: str, entry: bytes) -> None:
        super().__init__(name)
        self.name, self.entry = name, entry


def queue_beside(previews: Previews) -> type[Queue]:
    """RQ's queue class, listening in the same call to the lists of previews, and to those first."""

    class QueueBesidePreviews(Queue):
        @classmethod
        def lpop(
            cls,
            queue_keys: Sequence[str],
            timeout: int | None,
            connection: redis.Redis | None = None,
        ) -> Any:
            names = previews.lists()
            found = super().lpop([*names, *queue_keys], timeout, connection)
            if found is not None and as_text(found[0]) in names:
                raise PreviewRung(as_text(found[0]), found[1])
            return found

    return QueueBesidePreviews


class _Told(BaseException):
    """The worker was told to end while it listened. What catches every Exception (a log handler
    does, redis-py does) must not keep it."""


class ForeignJobError(Exception):
    """An RQ job that is not one of ours."""


def task_id_of(job: Job) -> str:
    """The task id an RQ job carries, looked at without importing anything it names.

    Raises:
        ForeignJobError: it is anything but ``run_task(<one task id>)`` in JSON.
    """
    try:
        function, instance = job.func_name, job.instance
        args, kwargs = job.args, job.kwargs
    except DeserializationError as error:
        raise ForeignJobError("its payload is not the JSON we write") from error
    if function != entry.ENTRY_POINT or instance is not None:
        raise ForeignJobError(f"it names the function {function!r}")
    if kwargs or not isinstance(args, list) or len(args) != 1:
        raise ForeignJobError("its arguments are not exactly one task id")
    if not isinstance(args[0], str) or not _TASK_ID.fullmatch(args[0]):
        raise ForeignJobError("its argument is not a task id")
    if any(getattr(job, name) for name in _CALLBACKS) or job.webhooks:
        raise ForeignJobError("it carries a callback")
    return args[0]


class RotoWorker(SimpleWorker):
    """One long-lived process: no fork, so a loaded model stays loaded.

    Args:
        on_drain: called once, from the signal handler, when SIGTERM or SIGINT arrives.
        previews: answers previews while no task runs.
        paused: asked before each look at the queues; while it says so nothing is taken off them.
    """

    max_connection_wait_time = 5.0
    _stop_requested: bool

    def __init__(
        self,
        queues: list[str],
        *,
        name: str,
        connection: redis.Redis,
        on_drain: Callable[[], None],
        previews: Previews | None = None,
        paused: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(
            queue_names(queues),
            name=name,
            connection=connection,
            serializer=JSONSerializer,
            queue_class=queue_beside(previews) if previews else None,
            worker_ttl=_POLL_SECONDS + 15,
            log_job_description=False,  # text of whoever put the job there
        )
        self._on_drain = on_drain
        self._previews = previews
        self._paused = paused
        self._listening = False

    @property
    def drained(self) -> bool:
        """Whether the worker ends because it was told to, not because something broke."""
        return bool(self._stop_requested)

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run our own entry point with the task id of ``job``; drop anything else."""
        try:
            task_id = task_id_of(job)
        except ForeignJobError as why:
            logger.error("FOREIGN JOB %s on %s refused and dropped: %s", job.id, queue.name, why)
            self._drop(job.id)
            return
        self.set_state(WorkerStatus.BUSY)
        try:
            if not self._stop_requested:  # the server rings again, for another worker
                entry.run_task(task_id)
        finally:
            self._drop(job.id)
            self.set_state(WorkerStatus.IDLE)

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """As RQ's; previews are answered, and no silent Redis or mangled job ends the process.

        Raises:
            StopRequested: `request_stop` was called.
        """
        try:
            self._listening = True
            found = self._listen(timeout, max_idle_time)
            self._listening = False
        except _Told:
            raise StopRequested from None
        return found

    def _listen(self, timeout: int | None, max_idle_time: int | None) -> tuple[Job, Queue] | None:
        while True:
            self._rest()
            try:
                return super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
            except PreviewRung as rung:
                self._answer(rung)
            except redis.exceptions.TimeoutError:
                logger.warning("Redis does not answer; trying again")
            except (StopRequested, redis.exceptions.RedisError):
                raise
            except Exception as error:
                job_id = getattr(error, "job_id", None)
                if job_id is None:
                    raise
                logger.error("FOREIGN JOB %r cannot be read and is dropped: %r", job_id, error)
                self._drop(str(job_id))

    def _rest(self) -> None:
        """While the node is given nothing. A signal ends it, as it ends the listening."""
        while self._paused():
            self.heartbeat()
            time.sleep(_PAUSE_SECONDS)

    def _answer(self, rung: PreviewRung) -> None:
        assert self._previews is not None
        self.set_state(WorkerStatus.BUSY)
        try:
            self._previews.answer_idle(rung.name, rung.entry)
        finally:
            self.set_state(WorkerStatus.IDLE)
        if self._stop_requested:
            raise StopRequested

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM, SIGINT: drain. Idle: end now. Busy: end after the task, see ``on_drain``."""
        if self._stop_requested:
            return  # supervisor and service manager may both pass the signal on
        self._stop_requested = True
        self._on_drain()
        if self._listening and self.get_state() != WorkerStatus.BUSY:
            raise _Told
        logger.info("%s: draining", signal.Signals(signum).name)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """As RQ's; Redis being away in the middle of a task is no reason to end."""
        self._quietly(super().set_state, state, pipeline)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """As RQ's, tolerant like `set_state`; called before each look at the queues."""
        if self._listening and self._stop_requested:
            raise StopRequested
        self._quietly(super().heartbeat, timeout, pipeline)

    def register_birth(self) -> None:
        """As RQ's; also strikes off workers that died without a word."""
        super().register_birth()
        for queue in self.queues:
            worker_registration.clean_worker_registry(queue)

    def register_death(self) -> None:
        """As RQ's, tolerant like `set_state`."""
        self._quietly(super().register_death)

    def run_maintenance_tasks(self) -> None:
        """Nothing: RQ's registries are not ours, and cleaning them runs callbacks of others."""

    @property
    def should_run_maintenance_tasks(self) -> bool:
        return False

    def check_for_suspension(self, burst: bool) -> None:
        """Nothing: only the server tells a worker to pause."""

    def subscribe(self) -> None:
        """Nothing: no commands over Redis."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""

    def _drop(self, job_id: str) -> None:
        self._quietly(self.connection.delete, Job.key_for(job_id))

    @staticmethod
    def _quietly(call: Callable[..., Any], *args: Any) -> None:
        try:
            call(*args)
        except redis.exceptions.RedisError as error:
            logger.warning("Redis: %s", error)
