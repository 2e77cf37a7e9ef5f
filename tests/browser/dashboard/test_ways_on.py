"""No page of projects, shots and uploads is a dead end, and none is wider than a phone."""

from __future__ import annotations

import pytest
from helpers_conform import HOUR, cut, edl, media_folder, movie, sequence
from helpers_dashboard import Enter, axe, let_in
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import Browser, Page, expect

PHONE = {"width": 390, "height": 844}
_TOO_WIDE = """() => [...document.querySelectorAll("main, main *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1)
  .filter((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))
  .map((one) => `${one.className} ${one.scrollWidth} > ${one.clientWidth}`)"""


def test_who_is_in_no_project_is_told_what_to_do(enter: Enter) -> None:
    page = enter("artist", "/shots")
    expect(page.get_by_text("Shots belong to projects.")).to_be_visible()
    axe(page)
    page.get_by_role("main").get_by_role("link", name="Projects").click()
    expect(page.get_by_text("You are in no project yet")).to_be_visible()


def test_who_may_make_projects_is_sent_there_first(enter: Enter) -> None:
    page = enter("supervisor", "/upload")
    expect(page.get_by_text("Make a project first")).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Projects").click()
    page.get_by_role("button", name="New project…").click()
    page.get_by_label("Name", exact=True).fill("From nothing")
    page.get_by_role("button", name="Make it").click()
    page.get_by_role("link", name="Upload", exact=True).last.click()
    expect(page.get_by_text("Drop movies, sequences or whole folders here")).to_be_visible()
    expect(page.get_by_label("Project").locator("option:checked")).to_have_text("From nothing")


def test_a_search_that_finds_nothing_and_a_shot_that_is_gone_lead_on(
    enter: Enter, house: House
) -> None:
    page = enter("admin", "/jobs")
    project = house.project((house.admin, "supervisor"))
    shot = house.shot(project, house.admin)
    page.goto(f"{house.url}/shots?project={project}")
    page.get_by_label("Search by name").fill("nobody calls a shot so")
    page.get_by_role("button", name="Show all 1").click()
    card = page.get_by_role("main").get_by_role("listitem").get_by_role("link")
    expect(card.first).to_be_visible()
    with house.client(house.admin.key) as client:
        assert client.delete(f"/shots/{shot}").is_success
    page.goto(f"{house.url}/shots/{shot}")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    axe(page)
    page.get_by_role("main").get_by_role("link", name="Trash").click()
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()
    page.goto(f"{house.url}/projects/nothing")
    page.get_by_role("main").get_by_role("link", name="Projects").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


@pytest.fixture(scope="module")
def someone(house: House) -> Person:
    return person_with_password(house, "admin", name="Somebody of a Rather Long Name")


@pytest.fixture(scope="module")
def addresses(house: House, someone: Person) -> dict[str, str]:
    """Pages with something on each."""
    folder = media_folder(house, "a_folder_of_a_long_name/editorial")
    for name in ("alpha", "beta_v1", "beta_v2"):
        sequence(folder / name, name, range(HOUR, HOUR + 60))
    project = house.project((someone, "supervisor"))
    plate = {"path": movie(house.plates / "long_name_of_a_movie.mov", 4, "01:00:00:00")}
    lines = [
        cut(n, reel, (HOUR + 10, HOUR + 22), (HOUR + 12 * n, HOUR + 12 * n + 12))
        for n, reel in enumerate(("alpha", "beta", "gamma"))
    ]
    body = {
        "name": "reel2", "fps": [24, 1], "text": edl(*lines), "folders": [str(folder)], "handles": 4
    }  # fmt: skip
    with house.client(someone.key) as client:
        shots = [
            client.post(f"/projects/{project}/shots", json={"name": name, "plate": plate}).json()
            for name in ("a_shot_of_a_really_long_name_0010", "sh020")
        ]
        assert client.post(f"/shots/{shots[0]['id']}/objects", json={"name": "hero"}).is_success
        assert client.delete(f"/shots/{shots[1]['id']}").is_success
        listed = client.post(f"/projects/{project}/conforms", json=body)
        assert listed.status_code == 201, listed.text
    upload = f"/upload?project={project}"
    return {
        "projects": "/projects",
        "project": f"/projects/{project}",
        "trash": "/projects/trash",
        "shots": f"/shots?project={project}",
        "shot": f"/shots/{shots[0]['id']}",
        "files": upload,
        "folders": f"{upload}&by=folder",
        "lists": f"{upload}&by=list",
        "list": f"{upload}&by=list&list={listed.json()['id']}",
    }


@pytest.fixture(scope="module")
def phone(browser: Browser, house: House, someone: Person) -> Page:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    let_in(context, house, someone)
    return context.new_page()


SOMETHING = {
    "project": "Members", "shot": "long_name_of_a_movie.mov", "list": "◆ Choose one",
    "trash": "Restore", "lists": "reel2",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["projects", "project", "trash", "shots", "shot", "files", "folders", "lists", "list"],
)
def test_nothing_is_beside_a_phones_screen(
    phone: Page, house: House, addresses: dict[str, str], name: str
) -> None:
    phone.goto(house.url + addresses[name])
    expect(phone.get_by_role("heading").first).to_be_visible()
    if name in SOMETHING:
        expect(phone.get_by_text(SOMETHING[name]).first).to_be_attached()
    expect(phone.get_by_text("Loading…")).to_have_count(0)
    assert phone.evaluate(_TOO_WIDE) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    axe(phone)
