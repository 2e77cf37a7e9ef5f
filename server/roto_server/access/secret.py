"""The server's own secret: encrypts what the database must be able to give back."""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from roto_shapes.errors import RotoError

from ..settings import Settings
from .tokens import new_secret

FILE = "secret-key"


class SecretBox:
    """Encrypts and decrypts short texts; ``purpose`` keeps one use's texts apart from another's.

    Fernet (AES-128-CBC with HMAC-SHA-256) under a key derived by HKDF-SHA-256 (RFC 5869).
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def seal(self, purpose: str, text: str) -> str:
        """``text`` as only a server with the same secret can read it."""
        return self._fernet(purpose).encrypt(text.encode()).decode()

    def open(self, purpose: str, sealed: str) -> str:
        """What `seal` was given.

        Raises:
            RotoError: ``internal`` when it was sealed with another secret.
        """
        try:
            return self._fernet(purpose).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise RotoError(
                "What the database keeps encrypted cannot be read with this ROTO_SECRET_KEY.",
                hint="Every server process, and a restored one, needs the secret it was made with. "
                "`roto admin keys rotate --all` makes new signing keys.",
                code="internal",
            ) from None

    def _fernet(self, purpose: str) -> Fernet:
        derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"roto {purpose}".encode())
        return Fernet(base64.urlsafe_b64encode(derived.derive(self._secret)))


def open_box(settings: Settings) -> SecretBox:
    """The box of ROTO_SECRET_KEY; in development one made and kept in the data directory."""
    given = settings.secret_key.get_secret_value()
    return SecretBox(given or _kept(settings.data_dir / FILE))


def _kept(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(new_secret())
    return path.read_text(encoding="utf-8").strip()
