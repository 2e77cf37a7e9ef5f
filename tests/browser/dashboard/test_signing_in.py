"""Coming in: by the sign-in page and back, by the cookie alone, and out again."""

from __future__ import annotations

from helpers_dashboard import Enter
from helpers_people import PASSWORD, House
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, expect


def test_who_is_not_signed_in_signs_in_and_comes_back(
    context: BrowserContext, house: House
) -> None:
    person = person_with_password(house, "supervisor", name="Sue Supervisor")
    page = context.new_page()
    page.goto(f"{house.url}/jobs?state=failed")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{house.url}/jobs?state=failed")
    expect(page.get_by_text("Sue Supervisor")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()


def test_no_script_can_read_a_token(enter: Enter, house: House) -> None:
    page = enter("artist", "/jobs")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    held = page.evaluate("() => [document.cookie, JSON.stringify(localStorage)]")
    assert held == ["", "{}"]


def test_signing_out_leads_to_the_sign_in_page(enter: Enter, house: House) -> None:
    page = enter("artist", "/jobs")
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{house.url}/jobs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_laptop_that_slept_signs_out_too(
    enter: Enter, context: BrowserContext, house: House
) -> None:
    """The cookie that opens requests is over by then; the session is not."""
    page = enter("artist", "/jobs")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    context.clear_cookies(name="roto_access")
    page.locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert context.cookies() == []
    page.goto(f"{house.url}/jobs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
