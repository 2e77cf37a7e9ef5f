"""The parts of accounts that live as long as a server process does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from redis import Redis

from roto_shapes.errors import RotoError

from ..background import Patience
from ..checks import Checks
from ..db.session import Database
from ..mail.outbox import can_send
from ..mail.postman import Postman
from ..settings import Settings
from .backoff import Backoff
from .signing import check_secret
from .stamps import Stamps

_MAIL_CHECK_SECONDS = 30.0


class AccountParts:
    """Made with the app; its threads run from `start` to `stop`, which block."""

    def __init__(self, database: Database, settings: Callable[[], Settings], redis: Redis) -> None:
        self._database = database
        self._settings = settings
        self.backoff = Backoff(redis)
        self.stamps = Stamps(database)
        self.postman = Postman(database, settings)

    def watch(self, checks: Checks) -> None:
        """Have /readyz ask whether what is configured works."""
        checks.add(
            "secret",
            "ROTO_SECRET_KEY",
            partial(_ask, self._database, self._settings),
            about="Opens the keys that sign access tokens, and mails that wait.",
            remedy="Give every server process the secret the keys were made with, or make new keys "
            "with `roto admin keys rotate --all`.",
        )
        if can_send(self._settings()):
            checks.add(
                "mail",
                "ROTO_SMTP_URL",
                self.postman.report,
                keep_seconds=_MAIL_CHECK_SECONDS,
                about="Invitations, links to new passwords, warnings. What waits is sent later.",
                remedy="Start the mail server, or correct its address, user and password.",
            )
        checks.add(
            "stamps",
            "",
            self.stamps.thread.report,
            about="Notes when keys were last used and people last seen.",
            remedy="Restart this server process; its log says why it ended.",
        )

    def start(self) -> None:
        """Begin to write stamps and to send mail."""
        self.stamps.start()
        self.postman.start()

    def tell_to_end(self) -> None:
        """Have the threads end."""
        self.postman.tell_to_end()
        self.stamps.tell_to_end()

    def stop(self, patience: Patience) -> None:
        """End the threads; what was noted is written."""
        self.stamps.stop(patience.left())
        self.postman.stop(patience.left())


def _ask(database: Database, settings: Callable[[], Settings]) -> str:
    with database.reading() as session:
        try:
            check_secret(session, settings())
        except RotoError as error:
            raise RotoError(f"{error.message} {error.hint}", code=error.code) from None
    return ""
