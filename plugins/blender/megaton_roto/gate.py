# SPDX-License-Identifier: GPL-3.0-or-later
"""The farm's client behind Blender's "Allow Online Access": asked before every single request, so
that switching it off also ends what is under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roto_client.api.client import RotoClient
from roto_client.api.errors import ApiError
from roto_client.api.transport import Answer, Transport
from roto_client.hosts.connecting import make_client

from . import online


class OnlineAccessError(ApiError):
    """A request that was not made, since the artist's preferences forbid it."""

    def __init__(self) -> None:
        super().__init__(online.MESSAGE, hint=online.HINT, code="online_access")


def check() -> None:
    """Raise OnlineAccessError unless Blender may use the network."""
    if not online.allowed():
        raise OnlineAccessError


class GatedTransport(Transport):
    """Makes no request that Blender's preferences forbid."""

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Answer:
        # Here and not in send(): a request that is tried again is one more request.
        check()
        return super()._exchange(method, path, headers, options)


def gated_client(server: str, key: str) -> RotoClient:
    """As `roto_client.hosts.connecting.make_client`, gated."""
    plain = make_client(server, key).transport
    transport = GatedTransport(plain.server, plain.token, retry=plain.retry, timeout=plain.timeout)
    return RotoClient(server, key, transport=transport)
