"""Where a request comes from, behind the proxies that the settings trust."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..settings.limits import UNIX_PEER

_HEADER = "X-Forwarded-For"
_MOST_HOPS = 20


class AddressMiddleware:
    """Sets ``scope["client"]`` to the address of who asked.

    ``X-Forwarded-For`` is read from its end, for as long as what wrote it is a trusted proxy: what
    a client puts there itself is never believed. ``proxies``: addresses, networks, or ``unix``.
    """

    def __init__(self, app: ASGIApp, proxies: Iterable[str]) -> None:
        self.app = app
        trusted = list(proxies)
        self._unix = UNIX_PEER in trusted
        self._networks = [ipaddress.ip_network(one) for one in trusted if one != UNIX_PEER]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            scope["client"] = (self._asker(scope), 0)
        await self.app(scope, receive, send)

    def _asker(self, scope: Scope) -> str:
        peer = (scope.get("client") or ("", 0))[0] or UNIX_PEER
        hops = ",".join(Headers(scope=scope).getlist(_HEADER)).split(",")[-_MOST_HOPS:]
        while hops and self._is_trusted(peer):
            said = _address(hops.pop())
            if said is None:
                break
            peer = said
        return peer

    def _is_trusted(self, peer: str) -> bool:
        if peer == UNIX_PEER:
            return self._unix
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


def _address(text: str) -> str | None:
    """The address of one hop; None for what is none. Proxies may add a port."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return None
