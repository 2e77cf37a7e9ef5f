"""The server's own pages in a real Chromium: accounts, programs let in, keys, an OpenID provider.

Real server process, Redis, SMTP server and provider; what Chromium complains of fails the test.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from helpers_oidc import Provider, as_setting, running_provider
from helpers_people import API, PASSWORD, House, Person, running_house
from helpers_signing_in import person_with_password
from helpers_watching import watched
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Route,
    expect,
)

from helpers_services import link_token
from roto_server.dashboard import built

PROGRAM = "Nuke on ws042"
PAGES = {
    "sign-in?problem=unverified": "Sign in",
    "register": "Make an account",
    "confirm": "This link is used up",
    "confirm#token=x": "Confirm your address",
    "reset": "Forgot your password?",
    "reset#token=x": "Choose a new password",
}
"""What is seen of each by somebody who is not signed in."""
CONTRAST = """() => {
    const numbers = text => (text.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = element => {
        for (; element; element = element.parentElement) {
            const colour = numbers(getComputedStyle(element).backgroundColor);
            if (colour.length === 3) return colour;
        }
    };
    const poor = [];
    for (const element of document.body.querySelectorAll("*")) {
        const said = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!element.checkVisibility() || !(said || element.matches("input"))) continue;
        const pair = [light(numbers(getComputedStyle(element).color)), light(ground(element))];
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < 4.5) poor.push([element.outerHTML.slice(0, 80), ratio]);
    }
    return poor;
}"""
UNNAMED = """() => [...document.querySelectorAll("input, select, button, a")]
    .filter(each => each.checkVisibility())
    .filter(each => !each.labels?.length && !each.ariaLabel && !each.textContent.trim())
    .map(each => each.outerHTML)"""


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    settings = as_setting(provider.entry(new_people=True))
    settings["ROTO_DEVICE_POLL_SECONDS"] = "1"
    with running_house(folder, f"sqlite:///{folder / 'roto.db'}", **settings) as house:
        yield house


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser nobody has signed in with; what it complains of fails the test."""
    context = browser.new_context(viewport={"width": 900, "height": 800})
    with watched(context, hears=("error",)):
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def ann(house: House) -> Person:
    return person_with_password(house, name="Ann Artist")


def fill_sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, house: House, person: Person) -> None:
    page.goto(f"{house.url}/sign-in")
    fill_sign_in(page, person.email)
    expect(page.get_by_role("heading", name=person.name)).to_be_visible()


def begin(house: House) -> dict[str, Any]:
    """A program asks for a code."""
    answer = httpx.post(f"{house.url}{API}/auth/device", json={"client": PROGRAM})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def poll(house: House, code: dict[str, Any]) -> httpx.Response:
    body = {"device_code": code["device_code"]}
    return httpx.post(f"{house.url}{API}/auth/device/token", json=body)


def works(house: House, key: str) -> bool:
    with house.client(key) as client:
        return client.get("/projects").status_code == 200


def by_provider(page: Page, provider: Provider, name: str) -> None:
    """From the sign-in page to the studio's provider, as somebody it knows, and back."""
    subject = uuid.uuid4().hex
    provider.person(subject, email=f"{subject}@studio.example", email_verified=True, name=name)
    page.get_by_role("link", name="Sign in with Studio ID").click()
    expect(page).to_have_url(re.compile(re.escape(provider.issuer)))
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text)).to_be_visible()


def test_from_registering_to_a_program_that_is_signed_in(page: Page, house: House) -> None:
    """Register, confirm by the mail, sign in, let Nuke in by its code: its key works."""
    email = f"{uuid.uuid4().hex[:12]}@studio.example"
    page.goto(f"{house.url}/sign-in")
    page.get_by_role("link", name="Make one").click()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    heading(page, "Look into your mail")
    expect(page.get_by_text(email)).to_be_visible()

    code = begin(house)
    page.goto(code["verification_url_complete"])
    heading(page, "Sign in")
    fill_sign_in(page, email)
    expect(page.get_by_role("alert")).to_contain_text("never confirmed")

    token = link_token(house.mails.wait(email))
    page.goto(f"{house.url}/confirm#token={token}")
    expect(page).to_have_url(f"{house.url}/confirm")
    page.get_by_role("button", name="Confirm my address").click()
    heading(page, "Confirmed")

    page.goto(code["verification_url_complete"])
    fill_sign_in(page, email)
    heading(page, f"{PROGRAM} wants to sign in as you")
    expect(page.get_by_text(code["user_code"])).to_be_visible()
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()
    expect(page.get_by_text(email)).to_be_visible()
    expect(page.get_by_text("127.0.0.1")).to_be_visible()
    assert poll(house, code).json()["code"] == "authorization_pending"
    page.get_by_role("button", name="Approve").click()
    heading(page, "It is signed in")
    given = poll(house, code).json()
    assert given["user"]["name"] == "Ada Lovelace"
    assert works(house, given["api_key"])

    page.goto(f"{house.url}/confirm#token={token}")
    page.get_by_role("button", name="Confirm my address").click()
    heading(page, "This link is used up")


def test_a_code_is_typed_in_and_refused(page: Page, house: House, ann: Person) -> None:
    sign_in(page, house, ann)
    code = begin(house)
    page.goto(code["verification_url"])
    page.get_by_label("The code your program shows").fill("bbbb bbbb")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No program waits")
    page.get_by_label("The code your program shows").fill(
        code["user_code"].lower().replace("-", "")
    )
    page.keyboard.press("Enter")
    heading(page, f"{PROGRAM} wants to sign in as you")
    page.get_by_role("button", name="Deny").click()
    heading(page, "Refused")
    assert poll(house, code).json()["code"] == "access_denied"
    page.goto(code["verification_url_complete"])
    expect(page.get_by_role("alert")).to_contain_text("answered already")


def test_a_studio_signs_in_with_its_own_provider(
    page: Page, house: House, provider: Provider
) -> None:
    """Over the provider and back to the program's code."""
    code = begin(house)
    page.goto(code["verification_url_complete"])
    by_provider(page, provider, "Grace Hopper")
    heading(page, f"{PROGRAM} wants to sign in as you")
    expect(page.get_by_text("Grace Hopper")).to_be_visible()
    page.get_by_role("button", name="Approve").click()
    heading(page, "It is signed in")
    assert works(house, poll(house, code).json()["api_key"])


def test_a_long_address_is_gone_on_to_after_a_provider(
    page: Page, house: House, provider: Provider
) -> None:
    """A playlist of a hundred shots is longer than what the provider's flow carries."""
    subject = f"kay-{uuid.uuid4().hex[:8]}"
    provider.person(subject, email=f"{subject}@studio.example", email_verified=True, name="Kay")
    address = f"/profile?shots={'-'.join(['0' * 32] * 100)}&search=sh*"
    page.goto(f"{house.url}/sign-in?next={quote(address, '')}")
    page.get_by_role("link", name="Sign in with Studio ID").click()
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()
    expect(page).to_have_url(house.url + address)


def test_from_the_dashboard_to_the_provider_and_back(
    page: Page, house: House, provider: Provider
) -> None:
    assert built(), "The dashboard has not been built: make dashboard"
    page.goto(f"{house.url}/jobs?state=failed")
    by_provider(page, provider, "Grace Hopper")
    heading(page, "Jobs")
    expect(page).to_have_url(f"{house.url}/jobs?state=failed")
    expect(page.get_by_text("Grace Hopper")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_who_the_provider_does_not_vouch_for_is_told_why(
    page: Page, house: House, provider: Provider
) -> None:
    subject = f"mallory-{uuid.uuid4().hex[:8]}"
    provider.person(subject, email=f"{subject}@studio.example")
    page.goto(f"{house.url}/sign-in")
    page.get_by_role("link", name="Sign in with Studio ID").click()
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize", exact=True).click()
    heading(page, "Sign in")
    expect(page.get_by_role("alert")).to_contain_text("does not vouch for your e-mail address")


def test_a_forgotten_password_is_replaced(page: Page, house: House, ann: Person) -> None:
    page.goto(f"{house.url}/sign-in")
    page.get_by_role("link", name="Forgot the password?").click()
    page.get_by_label("E-mail address").fill(ann.email)
    page.get_by_role("button", name="Send the link").click()
    heading(page, "Look into your mail")
    page.goto(f"{house.url}/reset#token={link_token(house.mails.wait(ann.email))}")
    heading(page, "Choose a new password")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save the password").click()
    expect(page.get_by_role("alert")).to_contain_text("characters")
    page.get_by_label("New password").fill("another horse another staple")
    page.get_by_role("button", name="Save the password").click()
    heading(page, "Saved")
    page.get_by_role("link", name="Sign in", exact=True).click()
    fill_sign_in(page, ann.email)
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    fill_sign_in(page, ann.email, "another horse another staple")
    heading(page, ann.name)


def test_keys_and_sign_ins_are_ones_own_to_end(
    page: Page, house: House, ann: Person, browser: Browser
) -> None:
    elsewhere = browser.new_page()
    sign_in(elsewhere, house, ann)
    sign_in(page, house, ann)
    page.get_by_text("Make a key").click()
    page.get_by_label("What it is for").fill("nightly renders")
    page.get_by_role("button", name="Make the key").click()
    shown = page.get_by_label("The new key")
    expect(shown).to_have_value(re.compile("^roto_"))
    key = shown.input_value()
    assert works(house, key)
    page.reload()
    row = page.get_by_role("listitem").filter(has_text="nightly renders")
    expect(row).to_contain_text("read, write")
    expect(row).to_contain_text(key[:12])
    assert key not in page.content()
    row.get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert not works(house, key)

    sessions = page.get_by_role("region", name="Where you are signed in").get_by_role("listitem")
    expect(sessions).to_have_count(2)
    sessions.get_by_role("button", name="Sign out").click()
    expect(sessions).to_have_count(1)
    elsewhere.reload()
    heading(elsewhere, "Sign in")
    elsewhere.close()
    page.get_by_role("button", name="Sign out", exact=True).click()
    heading(page, "Sign in")
    page.goto(f"{house.url}/account")
    heading(page, "Sign in")


def test_a_password_is_changed(page: Page, house: House, ann: Person) -> None:
    sign_in(page, house, ann)
    page.get_by_text("Change it").click()
    page.get_by_label("The one you have").fill("not this one")
    page.get_by_label("The new one").fill("a quite different sentence")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.get_by_label("The one you have").fill(PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()


def test_many_tabs_stay_signed_in(context: BrowserContext, house: House, ann: Person) -> None:
    """Each asks for a token with the one cookie, which works once."""
    tabs = [context.new_page() for _ in range(5)]
    sign_in(tabs[0], house, ann)
    for _ in range(3):
        for tab in tabs:
            tab.evaluate("url => { location.href = url }", f"{house.url}/account")
        for tab in tabs:
            expect(tab.get_by_role("heading", name=ann.name)).to_be_visible(timeout=30_000)


def test_a_page_that_is_reloaded_at_once_stays_signed_in(
    page: Page, house: House, ann: Person
) -> None:
    """Also when the token it asked for is still on its way."""
    sign_in(page, house, ann)
    for milliseconds in range(0, 400, 20):
        page.reload(wait_until="commit")
        page.wait_for_timeout(milliseconds)
    expect(page.get_by_role("heading", name=ann.name)).to_be_visible(timeout=30_000)
    page.reload()
    heading(page, ann.name)


def test_nothing_happens_before_the_script_is_there(page: Page, house: House, ann: Person) -> None:
    """On a slow line the form can be filled in, and sent once it can be."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/pages/sign-in.js", hold)
    page.goto(f"{house.url}/sign-in", wait_until="commit")
    button = page.get_by_role("button", name="Sign in", exact=True)
    expect(button).to_be_disabled()
    page.get_by_label("E-mail address").fill(ann.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    held[0].continue_()
    expect(button).to_be_enabled()
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.press("Enter")
    heading(page, ann.name)


def test_scripts_find_no_secret_and_no_foreign_script_runs(
    page: Page, house: House, ann: Person
) -> None:
    sign_in(page, house, ann)
    kept = page.evaluate("[document.cookie, {...localStorage}, {...sessionStorage}]")
    assert kept == ["", {}, {}]
    cookies = page.context.cookies(f"{house.url}{API}/auth/refresh")
    assert {one.get("name") for one in cookies} == {"roto_refresh", "roto_access"}
    for cookie in cookies:
        assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
    answer = page.request.get(f"{house.url}/account")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in answer.text()
    assert not re.search(r"\son\w+=|style=", answer.text())


def test_all_of_it_works_by_keyboard(page: Page, house: House, ann: Person) -> None:
    code = begin(house)
    page.goto(code["verification_url_complete"])
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type(ann.email)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=PROGRAM)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    heading(page, "It is signed in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_can_be_read_and_heard(
    browser: Browser, house: House, ann: Person, scheme: Any
) -> None:
    """Contrast of 4.5 and more (WCAG AA); what one can touch has a name; one first heading."""
    page = browser.new_page(color_scheme=scheme, viewport={"width": 360, "height": 740})
    for name, title in PAGES.items():
        page.goto(f"{house.url}/{name}")
        heading(page, title)
        check_readable(page)
    sign_in(page, house, ann)
    page.locator("summary").first.click()
    check_readable(page)
    page.goto(begin(house)["verification_url_complete"])
    heading(page, PROGRAM)
    check_readable(page)
    page.close()


def check_readable(page: Page) -> None:
    expect(page.locator("h1:visible")).to_have_count(1)
    assert page.evaluate(CONTRAST) == [], page.url
    assert page.evaluate(UNNAMED) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url
