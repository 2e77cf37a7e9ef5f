"""The thread that sends what waits in the outbox.

Each server process has one. Before it sends a mail it takes the row for a while by one conditional
statement, so no two send the same; a process that dies with a mail in hand loses only that while.
"""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import cast

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..access.one_time import Purpose, issue, link
from ..audit import SERVER, record
from ..background import Background
from ..db.people import OutgoingMail, User
from ..db.session import Database, database_now
from ..settings import Settings
from .address import MailServer
from .compose import Kind, as_message, write_letter
from .outbox import can_send, read_facts
from .smtp import RefusedError, check, deliver, explain

LOOK_SECONDS = 1.0
TAKEN_SECONDS = 300.0
"""For how long a mail is one process' alone; longer than a mail server may take its time."""

TRIES = 12
_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 2.0, 3600.0
_WITH_LINK: dict[str, Purpose] = {
    "confirm": "confirm", "finish": "reset", "reset": "reset", "invite": "invite"
}  # fmt: skip

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _InHand:
    """A mail this process has taken."""

    id: str
    user_id: str | None
    kind: str
    tries: int


class Postman:
    """Sends mails in a thread; ``settings`` are asked for each."""

    def __init__(self, database: Database, settings: Callable[[], Settings]) -> None:
        self._database = database
        self._settings = settings
        self._stopping = threading.Event()
        self._thread = Background("postman", self._run)

    def start(self) -> None:
        """Begin to send, if a mail server is configured."""
        if can_send(self._settings()):
            self._thread.start()

    def tell_to_end(self) -> None:
        """Have the thread end after the mail it has in hand."""
        self._stopping.set()

    def stop(self, seconds: float) -> None:
        """End the thread. A mail server that takes longer than that is left behind; the mail is
        sent by another process, or after the next start."""
        self.tell_to_end()
        self._thread.join(seconds)

    def report(self) -> str:
        """For /readyz. Raises `RotoError` when no mail can be, or is, sent."""
        check(_server(self._settings()))
        return self._thread.report()

    def send_next(self) -> bool:
        """Send the mail that has waited longest; False when none is due."""
        settings = self._settings()
        mail = self._take()
        if mail is None:
            return False
        try:
            message = self._write(settings, mail)
            if message is not None:
                deliver(_server(settings), message)
        except RefusedError as error:
            self._give_up(mail, str(error))
        except RotoError as error:
            self._put_back(mail, error.message)
        except (OSError, smtplib.SMTPException) as error:
            self._put_back(mail, explain(_server(settings), error))
        else:
            with self._database.session() as session:
                session.execute(delete(OutgoingMail).where(OutgoingMail.id == mail.id))
            log.info("mail_sent", kind=mail.kind, user_id=mail.user_id, sent=message is not None)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set() and self.send_next():
                    pass
            except (SQLAlchemyError, RotoError) as error:
                # The database is away; the mail is not, and is tried again.
                log.error("mail_not_sent", error=str(error))
            self._stopping.wait(LOOK_SECONDS)

    def _take(self) -> _InHand | None:
        """The mail that is due first, which is ours then; None when there is none."""
        while True:
            with self._database.reading() as session:
                due = session.execute(
                    select(OutgoingMail.id, OutgoingMail.tries)
                    .where(OutgoingMail.not_before <= database_now(session))
                    .order_by(OutgoingMail.not_before)
                    .limit(1)
                ).one_or_none()
            if due is None:
                return None
            taken = self._claim(due.id, due.tries)
            if taken is not None:
                return taken

    def _claim(self, ident: str, tries: int) -> _InHand | None:
        with self._database.session() as session:
            now = database_now(session)
            row = session.execute(
                update(OutgoingMail)
                .where(
                    OutgoingMail.id == ident,
                    OutgoingMail.tries == tries,
                    OutgoingMail.not_before <= now,
                )
                .values(tries=tries + 1, not_before=now + timedelta(seconds=TAKEN_SECONDS))
                .returning(OutgoingMail.id, OutgoingMail.user_id, OutgoingMail.kind)
            ).one_or_none()
            return row and _InHand(row.id, row.user_id, row.kind, tries + 1)

    def _write(self, settings: Settings, mail: _InHand) -> EmailMessage | None:
        with self._database.session() as session:
            row = session.get(OutgoingMail, mail.id)
            return None if row is None else _compose(session, settings, row)

    def _put_back(self, mail: _InHand, why: str) -> None:
        if mail.tries >= TRIES:
            self._give_up(mail, why)
            return
        wait = min(_FIRST_WAIT_SECONDS * 2 ** (mail.tries - 1), _LONGEST_WAIT_SECONDS)
        log.warning("mail_waits", kind=mail.kind, error=why, tries=mail.tries, seconds=wait)
        with self._database.session() as session:
            later = database_now(session) + timedelta(seconds=wait)
            session.execute(
                update(OutgoingMail)
                .where(OutgoingMail.id == mail.id)
                .values(not_before=later, error=why)
            )

    def _give_up(self, mail: _InHand, why: str) -> None:
        log.error("mail_given_up", kind=mail.kind, user_id=mail.user_id, error=why)
        with self._database.session() as session:
            session.execute(delete(OutgoingMail).where(OutgoingMail.id == mail.id))
            after = {"kind": mail.kind, "tries": mail.tries, "error": why}
            record(session, SERVER, "mail.given_up", "user", mail.user_id or "", after=after)


def _compose(session: Session, settings: Settings, row: OutgoingMail) -> EmailMessage | None:
    """The mail, with a fresh link where it has one; None when its reader is gone."""
    user = session.get(User, row.user_id) if row.user_id else None
    if user is None or user.email is None or user.state not in ("active", "unconfirmed"):
        return None
    if row.kind in ("confirm", "finish") and user.state != "unconfirmed":
        return None
    facts = read_facts(settings, row)
    url, hours = "", settings.one_time_hours
    purpose = _WITH_LINK.get(row.kind)
    if purpose is not None:
        url = link(settings, purpose, issue(session, user, purpose, settings, offer=facts or None))
        hours = settings.invite_days * 24 if purpose == "invite" else hours
    letter = write_letter(cast("Kind", row.kind), settings.public_url, facts, url, hours)
    # What a stranger typed for a name does not go out under the studio's name.
    name = user.name if user.state == "active" else ""
    return as_message(letter, settings.mail_from, name, user.email)


def _server(settings: Settings) -> MailServer:
    return MailServer.of(settings.smtp_url.get_secret_value())
