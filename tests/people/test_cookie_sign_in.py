"""Pages of the server: signed in by cookies that no script reads and no other page can use."""

from __future__ import annotations

import json
from http.cookies import SimpleCookie

import httpx
import pytest
from helpers_accounts import refused
from helpers_people import API, PASSWORD, House
from helpers_signing_in import person_with_password
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

REFRESH, ACCESS = "roto_refresh", "roto_access"
CSRF = {"X-Roto-CSRF": "1"}
FOREIGN = ({}, {"Origin": "null"}, {"Origin": "https://evil.example"})


def given(answer: httpx.Response) -> dict[str, str]:
    """The cookies an answer sets."""
    parsed = map(SimpleCookie, answer.headers.get_list("set-cookie"))
    return {name: morsel.value for one in parsed for name, morsel in one.items()}


def opened(house: House, browser: httpx.Client, role: str = "artist") -> dict[str, str]:
    """Sign in by cookie; what the browser holds then."""
    email = person_with_password(house, role).email
    body = {"email": email, "password": PASSWORD, "cookie": True}
    refused(browser.post("/auth/login", json=body), 403, "forbidden")
    answer = browser.post("/auth/login", json=body, headers={"Origin": house.url})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["refresh_token"], answer.json()["access_token"]) == (None, None)
    return given(answer)


def test_the_tokens_are_kept_where_no_script_reads_them(house: House) -> None:
    with house.client() as browser:
        held = opened(house, browser)
        assert set(held) == {REFRESH, ACCESS}
        for origin in FOREIGN:
            refused(browser.post("/auth/refresh", headers=origin), 403, "forbidden")
        own = {"Origin": house.url}
        fresh = browser.post("/auth/refresh", headers=own, json={})
        assert fresh.status_code == 200, "none of the refusals has used it up"
        assert held[REFRESH] not in fresh.text
        assert given(fresh)[ACCESS] not in fresh.text
        assert given(fresh)[REFRESH] != held[REFRESH]
        out = browser.post("/auth/logout", headers=own | CSRF)
        assert out.status_code == 204
        assert given(out) == {REFRESH: "", ACCESS: ""}
        assert out.headers["Clear-Site-Data"] == '"cache"'
        refused(browser.post("/auth/refresh", headers=own), 401, "unauthorized")
        assert browser.get("/users/me").status_code == 401


def test_the_cookie_reads_and_what_it_opens_is_for_pages_of_ours(house: House) -> None:
    with house.client() as browser:
        opened(house, browser)
        answer = browser.get("/users/me")
        assert answer.status_code == 200
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        # So a page knows when to renew what it cannot read.
        assert 0 < answer.json()["expires_in"] <= 900
        # A header that is there counts, also a wrong one.
        wrong = browser.get("/users/me", headers={"Authorization": "Bearer roto_wrong"})
        refused(wrong, 401, "unauthorized")


def test_a_page_of_a_site_next_to_ours_reads_nothing(house: House) -> None:
    with house.client() as browser:
        opened(house, browser)
        for site, status in (
            ("same-origin", 200),
            ("none", 200),
            ("same-site", 401),
            ("cross-site", 401),
        ):
            answer = browser.get("/users/me", headers={"Sec-Fetch-Site": site})
            assert answer.status_code == status, site


def test_of_two_cookies_of_one_name_neither_counts(house: House) -> None:
    with house.client() as browser, house.client() as other:
        ours, theirs = opened(house, browser), opened(house, other)
        own = {"Origin": house.url}
        for name, path in ((ACCESS, "/users/me"), (REFRESH, "/auth/refresh")):
            both = own | {"Cookie": f"{name}={ours[name]}; {name}={theirs[name]}"}
            method = "GET" if name == ACCESS else "POST"
            with house.client() as one:
                refused(one.request(method, path, headers=both), 401, "unauthorized")
        assert browser.post("/auth/refresh", headers=own).status_code == 200


def test_who_signs_in_over_another_ends_their_session(house: House) -> None:
    with house.client() as browser, house.client() as elsewhere:
        elsewhere.cookies.set(ACCESS, opened(house, browser)[ACCESS])
        assert elsewhere.get("/users/me").status_code == 200
        opened(house, browser)
        refused(elsewhere.get("/users/me"), 401, "unauthorized")
        assert browser.get("/users/me").status_code == 200


def test_writing_takes_the_page_and_its_header(house: House) -> None:
    with house.client() as browser:
        opened(house, browser, "supervisor")
        body, own = {"name": "by cookie"}, {"Origin": house.url}
        for headers in (*FOREIGN, own, *(one | CSRF for one in FOREIGN)):
            refused(browser.post("/projects", json=body, headers=headers), 401, "unauthorized")
        assert browser.post("/projects", json=body, headers=own | CSRF).status_code == 201


def test_a_preflight_never_lets_another_page_send_that_header(house: House) -> None:
    asked = {
        "Origin": "null",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-roto-csrf",
    }
    answer = httpx.options(f"{house.url}{API}/projects", headers=asked, timeout=60)
    allowed = answer.headers.get("Access-Control-Allow-Headers", "").lower()
    assert answer.status_code == 400 or "x-roto-csrf" not in allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_the_cookie_is_worth_nothing_to_the_farm(house: House) -> None:
    with house.client() as browser:
        opened(house, browser, "admin")
        headers = {"Origin": house.url} | CSRF
        answer = browser.post(f"/farm/tasks/{'0' * 32}/claim", json={}, headers=headers)
        refused(answer, 403, "forbidden")


@pytest.mark.one_database
def test_a_socket_takes_the_cookie_from_our_own_pages(house: House) -> None:
    url = house.url.replace("http", "ws", 1) + f"{API}/events"
    with house.client() as browser:
        cookie = {"Cookie": f"{ACCESS}={opened(house, browser)[ACCESS]}"}
        for headers in FOREIGN:
            with (
                pytest.raises(InvalidStatus) as caught,
                connect(url, additional_headers=cookie | headers, open_timeout=60),
            ):
                pass
            assert caught.value.response.status_code == 401
        own = cookie | {"Origin": house.url}
        with connect(url, additional_headers=own, open_timeout=30) as socket:
            assert json.loads(socket.recv(timeout=30))["kind"] == "hello"


def test_requests_by_cookie_are_counted_against_their_person(house: House) -> None:
    with house.client() as browser:
        opened(house, browser)
        first, second = (browser.get("/users/me").headers["RateLimit"] for _ in range(2))
        assert first != second
