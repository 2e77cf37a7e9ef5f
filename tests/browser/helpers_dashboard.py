"""People in front of the dashboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from helpers_people import PASSWORD, House, Person
from playwright.sync_api import BrowserContext, Page

Enter = Callable[[str, str], Page]
"""Role and address: the page there, for somebody of that role who is signed in."""


def let_in(context: BrowserContext, house: House, person: Person) -> None:
    """Sign ``person`` in as the sign-in page does, without its page."""
    answer = context.request.post(
        f"{house.url}/api/v1/auth/login",
        data={"email": person.email, "password": PASSWORD, "cookie": True},
        headers={"Origin": house.url},
    )
    assert answer.ok, answer.text()


AXE = Path(__file__).parents[2] / "server/dashboard/node_modules/axe-core/axe.min.js"


def axe(page: Page) -> None:
    """Fail on what axe finds serious or critical on the page as it is."""
    # Evaluated, for the page's policy lets no script be added.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in grave]
    assert told == []
