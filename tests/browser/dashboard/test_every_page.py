"""Of every page: axe finds nothing in either theme, keys reach everything, no button is dead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from helpers_dashboard import axe, let_in
from helpers_pages import LAPTOP, PAGES, Studio, running_studio
from helpers_people import House
from helpers_pressing import SCRIPT, dead_buttons, refuse_writing
from helpers_watching import watched
from playwright.sync_api import Browser, Page

KEPT = "[role=tablist] [role=tab], [role=grid] *, [aria-hidden=true], input[type=file]"
"""Where Tab need not go: arrows go there, or a button beside it does the same."""
WALKED = """() => {
  const it = document.activeElement, style = getComputedStyle(it);
  it.dataset.reached = "1";
  const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    && !/^rgba.* 0\\)$/.test(style.outlineColor);
  return [it.closest("header, #page") !== null, seen, it.outerHTML.slice(0, 120)];
}"""
MISSED = """(kept) => [...document.querySelectorAll(
    "#page :is(a[href], button, select, input, textarea, summary, [tabindex='0'])")]
  .filter((it) => it.checkVisibility() && !it.matches(":disabled") && !it.dataset.reached
    && !(it.tabIndex < 0 && it.matches(kept)))
  .map((it) => it.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def studio(house: House, browser: Browser) -> Iterator[Studio]:
    with running_studio(house, browser, {"sh010": 6, "sh030": 4}, (320, 180)) as studio:
        yield studio


@dataclass
class Drawn:
    """One of `PAGES` in a browser of its own."""

    studio: Studio
    name: str
    page: Page

    @property
    def within(self) -> str:
        """What is pressed and gone through: the bar above is the same everywhere."""
        return "body" if self.name == "jobs" else "#page"

    def anew(self) -> None:
        self.studio.draw(self.page, self.name)


@pytest.fixture(scope="module", params=PAGES)
def drawn(request: pytest.FixtureRequest, studio: Studio, browser: Browser) -> Iterator[Drawn]:
    context = browser.new_context(viewport=LAPTOP, reduced_motion="reduce")
    # A sign-in of its own: one that is copied ends everywhere once two browsers have renewed it.
    let_in(context, studio.house, studio.admin)
    with watched(context, hears=("error", "warning")):
        context.add_init_script(path=SCRIPT)
        drawn = Drawn(studio, request.param, context.new_page())
        drawn.anew()
        yield drawn


def test_axe_finds_nothing_in_the_dark_or_the_light(drawn: Drawn) -> None:
    page = drawn.page
    axe(page, spares=("minor",))
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    axe(page, spares=("minor",))


def test_keys_reach_everything_and_one_sees_where(drawn: Drawn) -> None:
    page = drawn.page
    start = "#page" if drawn.within == "#page" else "a[href='#page']"
    page.locator(start).focus()
    unseen = []
    for _ in range(200):
        page.keyboard.press("Tab")
        is_inside, is_seen, html = page.evaluate(WALKED)
        if not is_inside:
            break
        if not is_seen:
            unseen.append(html)
    assert not is_inside, "the focus does not leave the page"
    assert unseen == []
    assert page.evaluate(MISSED, KEPT) == []


def test_of_every_button_something_comes(drawn: Drawn) -> None:
    refuse_writing(drawn.page)
    assert dead_buttons(drawn.page, drawn.within, drawn.anew) == []


def test_a_button_that_is_dead_or_has_no_name_is_found(studio: Studio) -> None:
    """What the test before this one goes by."""
    page = studio.context.new_page()
    page.add_init_script(path=SCRIPT)
    studio.draw(page, "projects")
    page.evaluate("""() => {
      for (const [sign, press] of [["Dead", null], ["\\u25b6", (event) => event.target.remove()]]) {
        const made = document.querySelector("#page").appendChild(document.createElement("button"));
        made.textContent = sign;
        made.onclick = press;
      }
    }""")
    assert dead_buttons(page, "#page", lambda: None) == ["\u25b6 1", "Dead 1"]
    page.close()
