"""Which windows one request is counted in."""

from __future__ import annotations

import hashlib
import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass

from ..mail.address import normal_address
from ..settings.limits import LimitSettings
from .classes import RouteClass
from .windows import Window

_PREFIX = "limit_"
_IPV6_SITE = 64
"""Bits of an IPv6 address that its owner cannot choose at will."""


@dataclass(frozen=True)
class Sender:
    """Who a request seems to come from, before its token is looked at.

    ``token`` is the digest of what the Authorization header holds, ``user_id`` whose it was the
    last time; both empty when there is none.
    """

    address: str
    token: str = ""
    user_id: str = ""


def windows_of(
    kind: RouteClass, settings: LimitSettings, sender: Sender, account: str = ""
) -> list[Window]:
    """The windows of a request of class ``kind``; ``account`` is what its body names."""
    found: list[Window] = []
    place = _site(sender.address)
    for setting in kind.by_address:
        found += _windows(settings, setting, f"address:{place}")
    for setting in kind.by_holder:
        holder = _holder(setting, sender)
        if holder:
            found += _windows(settings, setting, holder)
    if account:
        named = f"account:{digest(account)}"
        for setting in kind.by_account:
            found += _windows(settings, setting, f"{named}:{place}")
        for setting in kind.by_account_anywhere:
            found += _windows(settings, setting, named)
    return found


def user_windows(kind: RouteClass, settings: LimitSettings, user_id: str) -> list[Window]:
    """The windows of the user of a token that was seen for the first time."""
    known = Sender("", user_id=user_id)
    return [
        window
        for setting in kind.by_holder
        if setting != "limit_key"
        for window in _windows(settings, setting, _holder(setting, known))
    ]


def account_named(body: bytes, field: str) -> str:
    """The account a small JSON body names in ``field``; empty where it names none.

    However an address is written, it counts as the one that its mail goes to.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    named = value.get(field) if isinstance(value, dict) else None
    if not isinstance(named, str):
        return ""
    try:
        return normal_address(named)
    except ValueError:
        return named.strip().casefold()


def digest(text: str) -> str:
    """What stands in Redis for a name or token: 128 bits of its SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _windows(settings: LimitSettings, setting: str, who: str) -> Iterator[Window]:
    name = setting.removeprefix(_PREFIX)
    for rate in getattr(settings, setting):
        yield Window(name, f"{name}:{rate.seconds}:{who}", rate)


def _holder(setting: str, sender: Sender) -> str:
    by_user = f"user:{sender.user_id}" if sender.user_id else ""
    by_key = f"key:{sender.token}" if sender.token else ""
    if setting == "limit_user":
        return by_user
    if setting == "limit_key":
        return by_key
    return by_user or by_key


def _site(address: str) -> str:
    """The address, or of IPv6 the network one customer is given."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address or "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        if mapped is not None:
            return str(mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_SITE), strict=False))
    return str(parsed)
