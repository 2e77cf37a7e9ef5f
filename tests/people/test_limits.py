"""Limits of real server processes that share a Redis; headers; what pages may call."""

from __future__ import annotations

import itertools
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import websocket
from helpers_people import API, PASSWORD, House, running_house

from helpers_services import postgres_database

LIMITS = {
    "ROTO_TRUSTED_PROXIES": "127.0.0.1",
    "ROTO_LIMIT_ADDRESS": "60/hour",
    "ROTO_LIMIT_USER": "20/hour",
    "ROTO_LIMIT_KEY": "12/hour",
    "ROTO_LIMIT_SIGN_IN": "8/hour",
    "ROTO_LIMIT_ACCOUNT": "3/hour",
    "ROTO_LIMIT_ACCOUNT_TOTAL": "5/hour",
    "ROTO_LIMIT_MAIL": "5/hour",
    "ROTO_LIMIT_MAIL_ACCOUNT": "2/hour",
    "ROTO_METRICS_TOKEN": "a token of the tests for metrics",
}
_addresses = (f"198.51.{a}.{b}" for a, b in itertools.product(range(100), range(1, 250)))


@pytest.fixture(scope="module")
def strict(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Two server processes with narrow limits behind a proxy that is this machine."""
    folder = tmp_path_factory.mktemp("strict")
    with (
        postgres_database(postgres) as url,
        running_house(folder, url, servers=2, **LIMITS) as house,
    ):
        yield house


class Caller:
    """Somebody at an address of their own, whose requests go to the two processes in turn."""

    def __init__(self, house: House, token: str | None = None, address: str = "") -> None:
        self._urls = itertools.cycle(process.url for process in house.processes)
        self.headers = {"X-Forwarded-For": address or next(_addresses)}
        if token is not None:
            self.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = next(self._urls) + API + path
        return httpx.request(method, url, headers=self.headers, timeout=30, **options)


def until_refused(answers: Iterator[httpx.Response], most: int = 80) -> tuple[int, httpx.Response]:
    """How many requests passed, and the first that did not."""
    for passed, answer in enumerate(itertools.islice(answers, most)):
        if answer.status_code == 429:
            return passed, answer
    raise AssertionError(f"{most} requests passed")


def ask(caller: Caller) -> Iterator[httpx.Response]:
    while True:
        yield caller("GET", "/projects")


def sign_in(caller: Caller, email: str) -> Iterator[httpx.Response]:
    body = {"email": email, "password": "wrong password, every time"}
    while True:
        yield caller("POST", "/auth/login", json=body)


def test_a_key_is_limited_on_all_processes_together(strict: House) -> None:
    passed, refused = until_refused(ask(Caller(strict, strict.person().key)))
    assert passed == 12
    body = refused.json()
    assert (body["code"], body["detail"]["limit"]) == ("rate_limited", "key")
    assert "ROTO_LIMIT_KEY" in body["hint"]
    wait = int(refused.headers["Retry-After"])
    assert 0 < wait <= 3600
    assert body["detail"]["retry_after"] == wait
    assert refused.headers["RateLimit-Policy"] == '"key";q=12;w=3600'
    assert refused.headers["RateLimit"] == f'"key";r=0;t={wait}'
    assert refused.headers["Cache-Control"] == "no-store"
    assert body["request_id"] == refused.headers["X-Request-Id"]


def test_what_is_left_is_told_before_it_runs_out(strict: House) -> None:
    caller = Caller(strict, strict.person().key)
    told = [caller("GET", "/projects").headers["RateLimit"] for _ in range(3)]
    assert [re.match(r'"key";r=(\d+)', one)[1] for one in told] == ["11", "10", "9"]  # type: ignore[index]


def test_a_user_is_limited_over_all_their_keys(strict: House) -> None:
    from roto_server.access.tokens import create_key
    from roto_server.db.people import User

    person = strict.person()
    with strict.database.session() as session:
        user = session.get_one(User, person.id)
        _, other = create_key(session, user, "second", ["read"])
    assert until_refused(ask(Caller(strict, person.key)))[0] == 12
    passed, refused = until_refused(ask(Caller(strict, other)))
    assert (passed, refused.json()["detail"]["limit"]) == (8, "user")
    stranger = strict.person()
    assert Caller(strict, stranger.key)("GET", "/projects").status_code == 200


def test_an_address_is_limited_over_all_its_keys_and_without_any(strict: House) -> None:
    address = next(_addresses)
    people = [strict.person() for _ in range(6)]
    for person in people[:5]:
        assert until_refused(ask(Caller(strict, person.key, address)))[0] == 12
    passed, refused = until_refused(ask(Caller(strict, None, address)))
    assert (passed, refused.json()["detail"]["limit"]) == (0, "address")
    assert Caller(strict, people[5].key)("GET", "/projects").status_code == 200


def test_a_wrong_key_counts_for_its_address(strict: House) -> None:
    address = next(_addresses)
    statuses = {
        Caller(strict, f"roto_{number:043}", address)("GET", "/projects").status_code
        for number in range(61)
    }
    assert statuses == {401, 429}


def test_forwarded_addresses_are_believed_of_trusted_proxies_only(house: House) -> None:
    """The shared house trusts nobody: what its callers claim makes no difference."""
    # Somebody of whom nothing has been counted: what slides out of the window would be counted too.
    with house.client(house.person().key) as client:
        left = [
            client.get("/projects", headers={"X-Forwarded-For": address}).headers["RateLimit"]
            for address in ("198.51.100.1", "198.51.100.2")
        ]
    windows = [json.dumps(one) for one in left]
    assert windows[0] != windows[1], "both were counted in one window"


def test_guessing_a_password_ends_soon_and_others_still_get_in(strict: House) -> None:
    victim, other = strict.person(), strict.person()
    caller = Caller(strict)
    passed, refused = until_refused(sign_in(caller, victim.email))
    assert (passed, refused.json()["detail"]["limit"]) == (3, "account")
    assert next(sign_in(caller, other.email)).status_code == 401, "another account, not refused"
    elsewhere = Caller(strict)
    passed, refused = until_refused(sign_in(elsewhere, victim.email.upper()))
    assert (passed, refused.json()["detail"]["limit"]) == (2, "account_total")


def test_guessing_accounts_ends_soon(strict: House) -> None:
    caller = Caller(strict)
    tried = (
        next(sign_in(caller, f"nobody{number}@studio.example")) for number in itertools.count()
    )
    passed, refused = until_refused(tried)
    assert (passed, refused.json()["detail"]["limit"]) == (8, "sign_in")


def test_nobody_is_buried_in_mail(strict: House) -> None:
    address = f"{time.time_ns()}@studio.example"

    def register(email: str) -> Iterator[httpx.Response]:
        body = {"email": email, "name": "Somebody", "password": PASSWORD}
        while True:
            yield Caller(strict)("POST", "/auth/register", json=body)

    passed, refused = until_refused(register(address))
    assert (passed, refused.json()["detail"]["limit"]) == (2, "mail_account")
    again = Caller(strict)("POST", "/auth/password/forgot", json={"email": address})
    assert again.status_code == 429, "whichever route sends it"


def test_workers_are_not_hurt_by_limits_of_people(strict: House) -> None:
    farm = Caller(strict, strict.farm_token)
    for _ in range(70):
        assert farm("POST", f"/farm/tasks/{'0' * 32}/claim", json={}).status_code == 422


def test_a_socket_is_a_request_too(strict: House) -> None:
    person = strict.person()
    caller = Caller(strict, person.key)
    assert until_refused(ask(caller))[0] == 12
    url = strict.url.replace("http://", "ws://") + f"{API}/events"
    headers = {"Authorization": f"Bearer {person.key}", **caller.headers}
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(url, header=headers)
    assert refused.value.status_code == 429


def test_refusals_are_counted_and_logged(strict: House) -> None:
    until_refused(ask(Caller(strict, strict.person().key)))
    token = {"Authorization": f"Bearer {LIMITS['ROTO_METRICS_TOKEN']}"}
    texts = [
        httpx.get(process.url + "/metrics", headers=token, timeout=60).text
        for process in strict.processes
    ]
    assert any(re.search(r'roto_rate_limited_total\{limit="key"\} [1-9]', text) for text in texts)
    lines = [
        json.loads(line)
        for process in strict.processes
        for line in process.log.read_text().splitlines()
    ]
    assert any(line.get("limit") == "key" and line["status"] == 429 for line in lines)


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[House]:
    """A house whose Redis a test may stop."""
    token = LIMITS["ROTO_METRICS_TOKEN"]
    with running_house(
        tmp_path,
        f"sqlite:///{tmp_path / 'roto.db'}",
        ROTO_METRICS_TOKEN=token,
        ROTO_LIMIT_REDIS_SECONDS="1",
    ) as house:
        yield house


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # It has ended meanwhile.
        return ""


def test_without_redis_nobody_guesses_and_the_rest_goes_on(lonely: House) -> None:
    [redis] = [
        child
        for child in psutil.Process().children(recursive=True)
        if all(word in _command(child) for word in ("redis-server", str(lonely.folder)))
    ]
    login = {"email": "a@b.example", "password": "wrong password, every time"}
    with lonely.client(lonely.admin.key) as client:
        assert client.post("/auth/login", json=login).status_code == 401
        redis.send_signal(signal.SIGSTOP)  # it hangs, which is worse than being gone
        try:
            refused = client.post("/auth/login", json=login)
            assert (refused.status_code, refused.json()["code"]) == (503, "server_unavailable")
            assert "ROTO_REDIS_URL" in refused.json()["hint"]
            assert int(refused.headers["Retry-After"]) >= 1
            listed = client.get("/projects")
            assert listed.status_code == 200
            assert "RateLimit" not in listed.headers, "nothing is told that is not known"
        finally:
            redis.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + 30
        while client.post("/auth/login", json=login).status_code != 401:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert "RateLimit" in client.get("/projects").headers
    token = {"Authorization": f"Bearer {LIMITS['ROTO_METRICS_TOKEN']}"}
    metrics = httpx.get(lonely.url + "/metrics", headers=token, timeout=60).text
    for kind in ("sign_in", "ordinary"):
        assert re.search(rf'roto_rate_uncounted_total{{route_class="{kind}"}} [1-9]', metrics)
    assert "limits_cannot_count" in lonely.processes[0].log.read_text()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/auth/login", 2**16 + 1, 413),
        ("/auth/refresh", 2**16 + 1, 413),
        ("/projects", 2**16 + 1, 422),
        ("/projects", 64 * 2**20 + 1, 413),
    ],
)
@pytest.mark.parametrize("announced", [True, False])
def test_bodies_have_an_end(
    house: House, path: str, size: int, status: int, announced: bool
) -> None:
    start, end = b'{"name": "', b'"}'
    middle = b"x" * (size - len(start) - len(end))

    def pieces() -> Iterator[bytes]:
        yield start + middle[: len(middle) // 2]
        yield middle[len(middle) // 2 :] + end

    content = b"".join(pieces()) if announced else pieces()
    with house.client(house.admin.key) as client:
        answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.json()["code"] == ("too_large" if status == 413 else "bad_request")


@pytest.mark.one_database
def test_headers_have_an_end(house: House) -> None:
    with house.client(house.admin.key) as client:
        answer = client.get("/projects", headers={"X-Padding": "x" * 40_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.one_database
def test_deep_nesting_is_a_bad_request(house: House) -> None:
    with house.client(house.admin.key) as client:
        for depth in (900, 100_000):
            body = b"[" * depth + b"]" * depth
            for content in (body, b'{"name": "a", "allowed_roots": ' + body + b"}"):
                answer = client.post(
                    "/projects", content=content, headers={"Content-Type": "application/json"}
                )
                assert answer.status_code == 422, answer.text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("path", "secret"),
    [("/healthz", False), (f"{API}/projects", True), (f"{API}/auth/providers", True),
     (f"{API}/users/me", True), (f"{API}/nowhere", True)],
)  # fmt: skip
def test_every_answer_tells_browsers_to_be_careful(house: House, path: str, secret: bool) -> None:
    key = {"Authorization": f"Bearer {house.admin.key}"}
    answer = httpx.get(house.url + path, headers=key, timeout=60)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in answer.headers, "it is not on https"
    assert ("no-store" in answer.headers.get("Cache-Control", "")) == secret


def test_an_https_address_is_told_to_stay_so(lonely: House) -> None:
    process = lonely.processes[0]
    process.stop()
    secure = lonely.start(ROTO_PUBLIC_URL="https://roto.studio.example", ROTO_HSTS_SECONDS="600")
    answer = httpx.get(secure.url + "/healthz", timeout=60)
    assert answer.headers["Strict-Transport-Security"] == "max-age=600"


ASKED = {"Origin": "null", "Access-Control-Request-Headers": "authorization,x-request-id"}


def preflight(house: House, path: str, method: str) -> httpx.Response:
    headers = {**ASKED, "Access-Control-Request-Method": method}
    return httpx.options(f"{house.url}{API}{path}", headers=headers, timeout=60)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("path", "method"),
    [("/projects", "POST"), ("/projects/1/members/2", "PUT"), ("/api-keys/1", "DELETE"),
     ("/auth/device", "POST"), ("/auth/device/token", "POST"), ("/auth/tickets", "POST")],
)  # fmt: skip
def test_a_page_that_is_a_file_may_call_what_takes_a_token(
    house: House, path: str, method: str
) -> None:
    answer = preflight(house, path, method)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "null"
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.one_database
@pytest.mark.parametrize(
    "path",
    ["/auth/login", "/auth/refresh", "/auth/logout", "/auth/register", "/auth/password/reset",
     "/auth/device/BCDF-GHJK/decision", "/auth/oidc/studio/start"],
)  # fmt: skip
def test_no_page_may_call_what_takes_passwords_or_cookies(house: House, path: str) -> None:
    answer = preflight(house, path, "POST")
    assert "Access-Control-Allow-Origin" not in answer.headers
    direct = httpx.post(f"{house.url}{API}{path}", headers={"Origin": "null"}, json={}, timeout=60)
    assert "Access-Control-Allow-Origin" not in direct.headers


@pytest.mark.one_database
def test_pages_can_read_the_headers_they_need(house: House) -> None:
    key = {"Authorization": f"Bearer {house.admin.key}", "Origin": "null"}
    answer = httpx.get(f"{house.url}{API}/projects", headers=key, timeout=60)
    exposed = answer.headers["Access-Control-Expose-Headers"]
    for name in ("ETag", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Sunset"):
        assert name in exposed
