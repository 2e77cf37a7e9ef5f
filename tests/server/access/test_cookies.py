"""The cookies of a sign-in: over HTTPS only where the server is reached by it, gone when told."""

from __future__ import annotations

from datetime import timedelta
from http.cookies import Morsel, SimpleCookie

import pytest
from fastapi import Response

from roto_server.access.sessions import Issued
from roto_server.api.cookies import (
    ACCESS_COOKIE,
    REFRESH_COOKIE,
    clear_session_cookies,
    set_session_cookies,
)
from roto_server.db.people import LoginSession, User
from roto_server.db.types import utc_now
from roto_server.settings import Settings


def cookies(response: Response) -> dict[str, Morsel[str]]:
    parsed = map(SimpleCookie, response.headers.getlist("set-cookie"))
    return {name: morsel for one in parsed for name, morsel in one.items()}


@pytest.mark.parametrize(
    ("url", "secure"), [("https://roto.studio.example", True), ("http://127.0.0.1:8710", False)]
)
def test_the_cookies_are_secure_on_https(url: str, secure: bool) -> None:
    settings, response = Settings(public_url=url), Response()
    login = LoginSession(expires_at=utc_now() + timedelta(hours=1))
    set_session_cookies(response, settings, Issued(login, User(), "eyJ.x.y", "rotorefresh_x"))
    given, cleared = cookies(response), Response()
    clear_session_cookies(cleared, settings)
    gone = cookies(cleared)
    assert set(given) == set(gone) == {REFRESH_COOKIE, ACCESS_COOKIE}
    for name, morsel in given.items():
        assert (bool(morsel["secure"]), bool(morsel["httponly"])) == (secure, True)
        assert morsel["samesite"] == "strict"
        taken = gone[name]
        assert (taken["path"], bool(taken["secure"])) == (morsel["path"], secure)
        assert taken["max-age"] == "0"
    assert 3590 <= int(given[REFRESH_COOKIE]["max-age"]) <= 3600
    assert int(given[ACCESS_COOKIE]["max-age"]) == settings.access_token_seconds
    assert given[REFRESH_COOKIE]["path"] == "/api/v1/auth"
    assert given[ACCESS_COOKIE]["path"] == "/api/v1/"
