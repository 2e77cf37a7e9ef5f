"""People, the audit log, settings and health: an administrator's pages."""

from __future__ import annotations

import re
import uuid

import pytest
from helpers_dashboard import Enter, axe
from helpers_people import House
from playwright.sync_api import expect


def test_somebody_is_invited_made_a_supervisor_and_disabled(enter: Enter, house: House) -> None:
    page = enter("admin", "/people")
    name, email = f"Ina {uuid.uuid4().hex[:6]}", f"{uuid.uuid4().hex[:8]}@studio.example"
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("rowheader", name=name)).to_be_visible()
    assert house.mails.wait(email)
    page.get_by_label("Part of a name or address").fill(name)
    expect(page).to_have_url(re.compile(r"query=Ina"))
    page.get_by_label(f"Role of {name}").select_option("supervisor")
    with house.client(house.admin.key) as client:
        asked = {"query": name}
        expect(page.get_by_label(f"Role of {name}")).to_have_value("supervisor")
        assert client.get("/admin/users", params=asked).json()["items"][0]["role"] == "supervisor"
    page.get_by_role("button", name=f"Disable {name}").click()
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name=f"Enable {name}")).to_be_visible()
    axe(page)


def test_a_setting_is_changed_refused_and_put_back(enter: Enter) -> None:
    page = enter("admin", "/settings")
    expect(page.get_by_role("row", name="database")).to_contain_text("Works")
    page.get_by_role("button", name="Change trash_days").click()
    field = page.get_by_role("dialog").get_by_role("textbox")
    field.fill("many")
    page.get_by_role("dialog").get_by_role("button", name="Change").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("trash_days")
    field.fill("12")
    page.get_by_role("dialog").get_by_role("button", name="Change").click()
    expect(page.get_by_role("row", name=re.compile("^trash_days For"))).to_contain_text("12")
    page.get_by_role("button", name="Change trash_days").click()
    page.get_by_role("button", name="Put the default back").click()
    expect(page.get_by_role("row", name=re.compile("^trash_days For"))).to_contain_text("default")
    axe(page)


def test_maintenance_is_told_to_everybody(enter: Enter) -> None:
    page = enter("admin", "/settings")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("What people are told").fill("new disks until noon")
    page.get_by_role("dialog").get_by_role("button", name="Begin").click()
    expect(page.get_by_text("Maintenance. new disks until noon")).to_be_visible()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Maintenance. new disks until noon")).to_have_count(0)


def test_the_audit_log_says_who_did_what(enter: Enter) -> None:
    page = enter("admin", "/audit?action=session.opened")
    expect(page.get_by_role("cell", name="session.opened").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "session.opened" in download.value.path().read_text(encoding="utf-8")
    axe(page)


@pytest.mark.parametrize("address", ["/people", "/audit", "/settings"])
def test_others_have_no_such_pages(enter: Enter, address: str) -> None:
    page = enter("supervisor", address)
    expect(page.get_by_role("alert").first).to_be_visible()
    for name in ("People", "Audit", "Settings"):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
