"""The worker's log: JSON lines on stderr with the ids of what is in hand, and without secrets.

``request_id`` is that of the artist's own request, as its plugin sent it; with ``job_id``,
``task_id`` and ``attempt_id`` (or ``preview_id``) it is bound for as long as a thread works on it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO
from urllib.parse import unquote, urlsplit

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from roto_client.contract.redaction import redact

from .config import TOKEN_VARIABLE, WorkerConfig

_IDS = ("request_id", "job_id", "task_id", "attempt_id", "preview_id", "stage")


def configure_logging(secrets: Iterable[str] = (), output: TextIO | None = None) -> None:
    """Send every line of the standard library's loggers to ``output`` (stderr) as JSON.

    ``secrets`` are taken out wherever they turn up; those of a known shape always are.
    """
    known = tuple(secrets)

    def without_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        cleaned: MutableMapping[str, Any] = redact(event, known)
        return cleaned

    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(output or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_secrets,
                structlog.processors.JSONRenderer(default=str),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)


def secrets_of(config: WorkerConfig) -> list[str]:
    """What the worker is told that has no shape to be known by."""
    password = urlsplit(config.redis).password or ""
    return [password, unquote(password), os.environ.get(TOKEN_VARIABLE, "")]


@contextmanager
def bound_ids(**ids: str) -> Iterator[None]:
    """Every log line of this thread carries ``ids`` within the block, and no others of before."""
    before = structlog.contextvars.get_contextvars()
    structlog.contextvars.unbind_contextvars(*_IDS)
    structlog.contextvars.bind_contextvars(**{name: one for name, one in ids.items() if one})
    try:
        yield
    finally:
        structlog.contextvars.unbind_contextvars(*_IDS)
        structlog.contextvars.bind_contextvars(**before)


def current_ids() -> Mapping[str, str]:
    """The ids of what this thread works on."""
    bound = structlog.contextvars.get_contextvars()
    return {name: str(bound[name]) for name in _IDS if name in bound}
