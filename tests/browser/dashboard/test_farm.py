"""The farm's page: which machine works, on what, and who may send one to rest."""

from __future__ import annotations

import pytest
from helpers_dashboard import Enter, axe
from helpers_observing import running_worker
from helpers_people import House
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def _worker(house: House):
    with running_worker(house):
        yield


def test_before_any_machine_it_says_how_to_start_one(enter: Enter) -> None:
    page = enter("admin", "/farm")
    expect(page.get_by_text("No machine has ever worked for this server")).to_be_visible()
    axe(page)


@pytest.mark.usefixtures("_worker")
def test_an_administrator_drains_a_node_and_enables_it(enter: Enter) -> None:
    page = enter("admin", "/farm")
    page.get_by_role("button", name="Drain node1").click(timeout=30_000)
    drain = page.get_by_role("dialog").get_by_role("button", name="Drain")
    expect(drain).to_be_disabled()
    page.get_by_label("Reason").fill("new graphics card")
    drain.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Draining", exact=True)).to_be_visible()
    expect(page.get_by_text("new graphics card")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Enable node1").click()
    page.get_by_role("dialog").get_by_role("button", name="Enable").click()
    expect(page.get_by_text("Enabled", exact=True)).to_be_visible()


@pytest.mark.usefixtures("_worker")
def test_a_supervisor_looks_and_an_artist_has_no_such_page(enter: Enter) -> None:
    page = enter("supervisor", "/farm")
    expect(page.get_by_role("rowheader", name="node1")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Drain node1")).to_have_count(0)


def test_artists_are_told_they_may_not(enter: Enter) -> None:
    page = enter("artist", "/farm")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("link", name="Farm")).to_have_count(0)
