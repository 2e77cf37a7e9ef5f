"""People, the audit log, settings and health: an administrator's pages."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import httpx
import pytest
from helpers_dashboard import Enter, axe, let_in
from helpers_observing import wait_for
from helpers_people import House, running_house
from helpers_signing_in import person_with_password, signed_in
from playwright.sync_api import Browser, expect

from helpers_services import free_port
from roto_client.contract import PRODUCT_VERSION
from roto_server.audit import COMMAND, record

MARK = uuid.uuid4().hex[:6]
"""So that nobody of another test is called so."""


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
    expect(page.get_by_label(f"Role of {name}")).not_to_have_value("supervisor")
    page.get_by_role("button", name="Make them supervisor").click()
    expect(page.get_by_text(f"{name} is supervisor now.")).to_be_visible()
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
    changes = page.get_by_role("table").last.get_by_role("row").filter(has_text="trash_days")
    expect(changes.nth(0)).to_contain_text("12its default")
    expect(changes.nth(1)).to_contain_text("its default12")
    axe(page)


def test_maintenance_is_told_to_everybody(enter: Enter) -> None:
    page = enter("admin", "/settings")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("What people are told").fill("new disks until noon")
    page.get_by_label("Expected to end").fill("2020-01-01T12:00")
    expect(page.get_by_text("That is over already.")).to_be_visible()
    page.get_by_label("Expected to end").fill("2100-01-01T12:00")
    page.get_by_role("dialog").get_by_role("button", name="Begin").click()
    notice = page.get_by_text("Maintenance. new disks until noon (expected to end")
    expect(notice).to_contain_text("2100")
    page.get_by_role("button", name="End it").click()
    expect(notice).to_have_count(0)


def test_the_audit_log_says_who_did_what(enter: Enter) -> None:
    page = enter("admin", "/audit?action=session.opened")
    expect(page.get_by_role("cell", name="session.opened").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert "session.opened" in download.value.path().read_text(encoding="utf-8")
    axe(page)


def test_the_audit_log_is_narrowed_by_who_what_and_when(enter: Enter, house: House) -> None:
    ann, eve = (person_with_password(house, name=f"{name} {MARK}") for name in ("Ann", "Eve"))
    with house.client(house.admin.key) as client:
        for person in (ann, eve):
            for name in ("one", "two"):
                body = {"name": f"{name} {MARK}"}
                assert client.patch(f"/admin/users/{person.id}", json=body).is_success
    with signed_in(house, ann) as client:
        assert client.post("/api-keys", json={"name": "k", "scopes": ["read"]}).is_success
    page = enter("admin", "/audit")
    page.get_by_label("Who").fill(ann.email)
    page.get_by_label("Who").press("Enter")
    expect(page.get_by_text(f"By two {MARK}")).to_be_visible()
    rows = page.get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="key.created")).to_have_count(1)
    expect(rows.filter(has_text="session.opened")).to_have_count(1)
    page.get_by_label("Did").fill("key.")
    page.get_by_label("Did").press("Enter")
    expect(rows).to_have_count(1)
    axe(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as JSON lines").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["key.created"]
    page.get_by_label("Until").fill("2001-01-01T00:00")
    expect(page.get_by_text("Nothing like that was done")).to_be_visible()
    page.get_by_label("Until").fill("")
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Show everything").click()
    # By a line: what was done to Eve.
    page.goto(f"{house.url}/audit?action=user.changed")
    page.get_by_role("link", name=eve.id).first.click()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Done to anything").click()
    expect(rows.filter(has_text=ann.id).first).to_be_visible()


def test_a_long_audit_log_comes_in_parts(enter: Enter, house: House) -> None:
    ann = person_with_password(house)
    with house.database.session() as session:
        for _ in range(130):
            record(session, COMMAND, "user.changed", "user", ann.id)
    page = enter("admin", f"/audit?target={ann.id}")
    rows = page.get_by_role("row").filter(has_text=ann.id)
    expect(rows).to_have_count(100)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(130)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_the_audit_log_is_verified(enter: Enter) -> None:
    page = enter("admin", "/audit")
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_text("entries are as they were written")).to_be_visible()


def test_a_part_that_fails_says_what_to_do(browser: Browser, tmp_path: Path) -> None:
    """A real server whose mail server is not there."""
    url = f"sqlite:///{tmp_path / 'roto.db'}"
    # Not the watched one: red is 503.
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    with running_house(tmp_path, url, servers=0) as house:
        process = house.launch(ROTO_SMTP_URL=f"smtp://127.0.0.1:{free_port()}?starttls=never")
        wait_for(lambda: is_up(process.url), process.log.read_text, 90)
        let_in(context, house, person_with_password(house, "admin"))
        page = context.new_page()
        page.goto(f"{house.url}/settings")
        parts = page.get_by_role("region", name="Health")
        row = parts.get_by_role("row", name=re.compile("^mail"))
        expect(row).to_contain_text("Failed")
        expect(row).to_contain_text("Start the mail server, or correct its address")
        expect(row).to_contain_text("ROTO_SMTP_URL")
        expect(page.get_by_text(re.compile("1 of .* parts do not work: mail"))).to_be_visible()
        expect(parts.get_by_role("row", name="database")).to_contain_text("Works")
        expect(page.get_by_text(f"Version {PRODUCT_VERSION}")).to_be_visible()
        axe(page)
        context.close()


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


def test_the_farm_is_part_of_the_health(enter: Enter) -> None:
    page = enter("admin", "/settings")
    farm = page.get_by_role("region", name="Farm")
    expect(farm.get_by_text("No machine has registered yet")).to_be_visible()
    farm.get_by_role("link", name="Farm tokens").click()
    expect(page.get_by_role("heading", name="Farm tokens")).to_be_visible()


@pytest.mark.parametrize("address", ["/people", "/audit", "/settings", "/people/farm-tokens"])
def test_others_have_no_such_pages(enter: Enter, address: str) -> None:
    page = enter("supervisor", address)
    expect(page.get_by_role("alert").first).to_be_visible()
    for name in ("People", "Audit", "Settings"):
        expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)
