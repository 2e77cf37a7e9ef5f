"""What all pages share: their names, their dialogs, and what they say when the network is gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from helpers_dashboard import Enter, let_in
from helpers_people import House
from helpers_signing_in import person_with_password
from helpers_watching import watched
from playwright.sync_api import Browser, BrowserContext, Page, expect


@pytest.fixture
def offline(browser: Browser) -> Iterator[BrowserContext]:
    """A browser whose socket may fail to connect."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    with watched(context, hears=("error", "warning"), expects="WebSocket connection to"):
        yield context


def dialog(page: Page, button: str) -> None:
    """Open the dialog of ``button``."""
    page.get_by_role("button", name=button).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_tabs_are_told_apart_by_what_is_on_them(enter: Enter, house: House) -> None:
    page = enter("supervisor", "/jobs")
    expect(page).to_have_title("Jobs \u00b7 Megaton Roto")
    page.get_by_role("link", name="Farm", exact=True).click()
    expect(page).to_have_title("Farm \u00b7 Megaton Roto")
    page.go_back()
    expect(page).to_have_title("Jobs \u00b7 Megaton Roto")


def test_a_mistyped_address_is_told_as_such(enter: Enter, house: House) -> None:
    page = enter("artist", "/jobs/of/nobody/at/all")
    expect(page.get_by_text("There is no such page")).to_be_visible()


def test_enter_does_what_a_dialog_is_for_and_the_focus_comes_back(enter: Enter) -> None:
    page = enter("supervisor", "/projects")
    dialog(page, "New project")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="New project").first).to_be_focused()
    dialog(page, "New project")
    name = page.get_by_role("dialog").get_by_label("Name", exact=True)
    name.fill("by the keyboard alone")
    name.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("by the keyboard alone").first).to_be_visible()


def test_without_a_network_nothing_is_kept_for_later(offline: BrowserContext, house: House) -> None:
    let_in(offline, house, person_with_password(house, "supervisor"))
    page = offline.new_page()
    page.goto(f"{house.url}/projects")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    dialog(page, "New project")
    offline.set_offline(True)
    expect(page.get_by_text("No connection")).to_be_visible()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("never made")
    page.get_by_role("dialog").get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_text("The server cannot be reached.").first).to_be_visible()
    page.keyboard.press("Escape")
    offline.set_offline(False)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_text("never made")).to_have_count(0)
