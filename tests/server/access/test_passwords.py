"""Bad passwords, and the same work for an account that does not exist."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from roto_server.access import passwords
from roto_server.access.passwords import Hasher, check, hash_password, verify_password
from roto_shapes.errors import RotoError

GOOD = "correct horse battery staple"


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "nine char",
        "x" * 257,
        "abababababab",
        "Password1234",
        "QWERTYUIOP",
        "ada.lovelace",
        "Ada.Lovelace1",
        "ada.lovelace@studio.example",
        "Megaton Roto",
        "rotoroto1234",
    ],
)
def test_what_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(RotoError) as caught:
        check(password, "Ada Lovelace", "ada.lovelace@studio.example")
    assert caught.value.code == "weak_password"
    assert password not in caught.value.message or not password


@pytest.mark.parametrize("password", [GOOD, "dBk3qWv9Lz", "größe und höhe", "x1y2z3" * 42])
def test_others_are_taken(password: str) -> None:
    check(password, "Ada Lovelace", "ada.lovelace@studio.example")


def test_short_names_forbid_nothing() -> None:
    check("a lot of words here", "A", "a@b.example")


def test_a_hash_is_argon2id_and_salted() -> None:
    first, second = hash_password(GOOD), hash_password(GOOD)
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second
    assert verify_password(GOOD, first) == (True, None)
    assert verify_password(GOOD + " ", first) == (False, None)


def test_nobodys_password_takes_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = passwords._argon2()
    compared: list[str] = []

    class Counting:
        def hash(self, password: str) -> str:
            return str(real.hash(password))

        def verify_and_update(self, password: str, stored: str) -> Any:
            compared.append(stored)
            return real.verify_and_update(password, stored)

    stored = hash_password(GOOD)
    monkeypatch.setattr(passwords, "_argon2", Counting)
    assert verify_password(GOOD, None) == (False, None)
    assert verify_password("wrong", stored) == (False, None)
    costs = {one.split("$")[3] for one in compared}
    assert (len(compared), costs) == (2, {"m=65536,t=3,p=4"})


def test_requests_hash_a_few_at_once() -> None:
    async def go() -> list[bool]:
        hasher = Hasher()
        stored = await hasher.hash(GOOD)
        found = await asyncio.gather(*(hasher.verify(GOOD, stored) for _ in range(3)))
        return [one.right for one in found]

    assert asyncio.run(go()) == [True] * 3
