"""Sliding windows on a real Redis, and which of them a request is counted in."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from redis import Redis

from roto_server.limiting.classes import ORDINARY, class_of
from roto_server.limiting.plan import Sender, account_named, user_windows, windows_of
from roto_server.limiting.rates import Rate, parse_rates
from roto_server.limiting.windows import Verdict, Window, Windows, WindowsAwayError
from roto_server.settings import Settings, SettingsError, load_settings

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[3]


def with_windows(
    url: str, work: Callable[[Windows], Awaitable[T]], clock: Callable[[], float] = time.monotonic
) -> T:
    async def run() -> T:
        windows = Windows(url, patience=20.0, clock=clock)
        try:
            return await work(windows)
        finally:
            await windows.close()

    return asyncio.run(run())


def window(amount: int, seconds: int, key: str = "k") -> Window:
    return Window(key, f"{key}:{seconds}", Rate(amount, seconds))


def taken(url: str, *batches: list[Window]) -> list[Verdict]:
    async def work(windows: Windows) -> list[Verdict]:
        return [await windows.take(batch) for batch in batches]

    return with_windows(url, work)


def test_as_many_as_the_rate_says_and_no_more(redis_url: str) -> None:
    verdicts = taken(redis_url, *[[window(3, 3600)]] * 5)
    assert [verdict.allowed for verdict in verdicts] == [True, True, True, False, False]
    assert [verdict.tightest.remaining for verdict in verdicts] == [2, 1, 0, 0, 0]
    assert [verdict.tightest.wait > 0 for verdict in verdicts] == [False, False, True, True, True]


def test_waiting_as_long_as_is_said_is_enough(redis_url: str) -> None:
    """Over a boundary of stretches too: the last stretch still weighs in the next."""
    here = [window(8, 1)]  # a busy machine asks more often than that

    async def refused(windows: Windows) -> Verdict:
        for _ in range(10_000):
            verdict = await windows.take(here)
            if not verdict.allowed:
                return verdict
        raise AssertionError("nothing was ever too much")

    async def work(windows: Windows) -> None:
        for _ in range(3):
            wait = (await refused(windows)).tightest.wait
            assert 0 < wait <= 2
            await asyncio.sleep(wait)
            assert (await windows.take(here)).allowed

    with_windows(redis_url, work)


def test_the_window_slides(redis_url: str) -> None:
    """A day's hundred were all taken yesterday: today gives as many as the day is old."""
    day, full = 86_400, window(100, 86_400)
    with Redis.from_url(redis_url) as redis:
        now = redis.time()[0]
        yesterday = {"stretch": now // day - 1, "count": 100, "before": 0}
        redis.hset(f"roto-limit:{full.key}", mapping=yesterday)
    verdicts = taken(redis_url, *[[full]] * 101)
    passed = 100 * (now % day) // day
    assert sum(verdict.allowed for verdict in verdicts) in (passed, passed + 1)
    one_more = day // 100
    assert 0 < verdicts[-1].tightest.wait <= one_more + 1


def test_one_full_window_refuses_and_nothing_is_counted_anywhere(redis_url: str) -> None:
    narrow, wide = window(1, 3600, "narrow"), window(100, 3600, "wide")
    first, second, third = taken(redis_url, [narrow, wide], [narrow, wide], [wide])
    assert (first.allowed, second.allowed) == (True, False)
    assert second.tightest.window is narrow
    assert third.tightest.remaining == 98, "the refused request was not counted"


def test_processes_share_what_is_counted(redis_url: str) -> None:
    for _ in range(2):
        assert taken(redis_url, [window(2, 3600)])[0].allowed
    assert not taken(redis_url, [window(2, 3600)])[0].allowed


def test_requests_at_the_same_time_are_counted_one_by_one(redis_url: str) -> None:
    async def work(windows: Windows) -> list[Verdict]:
        return await asyncio.gather(*[windows.take([window(30, 3600)]) for _ in range(100)])

    assert sum(verdict.allowed for verdict in with_windows(redis_url, work)) == 30


def test_one_round_trip_for_all_windows(redis_url: str) -> None:
    def commands(redis: Redis) -> int:
        return int(redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})["calls"])

    with Redis.from_url(redis_url) as redis:
        taken(redis_url, [window(9, 60)])  # the script is loaded
        redis.config_resetstat()
        taken(redis_url, [window(9, 60, "a"), window(9, 3600, "a"), window(9, 60, "b")])
        assert commands(redis) == 1
        assert all(redis.pttl(key) > 0 for key in redis.keys("roto-limit:*")), "nothing stays"


def test_connections_that_died_meanwhile_are_no_outage(redis_url: str) -> None:
    async def work(windows: Windows) -> None:
        for _ in range(3):
            together = [windows.take([window(900, 60)]) for _ in range(8)]
            assert all(verdict.allowed for verdict in await asyncio.gather(*together))
            with Redis.from_url(redis_url) as redis:
                redis.client_kill_filter(_type="normal", skipme=True)

    with_windows(redis_url, work)


def test_a_redis_that_is_away_is_left_alone_for_a_moment(tmp_path: Path) -> None:
    now = [100.0]

    async def work(windows: Windows) -> None:
        for moment, reason in ((100.0, "connect"), (100.5, "a moment ago"), (101.5, "connect")):
            now[0] = moment
            with pytest.raises(WindowsAwayError, match=reason):
                await windows.take([window(1, 60)])

    with_windows(f"unix://{tmp_path / 'nobody.sock'}", work, clock=lambda: now[0])


@pytest.mark.parametrize("text", ["0/minute", "5", "ten/minute", "5/fortnight", "", "5/minute x"])
def test_what_is_not_a_rate(text: str) -> None:
    with pytest.raises(ValueError, match="60/minute"):
        parse_rates(text)


def test_rates_are_read_and_written() -> None:
    rates = parse_rates("10/minute;100/hour")
    assert rates == (Rate(10, 60), Rate(100, 3600))
    assert parse_rates(";".join(map(str, rates))) == rates
    assert parse_rates(" OFF ") == ()


def test_settings_name_the_bad_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTO_LIMIT_SIGN_IN", "many")
    with pytest.raises(SettingsError, match="ROTO_LIMIT_SIGN_IN"):
        load_settings()


SETTINGS = Settings()


def names(method: str, path: str, sender: Sender, account: str = "") -> list[str]:
    kind = class_of(method, path)
    return [one.name for one in windows_of(kind, SETTINGS, sender, account)]


SIGNED_IN = Sender("10.0.0.1", "t0ken", "user1")


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/jobs", ["address", "user", "key"]),
        ("GET", "/api/v1/events", ["address", "user", "key"]),
        ("PATCH", "/api/v1/uploads/1/files/0", ["address", "bulk"]),
        ("GET", "/api/v1/jobs/1/outputs/2", ["address", "bulk"]),
        ("GET", "/api/v1/jobs/1/outputs/counts", ["address", "user", "key"]),
        ("GET", "/api/v1/shots/1/thumbnail", ["address", "bulk"]),
        ("POST", "/api/v1/farm/attempts/1/heartbeat", ["farm", "farm"]),
        ("GET", "/healthz", []),
        ("GET", "/readyz", []),
        ("POST", "/api/v1/auth/password/change",
         ["address", "sign_in", "sign_in", "account", "account"]),
        ("GET", "/api/v1/auth/device/BCDF-GHJK",
         ["address", "sign_in", "sign_in", "account", "account"]),
    ],
)  # fmt: skip
def test_what_a_signed_in_request_is_counted_in(
    method: str, path: str, expected: list[str]
) -> None:
    assert names(method, path, SIGNED_IN) == expected


def test_a_sign_in_is_counted_for_its_address_and_its_account() -> None:
    found = names("POST", "/api/v1/auth/login", Sender("10.0.0.1"), "ada@x.example")
    assert found == ["address", "sign_in", "sign_in", "account", "account", "account_total"]


@pytest.mark.parametrize("path", ["login", "register", "resend", "password/forgot", "confirm"])
def test_guessing_and_mailing_stop_when_nothing_can_be_counted(path: str) -> None:
    assert class_of("POST", f"/api/v1/auth/{path}").strict
    assert not ORDINARY.strict


@pytest.mark.parametrize("path", ["refresh", "device/token"])
def test_what_carries_256_random_bits_goes_on(path: str) -> None:
    assert not class_of("POST", f"/api/v1/auth/{path}").strict


OF_AUTH = {
    "auth": ["POST /logout", "POST /logout-everywhere", "GET /providers", "GET /sessions",
             "DELETE /sessions/{session_id}", "POST /tickets"],
    "device": ["POST /device"],
    "device_poll": ["POST /device/token"],
    "guess": ["GET /device/{user_code}", "POST /device/{user_code}/decision",
              "POST /password/change"],
    "mail": ["POST /register", "POST /resend", "POST /password/forgot"],
    "refresh": ["POST /refresh"],
    "sign_in": ["POST /login", "POST /confirm", "POST /password/reset",
                "GET /oidc/{provider}/start", "GET /oidc/{provider}/callback"],
}  # fmt: skip


def test_every_way_in_has_its_limits() -> None:
    """A new address below auth/ must be put into a class, here and there."""
    document = json.loads((ROOT / "server" / "openapi.json").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        if path.startswith("/api/v1/auth/"):
            for method in operations:
                kind = class_of(method.upper(), path)
                assert kind.small
                place = path.removeprefix("/api/v1/auth")
                found.setdefault(kind.name, []).append(f"{method.upper()} {place}")
    assert {kind: sorted(places) for kind, places in found.items()} == {
        kind: sorted(places) for kind, places in OF_AUTH.items()
    }


def keys(address: str) -> list[str]:
    return [one.key for one in windows_of(ORDINARY, SETTINGS, Sender(address))]


def test_an_ipv6_customer_is_one_address() -> None:
    assert keys("2001:db8:1:2:3::4") == keys("2001:db8:1:2:ffff::1")
    assert keys("2001:db8:1:2:3::4") != keys("2001:db8:1:3::1")
    assert keys("::ffff:10.1.2.3") == keys("10.1.2.3") != keys("10.1.2.4")


def test_redis_holds_no_token_and_no_mail_address() -> None:
    kind = class_of("POST", "/api/v1/auth/login")
    written = repr(windows_of(kind, SETTINGS, SIGNED_IN, "ada@x.example"))
    assert "ada" not in written


@pytest.mark.parametrize(
    ("body", "account"),
    [
        (b'{"email": " Ada@X.example "}', "ada@x.example"),
        ('{"email": "ada@\uff38\u3002example"}'.encode(), "ada@x.example"),
        (b'{"email": 3}', ""), (b"[]", ""), (b"{", ""), (b"\xff", ""), (b"[" * 9000, ""), (b"", ""),
        (b'{"email": "\\ud800"}', "\ud800"),
    ],
)  # fmt: skip
def test_the_account_a_body_names(body: bytes, account: str) -> None:
    assert account_named(body, "email") == account
    windows_of(class_of("POST", "/api/v1/auth/login"), SETTINGS, Sender(""), account)


def test_a_new_token_is_counted_for_its_user_once_it_is_known() -> None:
    first = {one.key for one in windows_of(ORDINARY, SETTINGS, Sender("a", "t0ken"))}
    after = {one.key for one in user_windows(ORDINARY, SETTINGS, "user1")}
    later = {one.key for one in windows_of(ORDINARY, SETTINGS, Sender("a", "t0ken", "user1"))}
    assert first | after == later
    assert not first & after
