"""The way to the server: which one, with which key, and whether it takes us."""

from __future__ import annotations

from typing import Callable, NamedTuple, Optional

from roto_shapes.errors import RotoError

from ..api.client import RotoClient
from ..api.config import discover, read_config, store_key, write_config
from ..api.errors import AccessError, SignInError, VersionMismatchError
from ..api.path_map import PathMap
from ..api.transport import Retry, server_url
from .state import OFFLINE, REFUSED, ServerState

MakeClient = Callable[[str, str], RotoClient]

_PATIENCE = Retry(tries=2, first_pause=0.3, longest_pause=1.0)
"""An artist is looking at a panel: hear soon that nothing answers."""


class Way(NamedTuple):
    """A server that takes our key, and what it calls our folders."""

    client: RotoClient
    paths: PathMap


def make_client(server: str, key: str) -> RotoClient:
    """The real client."""
    return RotoClient(server, key, retry=_PATIENCE)


def reach(make: MakeClient, server: Optional[str] = None, key: Optional[str] = None) -> Way:
    """A way to the server that settings, or the caller, name; it has answered.

    Raises SignInError, VersionMismatchError, ServerUnavailableError, InputError.
    """
    found = discover(server or None, key or None)
    client = make(found.server, found.token)
    client.transport.json("GET", "/projects", params={"limit": 1})
    return Way(client, PathMap.from_settings(read_config().get("path_map", "")))


def sign_in(make: MakeClient, server: str, key: str) -> Way:
    """As `reach`, and keep server and key for the next start if they are good."""
    if not key.strip():
        raise SignInError("No API key was given.", hint="Ask your studio's administrator for one.")
    way = reach(make, server_url(server), key.strip())
    store_key(way.client.server, key.strip())
    write_config(server=way.client.server)
    return way


def sign_out(server: str) -> None:
    """Forget the key of a server."""
    store_key(server, "")


def trouble(error: RotoError, server: str) -> ServerState:
    """What a panel shows of an error on the way to the server."""
    refused = isinstance(error, (AccessError, VersionMismatchError))
    hint = error.hint
    if isinstance(error, SignInError):
        hint = (
            "Sign in with an API key; ask your studio's administrator for a new one if it expired."
        )
    status = REFUSED if refused else OFFLINE
    return ServerState(status, server, error.message, hint, error.code)
