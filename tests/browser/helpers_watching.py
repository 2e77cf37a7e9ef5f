"""What a page complains of fails its test."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, ConsoleMessage, Response


@contextmanager
def watched(
    context: BrowserContext, *, hears: Collection[str], expects: str | None = None
) -> Iterator[BrowserContext]:
    """``context``, closed in the end; no console message of the kinds in ``hears``, no error of a
    script and no answer of 500 and above may have come by then. Messages with ``expects`` in them
    are what the test is about."""
    troubles: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        # Whoever is not signed in is told so by a 401, and Chromium tells of every one.
        is_expected = expects is not None and expects in message.text
        if (
            message.type in hears
            and not is_expected
            and "Failed to load resource" not in message.text
        ):
            troubles.append(message.text)

    def see(answer: Response) -> None:
        if answer.status >= 500:
            troubles.append(f"{answer.url}: {answer.status}")

    context.on("console", hear)
    context.on("weberror", lambda error: troubles.append(str(error.error)))
    context.on("response", see)
    yield context
    context.close()
    assert troubles == []
