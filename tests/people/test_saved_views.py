"""Views that people save for themselves, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from helpers_people import House
from helpers_signing_in import person_with_password, signed_in

VIEWS = {"Zulu": "owner=me&state=failed", "Alpha": "sort=-priority&search=sh%20010"}


def test_views_of_a_page_are_kept_in_their_order(house: House) -> None:
    person = person_with_password(house)
    with signed_in(house, person) as client:
        assert client.get("/users/me/views").json() == {"views": {}}
        put = client.put("/users/me/views", json={"views": {"jobs": VIEWS}})
        assert put.status_code == 200, put.text
        client.put("/users/me/views", json={"views": {"shots": {"Mine": "mine=1"}}})
        told = client.get("/users/me/views").json()["views"]
        assert told == {"jobs": VIEWS, "shots": {"Mine": "mine=1"}}
        assert list(told["jobs"]) == list(VIEWS)
        gone = client.put("/users/me/views", json={"views": {"jobs": {}}})
        assert gone.json() == {"views": {"shots": {"Mine": "mine=1"}}}


def test_they_are_ones_own_and_go_with_the_person(house: House) -> None:
    person, other = person_with_password(house), person_with_password(house)
    with signed_in(house, person) as client, signed_in(house, other) as others:
        client.put("/users/me/views", json={"views": {"jobs": VIEWS}})
        assert others.get("/users/me/views").json() == {"views": {}}
        exported = client.get("/users/me/export").json()["saved_views"]
        assert [(one["page"], one["views"]) for one in exported] == [("jobs", VIEWS)]
    with house.client(house.admin.key) as admin:
        assert admin.post(f"/admin/users/{person.id}/delete").status_code < 300
        assert admin.get(f"/admin/users/{person.id}/export").json()["saved_views"] == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    "views",
    [
        {"nowhere": {"a": "b=1"}},
        {"jobs": {"": "b=1"}},
        {"jobs": {"a" * 101: "b=1"}},
        {"jobs": {"a": "b" * 4001}},
        {"jobs": {"a": "b=1#c"}},
        {"jobs": {"a": "b=1\n"}},
        {"jobs": {f"a{number}": "" for number in range(51)}},
    ],
    ids=lambda views: str(views)[:40],
)
def test_what_is_no_view(house: House, views: Any) -> None:
    with signed_in(house, person_with_password(house)) as client:
        answer = client.put("/users/me/views", json={"views": views})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_request")
