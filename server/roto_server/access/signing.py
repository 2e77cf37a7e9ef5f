"""Access tokens: short-lived JWTs, signed by Ed25519 keys that live in the database.

A token says whose session it is of; whether that session and its holder are still good is asked of
the database with every request (`access.authenticating`), as is the key. So keys made or taken away
by one process hold for all of them at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..audit import Actor, record
from ..db.models import new_id
from ..db.people import LoginSession, SigningKey
from ..db.types import utc_now
from ..settings import Settings
from .secret import SecretBox, open_box

ALGORITHM = "EdDSA"
# Not the public address: that may change, and differ between the server processes of one studio.
ISSUER, AUDIENCE = "megaton-roto", "megaton-roto-api"
PURPOSE = "signing key"
LEEWAY_SECONDS = 5
"""By how much the clocks of server processes may differ."""

_ID = re.compile(r"[0-9a-f]{32}")
_CLAIMS = ["iss", "aud", "sub", "sid", "iat", "exp"]


@dataclass(frozen=True)
class Claim:
    """What a token says of itself before it is believed: which key, which session."""

    token: str
    key_id: str
    session_id: str


def access_token(session: Session, settings: Settings, login: LoginSession) -> str:
    """A fresh token of ``login``, good for ``settings.access_token_seconds``."""
    now = utc_now()
    key, private = _signing_key(session, settings)
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": login.user_id,
        "sid": login.id,
        "iat": now,
        "exp": now + timedelta(seconds=settings.access_token_seconds),
    }
    return jwt.encode(claims, private, ALGORITHM, headers={"kid": key.id})


def read_claim(token: str) -> Claim | None:
    """What ``token`` says, unverified; None when it is no token of ours."""
    try:
        unverified = jwt.decode_complete(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    key_id, session_id = unverified["header"].get("kid"), unverified["payload"].get("sid")
    for ident in (key_id, session_id):
        if not isinstance(ident, str) or not _ID.fullmatch(ident):
            return None
    return Claim(token, key_id, session_id)


def good_until(claim: Claim, public: str, user_id: str) -> datetime | None:
    """When it ends; None unless ``public`` signed it for ``user_id`` and it is still good."""
    try:
        verified = jwt.decode(
            claim.token,
            _load_public(public),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": _CLAIMS},
        )
    except jwt.InvalidTokenError:
        return None
    if verified["sub"] != user_id or verified["sid"] != claim.session_id:
        return None
    return datetime.fromtimestamp(verified["exp"], UTC)


def rotate(session: Session, settings: Settings, actor: Actor, *, everything: bool = False) -> str:
    """A new key that signs from now on; returns its id.

    The others go on verifying until the last token they signed has expired; with ``everything``
    they are gone at once, and whoever is signed in needs a new access token.
    """
    kept = select(SigningKey.id).where(SigningKey.retired_at.is_(None))
    retired = list(session.scalars(kept))
    if everything:
        session.execute(delete(SigningKey))
    else:
        now = utc_now()
        until = now + timedelta(seconds=settings.access_token_seconds + 2 * LEEWAY_SECONDS)
        session.execute(
            update(SigningKey)
            .where(SigningKey.retired_at.is_(None))
            .values(retired_at=now, expires_at=until)
        )
    key, _ = _make_key(session, open_box(settings))
    record(
        session,
        actor,
        "signing_key.rotated",
        "signing_key",
        key.id,
        before={"keys": retired},
        after={"keys": [key.id], "others_verify": not everything},
    )
    return key.id


def check_secret(session: Session, settings: Settings) -> None:
    """Raise `RotoError` when this process cannot open the key that signs."""
    newest = _newest(session)
    if newest is not None:
        open_box(settings).open(PURPOSE, newest.private)


def _signing_key(session: Session, settings: Settings) -> tuple[SigningKey, Ed25519PrivateKey]:
    """The newest key, or the first one ever. (Of two made at once both verify, and one signs.)"""
    box = open_box(settings)
    newest = _newest(session)
    if newest is None:
        return _make_key(session, box)
    private = load_pem_private_key(box.open(PURPOSE, newest.private).encode(), password=None)
    assert isinstance(private, Ed25519PrivateKey)
    return newest, private


def _newest(session: Session) -> SigningKey | None:
    return session.scalars(
        select(SigningKey)
        .where(SigningKey.retired_at.is_(None))
        .order_by(SigningKey.created_at.desc(), SigningKey.id)
        .limit(1)
    ).first()


def _make_key(session: Session, box: SecretBox) -> tuple[SigningKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.generate()
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    row = SigningKey(
        id=new_id(), algorithm=ALGORITHM, public=public.decode(), private=box.seal(PURPOSE, pem)
    )
    session.add(row)
    session.flush()
    return row, private


@lru_cache(maxsize=64)
def _load_public(pem: str) -> Ed25519PublicKey:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, Ed25519PublicKey)
    return key
