"""What this machine reaches: server, tokens, Redis, and who sits on the port if not the server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests

from roto_client.api.config import discover, find_server
from roto_client.contract import API_PREFIX, PRODUCT_VERSION, VERSION_HEADER, versions_fit
from roto_shapes.errors import RotoError

from ..runtime.config import TOKEN_FILE_VARIABLE, TOKEN_VARIABLE, farm_token
from ..runtime.farm_client import BearerAuth
from .finding import Finding

DEFAULT_PORT = 8710
"""Of `roto serve`."""

_TIMEOUT = 5
_NOT_PUBLIC = 404
"""What a proxy says of /readyz, which is for those who look after the server."""
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NOBODY = "0" * 32


def look_at_server(server: str) -> tuple[str, list[Finding]]:
    """The server's URL (empty when none is known or it does not answer) and what was found."""
    try:
        url, source = find_server(server or None)
    except RotoError as error:
        return "", [Finding("server", error.message, error.hint), _default_port()]
    try:
        answer = _get(f"{url}/readyz")
        if answer.status_code == _NOT_PUBLIC:
            answer = _get(f"{url}/healthz")
        body = answer.json()
    except requests.exceptions.SSLError:
        text = f"{url} ({source}) has a certificate this machine does not trust"
        return "", [Finding("server", text, "Point ROTO_CA_BUNDLE at the studio's bundle (PEM)")]
    except requests.JSONDecodeError:
        text = f"{url} ({source}) answers, but not as a Megaton Roto server"
        return "", [Finding("server", text, "Correct the URL: " + _holder(url))]
    except requests.RequestException as error:
        text = f"{url} ({source}) cannot be reached: {type(error).__name__}"
        return "", [Finding("server", text, _reach_fix(url))]
    found = [_version_finding(url, source, answer), *_readiness(body)]
    if "checks" not in body:
        found.append(Finding("server", "whether its parts are ready is not told from here"))
    return url, [*found, *_public_url(url)]


def look_at_tokens(url: str) -> Iterator[Finding]:
    """Whether the API key and the farm token this environment holds are taken by the server."""
    try:
        key = discover(url)
    except RotoError as error:
        yield Finding("api key", error.message, error.hint)
    else:
        status = _ask(f"{url}{API_PREFIX}/projects?limit=1", key.token)
        fix = f"`roto login --server {url}`"
        yield _token_finding("api key", key.token_from, status, fix)
    if not (os.environ.get(TOKEN_FILE_VARIABLE) or os.environ.get(TOKEN_VARIABLE)):
        yield Finding("farm token", "none set; only `roto worker` needs one")
        return
    try:
        token = farm_token()
    except RotoError as error:
        yield Finding("farm token", error.message, error.hint)
        return
    # No such task: the answer tells whether the token is good, and nothing happens.
    body = {"worker_id": "doctor", "boot_id": _NOBODY}
    status = _ask(f"{url}{API_PREFIX}/farm/tasks/{_NOBODY}/claim", token, body)
    fix = f"Put the server's farm token where {TOKEN_FILE_VARIABLE} points"
    yield _token_finding("farm token", "the environment", status, fix)


def look_at_redis(url: str) -> Iterator[Finding]:
    """Whether the queue answers."""
    if not url:
        yield Finding("redis", "no URL given; only `roto worker` and `roto serve` need one")
        return
    import redis

    shown = urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[2]).geturl()
    try:
        with redis.Redis.from_url(url, socket_timeout=_TIMEOUT) as connection:
            version = connection.info("server")["redis_version"]
    except (redis.exceptions.RedisError, ValueError) as error:
        fix = "Start Redis, or correct ROTO_REDIS_URL (password, host, socket permissions)"
        yield Finding("redis", f"{shown}: {error}", fix)
    else:
        yield Finding("redis", f"{shown}: version {version}")


def port_holder(port: int) -> str:
    """Who listens on ``port`` of this machine: ``nginx (pid 12)``; empty when nobody does."""
    try:
        connections = psutil.net_connections(kind="inet")
    except psutil.AccessDenied:
        return ""
    for one in connections:
        if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port:
            return _process_name(one.pid)
    return ""


def _process_name(pid: int | None) -> str:
    if pid is None:
        return "another user's process"
    try:
        return f"{psutil.Process(pid).name()} (pid {pid})"
    except psutil.NoSuchProcess:
        return f"pid {pid}"


def _holder(url: str) -> str:
    """A sentence on who has the port, where this machine can know."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if parts.hostname not in _LOCAL:
        return f"port {port} of {parts.hostname} is looked at from outside only."
    holder = port_holder(port)
    return f"port {port} is in use by {holder}." if holder else f"nothing listens on port {port}."


def _default_port() -> Finding:
    """Whether a server could be started here."""
    port = int(os.environ.get("ROTO_PORT", DEFAULT_PORT))
    holder = port_holder(port)
    if not holder:
        return Finding("port", f"{port} is free for `roto serve`")
    fix = f"Stop {holder}, or choose another port with --port or ROTO_PORT"
    return Finding("port", f"{port} is in use by {holder}", fix)


def _reach_fix(url: str) -> str:
    return f"Start the server (`roto serve`), or correct the URL: {_holder(url)}"


def _version_finding(url: str, source: str, answer: requests.Response) -> Finding:
    theirs = answer.headers.get(VERSION_HEADER, "")
    if not theirs:
        text = f"{url} ({source}) sends no {VERSION_HEADER}"
        return Finding("server", text, f"Is a proxy dropping headers? {_holder(url)}")
    fix = "" if versions_fit(PRODUCT_VERSION, theirs) else f"Install megaton-roto {theirs} here"
    return Finding("server", f"{url} ({source}): version {theirs}, here {PRODUCT_VERSION}", fix)


def _readiness(body: Any) -> Iterator[Finding]:
    checks = body.get("checks") if isinstance(body, dict) else None
    for name, check in (checks or {}).items():
        if not check.get("ok"):
            text = f"{name} is not ready: {check.get('message')}"
            setting = check.get("setting") or f"{name} settings"
            yield Finding("server", text, f"Correct the server's {setting}; its own log says more")


def _public_url(url: str) -> Iterator[Finding]:
    """The URL the server hands out must be one this machine reaches it by."""
    public = str(_get(f"{url}/healthz").json().get("public_url") or "").rstrip("/")
    if not public:
        return
    if _place(public) == _place(url):
        yield Finding("public url", f"{public}, as used here")
        return
    yield Finding(
        "public url",
        f"the server calls itself {public}, this machine uses {url}",
        f"Set ROTO_PUBLIC_URL={url} on the server, or use {public} here",
    )


def _place(url: str) -> tuple[str, str, int | None, str]:
    """The URL with the names of this machine made one."""
    parts = urlsplit(url)
    host = "localhost" if parts.hostname in _LOCAL else str(parts.hostname)
    return parts.scheme, host, parts.port, parts.path


def _get(url: str) -> requests.Response:
    return requests.get(url, timeout=_TIMEOUT, verify=_ca_bundle())


def _ask(url: str, token: str, body: dict[str, str] | None = None) -> int:
    """The HTTP status of a GET, or of a POST with ``body``; 0 when there is no answer."""
    try:
        answer = requests.request(
            "GET" if body is None else "POST",
            url,
            json=body,
            auth=BearerAuth(token),
            headers={VERSION_HEADER: PRODUCT_VERSION},
            timeout=_TIMEOUT,
            verify=_ca_bundle(),
        )
    except requests.RequestException:
        return 0
    return answer.status_code


def _token_finding(area: str, source: str, status: int, fix: str) -> Finding:
    if status in (401, 403):
        return Finding(area, f"refused by the server (from {source})", fix)
    if status == 0 or status >= 500:
        return Finding(area, "the server did not answer", "See the server's log")
    return Finding(area, f"taken by the server (from {source})")


def _ca_bundle() -> str | bool:
    return os.environ.get("ROTO_CA_BUNDLE") or True
