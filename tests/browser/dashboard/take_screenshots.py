"""Pictures of every page, the dashboard's and the server's own: ``make screenshots``.

Of generated footage. No test: pytest collects it when it is named. What it makes lies in
screenshots/; the best of it is in docs/images.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_pages import LAPTOP, PAGES, Studio, running_studio
from helpers_people import House
from playwright.sync_api import Browser, Page

IMAGES = Path(__file__).parents[3] / "screenshots"
SIZE = (960, 540)
PHONE = {"width": 390, "height": 844}
SHOTS = {"sh010": 48, "sh020": 24, "sh030": 24}
"""Names and frames."""


@pytest.fixture(scope="module")
def studio(house: House, browser: Browser) -> Iterator[Studio]:
    with running_studio(house, browser, SHOTS, SIZE) as studio:
        yield studio


def take(page: Page, name: str, *, was_dark: bool = False) -> None:
    """``was_dark``: the theme is turned back after, for the browser keeps it."""
    page.wait_for_load_state("networkidle")
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png")
    if was_dark:
        page.get_by_role("button", name="Light or dark").click()
    page.close()


@pytest.mark.parametrize("name", [name for name in PAGES if name != "upload-folder"])
def test_page(studio: Studio, name: str) -> None:
    page = studio.context.new_page()
    studio.draw(page, name)
    take(page, name)


def test_upload_from_a_folder(studio: Studio) -> None:
    page = studio.open(f"/upload?project={studio.project}&by=folder")
    page.get_by_label("Folder, as the studio names it").fill(str(studio.house.plates))
    page.get_by_role("button", name="Look for plates").click()
    page.get_by_role("region", name="Found").wait_for()
    take(page, "upload-folder")


@pytest.mark.parametrize("name", ["sign-in", "register", "reset", "confirm"])
def test_the_way_in(studio: Studio, browser: Browser, name: str) -> None:
    with browser.new_context(viewport=LAPTOP) as context:
        page = context.new_page()
        page.goto(f"{studio.house.url}/{name}")
        page.get_by_role("heading").first.wait_for()
        take(page, name)


@pytest.mark.parametrize("name", ["account", "device"])
def test_what_is_ones_own_without_the_dashboard(studio: Studio, name: str) -> None:
    page = studio.context.new_page()
    page.goto(f"{studio.house.url}/{name}")
    page.get_by_role("heading").first.wait_for()
    take(page, f"own-{name}")


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", ["laptop", "phone"])
@pytest.mark.parametrize("name", ["account", "person", "roles", "audit", "settings"])
def test_people_and_settings_in_both_themes_and_on_a_phone(
    studio: Studio, name: str, size: str, theme: str
) -> None:
    page = studio.context.new_page()
    studio.draw(page, name)
    page.set_viewport_size(LAPTOP if size == "laptop" else PHONE)
    if theme == "light":
        page.get_by_role("button", name="Light or dark").click()
    take(page, f"{name}-{size}-{theme}", was_dark=theme == "light")


def test_review_on_a_phone(studio: Studio) -> None:
    page = studio.open(
        f"/shots/{studio.shots['sh020']}/review?job={studio.jobs['sh020']}&frame=1010"
    )
    page.set_viewport_size(PHONE)
    take(page, "review-phone")
