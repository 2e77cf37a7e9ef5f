"""Signing in with a code: the client's side, against the strict fake."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from helpers_client import QUICK, TOKEN, Browser, FakeServer, answering, cut, matching

from roto_client.api import Transport, device
from roto_client.api.errors import (
    DeniedError,
    LinkExpiredError,
    NotFoundError,
    ServerError,
    StoppedError,
)


class Clock(threading.Event):
    """A ``stop`` that is never set, whose waits take no time but are written down."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        self.now += timeout
        return self.is_set()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def transport(server: FakeServer) -> Transport:
    return Transport(server.url, None, retry=QUICK)


def code(server: FakeServer, **facts: Any) -> device.DeviceCode:
    given = {"device_code": Browser.SECRET, "user_code": Browser.CODE, "interval": 5.0,
             "address": server.url, "address_with_code": server.url, "ends": 600.0}  # fmt: skip
    return device.DeviceCode(**{**given, **facts})


def test_a_code_is_shown_and_its_secret_is_not(transport: Transport, server: FakeServer) -> None:
    shown = device.begin(transport, "Nuke on w\n" + "s" * 200)
    assert shown.user_code == "BCDF-GHJK"
    assert shown.address == f"{server.url}/device"
    assert shown.address_with_code == f"{server.url}/device?code=BCDF-GHJK"
    assert 590 < shown.seconds_left() <= 600
    assert server.device.names == ["Nuke on w" + "s" * 91]
    assert Browser.SECRET not in repr(shown)


def test_it_asks_until_it_is_approved(transport: Transport, server: FakeServer) -> None:
    server.device.answers = ["authorization_pending"] * 3
    clock = Clock()
    key = device.wait_for_key(transport, code(server), clock, clock=clock)
    assert (key.api_key, key.user, key.scopes) == (TOKEN, "Ada Artist", ("read", "write"))
    assert key.expires_at is not None
    assert key.expires_at.year == 2027
    assert TOKEN not in repr(key)
    assert clock.waits == [5.0] * 4


def test_slow_down_makes_it_slower_for_good(transport: Transport, server: FakeServer) -> None:
    server.device.answers = ["slow_down", "authorization_pending", "slow_down"]
    clock = Clock()
    device.wait_for_key(transport, code(server), clock, clock=clock)
    assert clock.waits == [5.0, 10.0, 10.0, 15.0]


def test_a_server_without_an_interval_is_not_besieged(
    transport: Transport, server: FakeServer
) -> None:
    clock = Clock()
    device.wait_for_key(transport, code(server, interval=0.0), clock, clock=clock)
    assert clock.waits == [1.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_wants_patience_gets_it(
    transport: Transport, server: FakeServer, status: int
) -> None:
    busy = answering(status, headers={"Retry-After": "33"})
    server.faults += [matching("POST", "device/token", act) for act in (cut, busy)]
    clock = Clock()
    device.wait_for_key(transport, code(server), clock, clock=clock)
    assert clock.waits == [5.0, 5.0, 33.0]


def test_no_is_no(transport: Transport, server: FakeServer) -> None:
    server.device.answers = ["authorization_pending", "access_denied"]
    clock = Clock()
    with pytest.raises(DeniedError):
        device.wait_for_key(transport, code(server), clock, clock=clock)


def test_a_code_runs_out_here(transport: Transport, server: FakeServer) -> None:
    server.device.waits = True
    clock = Clock()
    with pytest.raises(LinkExpiredError, match="in time") as caught:
        device.wait_for_key(transport, code(server, ends=12.0), clock, clock=clock)
    assert caught.value.hint
    assert clock.waits == [5.0, 5.0, 2.0]
    assert server.device.questions == 2


def test_a_code_runs_out_there(transport: Transport, server: FakeServer) -> None:
    server.device.answers = ["link_expired"]
    clock = Clock()
    with pytest.raises(LinkExpiredError):
        device.wait_for_key(transport, code(server), clock, clock=clock)


def test_it_can_be_stopped(transport: Transport, server: FakeServer) -> None:
    clock = Clock()
    clock.set()
    with pytest.raises(StoppedError):
        device.wait_for_key(transport, code(server), clock, clock=clock)
    assert server.device.questions == 0


def test_an_older_server_says_so(transport: Transport, server: FakeServer) -> None:
    server.faults.append(matching("POST", "auth/device", answering(404)))
    with pytest.raises(NotFoundError, match="does not sign in with a code") as caught:
        device.begin(transport, "roto")
    assert "API key" in caught.value.hint


@pytest.mark.parametrize("page", ["javascript:alert(1)", "file:///etc/passwd", "/a b", "\x1b[2J"])
def test_an_address_that_is_no_page_is_never_opened(
    transport: Transport, server: FakeServer, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = page if ":" in page else server.url + page
    told = server.device.started
    monkeypatch.setattr(
        server.device, "started", lambda *args: {**told(*args), "verification_url_complete": target}
    )
    with pytest.raises(ServerError, match="could not be read"):
        device.begin(transport, "roto")


@pytest.mark.parametrize("user_code", ["", "AB\x1b[2J", "x" * 99])
def test_a_code_that_is_none_is_not_shown(
    transport: Transport, server: FakeServer, user_code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.device, "CODE", user_code)
    with pytest.raises(ServerError, match="could not be read"):
        device.begin(transport, "roto")
