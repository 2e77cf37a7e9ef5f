"""Signing in with a code: shown here, approved in a browser, on this machine or any other.

`begin` asks the server for a code; `wait_for_key` asks until somebody who is signed in there has
approved it, and gives the API key the server made. Neither needs a key. The key is an ordinary
one that expires; nothing is stored here.
"""

from __future__ import annotations

import copy
import re
import time
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, Callable, Mapping
from urllib.parse import urlsplit

from .errors import (
    ApiError,
    LinkExpiredError,
    NotFoundError,
    PendingError,
    ServerError,
    ServerUnavailableError,
    StoppedError,
)
from .models import time_of
from .transport import Retry, Transport

_SHORTEST = 1.0
"""Least seconds between two questions, whatever the server allows."""
_SLOWER = 5.0
"""Seconds that are added to the interval when the server says slow_down (RFC 8628, 3.5)."""
_LONGEST_NAME = 100

Clock = Callable[[], float]


@dataclass(frozen=True)
class DeviceCode:
    """A code that waits to be approved.

    ``user_code`` is typed at ``address``; at ``address_with_code`` it is filled in already.
    ``interval``: least seconds between two questions. ``ends``: when the code is void, in seconds
    of ``time.monotonic``.
    """

    device_code: str = field(repr=False)
    user_code: str
    address: str
    address_with_code: str
    interval: float
    ends: float

    def seconds_left(self) -> float:
        """Until the code is void; 0 once it is."""
        return max(0.0, self.ends - time.monotonic())


@dataclass(frozen=True)
class DeviceKey:
    """What an approval gives: an API key of whoever approved, named ``user``."""

    api_key: str = field(repr=False)
    user: str
    expires_at: datetime | None
    scopes: tuple[str, ...] = ()


def begin(transport: Transport, client: str) -> DeviceCode:
    """A fresh code. ``client``: what the browser calls the program that asks ("Nuke on ws042").

    Raises NotFoundError when the server is too old to sign anybody in this way, RateLimitedError,
    ServerUnavailableError.
    """
    plain = "".join(letter for letter in client if letter.isprintable()).strip()
    name = plain[:_LONGEST_NAME].strip() or "Megaton Roto"
    try:
        answer = transport.json("POST", "/auth/device", body={"client": name}, idempotent=True)
    except NotFoundError as error:
        raise NotFoundError(
            f"{transport.server} does not sign in with a code.",
            hint="Give it an API key; the server's administrator makes one.",
            code=error.code,
            status=error.status,
            request_id=error.request_id,
        ) from error
    return _code(answer)


def wait_for_key(
    transport: Transport, code: DeviceCode, stop: Event, *, clock: Clock = time.monotonic
) -> DeviceKey:
    """Ask until the code is approved; blocks up to the code's end.

    A server that is away, is being maintained or asks for patience is asked again. Raises
    DeniedError when it was refused in the browser, LinkExpiredError when nobody answered in time,
    StoppedError when ``stop`` is set, and what else the server answers.
    """
    # What is waited for is waited for here, where it can be stopped.
    asking = copy.copy(transport)
    asking.retry = Retry(tries=1)
    interval = max(_SHORTEST, code.interval)
    pause = interval
    while not stop.wait(min(pause, max(0.0, code.ends - clock()))):
        if clock() >= code.ends:
            raise LinkExpiredError(
                f"Nobody approved the code {code.user_code} in time.",
                hint="Sign in again and approve the new code in your browser.",
            )
        pause = interval
        try:
            answer = asking.json(
                "POST", "/auth/device/token", body={"device_code": code.device_code}
            )
        except PendingError as error:
            if error.code == "slow_down":
                interval += _SLOWER
                pause = interval
        except ServerUnavailableError as error:
            pause = max(interval, float(error.detail.get("retry_after") or 0.0))
        else:
            return _key(answer)
    raise StoppedError("Signing in was stopped.")


def _code(answer: Mapping[str, Any]) -> DeviceCode:
    try:
        address = str(answer["verification_url"])
        code = DeviceCode(
            device_code=str(answer["device_code"]),
            user_code=str(answer["user_code"]),
            address=address,
            address_with_code=str(answer.get("verification_url_complete") or address),
            interval=float(answer["interval"]),
            ends=time.monotonic() + float(answer["expires_in"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(error) from error
    # The host hands the address to the system, which opens more than pages.
    pages = all(_is_page(url) for url in (code.address, code.address_with_code))
    if not pages or not re.fullmatch(r"[A-Z0-9-]{4,20}", code.user_code):
        raise _unreadable(None)
    return code


def _key(answer: Mapping[str, Any]) -> DeviceKey:
    try:
        return DeviceKey(
            api_key=str(answer["api_key"]),
            user=str((answer.get("user") or {}).get("name") or ""),
            expires_at=time_of(answer.get("expires_at")),
            scopes=tuple(str(scope) for scope in answer.get("scopes") or ()),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _unreadable(error) from error


def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and " " not in url
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname)


def _unreadable(error: Exception | None) -> ApiError:
    told = f": {type(error).__name__} {error}" if error else "."
    return ServerError(
        f"The server's answer to a sign-in could not be read{told}",
        hint="Client and server may be of different builds; please report this.",
    )
