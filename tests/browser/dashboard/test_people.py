"""One's own account; administrators and other people's ways in; roles; the farm's tokens."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator

import httpx
import pytest
from helpers_dashboard import Enter, axe, let_in
from helpers_people import PASSWORD, House, Person
from helpers_signing_in import person_with_password
from helpers_watching import watched
from playwright.sync_api import Browser, BrowserContext, Page, expect

from helpers_services import link_token

Go = Callable[[Person, str], Page]


@pytest.fixture
def go(context: BrowserContext, house: House) -> Go:
    """The page at an address, for somebody who is signed in."""

    def go(person: Person, address: str) -> Page:
        let_in(context, house, person)
        page = context.new_page()
        page.goto(house.url + address)
        return page

    return go


@pytest.fixture
def elsewhere(browser: Browser, house: House) -> Iterator[Go]:
    """As ``go``, in a browser on another desk."""
    context = browser.new_context()
    with watched(context, hears=("error", "warning")):

        def go(person: Person, address: str) -> Page:
            let_in(context, house, person)
            page = context.new_page()
            page.goto(house.url + address)
            return page

        yield go


def asked(
    house: House, key: str, method: str = "GET", path: str = "/users/me", body: object = None
) -> httpx.Response:
    with house.client(key) as client:
        return client.request(method, path, json=body)


def make_key(page: Page, name: str) -> str:
    """Make a key as a person does; the secret that is shown."""
    page.get_by_role("button", name="Make a key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill(name)
    dialog.get_by_label("It expires").select_option(label="after 30 days")
    dialog.get_by_role("checkbox", name="write").uncheck()
    dialog.get_by_role("button", name="Make the key").click()
    return dialog.get_by_label("The new key").input_value()


def test_a_key_is_made_used_and_revoked(go: Go, house: House) -> None:
    ann = person_with_password(house, "supervisor")
    page = go(ann, "/profile")
    name = f"render {uuid.uuid4().hex[:6]}"
    page.get_by_role("button", name="Make a key").click()
    # What a supervisor may not do, no key of theirs may.
    expect(page.get_by_role("checkbox", name="admin")).to_be_disabled()
    expect(page.get_by_role("checkbox", name="read")).to_be_checked()
    axe(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    secret = make_key(page, name)
    axe(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("dialog").get_by_role("button", name="Copy").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row", name=name)
    expect(row).to_contain_text(secret[:12])
    expect(row).to_contain_text(re.compile(r"read.*in (29|30) ?d"))
    expect(row).not_to_contain_text("write")
    assert secret not in page.content()
    told = asked(house, secret).json()
    assert (told["id"], told["scopes"]) == (ann.id, ["read"])
    refused = asked(house, secret, "POST", "/projects", {"name": name})
    assert (refused.status_code, refused.json()["detail"]) == (403, {"scope": "write"})
    row.get_by_role("button", name=f"Revoke the key {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert asked(house, secret).status_code == 401
    axe(page)


def test_the_menu_leads_to_the_account_and_back_to_the_keyboard(go: Go, house: House) -> None:
    ann = person_with_password(house, name="Ann Artist")
    page = go(ann, "/jobs")
    summary = page.locator("summary")
    summary.focus()
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Your account and keys")
    expect(link).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()
    expect(link).to_be_hidden()


def test_a_key_is_made_by_keyboard_alone(go: Go, house: House) -> None:
    page = go(person_with_password(house), "/profile")
    page.get_by_role("button", name="Make a key").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What it is for")).to_be_focused()
    page.keyboard.type("by hand")
    page.keyboard.press("Enter")
    expect(page.get_by_label("The new key")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("row", name="by hand")).to_be_visible()


def test_ones_name_and_password_are_changed(go: Go, elsewhere: Go, house: House) -> None:
    ann = person_with_password(house)
    page, other = go(ann, "/profile"), elsewhere(ann, "/profile")
    expect(other.get_by_role("heading", name="Your account")).to_be_visible()
    name = f"Ann {uuid.uuid4().hex[:6]}"
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Change the name").click()
    expect(page.locator("summary")).to_have_text(name)
    form = page.get_by_role("region", name="Password")
    form.get_by_label("The one you have").fill("not this one")
    form.get_by_label("The new one").fill("quite another passphrase")
    form.get_by_role("button", name="Change the password").click()
    expect(form.get_by_role("alert")).to_be_visible()
    form.get_by_label("The one you have").fill(PASSWORD)
    form.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    expect(form.get_by_role("alert")).to_have_count(0)
    # The other browser's sign-in has ended; this one's has not.
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_another_browser_of_ones_own_is_signed_out(go: Go, elsewhere: Go, house: House) -> None:
    ann = person_with_password(house)
    other = elsewhere(ann, "/jobs")
    expect(other.get_by_text("Live", exact=True)).to_be_visible()
    page = go(ann, "/profile")
    mine = page.get_by_role("region", name="Where you are signed in")
    row = mine.get_by_role("row").filter(has_not_text="this browser").filter(has_text="password")
    row.get_by_role("button").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(row).to_have_count(0)
    mine.get_by_role("button", name="Sign out everywhere").click()
    page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_administrator_ends_somebodys_sign_in_and_key(
    enter: Enter, elsewhere: Go, house: House
) -> None:
    ann = person_with_password(house, name=f"Ann {uuid.uuid4().hex[:6]}")
    theirs = elsewhere(ann, "/jobs")
    expect(theirs.get_by_text("Live", exact=True)).to_be_visible()
    page = enter("admin", f"/people?query={ann.name.replace(' ', '+')}")
    page.get_by_role("link", name=ann.name).click()
    expect(page.get_by_role("heading", name=ann.name)).to_be_visible()
    keys = page.get_by_role("region", name="API keys")
    expect(keys.get_by_role("row", name="tests")).to_contain_text(ann.key[:12])
    axe(page)
    assert asked(house, ann.key).status_code == 200
    keys.get_by_role("button", name="Revoke the key tests").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(keys.get_by_text("None.")).to_be_visible()
    assert asked(house, ann.key).status_code == 401
    sessions = page.get_by_role("region", name="Signed in")
    sessions.get_by_role("row").get_by_role("button", name="Sign out").click()
    expect(sessions.get_by_text("Nowhere.")).to_be_visible()
    expect(theirs.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_administrator_gives_and_takes_roles_and_projects(enter: Enter, house: House) -> None:
    ann = person_with_password(house, name=f"Ann {uuid.uuid4().hex[:6]}")
    project = house.project()
    page = enter("admin", f"/people/{ann.id}")
    page.get_by_role("button", name="Name and role").click()
    page.get_by_role("dialog").get_by_label("Role on the server").select_option("supervisor")
    page.get_by_role("dialog").get_by_role("button", name="Change").click()
    expect(page.get_by_text("supervisor (")).to_be_visible()
    projects = page.get_by_role("region", name="Projects")
    projects.get_by_label("Another project").select_option(project)
    projects.get_by_label("As").select_option("viewer")
    projects.get_by_role("button", name="Let them in").click()
    role = projects.get_by_label(f"Role in show {project}")
    expect(role).to_have_value("viewer")
    role.select_option("supervisor")
    # What the server has, not what was chosen.
    expect(role).to_have_value("supervisor")
    with house.client(house.admin.key) as client:
        told = client.get(f"/admin/users/{ann.id}").json()
    assert told["role"] == "supervisor"
    assert [(one["project_id"], one["role"]) for one in told["memberships"]] == [
        (project, "supervisor")
    ]
    projects.get_by_role("button", name=f"Remove from show {project}").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(role).to_have_count(0)
    assert asked(house, ann.key, path=f"/projects/{project}").status_code == 404
    axe(page)


def test_somebody_is_sent_a_link_disabled_and_enabled(enter: Enter, house: House) -> None:
    ann = person_with_password(house, name=f"Ann {uuid.uuid4().hex[:6]}")
    page = enter("admin", f"/people/{ann.id}")
    page.get_by_role("button", name="Send a link to a new password").click()
    page.get_by_role("dialog").get_by_role("button", name="Send it").click()
    expect(page.get_by_text(f"A mail is on its way to {ann.email}")).to_be_visible()
    assert link_token(house.mails.wait(ann.email))
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    assert asked(house, ann.key).status_code in (401, 403)
    page.get_by_role("button", name="Enable").click()
    expect(page.get_by_role("button", name="Disable")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    assert ann.email in download.value.path().read_text(encoding="utf-8")


def test_roles_are_told_as_the_server_has_them(enter: Enter) -> None:
    page = enter("viewer", "/people/roles")
    rights = page.get_by_role("region", name="In a project")
    review = rights.get_by_role("row", name="Approve a shot")
    expect(review.get_by_role("cell")).to_have_text(["✓ Yes", "✓ Yes", "– No", "– No", "write"])
    edit = rights.get_by_role("row", name="Prompt, correct, run")
    expect(edit).to_contain_text("◐ Theirs")
    farm = page.get_by_role("region", name="On the server").get_by_role("row", name="See the farm")
    expect(farm.get_by_role("cell")).to_have_text(["✓ Yes", "✓ Yes", "– No", "– No", "read"])
    # A viewer is shown this page of the three.
    expect(page.get_by_role("navigation", name="About people").get_by_role("link")).to_have_text(
        ["Roles"]
    )
    axe(page)


def test_a_farm_token_is_made_and_revoked(enter: Enter, house: House) -> None:
    page = enter("admin", "/people/farm-tokens")
    name = f"rack {uuid.uuid4().hex[:6]}"
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Which machines it is for").fill(name)
    page.get_by_role("button", name="Make the token").click()
    secret = page.get_by_label("The new token").input_value()
    axe(page)
    page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row", name=name)
    expect(row).to_contain_text(secret[:12])
    # Known, and refused for what it does not say of itself.
    assert asked(house, secret, "POST", "/farm/workers", {}).status_code == 422
    row.get_by_role("button", name=f"Revoke the token {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)
    assert asked(house, secret, "POST", "/farm/workers", {}).status_code == 401


@pytest.mark.parametrize("role", ["viewer", "artist", "supervisor"])
def test_others_do_not_reach_other_peoples_ways_in(enter: Enter, house: House, role: str) -> None:
    ann = person_with_password(house)
    page = enter(role, f"/people/{ann.id}")
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_role("button", name="Sign out everywhere")).to_have_count(0)
    expect(page.get_by_role("link", name="People", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="Farm tokens")).to_have_count(0)
    # Nor by asking the server as the page would.
    answers = page.evaluate(
        """async ([user, paths]) => Promise.all(paths.map(async ([method, path]) => {
            const headers = {"X-Roto-CSRF": "1", "Content-Type": "application/json"};
            const body = method === "POST" ? "{}" : undefined;
            const address = `/api/v1/admin/${path.replace("USER", user)}`;
            return (await fetch(address, {method, headers, body})).status;
        }))""",
        [
            ann.id,
            [
                ["GET", "users/USER"], ["GET", "users/USER/sessions"], ["GET", "users/USER/keys"],
                ["POST", "users/USER/logout"], ["POST", "users/USER/password-mail"],
                ["DELETE", "users/USER/keys/1"], ["DELETE", "users/USER/sessions/1"],
                ["GET", "farm-tokens"], ["DELETE", "farm-tokens/1"],
            ],
        ],
    )  # fmt: skip
    assert answers == [403] * 9
