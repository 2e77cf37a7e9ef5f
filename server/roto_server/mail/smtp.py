"""Handing mail to the mail server; everything here blocks."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from roto_shapes.errors import RotoError

from .address import MailServer

ANSWER_SECONDS = 15.0
"""For how long each answer of the mail server is waited for."""


class RefusedError(Exception):
    """The mail server will never take mail for this address. ``code`` is its SMTP code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"SMTP {code}")
        self.code = code


def deliver(server: MailServer, message: EmailMessage) -> None:
    """Hand ``message`` in.

    Raises:
        RefusedError: the address is refused for good.
        OSError, smtplib.SMTPException: it may work later.
    """
    with _connected(server) as smtp:
        try:
            smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            if codes and all(500 <= code < 600 for code in codes):
                raise RefusedError(codes[0]) from None
            raise


def check(server: MailServer) -> None:
    """Go as far as one can without sending anything.

    Raises:
        RotoError: ``server_unavailable``, saying how far it went.
    """
    try:
        with _connected(server) as smtp:
            smtp.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise RotoError(explain(server, error), code="server_unavailable") from error


def explain(server: MailServer, error: Exception) -> str:
    """What went wrong, in words that hold no address of a person and no password."""
    where = f"{server.host}:{server.port}"
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server {where} does not accept the user and password"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return f"the mail server {where} offers no STARTTLS or no sign-in"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server {where} answered {error.smtp_code}"
    if isinstance(error, ssl.SSLError):
        return f"no trusted connection to the mail server {where}: {error.reason or error}"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return f"the mail server {where} cannot be reached: {error.strerror or error}"
    hung_up = isinstance(error, smtplib.SMTPServerDisconnected)
    return f"the mail server {where} {'hung up' if hung_up else 'broke the rules'}"


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    trust = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=ANSWER_SECONDS, context=trust
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=ANSWER_SECONDS)
    with smtp:
        if server.security == "starttls":
            smtp.starttls(context=trust)
        if server.user:
            smtp.login(server.user, server.password)
        yield smtp
