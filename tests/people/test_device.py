"""Programs sign in with a code that a person approves: RFC 8628 over HTTP."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_people import House, Person, running_house
from helpers_signing_in import audited, person_with_password, signed_in
from sqlalchemy import select, update

from roto_client.api import device
from roto_client.api.transport import Transport
from roto_server.access.device import CODE_LENGTH, LETTERS
from roto_server.access.tokens import token_digest
from roto_server.db.models import Token
from roto_server.db.people import DeviceGrant, User
from roto_server.db.types import utc_now

PROGRAM = "Nuke on ws042"


def start(house: House) -> dict[str, Any]:
    with house.client() as program:
        answer = program.post("/auth/device", json={"client": PROGRAM})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def poll(house: House, code: dict[str, Any]) -> httpx.Response:
    with house.client() as program:
        return program.post("/auth/device/token", json={"device_code": code["device_code"]})


def decide(client: httpx.Client, code: str, *, approve: bool) -> httpx.Response:
    return client.post(f"/auth/device/{code}/decision", json={"approve": approve})


def grant_of(house: House, code: dict[str, Any]) -> DeviceGrant:
    digest = token_digest(code["device_code"])
    with house.database.reading() as session:
        return session.scalars(select(DeviceGrant).where(DeviceGrant.device_sha256 == digest)).one()


def let_expire(house: House, code: dict[str, Any]) -> None:
    with house.database.session() as session:
        session.execute(
            update(DeviceGrant)
            .where(DeviceGrant.id == grant_of(house, code).id)
            .values(expires_at=utc_now() - timedelta(seconds=1))
        )


def test_an_approved_code_gives_one_key_that_works(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    assert poll(house, code).json()["code"] == "authorization_pending"
    with signed_in(house, ann) as browser:
        shown = browser.get(f"/auth/device/{code['user_code']}").json()
        assert (shown["client"], shown["address"]) == (PROGRAM, "127.0.0.1")
        assert shown["user_code"] == code["user_code"]
        assert decide(browser, code["user_code"], approve=True).status_code == 204
    answer = poll(house, code)
    assert answer.status_code == 200
    given = answer.json()
    assert given["user"] == {"id": ann.id, "name": ann.name}
    assert given["scopes"] == ["read", "write"]
    left = datetime.fromisoformat(given["expires_at"]) - utc_now()
    assert timedelta(days=179) < left <= timedelta(days=180)
    with house.client(given["api_key"]) as program:
        assert program.get("/projects").status_code == 200
        assert program.get("/auth/sessions").status_code == 403
    again = poll(house, code)
    assert (again.status_code, again.json()["code"]) == (410, "link_expired")
    with house.database.reading() as session:
        row = session.scalars(
            select(Token).where(Token.user_id == ann.id, Token.source == "device")
        )
        key = row.one()
        assert key.name == PROGRAM
    (made,) = audited(house, "key.created", key.id)
    assert made.actor_id == ann.id
    (approved,) = audited(house, "device.approved", grant_of(house, code).id)
    assert approved.actor_id == ann.id
    assert approved.via.startswith("session ")


def test_the_code_is_easy_to_type_and_nothing_secret_is_kept(house: House) -> None:
    code = start(house)
    letters = code["user_code"].replace("-", "")
    assert re.fullmatch(r"\w{4}-\w{4}", code["user_code"])
    assert len(letters) == CODE_LENGTH
    assert set(letters) <= set(LETTERS)
    assert not set("AEIOU01") & set(LETTERS)
    page = code["verification_url"]
    assert page == house.url + "/device"
    assert code["verification_url_complete"] == f"{page}?code={code['user_code']}"
    assert (code["expires_in"], code["interval"]) == (600, 5)
    kept = grant_of(house, code)
    assert code["device_code"] not in str(vars(kept))
    ann = person_with_password(house)
    with signed_in(house, ann) as browser:
        for typed in (letters.lower(), f" {letters[:3]} {letters[3:]}".lower(), code["user_code"]):
            assert browser.get(f"/auth/device/{typed}").status_code == 200


def test_a_refused_program_gets_nothing(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    with signed_in(house, ann) as browser:
        assert decide(browser, code["user_code"], approve=False).status_code == 204
        second = decide(browser, code["user_code"], approve=True)
        assert (second.status_code, second.json()["code"]) == (410, "link_expired")
    answer = poll(house, code)
    assert (answer.status_code, answer.json()["code"]) == (403, "access_denied")
    assert len(audited(house, "device.denied", grant_of(house, code).id)) == 1


def test_who_asks_too_often_is_told_to_slow_down(house: House) -> None:
    code = start(house)
    assert poll(house, code).json()["code"] == "authorization_pending"
    hasty = poll(house, code)
    assert (hasty.status_code, hasty.json()["code"]) == (400, "slow_down")
    with house.database.session() as session:
        earlier = utc_now() - timedelta(seconds=6)
        of_this = DeviceGrant.id == grant_of(house, code).id
        session.execute(update(DeviceGrant).where(of_this).values(polled_at=earlier))
    assert poll(house, code).json()["code"] == "authorization_pending"


def test_an_old_code_is_void_on_both_sides(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    let_expire(house, code)
    assert poll(house, code).status_code == 410
    with signed_in(house, ann) as browser:
        assert browser.get(f"/auth/device/{code['user_code']}").status_code == 410
        assert decide(browser, code["user_code"], approve=True).status_code == 410


def test_an_approved_code_that_was_not_fetched_in_time_gives_no_key(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    with signed_in(house, ann) as browser:
        assert decide(browser, code["user_code"], approve=True).status_code == 204
    let_expire(house, code)
    assert poll(house, code).json()["code"] == "link_expired"


def test_only_a_person_who_signed_in_can_approve(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    for token, status in ((None, 401), (ann.key, 403), (house.farm_token, 403)):
        with house.client(token) as client:
            assert client.get(f"/auth/device/{code['user_code']}").status_code == status
            assert decide(client, code["user_code"], approve=True).status_code == status
    assert poll(house, code).json()["code"] == "authorization_pending"


def test_codes_that_never_were_are_not_found(house: House) -> None:
    with signed_in(house, person_with_password(house)) as browser:
        for typed in ("BBBB-BBBB", "x", "-", "%20", "BCDF-GHJK-BCDF"):
            assert browser.get(f"/auth/device/{typed}").status_code == 404
    with house.client() as program:
        answer = program.post("/auth/device/token", json={"device_code": "rotodevice_made_up"})
    assert (answer.status_code, answer.json()["code"]) == (410, "link_expired")


def test_whoever_is_disabled_meanwhile_lets_nobody_in(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    with signed_in(house, ann) as browser:
        assert decide(browser, code["user_code"], approve=True).status_code == 204
    with house.database.session() as session:
        session.get_one(User, ann.id).state = "disabled"
    answer = poll(house, code)
    assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")


def test_who_signs_out_everywhere_takes_back_what_was_not_fetched(house: House) -> None:
    """Somebody who was talked into approving, and noticed."""
    ann = person_with_password(house)
    code = start(house)
    with signed_in(house, ann) as browser:
        assert decide(browser, code["user_code"], approve=True).status_code == 204
        assert browser.post("/auth/logout-everywhere").status_code == 204
    answer = poll(house, code)
    assert (answer.status_code, answer.json()["code"]) == (403, "access_denied")


def test_of_many_who_ask_at_once_one_gets_the_key(house: House) -> None:
    ann = person_with_password(house)
    code = start(house)
    with signed_in(house, ann) as browser:
        assert decide(browser, code["user_code"], approve=True).status_code == 204
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: poll(house, code).status_code, range(8)))
    assert sorted(answers) == [200] + 7 * [410]


def test_the_plugins_own_client_gets_its_key(house: House) -> None:
    ann = person_with_password(house)
    transport = Transport(house.url, None)
    code = device.begin(transport, PROGRAM)
    with signed_in(house, ann) as browser:
        assert decide(browser, code.user_code, approve=True).status_code == 204
    key = device.wait_for_key(transport, code, threading.Event())
    assert key.user == ann.name
    assert key.scopes == ("read", "write")
    with house.client(key.api_key) as program:
        assert program.get("/projects").status_code == 200


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "two\nlines", None])
def test_programs_have_names_of_one_line(house: House, name: str | None) -> None:
    with house.client() as program:
        assert program.post("/auth/device", json={"client": name}).status_code == 422


@pytest.mark.one_database
def test_guessing_codes_is_bounded(tmp_path: Path) -> None:
    """Also of somebody who is signed in: for their account, wherever they ask from."""
    limits = {"ROTO_LIMIT_SIGN_IN": "off", "ROTO_LIMIT_ACCOUNT": "10/minute"}
    with running_house(tmp_path, f"sqlite:///{tmp_path / 'roto.db'}", **limits) as house:
        ann: Person = person_with_password(house)
        with signed_in(house, ann) as browser:
            guesses = [browser.get(f"/auth/device/BBBB-BBB{letter}") for letter in LETTERS]
    assert [guess.status_code for guess in guesses[:9]] == 9 * [404]
    assert guesses[-1].status_code == 429
    assert int(guesses[-1].headers["Retry-After"]) > 0
