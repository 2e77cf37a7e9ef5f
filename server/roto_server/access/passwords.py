"""Passwords: what is a bad one, and argon2 of them.

Everything else that proves who somebody is holds 256 random bits and is kept as SHA-256
(`access.tokens`); argon2 is for what people choose. It takes 64 MiB and tenths of a second by
intent, so requests do it in a few threads of its own (`Hasher`), never with a transaction open.
"""

from __future__ import annotations

import os
import secrets
from functools import cache, partial
from typing import NamedTuple

import anyio
import anyio.to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from roto_shapes.errors import RotoError

SHORTEST, LONGEST = 10, 256
_FEWEST_CHARACTERS = 5
_HASHES_AT_ONCE = min(4, os.cpu_count() or 1)

# Long enough to pass for good, and tried first by whoever tries passwords.
_COMMON = frozenset(
    (
        "0123456789", "1234567890", "12345678910", "123456789a", "1q2w3e4r5t", "1q2w3e4r5t6y",
        "1qaz2wsx3edc", "abcdefghij", "administrator", "changemenow", "computer123",
        "football123", "iloveyou123", "letmein123", "letmein1234", "mypassword", "password01",
        "password12", "password123", "password1234", "password12345", "password123456",
        "passwordpassword", "princess123", "qazwsxedcrfv", "qwerty1234", "qwerty12345",
        "qwerty123456", "qwertyuiop", "qwertyuiop123", "qwertyuiopasdf", "sunshine123",
        "superman123", "trustno1trustno1", "welcome123", "welcome1234",
    )
)  # fmt: skip


class Verified(NamedTuple):
    """Whether a password is right; ``renewed`` is its hash by today's cost, when that grew."""

    right: bool
    renewed: str | None


def check(password: str, *personal: str) -> None:
    """Refuse a password that would be guessed; ``personal``: the name and address of its holder.

    Raises:
        RotoError: ``weak_password``.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise _weak(f"A password has {SHORTEST} to {LONGEST} characters.")
    low = password.lower()
    if len(set(low)) < _FEWEST_CHARACTERS:
        raise _weak("The password repeats the same few characters.")
    # What is left of it without what everybody knows of its holder.
    rest = low
    words = [word for text in personal for word in (text.lower(), text.lower().partition("@")[0])]
    for word in (*words, "megatonroto", "megaton", "roto"):
        if len(word) > 3:
            rest = rest.replace(word, "")
    if low in _COMMON or len(set(rest)) < _FEWEST_CHARACTERS:
        raise _weak("The password is among the first that would be tried.")


def hash_password(password: str) -> str:
    """The argon2id hash of ``password`` (RFC 9106's second choice: 64 MiB, 3 passes, 4 lanes)."""
    return _argon2().hash(password)


def verify_password(password: str, stored: str | None) -> Verified:
    """Compare with a stored hash; without one the same work is done, and the answer is no."""
    right, renewed = _argon2().verify_and_update(password, stored or _nobodys())
    return Verified(right and stored is not None, renewed if stored else None)


class Hasher:
    """argon2 for requests: a few at once, so that a flood of sign-ins takes neither all memory nor
    the threads other requests need. Make one per event loop."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(_HASHES_AT_ONCE)

    async def hash(self, password: str) -> str:
        """`hash_password`, once its turn has come."""
        return await anyio.to_thread.run_sync(hash_password, password, limiter=self._limiter)

    async def verify(self, password: str, stored: str | None) -> Verified:
        """`verify_password`, once its turn has come."""
        work = partial(verify_password, password, stored)
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)


def _weak(message: str) -> RotoError:
    return RotoError(
        message,
        code="weak_password",
        hint="Four unrelated words make a good one, as does a password manager.",
    )


@cache
def _argon2() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@cache
def _nobodys() -> str:
    """The hash of a password nobody has."""
    return hash_password(secrets.token_urlsafe())
