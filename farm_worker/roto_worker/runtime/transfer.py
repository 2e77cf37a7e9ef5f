"""Bytes between a node and the storage, over the addresses that the server gives.

Each file is tried again with growing pauses; a download goes on where it was cut.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import requests
from requests.auth import AuthBase

from roto_client.contract import PRODUCT_VERSION, VERSION_HEADER
from roto_shapes.errors import RotoError

from .farm_client import BearerAuth, ServerUnavailableError, StaleAttemptError

TRIES = 6
CHUNK_BYTES = 1 << 16
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 8.0
TIMEOUT_SECONDS = (10.0, 60.0)
_EXPIRED = frozenset({400, 401, 403})
"""What object stores answer to an address that has run out."""


class AddressExpiredError(RotoError):
    """The address is good no more: ask for another."""

    code = "storage_failed"


@dataclass(frozen=True)
class Location:
    """Where the file ``key`` of ``size`` bytes is read or written (the contract's ``location``)."""

    key: str
    size: int
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class _NoAuth(AuthBase):
    """Nothing is added: the address says it all, and no ~/.netrc entry may join in."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request


class Transfer:
    """Reads and writes files at `Location`s. May be used from several threads.

    Args:
        server: base URL; addresses of its own begin with a slash.
        token: for the server's own addresses, and for no others.
        check: called now and then; what it raises ends the transfer.
    """

    def __init__(self, server: str, token: str, check: Callable[[], None]) -> None:
        self._server = server.rstrip("/")
        self._auth = BearerAuth(token)
        self._check = check
        self._local = threading.local()

    def fetch(self, location: Location, target: Path) -> None:
        """Write the file to ``target``, which is there whole when this returns.

        Raises:
            AddressExpiredError, ServerUnavailableError, StaleAttemptError.
            RotoError: ``storage_failed``: it is gone, or has another size than was told.
            OSError: of the node's own disk.
        """
        with target.open("wb") as file:
            self._patiently(lambda: self._fetch_rest(location, file))
        if target.stat().st_size != location.size:
            raise RotoError(
                f"{location.key} has {target.stat().st_size} bytes, {location.size} were told",
                code="storage_failed",
            )

    def send(self, path: Path, location: Location) -> None:
        """Write the file ``path``, of the size told, to its address; raises as `fetch` does."""
        self._patiently(lambda: self._send_once(path, location))

    def _fetch_rest(self, location: Location, file: BinaryIO) -> None:
        """From where ``file`` ends to the end."""
        have = file.tell()
        if have >= location.size > 0:
            return
        headers = {**location.headers, **({"Range": f"bytes={have}-"} if have else {})}
        with self._ask("GET", location, headers=headers, stream=True) as response:
            if have and response.status_code != 206:
                file.seek(0)
                file.truncate()
            for chunk in response.iter_content(CHUNK_BYTES):
                file.write(chunk)
                self._check()
        file.flush()
        if file.tell() < location.size:  # an end that came too early is a cut connection
            raise ServerUnavailableError(f"{location.key}: the connection was cut.")

    def _send_once(self, path: Path, location: Location) -> None:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != location.size:
                raise RotoError(f"{location.key} is being changed", code="storage_failed")
            # Of an empty file no length would be told, and object stores refuse that.
            body: BinaryIO | bytes = file if location.size else b""
            self._ask("PUT", location, headers=location.headers, data=body).close()

    def _ask(self, method: str, location: Location, **how: object) -> requests.Response:
        own = location.url.startswith("/")
        try:
            response = self._session(own).request(
                method,
                self._server + location.url if own else location.url,
                auth=self._auth if own else _NoAuth(),
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
                **how,  # type: ignore[arg-type]
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            raise ServerUnavailableError(
                f"{location.key}: no answer from the storage ({type(error).__name__})."
            ) from error
        if 200 <= response.status_code < 300:
            return response
        response.close()
        raise _refusal(response, location, own=own)

    def _patiently(self, attempt: Callable[[], None]) -> None:
        pause = FIRST_PAUSE_SECONDS
        for left in reversed(range(TRIES)):
            self._check()
            try:
                attempt()
                return
            except (ServerUnavailableError, requests.RequestException) as error:
                if not left:
                    told = f"The storage cannot be reached: {error}"
                    raise ServerUnavailableError(told) from error
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (spreads nodes)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _session(self, own: bool) -> requests.Session:
        name = "own" if own else "foreign"
        session: requests.Session | None = getattr(self._local, name, None)
        if session is None:
            session = requests.Session()
            bundle = os.environ.get("ROTO_CA_BUNDLE")
            if own:
                session.headers[VERSION_HEADER] = PRODUCT_VERSION
                session.verify = bundle or True
            setattr(self._local, name, session)
        return session


def _refusal(response: requests.Response, location: Location, *, own: bool) -> Exception:
    status = response.status_code
    if status >= 500 or status == 429:
        return ServerUnavailableError(f"{location.key}: the storage answered {status}.")
    if own and status == 409:
        return StaleAttemptError("The attempt is no longer the task's current one.")
    if not own and status in _EXPIRED:
        return AddressExpiredError(f"{location.key}: the address is good no more ({status})")
    return RotoError(
        f"{location.key}: the storage answered {status}",
        code="disk_full" if status == 507 else "storage_failed",
        hint="See the server's log under this job's request id.",
    )
