"""Whether what is configured works: named checks, each with the setting that decides.

Whoever makes a part of the server adds a check for it (`Checks.add`); /readyz asks them all. One
that hangs holds up nobody: it has a thread of its own and is not asked again before it is back.
"""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from roto_shapes.errors import RotoError

ANSWER_SECONDS = 5.0
_SECRET = re.compile(r"(://[^\s/@:]*:)[^\s@]*@")


@dataclass(frozen=True)
class Outcome:
    """What a check found. ``message`` of a failure names the setting to mend, if one can;
    ``about`` says what the part is for, ``remedy`` of a failure what to do."""

    ok: bool
    message: str
    setting: str
    about: str = ""
    remedy: str = ""


@dataclass
class Check:
    """One thing that must work for the server to be ready.

    ``setting`` is the environment variable that configures it, or empty. ``ask`` may block; it
    returns what to tell (or nothing) and raises when the thing does not work. An answer is good
    for ``keep_seconds``, since load balancers ask often and not everything likes to be asked often.
    """

    setting: str
    ask: Callable[[], str]
    keep_seconds: float = 0.0
    about: str = ""
    remedy: str = ""
    _asked_at: float = field(default=0.0, init=False, repr=False)
    _answer: Future[str] | None = field(default=None, init=False, repr=False)

    async def outcome(self) -> Outcome:
        """Ask, or tell what was answered a moment ago. Raises nothing."""
        answer = self._current()
        try:
            waiting = asyncio.shield(asyncio.wrap_future(answer))
            async with asyncio.timeout(ANSWER_SECONDS):
                message = await waiting
        except TimeoutError:
            away = time.monotonic() - self._asked_at
            return self._failure(f"no answer for {away:.0f} s")
        except Exception as error:
            # Whatever is wrong with a part, the answer is that it is not ready.
            return self._failure(reason(error))
        return Outcome(ok=True, message=message, setting=self.setting, about=self.about)

    def _failure(self, what: str) -> Outcome:
        message = f"{self.setting}: {what}" if self.setting else what
        return Outcome(False, message, self.setting, self.about, self.remedy)

    def _current(self) -> Future[str]:
        """The answer that counts now: one under way, one that is still good, or a new one."""
        now = time.monotonic()
        kept = self._answer
        if kept is not None and (not kept.done() or now - self._asked_at < self.keep_seconds):
            return kept
        answer: Future[str] = Future()
        self._asked_at, self._answer = now, answer
        answer.set_running_or_notify_cancel()
        # A daemon: a disk that never answers must not keep the process from ending.
        threading.Thread(target=self._run, args=(answer,), name="check", daemon=True).start()
        return answer

    def _run(self, answer: Future[str]) -> None:
        try:
            answer.set_result(self.ask() or "")
        except Exception as error:
            answer.set_exception(error)


class Checks(dict[str, Check]):
    """The checks of one app, by the name /readyz shows."""

    def add(
        self,
        name: str,
        setting: str,
        ask: Callable[[], str],
        *,
        keep_seconds: float = 0.0,
        about: str = "",
        remedy: str = "",
    ) -> None:
        """Have ``name`` asked from now on; see `Check`. ``about`` is what it is for, ``remedy``
        what whoever looks after the server does when it does not work."""
        self[name] = Check(setting, ask, keep_seconds, about, remedy)

    async def outcomes(self) -> dict[str, Outcome]:
        """What every check says now, in the order they were added; asked all at once."""
        found = await asyncio.gather(*(check.outcome() for check in self.values()))
        return dict(zip(self, found, strict=True))


def reason(error: BaseException) -> str:
    """One line on what failed, without the passwords that addresses may hold."""
    if isinstance(error, RotoError):
        return error.message
    if isinstance(error, DBAPIError) and error.orig is not None:
        error = error.orig
    told = isinstance(error, RedisError | OSError | ValueError) or "psycopg" in str(type(error))
    text = str(error).strip().partition("\n")[0] if told else ""
    return _SECRET.sub(r"\1***@", text)[:300] or type(error).__name__
