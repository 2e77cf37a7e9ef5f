"""The way to the server: which one, with which key, and whether it takes us."""

from __future__ import annotations

import copy
from threading import Event
from typing import Callable, ContextManager, NamedTuple, Optional

from roto_shapes.errors import RotoError

from ..api.client import RotoClient
from ..api.config import discover, read_config, store_key, write_config
from ..api.errors import (
    AccessError,
    MaintenanceError,
    RateLimitedError,
    ServerUnavailableError,
    SignInError,
    StoppedError,
    VersionMismatchError,
)
from ..api.path_map import PathMap
from ..api.transport import Retry, server_url
from .hints import hint_of
from .state import OFFLINE, REFUSED, ServerState

MakeClient = Callable[[str, str], RotoClient]

_QUICK = Retry(tries=2, first_pause=0.3, longest_pause=1.0, longest_asked=3.0)
"""An artist is looking at a panel: hear soon that nothing answers, or not now."""

_PATIENT = Retry(tries=9, first_pause=0.5, longest_pause=8.0)
"""Some 35 seconds: what an artist has sent off outlives a server that is started again."""


ASKS_FOR_PATIENCE = (MaintenanceError, RateLimitedError)
"""What a server says that is there and takes us, only not right now."""


class Way(NamedTuple):
    """A server that takes our key, and what it calls our folders."""

    client: RotoClient
    paths: PathMap

    def patient(self, stop: Event, say: Callable[[str], None]) -> RotoClient:
        """The client for long work: it waits for a server that is away, telling ``say`` of it.

        Its calls raise StoppedError when ``stop`` is set while they wait.
        """

        def sleep(seconds: float) -> None:
            if stop.wait(seconds):
                raise StoppedError("Stopped while the server was away.")

        def waiting(error: ServerUnavailableError, seconds: float) -> None:
            if isinstance(error, ASKS_FOR_PATIENCE):
                say(f"{error.message.rstrip('.')}; trying again in {seconds:.0f} s")
            else:
                say("The server does not answer; trying again")

        transport = copy.copy(self.client.transport)
        transport.retry, transport.sleep, transport.waiting = _PATIENT, sleep, waiting
        return RotoClient(transport.server, transport.token, transport=transport)


def make_client(server: str, key: str) -> RotoClient:
    """The real client."""
    return RotoClient(server, key, retry=_QUICK)


def reach(make: MakeClient, server: Optional[str] = None, key: Optional[str] = None) -> Way:
    """A way to the server that settings, or the caller, name; it has answered.

    Raises SignInError, VersionMismatchError, ServerUnavailableError, InputError.
    """
    found = discover(server or None, key or None)
    client = make(found.server, found.token)
    client.probe()
    return Way(client, PathMap.from_settings(read_config().get("path_map", "")))


def sign_in(
    make: MakeClient, server: str, key: str, keeping: Callable[[], ContextManager[None]]
) -> Way:
    """As `reach`, and keep server and key for the next start if they are good.

    ``keeping`` surrounds that, or raises what says that it is not wanted any more.
    """
    if not key.strip():
        raise SignInError("No API key was given.")
    way = reach(make, server_url(server), key.strip())
    with keeping():
        store_key(way.client.server, key.strip())
        write_config(server=way.client.server)
    return way


def sign_out(server: str) -> None:
    """Forget the key of a server."""
    store_key(server, "")


def trouble(error: RotoError, server: str) -> ServerState:
    """What a panel shows of an error on the way to the server."""
    refused = isinstance(error, (AccessError, VersionMismatchError))
    status = REFUSED if refused else OFFLINE
    return ServerState(status, server, error.message, hint_of(error), error.code)
