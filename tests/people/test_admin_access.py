"""Administrators and other people's ways in: sign-ins, keys, links; and the farm's tokens."""

from __future__ import annotations

import uuid

import pytest
from helpers_accounts import audit_of, person_with_password, refused, sign_in
from helpers_people import PASSWORD, House

from helpers_services import link_token


def test_one_sign_in_of_somebody_is_ended_and_no_other(house: House) -> None:
    ada = person_with_password(house)
    first, second = sign_in(house, ada.email), sign_in(house, ada.email)
    with house.client(house.admin.key) as admin:
        listed = admin.get(f"/admin/users/{ada.id}/sessions").json()["items"]
        assert [row["current"] for row in listed] == [False, False]
        path = f"/admin/users/{ada.id}/sessions/{listed[1]['id']}"
        assert admin.delete(path).status_code == 204
        refused(admin.delete(path), 404, "not_found")
        left = admin.get(f"/admin/users/{ada.id}/sessions").json()["items"]
        assert [row["id"] for row in left] == [listed[0]["id"]]
    with first.client as old, second.client as new, house.client() as visitor:
        refused(old.get("/users/me"), 401, "unauthorized")
        body = {"refresh_token": first.refresh}
        refused(visitor.post("/auth/refresh", json=body), 401, "unauthorized")
        assert new.get("/users/me").status_code == 200
    [entry] = [one for one in audit_of(house, listed[1]["id"]) if one.action == "session.ended"]
    assert (entry.actor_id, entry.after) == (
        house.admin.id, {"reason": "ended by an administrator"},
    )  # fmt: skip


def test_a_sign_in_or_key_of_somebody_else_is_not_under_this_name(house: House) -> None:
    ada, eve = sign_in(house), sign_in(house)
    with house.client(house.admin.key) as admin:
        for kind in ("sessions", "keys"):
            [row] = admin.get(f"/admin/users/{ada.user_id}/{kind}").json()["items"]
            wrong = f"/admin/users/{eve.user_id}/{kind}/{row['id']}"
            refused(admin.delete(wrong), 404, "not_found")
            nobody = f"/admin/users/{'0' * 32}/{kind}"
            refused(admin.get(nobody), 404, "not_found")
    with ada.client as client:
        assert client.get("/users/me").status_code == 200


def test_somebody_is_signed_out_everywhere_and_keeps_keys_made_by_hand(house: House) -> None:
    ada = person_with_password(house)
    signed_in = sign_in(house, ada.email)
    with house.client(house.admin.key) as admin:
        assert admin.post(f"/admin/users/{ada.id}/logout").status_code == 204
        assert admin.get(f"/admin/users/{ada.id}/sessions").json()["items"] == []
    with signed_in.client as client, house.client(ada.key) as by_key:
        refused(client.get("/users/me"), 401, "unauthorized")
        assert by_key.get("/users/me").status_code == 200
    [entry] = [one for one in audit_of(house, ada.id) if one.action == "user.logged_out"]
    assert (entry.actor_id, entry.after) == (house.admin.id, {"ended": 1})


def test_a_key_of_somebody_is_revoked_at_once(house: House) -> None:
    ada = person_with_password(house)
    with house.client(house.admin.key) as admin, house.client(ada.key) as by_key:
        [key] = admin.get(f"/admin/users/{ada.id}/keys").json()["items"]
        assert (key["name"], key["prefix"]) == ("tests", ada.key[:12])
        assert by_key.get("/projects").status_code == 200
        path = f"/admin/users/{ada.id}/keys/{key['id']}"
        assert admin.delete(path).status_code == 204
        refused(by_key.get("/projects"), 401, "unauthorized")
        refused(admin.delete(path), 404, "not_found")
        assert admin.get(f"/admin/users/{ada.id}/keys").json()["items"] == []
    assert [one.action for one in audit_of(house, key["id"])] == ["key.revoked"]


def test_a_link_to_a_new_password_goes_to_its_owner_and_not_to_the_administrator(
    house: House,
) -> None:
    ada = person_with_password(house)
    with house.client(house.admin.key) as admin, house.client() as visitor:
        answer = admin.post(f"/admin/users/{ada.id}/password-mail")
        assert (answer.status_code, answer.content) == (204, b"")
        token = link_token(house.mails.wait(ada.email))
        body = {"token": token, "password": "quite another passphrase"}
        assert visitor.post("/auth/password/reset", json=body).status_code == 204
        old = {"email": ada.email, "password": PASSWORD}
        refused(visitor.post("/auth/login", json=old), 401, "bad_credentials")
        new = old | {"password": "quite another passphrase"}
        assert visitor.post("/auth/login", json=new).status_code == 200
    assert "user.password_link" in [one.action for one in audit_of(house, ada.id)]


def test_an_invitation_is_sent_once_more(house: House) -> None:
    email = f"{uuid.uuid4().hex[:12]}@studio.example"
    with house.client(house.admin.key) as admin:
        made = admin.post("/admin/users", json={"email": email, "name": "Ina"}).json()
        house.mails.wait(email)
        assert admin.post(f"/admin/users/{made['id']}/password-mail").status_code == 204
    again = house.mails.wait(email, 2)
    with house.client() as visitor:
        body = {"token": link_token(again), "password": "quite another passphrase"}
        assert visitor.post("/auth/password/reset", json=body).status_code == 204


def test_services_and_the_disabled_choose_no_password(house: House) -> None:
    service = house.person("viewer", kind="service")
    ada = person_with_password(house, state="disabled")
    with house.client(house.admin.key) as admin:
        for person in (service, ada):
            told = refused(admin.post(f"/admin/users/{person.id}/password-mail"), 409, "conflict")
            assert told["hint"]


def test_a_farm_token_is_made_shown_once_and_revoked(house: House) -> None:
    register = {"node": "n", "slot": 0, "boot_id": uuid.uuid4().hex, "version": "none",
                "queues": [], "kinds": [], "engines": [], "device": "cpu"}  # fmt: skip
    with house.client(house.admin.key) as admin:
        made = admin.post("/admin/farm-tokens", json={"name": "rack 7"}).json()
        secret = made.pop("token")
        assert secret.startswith("rotofarm_")
        listed = admin.get("/admin/farm-tokens")
        assert made in listed.json()["items"]
        assert secret not in listed.text
        with house.client(secret) as node:
            # Known and let in; what it says of itself is refused later.
            assert node.post("/farm/workers", json=register).status_code not in (401, 403)
            refused(node.get("/admin/farm-tokens"), 403, "forbidden")
            assert admin.delete(f"/admin/farm-tokens/{made['id']}").status_code == 204
            refused(node.post("/farm/workers", json=register), 401, "unauthorized")
        refused(admin.delete(f"/admin/farm-tokens/{made['id']}"), 404, "not_found")
    assert [one.action for one in audit_of(house, made["id"])] == [
        "farm_token.created", "farm_token.revoked",
    ]  # fmt: skip


def test_a_persons_key_is_no_farm_token(house: House) -> None:
    ada = house.person()
    with house.client(house.admin.key) as admin:
        [key] = admin.get(f"/admin/users/{ada.id}/keys").json()["items"]
        refused(admin.delete(f"/admin/farm-tokens/{key['id']}"), 404, "not_found")


@pytest.mark.parametrize(
    ("role", "usable"),
    [
        ("viewer", {"read"}),
        ("artist", {"read", "write"}),
        ("supervisor", {"read", "write", "manage"}),
        ("admin", {"read", "write", "manage", "admin"}),
    ],
)
def test_which_scopes_keys_of_ones_own_may_carry(house: House, role: str, usable: set[str]) -> None:
    ada = sign_in(house, person_with_password(house, role).email)
    with ada.client as client:
        told = client.get("/api-keys/scopes").json()["items"]
        assert [one["name"] for one in told] == ["read", "write", "manage", "admin"]
        assert {one["name"] for one in told if one["usable"]} == usable
        for one in told:
            body = {"name": "k", "scopes": [one["name"]]}
            wanted = 201 if one["usable"] else 403
            assert client.post("/api-keys", json=body).status_code == wanted


def test_the_table_of_rights_is_what_the_server_goes_by(house: House) -> None:
    with house.client(house.person("viewer").key) as client:
        told = client.get("/roles").json()
    assert [role["name"] for role in told["roles"]] == ["admin", "supervisor", "artist", "viewer"]
    rights = {right["name"]: right for right in told["rights"]}
    assert all(right["about"] and right["roles"]["admin"] == "always" for right in rights.values())
    assert rights["review"]["roles"] == {"admin": "always", "supervisor": "always"}
    assert rights["edit_shot"]["roles"]["artist"] == "theirs"
    assert rights["view_shot"]["roles"] == {
        "admin": "always", "supervisor": "always", "artist": "shown", "viewer": "always",
    }  # fmt: skip
    assert rights["manage_users"]["roles"] == {"admin": "always"}
    assert (rights["manage_users"]["of"], rights["review"]["of"]) == ("server", "project")
    # As somebody of each role is told of themselves.
    for role in ("admin", "supervisor", "artist", "viewer"):
        with house.client(house.person(role).key) as client:
            may = set(client.get("/users/me").json()["may"])
        of_server = {
            name for name, right in rights.items()
            if right["of"] == "server" and role in right["roles"] and right["scope"] != "account"
        }  # fmt: skip
        assert {one for one in may if rights[one]["of"] == "server"} == of_server
