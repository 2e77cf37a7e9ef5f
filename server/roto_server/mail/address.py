"""Mail addresses and the address of the mail server. Pure."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import email_validator

Security = Literal["tls", "starttls", "none"]
_PORTS: dict[str, int] = {"smtps": 465, "smtp": 587}

# A studio's own network has names nobody else knows. The list is the library's way to say so.
for _inside in ("local", "localhost", "test"):
    email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(_inside)


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. ``user`` empty: without signing in."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> MailServer:
        """Read ``smtps://user:password@host:465`` (TLS) or ``smtp://host:587`` (STARTTLS).

        One on this very machine is spoken to as it is, as is another one with
        ``smtp://host?starttls=never``, where nobody then signs in. Percent signs encode what a URL
        cannot hold.

        Raises:
            ValueError: saying what is wrong, without the URL (it may hold a password).
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError("is not smtp://host:port or smtps://user:password@host:port")
        query = parse_qs(parts.query, keep_blank_values=True)
        if query not in ({}, {"starttls": ["never"]}):
            raise ValueError("knows ?starttls=never and nothing else")
        security: Security = "none" if query or _is_here(parts.hostname) else "starttls"
        if parts.scheme == "smtps":
            security = "tls"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if user and security == "none" and not _is_here(parts.hostname):
            raise ValueError("would send its password unencrypted: leave ?starttls=never out")
        return cls(parts.hostname, parts.port or _PORTS[parts.scheme], security, user, password)


def normal_address(text: str) -> str:
    """``text`` as addresses are kept and compared: lower case, the domain in ASCII.

    Addresses inside a studio's own network (``ada@studio.local``) are addresses too.

    Raises:
        ValueError: saying what is wrong with it.
    """
    try:
        found = email_validator.validate_email(
            text.strip(),
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,
        )
    except email_validator.EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return f"{found.ascii_local_part or found.local_part}@{found.ascii_domain}".lower()


def read_sender(text: str) -> Address:
    """``Megaton Roto <roto@studio.example>`` or the bare address; raises `ValueError`."""
    name, address = parseaddr(text)
    if any(ord(character) < 32 for character in text):
        raise ValueError("holds control characters")
    return Address(display_name=name, addr_spec=normal_address(address))


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
