"""What an artist can do about an error: hints without command lines.

The client's hints are written for whoever types `roto`; in a host there is no terminal.
"""

from __future__ import annotations

import re

from roto_shapes.errors import RotoError

from ..api.errors import (
    ConflictError,
    JobError,
    MaintenanceError,
    PathRefusedError,
    RateLimitedError,
    ServerError,
    ServerUnavailableError,
    SignInError,
    VersionMismatchError,
)

_COMMAND = re.compile(r"`roto|(^|\s)`?--[a-z]|ROTO_[A-Z]+|HTTPS?_PROXY")
"""A hint that speaks of commands or of variables in a shell."""

_HINTS = (
    (VersionMismatchError, "Install the plugin that comes with the server, then restart."),
    (MaintenanceError, "Jobs at the farm go on. Try again when it is over."),
    (RateLimitedError, "Wait a moment, then try again."),
    (
        ServerUnavailableError,
        "Jobs at the farm go on. Try again in a minute; if it stays so, check the address and tell "
        "whoever runs the farm.",
    ),
    (
        PathRefusedError,
        "Have the plate uploaded, or ask the farm's administrator to open its folder to this "
        "project.",
    ),
    (JobError, "The job's log shows what the worker wrote."),
    (ConflictError, "Choose another name or folder, or none."),
)


def for_artists(error: RotoError) -> RotoError:
    """``error`` itself, its hint rewritten if it speaks of command lines."""
    error.hint = hint_of(error)
    return error


def hint_of(error: RotoError) -> str:
    """The hint of ``error`` for an artist; empty where there is none."""
    if isinstance(error, SignInError):
        # An answer of the server's: there was a key, which has expired, or was taken back.
        return "Sign in again." if error.status else "Sign in."
    if isinstance(error, ServerError) and error.status >= 500:
        return f"Please report this, with the request's id: {error.request_id}."
    if (
        error.hint
        and not isinstance(error, VersionMismatchError)
        and not _COMMAND.search(error.hint)
    ):
        return error.hint
    return next((hint for kind, hint in _HINTS if isinstance(error, kind)), "")


def plain(hint: str) -> str:
    """A hint that came with a job: left out if it speaks of command lines."""
    return "" if _COMMAND.search(hint) else hint
