"""Who sends a request, before anything is believed, and what guards passwords."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from ..access.backoff import Backoff
from ..access.opening import address_of
from ..access.passwords import Hasher
from ..access.sessions import Sender
from ..errors import request_id_of
from .browsers import browser_name


def sender_of(connection: HTTPConnection, client: str = "") -> Sender:
    """The sender; ``client`` is what it calls itself, by default the browser's name."""
    name = client.strip() or browser_name(connection.headers.get("user-agent", ""))
    return Sender(name, address_of(connection), request_id_of(connection.scope))


def _hasher(connection: HTTPConnection) -> Hasher:
    hasher: Hasher = connection.app.state.hasher
    return hasher


def _backoff(connection: HTTPConnection) -> Backoff:
    backoff: Backoff = connection.app.state.backoff
    return backoff


HasherDep = Annotated[Hasher, Depends(_hasher)]
BackoffDep = Annotated[Backoff, Depends(_backoff)]
