"""Sessions through HTTP: tokens that rotate, burn, end; the cookie; tickets; who was last seen."""

from __future__ import annotations

import base64
import json
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from helpers_accounts import (
    SignedIn,
    audit_of,
    person_with_password,
    post,
    refused,
    set_user,
    sign_in,
)
from helpers_people import SECRET_KEY, House
from sqlalchemy import select

from roto_server.access.secret import SecretBox
from roto_server.access.signing import AUDIENCE, ISSUER, PURPOSE
from roto_server.access.tickets import redeem_ticket
from roto_server.access.tokens import create_key, token_digest
from roto_server.db.models import Token
from roto_server.db.people import LoginSession, OneTimeToken, RefreshToken, SigningKey, User
from roto_server.db.types import utc_now
from roto_shapes.errors import RotoError


def me(house: House, token: str) -> int:
    with house.client(token) as client:
        return client.get("/users/me").status_code


def test_a_refresh_gives_a_new_pair_and_keeps_the_session(house: House) -> None:
    ada = sign_in(house, client="Nuke on ws042")
    fresh = post(house, "refresh", refresh_token=ada.refresh).json()
    assert fresh["token_type"] == "Bearer"
    assert fresh["expires_in"] == 900
    assert fresh["refresh_token"].startswith("rotorefresh_")
    assert fresh["refresh_token"] != ada.refresh
    assert me(house, ada.access) == me(house, fresh["access_token"]) == 200
    with house.client(fresh["access_token"]) as client:
        [only] = client.get("/auth/sessions").json()["items"]
    assert (only["client"], only["kind"], only["current"]) == ("Nuke on ws042", "password", True)
    with house.database.reading() as session:
        kept = {row.sha256 for row in session.scalars(select(RefreshToken))}
    assert {token_digest(ada.refresh), token_digest(fresh["refresh_token"])} <= kept


def test_a_stolen_refresh_token_burns_its_family(house: House) -> None:
    ada = sign_in(house)
    elsewhere = sign_in(house, ada.email)
    mine = post(house, "refresh", refresh_token=ada.refresh).json()
    thief = post(house, "refresh", refresh_token=ada.refresh)
    refused(thief, 401, "unauthorized")
    for token in (ada.access, mine["access_token"]):
        assert me(house, token) == 401
    refused(post(house, "refresh", refresh_token=mine["refresh_token"]), 401, "unauthorized")
    assert me(house, elsewhere.access) == 200, "another session is another family"
    entries = audit_of(house, session_of(ada))
    assert [entry.action for entry in entries] == [
        "session.opened",
        "session.ended",
        "session.token_reused",
    ]
    assert house.mails.wait(ada.email)["Subject"] == "You were signed out for safety"


def test_of_two_refreshes_at_once_one_gets_tokens(house: House) -> None:
    ada = sign_in(house)
    answers: list[int] = []
    start = threading.Barrier(6)

    def go() -> None:
        start.wait(20)
        answers.append(post(house, "refresh", refresh_token=ada.refresh).status_code)

    threads = [threading.Thread(target=go) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 401, 401, 401, 401, 401]
    assert me(house, ada.access) == 401
    [burnt] = [e for e in audit_of(house, session_of(ada)) if e.action == "session.token_reused"]
    assert burnt.actor_kind == "visitor"


def test_a_session_ends_on_its_day_however_often_it_was_refreshed(house: House) -> None:
    ada = sign_in(house)
    with house.database.session() as session:
        row = session.get_one(LoginSession, session_of(ada))
        assert timedelta(days=29) < row.expires_at - utc_now() <= timedelta(days=30)
        row.expires_at = utc_now() + timedelta(days=1)
    fresh = post(house, "refresh", refresh_token=ada.refresh).json()
    with house.database.session() as session:
        new = session.scalars(
            select(RefreshToken).where(RefreshToken.sha256 == token_digest(fresh["refresh_token"]))
        ).one()
        row = session.get_one(LoginSession, session_of(ada))
        assert new.expires_at == row.expires_at <= utc_now() + timedelta(days=1)
        row.expires_at = utc_now() - timedelta(seconds=1)
    assert me(house, fresh["access_token"]) == 401
    refused(post(house, "refresh", refresh_token=fresh["refresh_token"]), 401, "unauthorized")


def test_logging_out_ends_this_session_at_once(house: House) -> None:
    ada = sign_in(house)
    other = sign_in(house, ada.email)
    assert post(house, "logout", ada.access).status_code == 204
    assert me(house, ada.access) == 401
    refused(post(house, "refresh", refresh_token=ada.refresh), 401, "unauthorized")
    assert me(house, other.access) == 200


def test_logging_out_everywhere_ends_sessions_and_keys_of_programs(house: House) -> None:
    ada = sign_in(house)
    other = sign_in(house, ada.email)
    neighbour = sign_in(house)
    with house.database.session() as session:
        user = session.get_one(User, ada.user_id)
        _, of_plugin = create_key(session, user, "Nuke", ["read"], source="device")
        _, by_hand = create_key(session, user, "script", ["read"])
    started = post(house, "device", client="Nuke on ws042").json()
    decision = f"device/{started['user_code']}/decision"
    assert post(house, decision, ada.access, approve=True).status_code == 204
    assert post(house, "logout-everywhere", ada.access).status_code == 204
    let_in = post(house, "device/token", device_code=started["device_code"])
    refused(let_in, 403, "access_denied")
    states = {t: me(house, t) for t in (ada.access, other.access, of_plugin, by_hand)}
    assert list(states.values()) == [401, 401, 401, 200]
    assert me(house, neighbour.access) == 200
    [entry] = [e for e in audit_of(house, ada.user_id) if e.action == "user.logged_out"]
    assert entry.after == {"ended": 4}


def test_sessions_are_listed_and_ended_one_by_one(house: House) -> None:
    ada = sign_in(house, client="first")
    sign_in(house, ada.email, client="second")
    stranger = sign_in(house)
    with ada.client as client:
        page = client.get("/auth/sessions", params={"limit": 1}).json()
        rest = client.get("/auth/sessions", params={"cursor": page["next"]}).json()
        rows = page["items"] + rest["items"]
        assert [row["client"] for row in rows] == ["second", "first"]
        assert [row["current"] for row in rows] == [False, True]
        assert client.delete(f"/auth/sessions/{rows[0]['id']}").status_code == 204
        left = client.get("/auth/sessions").json()["items"]
        assert [row["client"] for row in left] == ["first"]
        for gone in (rows[0]["id"], session_of(stranger), "0" * 32, "x"):
            refused(client.delete(f"/auth/sessions/{gone}"), 404, "not_found")
    assert me(house, stranger.access) == 200


# -- access tokens


def forged(house: House, token: str, **changes: Any) -> str:
    """``token`` with other claims, signed by the house's own key; None leaves a claim out."""
    header = jwt.get_unverified_header(token)
    with house.database.reading() as session:
        sealed = session.get_one(SigningKey, header["kid"]).private
    private: Any = load_pem_private_key(SecretBox(SECRET_KEY).open(PURPOSE, sealed).encode(), None)
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, private, "EdDSA", {"kid": header["kid"]})


def test_an_access_token_says_no_more_than_it_must(house: House) -> None:
    ada = sign_in(house)
    assert jwt.get_unverified_header(ada.access)["alg"] == "EdDSA"
    claims = jwt.decode(ada.access, options={"verify_signature": False})
    assert set(claims) == {"iss", "aud", "sub", "sid", "iat", "exp"}
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, AUDIENCE, ada.user_id)
    assert claims["exp"] - claims["iat"] == 900


def test_only_a_token_that_is_all_right_is_believed(house: House) -> None:
    ada, eve = sign_in(house), sign_in(house)
    assert me(house, forged(house, ada.access)) == 200
    now = int(time.time())
    for changes in (
        {"exp": now - 60},
        {"exp": None},
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"sub": eve.user_id},
        {"sid": session_of(eve)},
        {"sid": "0" * 32},
        {"sid": None},
        {"sid": 7},
        {"iat": now + 3600},
    ):
        assert me(house, forged(house, ada.access, **changes)) == 401, changes


def test_a_signature_cannot_be_left_out_or_made_by_the_public_key(house: House) -> None:
    ada = sign_in(house)
    claims = jwt.decode(ada.access, options={"verify_signature": False})
    kid = jwt.get_unverified_header(ada.access)["kid"]
    with house.database.reading() as session:
        public = session.get_one(SigningKey, kid).public
    head, body, signature = ada.access.split(".")
    hmac = _part({"alg": "HS256", "kid": kid}) + "." + _part(claims)
    by_public = jwt.PyJWS().get_algorithm_by_name("HS256")
    wrong = base64.urlsafe_b64encode(by_public.sign(hmac.encode(), public.encode())).decode()
    other_key = forged(house, ada.access)[:-6] + "AAAAAA"
    for token in (
        jwt.encode(claims, "", "none", {"kid": kid}),
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{_part({'alg': 'none', 'kid': kid})}.{body}.{signature}",
        f"{hmac}.{wrong.rstrip('=')}",
        f"{_part({'alg': 'EdDSA', 'kid': '0' * 32})}.{body}.{signature}",
        f"{_part({'alg': 'EdDSA'})}.{body}.{signature}",
        other_key,
        "eyJ",
        "eyJ.eyJ.eyJ",
    ):
        assert me(house, token) == 401, token


# -- tickets


def ticket_of(ada: SignedIn) -> str:
    answer = post(ada.house, "tickets", ada.access).json()
    assert 0 < answer["expires_in"] <= 30
    return str(answer["ticket"])


def redeem(house: House, ticket: str) -> Any:
    with house.database.session() as session:
        return redeem_ticket(session, ticket, "192.0.2.7")


def test_a_ticket_carries_the_rights_of_who_asked_and_works_once(house: House) -> None:
    ada = sign_in(house)
    ticket = ticket_of(ada)
    assert ticket.startswith("rototicket_")
    who = redeem(house, ticket)
    assert (who.user_id, who.session_id) == (ada.user_id, session_of(ada))
    assert who.address == "192.0.2.7"
    for bad in (ticket, "rototicket_" + "a" * 43, ""):
        with pytest.raises(RotoError, match="works once"):
            redeem(house, bad)
    assert me(house, ticket_of(ada)) == 401, "a ticket is no token"


def test_a_keys_ticket_has_the_keys_scopes(house: House) -> None:
    person = person_with_password(house)
    with house.database.session() as session:
        user = session.get_one(User, person.id)
        row, key = create_key(session, user, "panel", ["read"])
    who = redeem(house, str(post(house, "tickets", key).json()["ticket"]))
    assert (who.token_id, who.scopes) == (row.id, frozenset({"read"}))


def test_a_ticket_is_void_when_its_time_or_its_session_is_over(house: House) -> None:
    ada = sign_in(house)
    late, ended, disabled = ticket_of(ada), ticket_of(ada), ticket_of(ada)
    with house.database.session() as session:
        row = session.scalars(
            select(OneTimeToken).where(OneTimeToken.sha256 == token_digest(late))
        ).one()
        row.expires_at = utc_now() - timedelta(seconds=1)
    with pytest.raises(RotoError, match="works once"):
        redeem(house, late)
    set_user(house, ada.email, state="disabled")
    with pytest.raises(RotoError) as caught:
        redeem(house, disabled)
    assert caught.value.code == "account_disabled"
    set_user(house, ada.email, state="active")
    post(house, "logout", ada.access)
    with pytest.raises(RotoError, match="ended"):
        redeem(house, ended)


# -- last seen


def test_who_was_seen_is_written_beside_the_requests(house: House) -> None:
    person = person_with_password(house)
    ada = sign_in(house, person.email)
    before = utc_now() - timedelta(seconds=5)
    with house.database.session() as session:
        session.get_one(LoginSession, session_of(ada)).last_used_at = before - timedelta(days=1)
    assert me(house, ada.access) == me(house, person.key) == 200
    deadline = time.monotonic() + 20
    while not all(stamp and stamp > before for stamp in stamps_of(house, ada)):
        assert time.monotonic() < deadline, stamps_of(house, ada)
        time.sleep(0.05)


def stamps_of(house: House, ada: SignedIn) -> list[datetime | None]:
    """Of the person, their session and their key."""
    with house.database.reading() as session:
        return [
            session.get_one(User, ada.user_id).last_seen_at,
            session.get_one(LoginSession, session_of(ada)).last_used_at,
            session.scalar(select(Token.last_used_at).where(Token.user_id == ada.user_id)),
        ]


def session_of(ada: SignedIn) -> str:
    return str(jwt.decode(ada.access, options={"verify_signature": False})["sid"])


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
