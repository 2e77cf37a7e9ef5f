"""A real OpenID provider over HTTP (`lying_provider`), and a browser that signs in there."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

import httpx
from helpers_people import House

from helpers_services import free_port

SCRIPT = Path(__file__).with_name("lying_provider.py")
CLIENT_ID = "megaton-roto"
CLIENT_SECRET = "the secret of the tests' client"
NAME = "studio"


class Provider:
    """The provider at ``issuer``."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def entry(self, **changes: Any) -> dict[str, Any]:
        """Its entry in ROTO_OIDC_PROVIDERS."""
        basis = {"name": NAME, "title": "Studio ID", "issuer": self.issuer,
                 "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}  # fmt: skip
        return {**basis, **changes}

    def person(self, subject: str, **claims: Any) -> None:
        """Let the provider know somebody."""
        self._put(f"users/{subject}", claims)

    def lie(self, **claims: Any) -> None:
        """Put other claims into the ID tokens from now on (None leaves one out)."""
        self._put("its-lies", claims)

    def rotate_keys(self) -> None:
        """From now on sign with another key, under another id."""
        self._put("its-key", "rotated")

    def forge_keys(self) -> None:
        """From now on sign with another key, under the id of the right one."""
        self._put("its-key", "forged")

    def be_honest(self) -> None:
        """Neither lie nor forge."""
        self._put("its-lies", {})
        self._put("its-key", "right")

    def _put(self, path: str, body: Any) -> None:
        httpx.put(f"{self.issuer}/{path}", json=body, timeout=60).raise_for_status()


def as_setting(*entries: dict[str, Any]) -> dict[str, str]:
    """The server's ROTO_* variable for providers."""
    return {"ROTO_OIDC_PROVIDERS": json.dumps(entries)}


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider on localhost, stopped at the end."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(SCRIPT), str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield Provider(f"http://localhost:{port}")
    finally:
        process.terminate()
        process.communicate(timeout=20)


class Browser:
    """What a browser does in a sign-in, step by step, for tests that tamper between steps."""

    def __init__(self, house: House, process: int = 0) -> None:
        self.url = house.processes[process].url
        # Without connections that are kept, for nobody closes it.
        self.http = httpx.Client(timeout=30, limits=httpx.Limits(max_keepalive_connections=0))

    def start(self, return_to: str | None = None, provider: str = NAME) -> str:
        """The address at the provider that our server sends the browser to."""
        query = {} if return_to is None else {"return_to": return_to}
        answer = self.http.get(f"{self.url}/api/v1/auth/oidc/{provider}/start", params=query)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def consent(self, url: str, subject: str, *, deny: bool = False) -> str:
        """Answer the provider's form as ``subject``; the address it sends the browser back to."""
        form = {"action": "deny"} if deny else {"sub": subject}
        answer = self.http.post(url, data=form)
        assert answer.status_code == 302, answer.text
        return urljoin(url, answer.headers["Location"])

    def back(self, url: str) -> str:
        """Come back to our server; the address it sends the browser to then."""
        answer = self.http.get(url)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def sign_in(self, subject: str, return_to: str | None = None) -> str:
        """All of it; where the browser ends."""
        return self.back(self.consent(self.start(return_to), subject))

    def refresh(self) -> httpx.Response:
        """What our page asks first: who is signed in, by the cookie."""
        return self.http.post(f"{self.url}/api/v1/auth/refresh", headers={"Origin": self.url})


def with_query(url: str, **changes: str | None) -> str:
    """``url`` with parameters replaced, or (None) taken out."""
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    query.update({name: value for name, value in changes.items() if value is not None})
    kept = {name: value for name, value in query.items() if changes.get(name, "") is not None}
    return urlunsplit(parts._replace(query=urlencode(kept)))


def in_seconds(seconds: float) -> int:
    """A claim's time."""
    return int(time.time() + seconds)
