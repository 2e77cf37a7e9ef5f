"""One exchange with the server: address, token, versions, time limits, retries, typed errors.

``requests`` is imported when the first request is made, so a host that loads a plugin pays
nothing for it. Proxies come from HTTPS_PROXY and NO_PROXY (requests reads them; this machine is
never reached through one), a studio's own certificate authority from ROTO_CA_BUNDLE. Nothing is
sent anywhere but to the server named.

What is retried, with growing pauses: a 429 or 503 that says ``Retry-After``, always, unless it is
longer than `Retry.longest_asked`; a lost connection or a 502/503/504, only for calls that may
safely arrive twice (``idempotent``).

The server is told which system this is (``X-Roto-Platform``), and tells paths as it names them.

Every call goes out under an ``X-Request-Id`` made here, the same one when it is tried again. Server
and workers write it into their logs; an error carries it, also when nothing answered.
"""

from __future__ import annotations

import logging
import math
import os
import random
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Callable, Iterator, Mapping, Protocol
from urllib.parse import urlsplit

from ..contract import API_PREFIX, PRODUCT_VERSION, VERSION_HEADER, versions_fit
from ..contract.places import PLATFORM_HEADER, this_system
from .errors import (
    ApiError,
    InputError,
    ServerError,
    ServerUnavailableError,
    VersionMismatchError,
    error_from,
)

if TYPE_CHECKING:
    import requests

_log = logging.getLogger("roto_client")

REQUEST_ID_HEADER = "X-Request-Id"

_A_DAY = 86_400.0
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})


class Answer(Protocol):
    """The part of `requests.Response` that is used."""

    status_code: int

    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...
    def json(self) -> Any: ...
    def iter_content(self, chunk_size: int) -> Iterator[bytes]: ...
    def close(self) -> None: ...


class Session(Protocol):
    """The part of `requests.Session` that is used; tests pass their own."""

    @property
    def request(self) -> Callable[..., Answer]: ...


@dataclass(frozen=True)
class Retry:
    """How often and how patiently a failed exchange is tried again. Seconds.

    ``longest_asked``: the longest pause a server may ask for; one that asks for more is not tried
    again, and the error says how long it wants to be left alone (``detail["retry_after"]``).
    """

    tries: int = 4
    first_pause: float = 0.5
    longest_pause: float = 8.0
    longest_asked: float = 60.0

    def pause(self, failures: int) -> float:
        """The pause after the ``failures``-th failure in a row (1 is the first), with jitter."""
        pause = min(self.longest_pause, self.first_pause * 2.0 ** (failures - 1))
        return pause * random.uniform(0.75, 1.0)  # noqa: S311 - spreads clients, guards nothing


def server_url(text: str) -> str:
    """``text`` as the server's base address: no trailing slash, no API prefix.

    Raises InputError unless it is an http or https address.
    """
    url = text.strip().rstrip("/")
    if url.endswith(API_PREFIX):
        url = url[: -len(API_PREFIX)]
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"{text!r} is not a server address.",
            hint="Write it as http://host:8000 or https://roto.studio.example.",
        )
    return url


def ca_bundle() -> str | None:
    """The file ROTO_CA_BUNDLE names, None when it is not set. Raises InputError if missing."""
    path = os.environ.get("ROTO_CA_BUNDLE") or None
    if path and not os.path.exists(path):
        raise InputError(
            f"ROTO_CA_BUNDLE names {path}, which does not exist.",
            hint="Point it at the studio's certificate bundle (PEM), or unset it.",
        )
    return path


class Transport:
    """Sends requests to one server with one token. Safe to use from several threads.

    ``timeout`` is (connect, read) in seconds. ``session`` replaces `requests` in tests. ``waiting``
    is told the error and the seconds of the pause before each pause.
    """

    def __init__(
        self,
        server: str,
        token: str | None,
        *,
        session: Session | None = None,
        retry: Retry | None = None,
        timeout: tuple[float, float] = (10.0, 60.0),
        sleep: Callable[[float], None] = time.sleep,
        waiting: Callable[[ServerUnavailableError, float], None] | None = None,
    ) -> None:
        self.server = server_url(server)
        self.token = token
        self.retry = retry or Retry()
        self.timeout = timeout
        self.sleep = sleep
        self.waiting = waiting
        self._given_session = session
        self._local = threading.local()

    def json(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
        idempotent: bool = False,
    ) -> Any:
        """The JSON answer to a request. ``path`` is relative to ``/api/v1``, with its slash.

        Raises the `ApiError` the answer stands for.
        """
        headers = {"Accept": "application/json"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        answer = self.send(
            method,
            path,
            headers=headers,
            idempotent=idempotent or bool(idempotency_key),
            params={name: value for name, value in (params or {}).items() if value is not None},
            **({} if body is None else {"json": body}),
        )
        try:
            return answer.json()
        except ValueError:
            raise self._not_ours(answer) from None
        finally:
            answer.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = False,
        **options: Any,
    ) -> Answer:
        """One request, retried as the module says; the answer's status is 2xx.

        ``options`` go to ``requests.Session.request`` (``data``, ``params``, ``stream``).
        Raises the `ApiError` the answer stands for, ServerUnavailableError when none came.
        """
        may_repeat = idempotent or method in _REPEATABLE
        request_id = uuid.uuid4().hex
        sent = {REQUEST_ID_HEADER: request_id, **(headers or {})}
        failures = 0
        while True:
            try:
                return self._exchange(method, path, sent, options)
            except ApiError as error:
                error.request_id = error.request_id or request_id
                if not isinstance(error, ServerUnavailableError):
                    raise
                failures += 1
                pause = self._pause(error, failures, may_repeat)
                if pause is None:
                    raise
                _log.debug("%s %s: %s; again in %.1f s", method, path, error, pause)
                if self.waiting:
                    self.waiting(error, pause)
                self.sleep(pause)

    def _pause(
        self, error: ServerUnavailableError, failures: int, may_repeat: bool
    ) -> float | None:
        """Seconds to wait before it is tried again; None: it is not."""
        asked = error.detail.get("retry_after")
        if failures >= self.retry.tries:
            return None
        if asked is None:
            return self.retry.pause(failures) if may_repeat else None
        return float(asked) if asked <= self.retry.longest_asked else None

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], options: Mapping[str, Any]
    ) -> Answer:
        import requests

        try:
            answer = self._session().request(
                method,
                self.server + API_PREFIX + path,
                headers={
                    VERSION_HEADER: PRODUCT_VERSION,
                    PLATFORM_HEADER: this_system(),
                    **headers,
                },
                auth=self._sign if self.token else None,
                timeout=self.timeout,
                verify=ca_bundle(),
                # A redirect would turn a POST into a GET; better to be told the right address.
                allow_redirects=False,
                **options,
            )
        except requests.exceptions.SSLError as error:
            raise ApiError(
                f"{self.server} has a certificate this machine does not trust: {error}",
                hint="Point ROTO_CA_BUNDLE at the studio's certificate bundle (PEM).",
                code="server_unavailable",
            ) from error
        except requests.RequestException as error:
            raise ServerUnavailableError(
                f"No answer from {self.server}: {_reason(error)}",
                hint="Is the server running, and the address right? `roto serve --embedded` "
                "starts one here; behind a proxy, check HTTPS_PROXY and NO_PROXY.",
            ) from error
        return self._checked(answer)

    def _session(self) -> Session:
        if self._given_session is not None:
            return self._given_session
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            import requests

            # One per thread: requests does not promise that a session may be shared.
            own = requests.Session()
            # A studio's HTTP_PROXY cannot reach the server running on this very machine.
            own.trust_env = trusts_environment(self.server)
            session = self._local.session = own
        return session

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # As an auth hook and not a header: else requests lets a ~/.netrc entry replace the token.
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def _checked(self, answer: Answer) -> Answer:
        theirs = answer.headers.get(VERSION_HEADER)
        if theirs and not versions_fit(PRODUCT_VERSION, theirs):
            answer.close()
            raise version_mismatch(theirs)
        if 200 <= answer.status_code < 300:
            if theirs:
                return answer
            raise self._not_ours(answer)
        raise self._error(answer)

    def _error(self, answer: Answer) -> ApiError:
        status = answer.status_code
        if 300 <= status < 400:
            answer.close()
            target = answer.headers.get("Location", "elsewhere")
            return InputError(
                f"{self.server} redirects to {target}.",
                hint="Use the address it names as the server.",
                status=status,
            )
        try:
            body = answer.json()
        except ValueError:
            body = None
        finally:
            answer.close()
        if not isinstance(body, dict) or "code" not in body:
            body = {"message": f"{self.server} answered {status}, in no form this client knows."}
        error = error_from(body, status=status, request_id=_id_of(answer))
        pause = _retry_after(answer.headers.get("Retry-After"))
        if pause is not None and status in (429, 503):
            error.detail["retry_after"] = pause
        return error

    def _not_ours(self, answer: Answer) -> ServerError:
        answer.close()
        return ServerError(
            f"What answers at {self.server} is not a Megaton Roto server.",
            hint="Check the address and port; a proxy or sign-in page may be in between.",
            status=answer.status_code,
            request_id=_id_of(answer),
        )


def _id_of(answer: Answer) -> str:
    return answer.headers.get(REQUEST_ID_HEADER, "")


def version_mismatch(theirs: str) -> VersionMismatchError:
    """The error for a server of version ``theirs``, saying which side to update."""
    return VersionMismatchError(
        f"This client is {PRODUCT_VERSION}, the server is {theirs}: too far apart.",
        hint="Install the client or plugin that comes with the server, or update the server.",
        detail={"client": PRODUCT_VERSION, "server": theirs},
    )


def trusts_environment(url: str) -> bool:
    """Whether a studio's proxy is used for an address: never for what runs on this machine."""
    host = urlsplit(url).hostname or ""
    return not (host in ("localhost", "::1") or host.startswith("127."))


def _retry_after(value: str | None) -> float | None:
    """``Retry-After`` (seconds or an HTTP date) as seconds from now, at most a day; None for
    what is neither."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        from email.utils import parsedate_to_datetime

        try:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        except ValueError:
            return None
    return min(_A_DAY, max(0.0, seconds)) if not math.isnan(seconds) else None


def _reason(error: Exception) -> str:
    """The innermost cause: requests wraps three layers of repr around 'connection refused'."""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    return str(cause) or type(cause).__name__
