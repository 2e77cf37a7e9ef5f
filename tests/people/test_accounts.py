"""Accounts through HTTP: registering, confirming, signing in, passwords; what nobody learns."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpers_accounts import (
    audit_of,
    login,
    new_address,
    person_with_password,
    post,
    refused,
    register,
    set_user,
    sign_in,
)
from helpers_people import PASSWORD, SECRET_KEY, House, running_house
from sqlalchemy import func, select

from helpers_services import link_token
from roto_server.access.accounts import invite
from roto_server.access.roles import Role
from roto_server.access.tokens import create_key, token_digest
from roto_server.db.people import AuditEntry, OneTimeToken, OutgoingMail, User
from roto_server.db.types import utc_now
from roto_server.settings import Settings

OTHER = "another quite good passphrase"


def test_who_registers_confirms_by_the_mail_and_signs_in(house: House) -> None:
    email = new_address()
    assert (
        post(house, "register", email=email.upper(), name="Ada", password=PASSWORD).json() is None
    )
    refused(login(house, email), 403, "email_unconfirmed")
    refused(login(house, email, "wrong"), 401, "bad_credentials")
    token = link_token(house.mails.wait(email))
    assert post(house, "confirm", token=token).status_code == 204
    me = sign_in(house, email)
    with me.client as client:
        told = client.get("/users/me").json()
    assert (told["email"], told["name"], told["role"]) == (email, "Ada", "artist")
    refused(post(house, "confirm", token=token), 410, "link_expired")


def test_a_confirmation_sent_again_carries_nobodys_password(house: House) -> None:
    email = new_address()
    post(house, "register", email=email, name="Ada", password=PASSWORD)
    first = link_token(house.mails.wait(email))
    post(house, "register", email=email, name="Eve", password=OTHER)
    assert post(house, "resend", email=email).status_code == 202
    again = link_token(house.mails.wait(email, 3))
    mine = "the words of this very reader"
    assert post(house, "password/reset", token=again, password=mine).status_code == 204
    refused(post(house, "confirm", token=first), 410, "link_expired")
    refused(login(house, email, OTHER), 401, "bad_credentials")
    assert login(house, email, mine).status_code == 200


def test_a_link_is_good_for_its_time_only(house: House) -> None:
    email = new_address()
    post(house, "register", email=email, name="Ada", password=PASSWORD)
    token = link_token(house.mails.wait(email))
    with house.database.session() as session:
        row = session.scalars(
            select(OneTimeToken).where(OneTimeToken.sha256 == token_digest(token))
        ).one()
        assert timedelta(hours=23) < row.expires_at - utc_now() <= timedelta(hours=24)
        row.expires_at = utc_now() - timedelta(seconds=1)
    expired = refused(post(house, "confirm", token=token), 410, "link_expired")
    never = refused(post(house, "confirm", token="rotoconfirm_" + "a" * 43), 410, "link_expired")
    assert expired == never


def test_a_confirmation_confirms_its_own_registration(house: House) -> None:
    """Somebody else's registration with one's address slips no password in."""
    email = new_address()
    post(house, "register", email=email, name="Ada", password=PASSWORD)
    mine = link_token(house.mails.wait(email))
    post(house, "register", email=email, name="Eve", password=OTHER)
    other = link_token(house.mails.wait(email, 2))
    assert post(house, "confirm", token=mine).status_code == 204
    assert login(house, email).json()["user"]["name"] == "Ada"
    refused(login(house, email, OTHER), 401, "bad_credentials")
    refused(post(house, "confirm", token=other), 410, "link_expired")


def test_a_stranger_cannot_register_over_an_invitation(house: House) -> None:
    """Nor put words into a mail of the studio's."""
    email = new_address()
    with house.database.session() as session:
        settings = Settings(secret_key=SECRET_KEY, smtp_url="smtp://127.0.0.1:1",
                            mail_from="roto@studio.example")  # fmt: skip
        invite(session, settings, email=email, name="Boss", role=Role.ADMIN)
    invited = link_token(house.mails.wait(email))
    words = "Visit https://evil.example now"
    post(house, "register", email=email, name=words, password=OTHER)
    again = house.mails.wait(email, 2)
    assert again["Subject"] == "You are invited to Megaton Roto"
    assert "evil" not in again.as_string()
    assert post(house, "password/reset", token=invited, password=PASSWORD).status_code == 204
    refused(login(house, email, OTHER), 401, "bad_credentials")
    me = login(house, email).json()["user"]
    assert (me["name"], me["role"]) == ("Boss", "admin")
    stranger = new_address()
    post(house, "register", email=stranger, name=words, password=OTHER)
    assert "evil" not in house.mails.wait(stranger).as_string()


def test_nobody_learns_whether_an_address_has_an_account(house: House) -> None:
    known, unknown = register(house), new_address()
    for path, more in (
        ("register", {"name": "Eve", "password": OTHER}),
        ("resend", {}),
        ("password/forgot", {}),
    ):
        answers = [post(house, path, email=email, **more) for email in (known, unknown)]
        assert {(answer.status_code, answer.text) for answer in answers} == {(202, "null")}
    wrong = refused(login(house, known, "wrong"), 401, "bad_credentials")
    assert refused(login(house, new_address(), "wrong"), 401, "bad_credentials") == wrong
    # What there is to say goes to the address.
    assert house.mails.wait(known, 2)["Subject"] == "You have an account already"
    assert login(house, known).status_code == 200


def test_the_same_is_written_for_a_known_and_an_unknown_address(house: House) -> None:
    """Each request for a mail notes one entry, whoever it is for (the rest:
    tests/server/access/test_same_work.py)."""
    known = register(house)
    for path in ("resend", "password/forgot"):
        written = []
        for email in (known, new_address()):
            request = post(house, path, email=email).headers["X-Request-Id"]
            with house.database.reading() as session:
                query = select(AuditEntry.action).where(AuditEntry.request_id == request)
                written.append(list(session.scalars(query)))
        assert written[0] == written[1]
        assert len(written[0]) == 1
    _wait_until_sent(house)


def test_a_forgotten_password_is_replaced_and_everyone_is_out(house: House) -> None:
    ada = sign_in(house)
    with house.database.session() as session:
        user = session.get_one(User, ada.user_id)
        _, of_plugin = create_key(session, user, "Nuke", ["read"], source="device")
        _, by_hand = create_key(session, user, "script", ["read"])
    assert post(house, "password/forgot", email=ada.email).status_code == 202
    token = link_token(house.mails.wait(ada.email))
    refused(post(house, "password/reset", token=token, password="short"), 422, "weak_password")
    own_name = ada.email.partition("@")[0]
    refused(post(house, "password/reset", token=token, password=own_name), 422, "weak_password")
    assert post(house, "password/reset", token=token, password=OTHER).status_code == 204
    refused(post(house, "password/reset", token=token, password=PASSWORD), 410, "link_expired")
    refused(login(house, ada.email), 401, "bad_credentials")
    assert login(house, ada.email, OTHER).status_code == 200
    refused(post(house, "refresh", refresh_token=ada.refresh), 401, "unauthorized")
    for secret, status in ((ada.access, 401), (of_plugin, 401), (by_hand, 401)):
        with house.client(secret) as client:
            assert client.get("/users/me").status_code == status
    assert house.mails.wait(ada.email, 2)["Subject"] == "Your password was changed"


def test_one_link_used_makes_the_others_worthless(house: House) -> None:
    email = person_with_password(house).email
    for _ in range(2):
        post(house, "password/forgot", email=email)
    first, second = (link_token(house.mails.wait(email, number)) for number in (1, 2))
    assert post(house, "password/reset", token=first, password=OTHER).status_code == 204
    refused(post(house, "password/reset", token=second, password=PASSWORD), 410, "link_expired")
    assert login(house, email, OTHER).status_code == 200


def test_who_knows_the_password_changes_it_and_other_sessions_end(house: House) -> None:
    ada = sign_in(house)
    other = sign_in(house, ada.email)
    change = {"old": PASSWORD, "new": OTHER}
    with house.client(ada.access) as client:
        wrong = client.post("/auth/password/change", json={**change, "old": "wrong"})
        refused(wrong, 401, "bad_credentials")
        weak = client.post("/auth/password/change", json={**change, "new": "password1234"})
        refused(weak, 422, "weak_password")
        assert client.post("/auth/password/change", json=change).status_code == 204
        assert client.get("/users/me").status_code == 200
    with other.client as client:
        refused(client.get("/users/me"), 401, "unauthorized")
    noted = [entry.action for entry in audit_of(house, ada.user_id)]
    assert noted == ["user.password_refused", "user.password_changed"]
    refused(login(house, ada.email), 401, "bad_credentials")
    assert login(house, ada.email, OTHER).status_code == 200


def test_a_key_changes_no_password(house: House) -> None:
    person = person_with_password(house)
    with house.client(person.key) as client:
        body = {"old": PASSWORD, "new": OTHER}
        refused(client.post("/auth/password/change", json=body), 403, "forbidden")


def test_wrong_passwords_make_one_wait_whether_or_not_there_is_an_account(house: House) -> None:
    known, unknown = person_with_password(house).email, new_address()
    for email in (known, unknown):
        for _ in range(5):
            refused(login(house, email, "wrong"), 401, "bad_credentials")
        # The first waits are short; a slow machine may outlast them, but they double.
        waits = next(
            answer for _ in range(12) if (answer := login(house, email, "wrong")).status_code != 401
        )
        told = refused(waits, 429, "rate_limited")
        assert told["detail"]["limit"] == "wrong_passwords"
        assert int(waits.headers["Retry-After"]) >= 1
    deadline = time.monotonic() + 60
    while (answer := login(house, known)).status_code == 429:
        assert time.monotonic() < deadline
        time.sleep(float(answer.json()["detail"]["retry_after"]))
    assert answer.status_code == 200
    refused(login(house, known, "wrong"), 401, "bad_credentials")


def test_who_is_disabled_is_out_at_once(house: House) -> None:
    ada = sign_in(house)
    set_user(house, ada.email, state="disabled")
    with ada.client as client:
        refused(client.get("/users/me"), 403, "account_disabled")
    refused(post(house, "refresh", refresh_token=ada.refresh), 401, "unauthorized")
    refused(login(house, ada.email), 403, "account_disabled")
    refused(login(house, ada.email, "wrong"), 401, "bad_credentials")
    post(house, "password/forgot", email=ada.email)
    _wait_until_sent(house)
    assert house.mails.to(ada.email) == []


def test_enabling_an_account_vouches_for_no_address(house: House) -> None:
    email = new_address()
    post(house, "register", email=email, name="Ada", password=PASSWORD)
    with house.database.reading() as session:
        ident = session.scalar(select(User.id).where(User.email == email))
    with house.client(house.admin.key) as admin:
        for asked, told in (("disabled", "disabled"), ("active", "unconfirmed")):
            answer = admin.patch(f"/admin/users/{ident}", json={"state": asked})
            assert answer.status_code == 200, answer.text
            assert answer.json()["state"] == told
    refused(login(house, email), 403, "email_unconfirmed")


def test_two_register_with_one_address_at_once(house: House) -> None:
    email = new_address()
    statuses: list[int] = []

    def go() -> None:
        body = {"email": email, "name": "Ada", "password": PASSWORD}
        statuses.append(post(house, "register", **body).status_code)

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [202] * 4
    with house.database.reading() as session:
        count = select(func.count()).select_from(User).where(User.email == email)
        assert session.scalar(count) == 1


@pytest.mark.parametrize(
    ("password", "because"),
    [("short", "10 to 256"), ("aaaaaaaaaaaa", "repeats"), ("password123", "first")],
)
@pytest.mark.one_database
def test_weak_passwords_are_refused(house: House, password: str, because: str) -> None:
    answer = post(house, "register", email=new_address(), name="Ada", password=password)
    assert because in refused(answer, 422, "weak_password")["message"]


@pytest.mark.one_database
def test_what_is_no_address_is_refused(house: House) -> None:
    for email in ("ada", "ada@", "ada@@studio.example", "ada@studio.example\nBcc: eve@x.example"):
        answer = post(house, "register", email=email, name="Ada", password=PASSWORD)
        refused(answer, 422, "bad_request")


def test_the_audit_log_has_every_step_and_no_address(house: House) -> None:
    email = register(house)
    ada = sign_in(house, email)
    login(house, email, "wrong")
    entries = audit_of(house, ada.user_id)
    actions = [entry.action for entry in entries]
    assert actions == ["user.registered", "user.confirmed", "session.refused"]
    assert [entry.actor_kind for entry in entries] == ["visitor", "user", "visitor"]
    assert all(entry.address == "127.0.0.1" and entry.request_id for entry in entries)
    with house.database.reading() as session:
        everything = repr([vars(entry) for entry in session.scalars(select(AuditEntry))])
    assert email not in everything
    assert ada.refresh not in everything
    assert PASSWORD not in everything


def test_secrets_are_kept_as_hashes_and_no_log_has_them(house: House) -> None:
    email = register(house)
    ada = sign_in(house, email)
    with house.database.reading() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        assert user.password_hash is not None
        assert user.password_hash.startswith("$argon2id$")
    text = "".join(process.log.read_text(encoding="utf-8") for process in house.processes)
    for secret in (PASSWORD, ada.access, ada.refresh, link_token(house.mails.wait(email)), email):
        assert secret not in text


@pytest.mark.one_database
def test_registration_is_for_whom_the_settings_say(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    only: Any = {"ROTO_REGISTRATION": "domains", "ROTO_REGISTRATION_DOMAINS": "studio.example"}
    with running_house(tmp_path / "house", url, **only) as house:
        body = {"name": "Eve", "password": PASSWORD}
        answer = post(house, "register", email="eve@elsewhere.example", **body)
        assert "elsewhere.example" in refused(answer, 403, "forbidden")["message"]
        assert post(house, "register", email="eve@studio.example", **body).status_code == 202


@pytest.mark.one_database
def test_a_server_without_mail_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    silent: Any = {"ROTO_REGISTRATION": "closed", "ROTO_SMTP_URL": "", "ROTO_MAIL_FROM": ""}
    with running_house(tmp_path / "house", url, **silent) as house:
        person = person_with_password(house)
        body = {"name": "Eve", "password": PASSWORD}
        refused(post(house, "register", email=new_address(), **body), 403, "forbidden")
        for path in ("password/forgot", "resend"):
            for email in (person.email, new_address()):
                told = refused(post(house, path, email=email), 409, "conflict")
                assert "ROTO_SMTP_URL" in told["message"]
        assert login(house, person.email).status_code == 200


def _wait_until_sent(house: House) -> None:
    """Until the outbox is empty: what should not be sent would have been."""
    deadline = time.monotonic() + 60
    while True:
        with house.database.reading() as session:
            left = session.scalar(select(func.count()).select_from(OutgoingMail))
        if not left:
            return
        assert time.monotonic() < deadline, f"{left} mails wait"
        time.sleep(0.05)
