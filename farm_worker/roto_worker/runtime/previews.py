"""Previews between other work: when the process is idle, and between two frames of a batch.

Nothing that goes wrong with a preview reaches the batch beside it: it is told to the server as the
preview's own error, and Redis or a server that is away costs one short try.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from roto_client.contract import (
    PreviewRing,
    check_farm_body,
    check_preview_spec,
    lists_answered_by,
    preview_list,
)
from roto_shapes.errors import RotoError

from ..engines import registry
from ..engines.base import Detailer, Segmenter
from ..preview import PreviewFrames, answer
from ..preview.frames import file_of
from .failures import farm_error
from .farm_client import (
    Claimed,
    FarmClient,
    FarmError,
    NotClaimableError,
    Registration,
    StaleAttemptError,
)
from .logs import bound_ids
from .remote_plates import RemotePlates
from .roots import AllowedRoots

logger = logging.getLogger(__name__)

KIND = "preview"
"""What a process that answers previews registers beside the stages it runs."""

REDIS_SECONDS = 1.0
AWAY_SECONDS = 5.0
"""How long a Redis that did not answer is left alone by a batch."""

RING_TTL_SECONDS = 60


class NoPreviewsError(RotoError):
    """The engine cannot look at single images."""

    code = "unknown_model"


class PreviewDesk:
    """Takes previews off their lists and answers them; none before `offer`.

    Used from the main thread only, but for `offer`.
    """

    def __init__(
        self,
        client: FarmClient,
        redis_url: str,
        *,
        registration: Callable[[], Registration],
        boot_id: str,
        roots: AllowedRoots,
        home: Path,
        plates: RemotePlates,
    ) -> None:
        self._client = client
        self._redis = redis.Redis.from_url(
            redis_url,
            socket_timeout=REDIS_SECONDS,
            socket_connect_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._engines: list[tuple[str, str]] = []
        self._registration = registration
        self._boot_id = boot_id
        self._roots = roots.also(plates.folder)
        self._plates = plates
        self._home = home
        self._frames = PreviewFrames()
        self._away_until = 0.0

    def offer(self, engines: Sequence[Mapping[str, Any]]) -> None:
        """What this process may load for a preview, the engine ``auto`` means first."""
        self._engines = [(str(one["engine"]), str(one["model"])) for one in engines]

    def lists(self) -> list[str]:
        """Where previews wait that a process without a batch can answer."""
        names = [name for engine in self._engines for name in lists_answered_by(*engine)]
        return list(dict.fromkeys(names))

    def warm(self) -> None:
        """Load the engine ``auto`` means, so that the first click need not wait for it.

        A model that cannot be loaded is logged: whoever asks for it is told so.
        """
        if not self._engines:
            return
        started = time.perf_counter()
        try:
            info = registry.acquire("auto").info
        except Exception:
            logger.exception("the model could not be loaded ahead of the first click")
        else:
            seconds = time.perf_counter() - started
            logger.info("%s (%s) is loaded, %.1f s", info.engine, info.model, seconds)

    def answer_idle(self, name: str, entry: bytes) -> None:
        """Answer what was taken off list ``name`` while nothing else runs: any engine may load."""
        self._answer_entry(name, entry, tracking=False)

    def answer_between(self, kind: str) -> None:
        """Called between two steps of stage ``kind``: answer what waits, at most one per list.

        While ``track`` runs, only with the engine that it holds.
        """
        if time.monotonic() < self._away_until:
            return
        names = self._lists_of_loaded() if kind == "track" else self.lists()
        if not names:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.lpop(name)
                entries = pipe.execute()
        except redis.exceptions.RedisError as error:
            logger.warning("previews: Redis: %s", error)
            self._away_until = time.monotonic() + AWAY_SECONDS
            return
        for name, entry in zip(names, entries, strict=True):
            if entry is not None:
                self._answer_entry(name, entry, tracking=kind == "track")

    def close(self) -> None:
        """Let go of frames, files and Redis."""
        self._frames.close()
        self._redis.close()

    def _lists_of_loaded(self) -> list[str]:
        loaded = registry.loaded()
        if loaded is None or not self._engines:
            return []
        info = loaded.segmenter.info
        return lists_answered_by(info.engine, info.model)

    def _answer_entry(self, name: str, entry: bytes, *, tracking: bool) -> None:
        try:
            ring = PreviewRing.from_text(entry.decode())
        except ValueError as error:
            logger.error("FOREIGN ENTRY on %s dropped: %s", name, error)
            return
        if tracking and not _fits(ring.image_size):
            self._put_back(name, ring)
            return
        started = time.perf_counter()
        try:
            claimed = self._claim(ring.preview_id)
            if claimed is None:
                return
            ids = {"preview_id": ring.preview_id, "request_id": claimed.request_id}
            with bound_ids(**ids, stage=KIND):
                self._see_through(claimed.spec, tracking=tracking)
                seconds = time.perf_counter() - started
                logger.info("preview %s took %.3f s", ring.preview_id, seconds)
        except FarmError as error:
            # The server lets another worker have it, or tells the client that it is late.
            logger.warning("preview %s: %s", ring.preview_id, error)
        except Exception:
            logger.exception("preview %s", ring.preview_id)

    def _claim(self, preview_id: str) -> Claimed | None:
        try:
            worker_id = self._registration().worker_id
            return self._client.claim_preview(preview_id, worker_id, self._boot_id)
        except NotClaimableError as error:
            logger.info("preview %s: %s", preview_id, error.message)
            return None

    def _see_through(self, spec: dict[str, Any], *, tracking: bool) -> None:
        """Answer a claimed preview, or say why not."""
        preview_id = str(spec["preview_id"])
        try:
            check_preview_spec(spec)
            me = {"worker_id": self._registration().worker_id, "boot_id": self._boot_id}
            spec = self._plates.bring(spec, me)
            body = {"result": self._result(spec, tracking=tracking)}
            check_farm_body("preview_completion", body)
            self._client.end_preview(preview_id, "complete", body)
        except StaleAttemptError as error:
            logger.info("preview %s: %s", preview_id, error.message)
        except Exception as failure:
            if isinstance(failure, FarmError) and failure.code != "too_large":
                raise
            if not isinstance(failure, RotoError):
                logger.exception("preview %s", preview_id)
            told = farm_error(failure, KIND, self._home)
            self._client.end_preview(preview_id, "fail", {"error": told})

    def _result(self, spec: dict[str, Any], *, tracking: bool) -> dict[str, Any]:
        self._roots.check(file_of(spec["shot"]["plate"], spec["frame"]))
        engine = self._engine_for(spec, tracking=tracking)
        if not isinstance(engine, Detailer):
            raise NoPreviewsError(
                f"the {engine.info.engine} engine gives no previews",
                hint="Submit a job of one frame instead.",
            )
        return answer(spec, engine, engine.info, self._frames)

    def _engine_for(self, spec: Mapping[str, Any], *, tracking: bool) -> Segmenter:
        """The loaded engine where it is one that was asked for, else (never in track) another."""
        engine, model, image_size = spec["engine"], spec["model"], spec["image_size"]
        if (engine, model) == ("auto", "auto") and not tracking:
            # Not whatever an earlier job happened to ask for by name.
            engine = self._engines[0][0]
        loaded = registry.loaded()
        if loaded is not None and _fits(image_size):
            info = loaded.segmenter.info
            if preview_list(engine, model) in lists_answered_by(info.engine, info.model):
                return loaded.segmenter
        if tracking:
            raise NoPreviewsError(f"engine {engine}, model {model} is not the one that is tracking")
        return registry.acquire(engine, model, image_size)

    def _put_back(self, name: str, ring: PreviewRing) -> None:
        """For a worker that is free to load the model at another size."""
        try:
            self._redis.rpush(name, ring.to_text())
            self._redis.expire(name, RING_TTL_SECONDS)
        except redis.exceptions.RedisError as error:
            logger.warning("preview %s not put back: %s", ring.preview_id, error)


def _fits(image_size: int | None) -> bool:
    """Whether the loaded engine works at this size; None is any."""
    loaded = registry.loaded()
    return image_size is None or (loaded is not None and loaded.image_size == image_size)
