"""Whose address a request counts for, behind proxies and liars."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from roto_server.api.address import AddressMiddleware
from roto_server.settings import SettingsError, load_settings


def asker(proxies: list[str], peer: tuple[str, int] | None, *forwarded: str) -> str:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])

    async def receive() -> Message:
        return {}

    async def send(message: Message) -> None:
        pass

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "client": peer, "headers": headers}
    asyncio.run(AddressMiddleware(app, proxies)(scope, receive, send))
    return seen[0]


NGINX = ("10.0.0.2", 4711)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        ([], NGINX, ["1.2.3.4"], "10.0.0.2"),
        (["10.0.0.2"], NGINX, [], "10.0.0.2"),
        (["10.0.0.2"], NGINX, ["1.2.3.4"], "1.2.3.4"),
        (["10.0.0.2"], NGINX, ["9.9.9.9, 1.2.3.4"], "1.2.3.4"),
        (["10.0.0.2"], NGINX, ["9.9.9.9", "1.2.3.4"], "1.2.3.4"),
        (["10.0.0.0/8"], NGINX, ["9.9.9.9, 1.2.3.4, 10.7.7.7"], "1.2.3.4"),
        (["10.0.0.0/8"], NGINX, ["10.8.8.8, 10.7.7.7"], "10.8.8.8"),
        (["10.0.0.2"], NGINX, ["1.2.3.4, nonsense"], "10.0.0.2"),
        (["10.0.0.2"], NGINX, ["1.2.3.4:5000"], "1.2.3.4"),
        (["10.0.0.2"], NGINX, ["[2001:db8::1]:5000"], "2001:db8::1"),
        (["10.0.0.2"], ("::ffff:10.0.0.2", 1), ["1.2.3.4"], "1.2.3.4"),
        (["unix"], None, ["1.2.3.4"], "1.2.3.4"),
        ([], None, ["1.2.3.4"], "unix"),
        (["10.0.0.2"], ("testclient", 1), ["1.2.3.4"], "testclient"),
    ],
)
def test_the_address_that_is_believed(
    proxies: list[str], peer: tuple[str, int] | None, forwarded: list[str], expected: str
) -> None:
    assert asker(proxies, peer, *forwarded) == expected


@pytest.mark.parametrize("value", ["everybody", "0.0.0.0/0", "::/0", "10.0.0.1/8"])
def test_proxies_are_named(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ROTO_TRUSTED_PROXIES", value)
    with pytest.raises(SettingsError, match="ROTO_TRUSTED_PROXIES"):
        load_settings()


def test_proxies_are_separated_by_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_TRUSTED_PROXIES", "10.0.0.2 10.1.0.0/16 unix")
    assert load_settings().trusted_proxies == ["10.0.0.2", "10.1.0.0/16", "unix"]
