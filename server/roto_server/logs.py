"""JSON log lines on stderr, one per event, with the ids of what caused them and without secrets.

Everything goes the same way: structlog's loggers, those of the standard library (uvicorn,
SQLAlchemy) and warnings. ``request_id``, ``job_id`` and ``attempt_id`` are structlog's context
variables; whoever knows one binds it.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from roto_client.contract.redaction import redact

# Every request has a line of ours; uvicorn's own would hold the query with what is secret in it.
_SILENT = ("uvicorn.access",)

_UNTRUE = "ASGI callable returned without completing handshake."
"""What uvicorn (0.54) says of every socket that is refused with an answer, as an error."""


ErrorInfo = tuple[type[BaseException], BaseException, TracebackType | None]
Report = Callable[[ErrorInfo, Mapping[str, Any]], None]
"""What is told of every line that comes with an exception."""


class Reporter:
    """A structlog processor that reports what is logged with an exception."""

    def __init__(self, report: Report) -> None:
        self._report = report

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The line as it came."""
        info = _error_info(event.get("exc_info"))
        if info is not None:
            self._report(info, event)
        return event


def _error_info(given: object) -> ErrorInfo | None:
    if isinstance(given, BaseException):
        return type(given), given, given.__traceback__
    if isinstance(given, tuple) and isinstance(given[1], BaseException):
        return type(given[1]), given[1], given[2]
    if given:
        kind, error, trace = sys.exc_info()
        return (kind, error, trace) if kind is not None and error is not None else None
    return None


class Redactor:
    """A structlog processor that takes secrets out of a line. ``known`` are hidden wherever."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = tuple(known)

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """The line with every value looked through."""
        cleaned: MutableMapping[str, Any] = redact(event, self._known)
        return cleaned


def configure_logging(
    level: int = logging.INFO,
    secrets: Iterable[str] = (),
    output: TextIO | None = None,
    report: Report | None = None,
) -> None:
    """Send every line to ``output`` (stderr) as JSON. For the process that serves; tests capture.

    ``secrets`` are those of the settings, which have no shape to be known by; ``report`` is told of
    exceptions.
    """
    stream = output or sys.stderr
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    after: list[Processor] = [
        *([Reporter(report)] if report else []),
        # Text without the frames' variables: those hold tokens.
        structlog.processors.format_exc_info,
        Redactor(secrets),
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[*before, *after],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    _configure_standard_logging(level, stream, before, after)


def configure_unless_configured() -> None:
    """For an app in a process of somebody else: lines for people, with plain tracebacks.

    structlog's own default draws every variable of every frame: tokens, and for minutes.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            Redactor(),
            structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
        ],
        # Not what is printed to: that may be somebody's answer.
        logger_factory=structlog.PrintLoggerFactory(sys.__stderr__),
    )


def _configure_standard_logging(
    level: int, stream: TextIO, before: list[Processor], after: list[Processor]
) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *after],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries are heard when something is wrong.
    root.setLevel(max(level, logging.WARNING))
    logging.getLogger("uvicorn.error").addFilter(lambda line: line.getMessage() != _UNTRUE)
    for name in _SILENT:
        logging.getLogger(name).disabled = True
    logging.captureWarnings(True)
