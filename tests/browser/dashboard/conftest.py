"""A house with the dashboard in it, and people in front of it in a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers_dashboard import Enter, let_in
from helpers_people import House, Person, running_house
from helpers_reviewing import Open, Reviewed
from helpers_signing_in import person_with_password
from helpers_watching import watched
from playwright.sync_api import Browser, BrowserContext, Page

from roto_server.dashboard import built


@pytest.fixture(scope="session", autouse=True)
def is_built() -> None:
    assert built(), "The dashboard has not been built: make dashboard"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}") as house:
        yield house


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of its own, as small as a laptop; what it complains of fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    with watched(context, hears=("error", "warning")):
        yield context


@pytest.fixture
def enter(context: BrowserContext, house: House) -> Enter:
    def enter(role: str, address: str) -> Page:
        let_in(context, house, person_with_password(house, role))
        page = context.new_page()
        page.goto(house.url + address)
        return page

    return enter


@pytest.fixture
def open_as(context: BrowserContext, show: Reviewed) -> Open:
    def open_as(person: Person, address: str = "") -> Page:
        let_in(context, show.house, person)
        page = context.new_page()
        page.goto(show.house.url + (address or f"/shots/{show.shot}/review?job={show.jobs[0]}"))
        return page

    return open_as
