"""The farm API as a worker sees it: every call typed, retried where that can help.

A call is repeated with back-off on connection errors, 429 and 5xx for as long as its ``patience``
(seconds) lasts; every other answer is final. An unknown outcome is no failure: claim, complete,
fail and release are safe to send twice, because the attempt id fences them.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from roto_client.contract import (
    API_PREFIX,
    ORIGIN_REQUEST_HEADER,
    PRODUCT_VERSION,
    REQUEST_ID_HEADER,
    TASK_TOKEN_HEADER,
    VERSION_HEADER,
    versions_fit,
)
from roto_shapes.errors import RotoError

from .logs import current_ids

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
COMPLETE_READ_SECONDS = 180.0
BEAT_READ_SECONDS = 10.0
"""At most, and never more than a third of the lease: one beat that is lost costs no attempt."""

PREVIEW_READ_SECONDS = 5.0
"""A batch may be waiting for the call to end."""

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0


class FarmError(RotoError):
    """The server answered, and the answer is no."""

    code = "bad_request"

    def __init__(self, message: str, *, status: int = 0, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.status = status


class ServerUnavailableError(FarmError):
    """No answer, or one that says the server cannot answer now. Trying later can help."""

    code = "server_unavailable"


class NotClaimableError(FarmError):
    """Someone else has the task, or it is done: a second ring of the bell. Not a fault."""

    code = "not_claimable"


class StaleAttemptError(FarmError):
    """The attempt is no longer the task's current one: its output must be dropped."""

    code = "stale_attempt"


class NotAdmittedError(FarmError):
    """The token or the version is refused; only a person can change that."""

    code = "unauthorized"


class TokenRefusedError(NotAdmittedError):
    """The server itself said that it does not know the token (no proxy in between did)."""


@dataclass(frozen=True)
class Registration:
    """What the server tells a worker when it registers.

    ``takes``: what it takes in heartbeats beyond what every version does (``memory``). ``pause``:
    this node is given nothing until a heartbeat says otherwise.
    """

    worker_id: str
    heartbeat_seconds: float
    lease_seconds: float
    takes: frozenset[str] = frozenset()
    pause: bool = False


@dataclass(frozen=True)
class Claimed:
    """A task or preview that is ours: its spec, not yet validated, and the token of the attempt.

    ``token`` is empty for previews, and from servers that know no such tokens; the farm token
    serves there. ``request_id`` is of the artist's request it comes from, empty if not known.
    """

    spec: dict[str, Any]
    token: str = field(default="", repr=False)
    request_id: str = ""


@dataclass(frozen=True)
class Order:
    """The answer to a heartbeat: ``stop`` or go on, and why; ``pause``: take nothing new."""

    stop: bool
    reason: str = ""
    pause: bool = False


class BearerAuth(AuthBase):
    """Sets the token as an auth object, so that no ~/.netrc entry can take its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _never() -> bool:
    return False


class FarmClient:
    """Speaks ``/api/v1/farm``. May be used from several threads.

    Reports on an attempt carry the token its claim gave, everything else the farm token.

    Args:
        server: base URL, e.g. ``http://127.0.0.1:8200``.
        token: the farm token.
        give_up: asked between two tries; true ends the waiting early (drain).
    """

    def __init__(self, server: str, token: str, *, give_up: Callable[[], bool] = _never) -> None:
        self.server = server.rstrip("/")
        self._base = f"{self.server}{API_PREFIX}/farm"
        self._auth = BearerAuth(token)
        self._give_up = give_up
        self._beat_read_seconds = BEAT_READ_SECONDS
        self._local = threading.local()

    def register(self, body: Mapping[str, Any], *, patience: float = 0.0) -> Registration:
        """Announce this worker slot.

        Raises:
            NotAdmittedError: wrong token or version.
            ServerUnavailableError: no answer within ``patience`` seconds.
        """
        answer = self._post("/workers", body, patience=patience)
        self._beat_read_seconds = min(BEAT_READ_SECONDS, float(answer["lease_seconds"]) / 3)
        return Registration(
            worker_id=str(answer["worker_id"]),
            heartbeat_seconds=float(answer["heartbeat_seconds"]),
            lease_seconds=float(answer["lease_seconds"]),
            takes=frozenset(map(str, answer.get("takes") or ())),
            pause=answer.get("pause") is True,
        )

    def worker_heartbeat(
        self, worker_id: str, boot_id: str, memory: Mapping[str, int] | None = None
    ) -> Order:
        """Say that this worker is alive. FarmError with status 404: register again.

        ``memory``: how much of its GPU's is used; for servers that take it.
        """
        body = {"boot_id": boot_id, **({"memory": dict(memory)} if memory else {})}
        answer = self._post(
            f"/workers/{worker_id}/heartbeat", body, read_seconds=self._beat_read_seconds
        )
        return _order(answer)

    def claim(
        self, task_id: str, worker_id: str, boot_id: str, *, patience: float = 0.0
    ) -> Claimed:
        """Take a task.

        Raises:
            NotClaimableError: taken, done or not ready.
            ServerUnavailableError: no answer within ``patience`` seconds.
        """
        body = {"worker_id": worker_id, "boot_id": boot_id}
        answer = self._send(
            f"/tasks/{task_id}/claim", body, patience=patience, conflict=NotClaimableError
        )
        return _claimed(answer)

    def heartbeat(self, attempt_id: str, progress: Mapping[str, Any], token: str = "") -> Order:
        """Keep the lease and report progress; one try, the next beat is the retry.

        Raises:
            StaleAttemptError: the attempt is not current any more.
            TokenRefusedError: ``token``, which the claim gave, is not known any more.
        """
        answer = self._post(
            f"/attempts/{attempt_id}/heartbeat",
            {"progress": progress},
            read_seconds=self._beat_read_seconds,
            conflict=StaleAttemptError,
            token=token,
        )
        return _order(answer)

    def report(
        self,
        attempt_id: str,
        verb: str,
        body: Mapping[str, Any],
        *,
        token: str = "",
        patience: float = 0.0,
    ) -> None:
        """End an attempt: ``verb`` is ``complete``, ``fail`` or ``release``.

        Raises:
            StaleAttemptError: the server has moved on.
            TokenRefusedError: ``token``, which the claim gave, is not known any more.
            ServerUnavailableError: no answer within ``patience`` seconds.
            FarmError: the server will never take this report.
        """
        self._post(
            f"/attempts/{attempt_id}/{verb}",
            body,
            patience=patience,
            read_seconds=COMPLETE_READ_SECONDS,
            conflict=StaleAttemptError,
            token=token,
        )

    def claim_preview(self, preview_id: str, worker_id: str, boot_id: str) -> Claimed:
        """Take a preview. One short try.

        Raises:
            NotClaimableError: taken, answered, superseded or too late.
            ServerUnavailableError: no answer.
        """
        answer = self._send(
            f"/previews/{preview_id}/claim",
            {"worker_id": worker_id, "boot_id": boot_id},
            read_seconds=PREVIEW_READ_SECONDS,
            conflict=NotClaimableError,
        )
        return _claimed(answer)

    def end_preview(self, preview_id: str, verb: str, body: Mapping[str, Any]) -> None:
        """Report a preview: ``verb`` is ``complete`` or ``fail``. One short try.

        Raises:
            StaleAttemptError: nobody waits for it any more.
            FarmError: the server does not take it, or does not answer.
        """
        self._post(
            f"/previews/{preview_id}/{verb}",
            body,
            read_seconds=PREVIEW_READ_SECONDS,
            conflict=StaleAttemptError,
        )

    def locate(self, work: str, body: Mapping[str, Any], *, token: str = "") -> dict[str, Any]:
        """Where files are: the contract's ``located``. ``work``: attempts/ID or previews/ID.

        Raises:
            StaleAttemptError, ServerUnavailableError (after half a minute).
            FarmError: what is asked for is not there, or not this work's.
        """
        how: dict[str, Any] = {"patience": 30.0, "conflict": StaleAttemptError, "token": token}
        return self._post(f"/{work}/locations", body, **how)

    def _post(self, path: str, body: Mapping[str, Any], **how: Any) -> dict[str, Any]:
        return _json_object(self._send(path, body, **how))

    def _send(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        patience: float = 0.0,
        read_seconds: float = READ_SECONDS,
        conflict: type[FarmError] = FarmError,
        token: str = "",
    ) -> requests.Response:
        """The answer to a POST, by then 2xx. Without ``token`` it carries the farm's."""
        deadline = time.monotonic() + patience
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return self._send_once(path, body, read_seconds, conflict, token)
            except ServerUnavailableError:
                if time.monotonic() + pause > deadline or self._give_up():
                    raise
            # Jitter keeps a whole farm from knocking at once when the server comes back.
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _send_once(
        self,
        path: str,
        body: Mapping[str, Any],
        read_seconds: float,
        conflict: type[FarmError],
        token: str,
    ) -> requests.Response:
        request_id = current_ids().get("request_id")
        try:
            response = self._session().post(
                self._base + path,
                json=body,
                # The artist's own: the server's lines of this work carry it too.
                headers={REQUEST_ID_HEADER: request_id} if request_id else None,
                auth=BearerAuth(token) if token else self._auth,
                timeout=(CONNECT_SECONDS, read_seconds),
                # A redirected POST would come back as a GET and lose its body.
                allow_redirects=False,
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            raise ServerUnavailableError(
                f"The server at {self.server} does not answer: {type(error).__name__}.",
                hint="Is it running, and is the URL right? `roto doctor` checks both.",
            ) from error
        _check_version(response)
        if 200 <= response.status_code < 300:
            return response
        raise _error_of(response, self.server, conflict)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers[VERSION_HEADER] = PRODUCT_VERSION
            bundle = os.environ.get("ROTO_CA_BUNDLE")
            if bundle:
                session.verify = bundle
            self._local.session = session
        return session


def _claimed(answer: requests.Response) -> Claimed:
    headers = answer.headers
    return Claimed(
        _json_object(answer),
        headers.get(TASK_TOKEN_HEADER, ""),
        headers.get(ORIGIN_REQUEST_HEADER, ""),
    )


def _order(answer: Mapping[str, Any]) -> Order:
    return Order(
        stop=answer.get("action") == "stop",
        reason=str(answer.get("reason") or ""),
        pause=answer.get("pause") is True,
    )


def _check_version(response: requests.Response) -> None:
    theirs = response.headers.get(VERSION_HEADER)
    if theirs and not versions_fit(PRODUCT_VERSION, theirs):
        raise NotAdmittedError(
            f"This worker is version {PRODUCT_VERSION}, the server is {theirs}.",
            code="version_mismatch",
            hint="Install the server's version of megaton-roto on this node.",
            status=response.status_code,
        )


def _json_object(response: requests.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise FarmError(
            f"{response.url} did not answer as a Megaton Roto server does.",
            hint="Does the server URL point at a proxy or at another service?",
            status=response.status_code,
        )
    return body


def _error_of(response: requests.Response, server: str, conflict: type[FarmError]) -> FarmError:
    """The typed error of a response that is not 2xx; ``conflict`` is what 409 means here."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        body = None
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    status = response.status_code
    code = str(fields.get("code") or "")
    message = str(fields.get("message") or f"{server} answered {status} {response.reason}.")
    known: dict[str, Any] = {
        "hint": str(fields.get("hint") or ""),
        "detail": fields.get("detail") if isinstance(fields.get("detail"), dict) else None,
        "status": status,
    }
    if status >= 500 or status == 429:
        return ServerUnavailableError(message, **known)
    if status == 401 and code == "unauthorized":
        return TokenRefusedError(message, **known)
    if status in (401, 403, 426):
        return NotAdmittedError(message, code=code or None, **known)
    if status == 409:
        return conflict(message, code=code or None, **known)
    return FarmError(message, code=code or None, **known)
