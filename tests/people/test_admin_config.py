"""The global configuration: changed while servers run, on every process, with its history."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from helpers_admin import soon
from helpers_people import PASSWORD, House, running_house

from helpers_services import postgres_database
from roto_server.access.passwords import hash_password
from roto_server.db.types import utc_now


@pytest.fixture(scope="session")
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A house whose configuration nobody else needs; of two processes where that may be."""
    folder = tmp_path_factory.mktemp("configured")
    if request.param == "sqlite":
        with running_house(folder, f"sqlite:///{folder / 'roto.db'}") as house:
            yield house
        return
    uri: str = request.getfixturevalue("postgres")
    with postgres_database(uri) as url, running_house(folder, url, servers=2) as house:
        yield house


def put(house: House, name: str, value: Any) -> httpx.Response:
    """Change a value on the first process."""
    with house.client(house.admin.key) as admin:
        return admin.put(f"/admin/config/{name}", json={"value": value})


def listed(house: House, name: str) -> dict[str, Any]:
    with house.client(house.admin.key) as admin:
        items = admin.get("/admin/config").json()["items"]
    [found] = [item for item in items if item["name"] == name]
    return dict(found)


def test_a_value_holds_at_once_here_and_soon_everywhere(house: House) -> None:
    def registering(process: int) -> int:
        address = f"{uuid.uuid4().hex[:12]}@studio.example"
        body = {"email": address, "name": "Ada", "password": PASSWORD}
        with house.client(process=process) as visitor:
            return visitor.post("/auth/register", json=body).status_code

    last = len(house.processes) - 1
    assert registering(0) == registering(last) == 202
    changed = put(house, "registration", "closed")
    assert changed.status_code == 200, changed.text
    assert registering(0) == 403
    soon(lambda: registering(last) == 403)
    assert put(house, "registration", None).json()["value"] == "open"
    assert registering(0) == 202
    soon(lambda: registering(last) == 202)


def test_a_name_tells_its_value_default_source_and_who_changed_it(house: House) -> None:
    untouched = listed(house, "device_key_days")
    assert (untouched["value"], untouched["source"]) == (180.0, "default")
    # The house's environment sets it.
    assert (listed(house, "registration")["default"], listed(house, "registration")["source"]) == (
        "open",
        "environment",
    )
    put(house, "device_key_days", 90)
    entry = listed(house, "device_key_days")
    assert (entry["value"], entry["default"], entry["source"]) == (90.0, 180.0, "changed")
    assert (entry["changed_by"], entry["changed_by_name"]) == (house.admin.id, "the admin")
    assert put(house, "device_key_days", None).json()["source"] == "default"


def test_history_is_paged_and_an_entry_can_be_put_back(house: House) -> None:
    for value in (10, 20, None, 30):
        assert put(house, "one_time_hours", value).status_code == 200
    with house.client(house.admin.key) as admin:
        first = admin.get("/admin/config/history?name=one_time_hours&limit=3").json()
        assert [item["value"] for item in first["items"]] == [30, None, 20]
        query = {"name": "one_time_hours", "limit": 3, "cursor": first["next"]}
        second = admin.get("/admin/config/history", params=query).json()
        assert [item["value"] for item in second["items"]] == [10]
        assert second["next"] is None
        seq = first["items"][2]["seq"]
        back = admin.post(f"/admin/config/history/{seq}/rollback")
        assert (back.status_code, back.json()["value"]) == (200, 20)
        assert admin.post("/admin/config/history/999999/rollback").status_code == 404
        newest = admin.get("/admin/config/history?limit=1").json()["items"][0]
        assert (newest["name"], newest["value"]) == ("one_time_hours", 20)
        [entry, *_] = admin.get("/audit?action=config.changed&target=one_time_hours").json()[
            "items"
        ]
        assert (entry["before"]["value"], entry["after"]["value"]) == (30, 20)
        assert admin.get("/admin/config/history?name=nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("registration", "perhaps"),
        ("session_days", -1),
        ("session_days", 10**9),
        ("session_days", "soon"),
        ("limit_user", "many"),
        ("limit_user", 7),
        ("registration_domains", 5),
        ("message_of_the_day", "x" * 1001),
        ("message_of_the_day", "a\x00b"),
        ("artists_see_all", "perhaps"),
        ("max_attempts", 0),
        ("session_days", True),
    ],
)
def test_a_value_the_setting_does_not_take_is_refused(house: House, name: str, value: Any) -> None:
    before = listed(house, name)
    refused = put(house, name, value)
    assert refused.status_code == 422, refused.text
    assert name in refused.json()["message"]
    assert listed(house, name) == before


@pytest.mark.parametrize("name", ["secret_key", "database_url", "smtp_url", "nothing"])
def test_what_is_no_matter_of_administrators_is_not_there(house: House, name: str) -> None:
    assert put(house, name, "x").status_code == 404
    with house.client(house.admin.key) as admin:
        assert f'"{name}"' not in admin.get("/admin/config").text


def test_what_it_concerns_goes_by_it(house: House) -> None:
    ada = house.person(
        "supervisor", password_hash=hash_password(PASSWORD), email_confirmed_at=utc_now()
    )

    def signed_in() -> int:
        with house.client() as visitor:
            body = {"email": ada.email, "password": PASSWORD}
            seconds: float = visitor.post("/auth/login", json=body).json()["expires_in"]
            return round(seconds)

    with house.client(ada.key) as client:

        def sees_all() -> bool:
            body = {"name": f"show {uuid.uuid4().hex}"}
            return bool(client.post("/projects", json=body).json()["artists_see_all"])

        assert (signed_in(), sees_all()) == (900, True)
        assert client.get("/notices").json()["message_of_the_day"] == ""
        put(house, "access_token_seconds", 77)
        put(house, "artists_see_all", False)
        put(house, "message_of_the_day", "Render wall is full.\nBe kind.")
        assert (signed_in(), sees_all()) == (77, False)
        assert client.get("/notices").json()["message_of_the_day"].endswith("Be kind.")
    for name in ("access_token_seconds", "artists_see_all", "message_of_the_day"):
        put(house, name, None)


def test_a_limit_holds_as_soon_as_it_is_changed(house: House) -> None:
    ada = house.person("artist")
    with house.client(ada.key) as client:
        assert {client.get("/projects").status_code for _ in range(5)} == {200}
        put(house, "limit_key", "8/hour")
        assert 429 in {client.get("/projects").status_code for _ in range(10)}
        put(house, "limit_key", "off")
        assert {client.get("/projects").status_code for _ in range(5)} == {200}
    put(house, "limit_key", None)


def test_a_change_outlives_the_processes(empty_database: str, tmp_path: Path) -> None:
    with running_house(tmp_path / "house", empty_database) as house:
        put(house, "message_of_the_day", "still here")
        assert house.processes[0].stop() == 0
        process = house.start()
        with httpx.Client(base_url=process.url, timeout=60) as client:
            key = {"Authorization": f"Bearer {house.admin.key}"}
            notices = client.get("/api/v1/notices", headers=key).json()
    assert notices["message_of_the_day"] == "still here"


def test_values_that_are_only_good_together_are_kept_together(house: House) -> None:
    alone = put(house, "registration", "domains")
    assert (alone.status_code, "DOMAINS" in alone.json()["message"]) == (422, True)
    assert put(house, "registration_domains", ["a.example", "b.example"]).status_code == 200
    assert put(house, "registration", "domains").status_code == 200
    last = len(house.processes) - 1

    def registering(domain: str) -> int:
        address = f"{uuid.uuid4().hex[:12]}@{domain}"
        body = {"email": address, "name": "Ada", "password": PASSWORD}
        with house.client(process=last) as visitor:
            return visitor.post("/auth/register", json=body).status_code

    soon(lambda: registering("c.example") == 403)
    assert registering("b.example") == 202
    # Neither can the one go while the other stays.
    assert put(house, "registration_domains", None).status_code == 422
    assert put(house, "registration", None).status_code == 200
    assert put(house, "registration_domains", None).status_code == 200
    soon(lambda: registering("c.example") == 202)
