"""People in front of the dashboard."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers_people import PASSWORD, House, Person, running_house
from playwright.sync_api import BrowserContext, Page

Enter = Callable[[str, str], Page]
"""Role and address: the page there, for somebody of that role who is signed in."""


@contextmanager
def eager_house(folder: Path) -> Iterator[House]:
    """A house whose workers tell how far they are, and hear of a stop, twice a second: a short clip
    is soon tracked."""
    url = f"sqlite:///{folder / 'roto.db'}"
    with running_house(folder, url, ROTO_HEARTBEAT_SECONDS="0.5") as house:
        yield house


def let_in(context: BrowserContext, house: House, person: Person) -> None:
    """Sign ``person`` in as the sign-in page does, without its page."""
    answer = context.request.post(
        f"{house.url}/api/v1/auth/login",
        data={"email": person.email, "password": PASSWORD, "cookie": True},
        headers={"Origin": house.url},
    )
    assert answer.ok, answer.text()


AXE = Path(__file__).parents[2] / "server/dashboard/node_modules/axe-core/axe.min.js"


def axe(page: Page, *, spares: Collection[str] = ("minor", "moderate")) -> None:
    """Fail on what axe finds on the page as it is, but for impacts in ``spares``."""
    # Evaluated, for the page's policy lets no script be added.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run({ resultTypes: ['violations'] })).violations")
    grave = [one for one in found if one["impact"] not in spares]
    told = [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in grave]
    assert told == []
