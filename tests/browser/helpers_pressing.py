"""Every button of a page is pressed, and something has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

SCRIPT = Path(__file__).with_name("pressing.js")
REFUSAL = {"code": "conflict", "message": "The test lets nothing be written.", "hint": ""}


def refuse_writing(page: Page) -> None:
    """Whatever would change something is answered that it cannot be."""

    def answer(route: Route) -> None:
        if route.request.method in ("GET", "HEAD"):
            route.fallback()
        else:
            route.fulfill(status=409, json=REFUSAL)

    page.route("**/api/v1/**", answer)


def dead_buttons(page: Page, within: str, draw: Callable[[], None]) -> list[str]:
    """Names of enabled buttons below ``within`` that have no name or of which nothing comes.

    ``draw`` brings the page back to what it was. Each is pressed by Enter; which of several is
    chosen already is left out. What comes: anything in the document, the address, a request, a
    download, a choice of files, the clipboard, the full screen."""
    buttons = page.evaluate(
        "(within) => pressing.buttons(within).map(({ name, key }) => [name, key])", within
    )
    dead = [key for name, key in buttons if not any(map(str.isalnum, name))]
    for _, key in buttons:
        # What was pressed before may have left the page, or have done all there is to do.
        if not (_aim(page, within, key) and _press(page)):
            draw()
            if not (_aim(page, within, key) and _press(page)):
                dead.append(key)
        _go_back(page)
    return dead


def _aim(page: Page, within: str, key: str) -> bool:
    return bool(page.evaluate("([within, key]) => pressing.aim(within, key)", [within, key]))


def _press(page: Page) -> bool:
    page.keyboard.press("Enter")
    return bool(page.evaluate("pressing.came()"))


def _go_back(page: Page) -> None:
    """Out of a dialog."""
    if page.get_by_role("dialog").count():
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
