"""The worker process: puts the parts together and runs them until told to stop."""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import redis

from roto_client.contract import PRODUCT_VERSION
from roto_client.contract.places import LINUX, this_system
from roto_shapes.errors import RotoError

from .. import entry
from ..engines.registry import gpu_memory
from ..export.permissions import Permissions
from ..media.limits import Limits
from ..stages import KINDS, Stage, stage_for
from .attempt import AttemptRunner, Patience
from .config import WorkerConfig, farm_token
from .device import device_name
from .farm_client import (
    FarmClient,
    FarmError,
    NotAdmittedError,
    Registration,
    ServerUnavailableError,
)
from .heartbeat import LAST_BEAT_SECONDS, Pulse
from .kept import bury
from .logs import configure_logging, secrets_of
from .node_cache import CACHE_FOLDER, NodeCache
from .outbox import Outbox
from .parent import die_with
from .previews import KIND, PreviewDesk
from .remote_plates import RemotePlates
from .roots import AllowedRoots
from .scratch import SlotScratch
from .worker import REDIS_TIMEOUT_SECONDS, RotoWorker
from .workspace import workspaces

logger = logging.getLogger(__name__)

EXIT_DRAINED = 0
EXIT_BROKEN = 1
EXIT_REFUSED = 3
"""The server will not have this worker (token, version); trying again at once is pointless."""

_KNOCK_SECONDS = 30.0
"""How long a server that does not answer is tried before the log says so again."""


class WorkerProcess:
    """One registered worker slot."""

    def __init__(
        self, config: WorkerConfig, token: str, stages: Callable[[str], Stage] = stage_for
    ) -> None:
        self._config = config
        self._boot_id = uuid.uuid4().hex
        self._stop_waiting = threading.Event()
        self._paused = threading.Event()
        self._server_answers = threading.Event()
        self._client = FarmClient(config.server, token, give_up=self._stop_waiting.is_set)
        self._scratch = SlotScratch(Path(config.scratch), config.slot)
        self._outbox = Outbox(self._scratch.reports, self._client)
        self._registration: Registration | None = None
        self._roots = AllowedRoots.from_environment()
        # A wrong setting is told now, not by every task.
        Limits.from_environment()
        Permissions.from_environment()
        cache = NodeCache(
            Path(config.scratch) / CACHE_FOLDER, int(config.cache_gb * 1e9), self._client.server
        )
        self._desk = PreviewDesk(
            self._client,
            config.redis,
            registration=lambda: self._registered,
            boot_id=self._boot_id,
            roots=self._roots,
            home=self._scratch.home,
            plates=RemotePlates(self._client, token, cache),
        )
        self._runner = AttemptRunner(
            self._client,
            self._scratch,
            self._outbox,
            registration=lambda: self._registered,
            boot_id=self._boot_id,
            workspaces=workspaces(self._client, self._roots, cache, config.send_seconds),
            stages=stages,
            interlude=self._between,
            patience=Patience(claim=config.claim_patience, report=config.report_patience),
        )

    def run(self) -> int:
        """Register, then work until drained. Answers the exit code.

        Raises:
            NotAdmittedError: the server refuses the token or the version.
        """
        self._note_how_the_last_one_died()
        self._register_patiently()
        _end_when_told()
        seconds = self._registered.heartbeat_seconds
        pulses = [
            Pulse("worker-heartbeat", seconds, self._beat, steady=True),
            # Beside it: a report may wait minutes for its answer.
            Pulse("kept-reports", seconds, self._send_kept),
        ]
        for pulse in pulses:
            pulse.start()
        try:
            return self._work()
        finally:
            self._stop_waiting.set()
            for pulse in pulses:
                pulse.stop(LAST_BEAT_SECONDS)
            self._desk.close()
            self._scratch.close()

    @property
    def _registered(self) -> Registration:
        if self._registration is None:
            raise RuntimeError("not registered yet")
        return self._registration

    def _work(self) -> int:
        connection = redis.Redis.from_url(self._config.redis, socket_timeout=REDIS_TIMEOUT_SECONDS)
        _wait_for(connection)
        config = self._config
        worker = RotoWorker(
            config.queues,
            name=f"{config.node}-{config.slot}-{self._boot_id[:8]}",
            connection=connection,
            on_drain=self._drain,
            previews=self._desk,
            paused=self._paused.is_set,
        )
        entry.bind(self._runner.run)
        # Heartbeats run already: on a GPU a first start compiles for minutes.
        self._desk.warm()
        worker.work(logging_level=None)
        return EXIT_DRAINED if worker.drained else EXIT_BROKEN

    def _between(self, kind: str) -> None:
        if not self._paused.is_set():
            self._desk.answer_between(kind)

    def _heed(self, *, pause: bool) -> None:
        """Take work, or take none: what the server says of this node."""
        if pause != self._paused.is_set():
            logger.info("the node is given %s", "nothing new for now" if pause else "work again")
        (self._paused.set if pause else self._paused.clear)()

    def _drain(self) -> None:
        self._runner.drain(self._config.drain_seconds)
        self._stop_waiting.set()

    def _beat(self) -> bool:
        """Every heartbeat, busy or idle: alive."""
        worker_id = self._registered.worker_id
        try:
            # Servers of another version would refuse a body with what they do not know.
            memory = gpu_memory() if "memory" in self._registered.takes else None
            order = self._client.worker_heartbeat(worker_id, self._boot_id, memory)
        except ServerUnavailableError as error:
            logger.warning("worker heartbeat: %s", error)
            self._server_answers.clear()
            return True
        except FarmError as error:
            logger.warning("worker heartbeat refused, registering again: %s", error)
            self._registration = self._client.register(self._card())
            self._heed(pause=self._registered.pause)
            return True
        if order.stop:
            logger.info("the server tells this worker to stop: %s", order.reason)
            # To the main thread, which drains exactly as for a signal from outside.
            os.kill(os.getpid(), signal.SIGTERM)
            return False
        self._heed(pause=order.pause)
        self._server_answers.set()
        return True

    def _send_kept(self) -> bool:
        """Here is what the server missed, once it answers."""
        if self._server_answers.is_set():
            self._outbox.flush()
        return True

    def _note_how_the_last_one_died(self) -> None:
        """In the log of each attempt it had; the server learns of the death by our boot id."""
        how = self._config.last_death or "unknown"
        bury(self._scratch, self._roots, how=how, node=self._config.node)

    def _register_patiently(self) -> None:
        """Until the server answers: a worker may well be up before its server."""
        while True:
            # Reports first: by our new boot id the server gives up what the old process had.
            sent = self._outbox.flush(patience=_KNOCK_SECONDS)
            try:
                patience = _KNOCK_SECONDS if sent else 0.0
                self._registration = self._client.register(self._card(), patience=patience)
            except ServerUnavailableError as error:
                logger.warning("%s Waiting for it.", error.message)
            else:
                logger.info("registered as %s", self._registered.worker_id)
                self._heed(pause=self._registered.pause)
                return

    def _card(self) -> dict[str, Any]:
        config, engines = self._config, _engines()
        # Whoever tracks holds a model anyway; the other processes should not load one each.
        previews = "gpu" in config.queues
        self._desk.offer(engines if previews else [])
        return {
            "node": config.node,
            "slot": config.slot,
            "boot_id": self._boot_id,
            "version": PRODUCT_VERSION,
            "queues": config.queues,
            "kinds": [*KINDS, KIND] if previews else list(KINDS),
            "engines": engines,
            "device": device_name(),
            "memory_bytes": psutil.virtual_memory().total,
            **_reach(config),
        }


def main(config: WorkerConfig) -> int:
    """Run one worker process in the foreground. Answers its exit code."""
    if config.parent_pid:
        die_with(config.parent_pid)
    configure_logging(secrets_of(config))
    faulthandler.enable()  # a crash in native code names the frame it happened in
    try:
        return WorkerProcess(config, farm_token()).run()
    except NotAdmittedError as error:
        logger.error("%s %s", error.message, error.hint)
        return EXIT_REFUSED
    except RotoError as error:
        logger.error("%s %s", error.message, error.hint)
        return EXIT_BROKEN


def _end_when_told() -> None:
    """SIGTERM and SIGINT end the process at once, as drained: nothing is in hand yet.

    Until the queues are listened to, which installs what drains.
    """

    def end(signum: int, frame: FrameType | None) -> None:
        raise SystemExit(EXIT_DRAINED)

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, end)


def _reach(config: WorkerConfig) -> dict[str, Any]:
    """The contract's ``reach``, if there is anything to say: older servers know none."""
    platform = this_system()
    if platform == LINUX and config.storage == "shared" and not config.mounts:
        return {}
    reach = {"platform": platform, "storage": config.storage, "mounts": config.mounts}
    return {"reach": reach}


def _engines() -> list[dict[str, Any]]:
    from ..engines import registry

    return [dict(engine) for engine in registry.available()]


def _wait_for(connection: redis.Redis) -> None:
    """Until Redis answers; the bell may come up after the worker."""
    pause = 0.25
    while True:
        try:
            connection.ping()
        except redis.exceptions.RedisError as error:
            logger.warning("Redis: %s; waiting for it", error)
            time.sleep(pause)
            pause = min(pause * 2, 5.0)
        else:
            return
