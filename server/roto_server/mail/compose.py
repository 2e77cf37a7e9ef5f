"""The words of every mail, as plain text and as HTML without anything to load. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from html import escape
from typing import Any, Literal

from .address import read_sender

Kind = Literal[
    "confirm", "finish", "known", "reset", "invite", "password_changed", "session_burnt", "nobody"
]
"""``finish``: a confirmation asked for again. ``known``: somebody registered with an address that
has an account. ``nobody``: is not sent."""


@dataclass(frozen=True)
class Letter:
    """What a mail says. ``link`` is shown before the last paragraph."""

    subject: str
    before: tuple[str, ...]
    link: str = ""
    link_text: str = ""
    after: tuple[str, ...] = ()


def write_letter(
    kind: Kind, public_url: str, facts: dict[str, Any], link: str, hours: float
) -> Letter:
    """The letter of ``kind``; ``link`` is good for ``hours``."""
    return _LETTERS[kind](public_url, facts, link, _duration(hours))


def as_message(letter: Letter, sender: str, name: str, address: str) -> EmailMessage:
    """A mail to ``name`` (may be empty) at ``address`` from ``sender`` (ROTO_MAIL_FROM)."""
    message = EmailMessage()
    from_ = read_sender(sender)
    message["From"] = from_
    message["To"] = address
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=from_.domain)
    # Out-of-office answers must not come back (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_as_text(letter, name))
    message.add_alternative(_as_html(letter, name), subtype="html")
    return message


def _as_text(letter: Letter, name: str) -> str:
    parts = [_greeting(name), *letter.before]
    if letter.link:
        parts.append(letter.link)
    return "\n\n".join([*parts, *letter.after, "Megaton Roto"]) + "\n"


def _as_html(letter: Letter, name: str) -> str:
    lines = [*map(escape, (_greeting(name), *letter.before))]
    if letter.link:
        url = escape(letter.link, quote=True)
        lines.append(f'<a href="{url}">{escape(letter.link_text)}</a>')
    lines += [*map(escape, letter.after), "Megaton Roto"]
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    return f'<!doctype html>\n<html lang="en"><body>\n{body}\n</body></html>\n'


def _greeting(name: str) -> str:
    return f"Hello {name}," if name else "Hello,"


def _confirm(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "Confirm your e-mail address",
        (f"You registered at {url}. Confirm your address to sign in:",),
        link,
        "Confirm the address",
        (
            f"The link works once, for {duration}.",
            "If you did not register, do nothing: without the link there is no account.",
        ),
    )


def _finish(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "Confirm your e-mail address",
        (f"You registered at {url}. Choose your password, which confirms your address too:",),
        link,
        "Choose a password",
        (
            f"The link works once, for {duration}.",
            "If you did not register, do nothing: without the link there is no account.",
        ),
    )


def _known(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "You have an account already",
        (
            f"Somebody, probably you, registered at {url} with this address, which has an account "
            "already. Nothing was changed.",
            "Sign in with your password. If you do not know it any more, choose 'Forgot the "
            "password?' there.",
        ),
    )


def _reset(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "Choose a new password",
        (f"Somebody, probably you, asked for a new password at {url}. Choose it here:",),
        link,
        "Choose a password",
        (
            f"The link works once, for {duration}. With it everyone who is signed in as you is "
            "signed out, and all your API keys end.",
            "If it was not you, do nothing: your password stays as it is.",
        ),
    )


def _invite(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "You are invited to Megaton Roto",
        (f"An administrator made an account for you at {url}. Choose your password:",),
        link,
        "Choose a password",
        (f"The link works once, for {duration}.",),
    )


def _password_changed(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "Your password was changed",
        (
            f"The password of your account at {url} was changed a moment ago.",
            "If that was not you, choose 'Forgot the password?' there at once, and tell your "
            "administrator.",
        ),
    )


def _session_burnt(url: str, facts: dict[str, Any], link: str, duration: str) -> Letter:
    return Letter(
        "You were signed out for safety",
        (
            f"A token of one of your sign-ins at {url} was used twice, the second time from "
            f"{facts['address'] or 'an unknown address'}. Somebody may have stolen it, so that "
            "session was ended.",
            "Sign in again. If it happens again, change your password and tell your administrator.",
        ),
    )


_LETTERS: dict[str, Callable[[str, dict[str, Any], str, str], Letter]] = {
    "confirm": _confirm,
    "finish": _finish,
    "known": _known,
    "reset": _reset,
    "invite": _invite,
    "password_changed": _password_changed,
    "session_burnt": _session_burnt,
}


def _duration(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    if hours >= 1:
        return f"{hours:.0f} hours" if hours >= 1.5 else "an hour"
    return f"{max(1, round(hours * 60))} minutes"
