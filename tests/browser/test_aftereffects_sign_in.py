"""The After Effects panel signed in at a studio's real server: its page has no origin and no key,
the artist's browser beside it is one where somebody is signed in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers_people import PASSWORD, House, Person, running_house
from helpers_signing_in import person_with_password
from playwright.sync_api import Browser, Locator, Page, expect

from browser.helpers_ae_session import Session
from browser.helpers_ae_studio import PANEL
from browser.helpers_cep import play_cep


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    url = f"sqlite:///{folder / 'roto.db'}"
    with running_house(folder, url, ROTO_DEVICE_POLL_SECONDS="1") as house:
        yield house


@pytest.fixture
def ann(house: House) -> Person:
    return person_with_password(house, name="Ann Artist")


@pytest.fixture
def panel(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The built panel, in an After Effects without a project."""
    session = Session()
    page = browser.new_page(viewport={"width": 480, "height": 900})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    play_cep(page, session, tmp_path, PANEL)
    session.load(PANEL / "host" / "host.jsx")
    page.goto((PANEL / "panel" / "index.html").as_uri())
    yield page
    page.close()
    session.close()
    assert troubles == []


@pytest.fixture
def artists_browser(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(panel: Page) -> Locator:
    return panel.get_by_test_id("server")


def begin(panel: Page, house: House) -> str:
    """Press Sign in; the page that CEP was asked to open."""
    panel.get_by_role("textbox", name="Server", exact=True).fill(house.url)
    button(panel, "Sign in").click()
    expect(panel.get_by_test_id("code")).to_be_visible()
    return str(panel.evaluate("window.cepOpened[window.cepOpened.length - 1]"))


def kept(panel: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        panel.evaluate("localStorage.getItem('megaton-roto')") or "{}"
    )
    return found


def answer(page: Page, address: str, person: Person, choice: str) -> None:
    """Whoever is signed in at the page says yes or no."""
    page.goto(address)
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    button(page, choice).click()


def test_a_code_approved_in_the_artists_browser(
    panel: Page, artists_browser: Page, house: House, ann: Person
) -> None:
    address = begin(panel, house)
    code = panel.get_by_test_id("code").inner_text()
    assert address == f"{house.url}/device?code={code}"
    expect(panel.get_by_role("status", name="Sign in")).to_contain_text(f"{house.url}/device")
    expect(panel.get_by_role("status", name="Sign in")).to_contain_text("min left")
    answer(artists_browser, address, ann, "Approve")
    expect(status(panel)).to_have_attribute("data-status", "ready")
    expect(panel.get_by_test_id("code")).to_have_count(0)
    expect(panel.get_by_role("textbox", name="Server")).to_have_count(0)
    assert kept(panel)["server"] == house.url
    with house.client(kept(panel)["token"]) as client:
        assert client.get("/users/me").json()["id"] == ann.id
    panel.reload()
    expect(status(panel)).to_have_attribute("data-status", "ready")


def test_a_refusal_is_told_and_another_try_is_one_press_away(
    panel: Page, artists_browser: Page, house: House, ann: Person
) -> None:
    answer(artists_browser, begin(panel, house), ann, "Deny")
    told = panel.locator("footer").get_by_role("alert")
    expect(told).to_contain_text("refused")
    expect(panel.get_by_test_id("code")).to_have_count(0)
    expect(panel.get_by_role("textbox", name="Server")).to_have_value(house.url)
    expect(button(panel, "Sign in")).to_be_enabled()
    assert not kept(panel).get("token")


def test_stopped(panel: Page, house: House) -> None:
    begin(panel, house)
    button(panel, "Open browser").click()
    assert panel.evaluate("window.cepOpened.length") == 2
    button(panel, "Stop").click()
    expect(panel.get_by_test_id("code")).to_have_count(0)
    expect(panel.locator("footer").get_by_role("alert")).to_have_count(0)
    expect(button(panel, "Sign in")).to_be_enabled()
