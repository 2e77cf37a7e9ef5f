"""Which system the sender of the request in hand sits at, and the studio's places as they hold now.

Bound around each request, so that what presents a row need not be handed either.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from roto_client.contract.places import Place


@dataclass(frozen=True)
class Asker:
    """``system``: one of `contract.places.SYSTEMS`, None when they did not say."""

    system: str | None = None
    places: tuple[Place, ...] = ()


_NOBODY = Asker()
_ASKER: ContextVar[Asker] = ContextVar("asker", default=_NOBODY)


def asker() -> Asker:
    """Who asks; outside of a request somebody who did not say."""
    return _ASKER.get()


@contextmanager
def asked_from(platform: str | None, places: tuple[Place, ...]) -> Iterator[None]:
    """Bind who asks; ``platform``: as `Asker.system`."""
    token = _ASKER.set(Asker(platform, places))
    try:
        yield
    finally:
        _ASKER.reset(token)
