"""Projects and shots: made, changed, given to people, thrown away and had back."""

from __future__ import annotations

import pytest
from helpers_dashboard import Enter, axe, let_in
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, Page, expect

from roto_server.db.models import Job, Project, Shot


@pytest.fixture
def supervisor(house: House) -> Person:
    return person_with_password(house, "supervisor")


@pytest.fixture
def artist(house: House) -> Person:
    return person_with_password(house, "artist", name="Art Artist")


@pytest.fixture
def project(house: House, supervisor: Person, artist: Person) -> str:
    return house.project((supervisor, "supervisor"), (artist, "artist"))


def _named(house: House, model: type[Project | Shot], ident: str, name: str) -> str:
    with house.database.session() as session:
        row = session.get(model, ident)
        assert row is not None
        row.name = name
    return ident


def _page(context: BrowserContext, house: House, person: Person, address: str) -> Page:
    let_in(context, house, person)
    page = context.new_page()
    page.goto(house.url + address)
    return page


def test_a_supervisor_makes_a_project_and_lets_somebody_in(
    context: BrowserContext, house: House, supervisor: Person, artist: Person
) -> None:
    page = _page(context, house, supervisor, "/projects")
    expect(page.get_by_text("You are in no project yet")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="New project…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("Heist one")
    page.get_by_role("dialog").get_by_label("Client").fill("Northlight")
    axe(page)
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Heist one")).to_be_visible()
    page.get_by_label("Frames a second").fill("23.976")
    page.get_by_label("Handles").fill("8")
    folder = house.plates / "heist"
    page.get_by_label("Folders plates may be read from, one a line").fill(str(folder))
    page.get_by_label("Results are published below").fill(str(folder / "roto"))
    page.get_by_label("Named as").fill("{shot}/v{version:03d}/{object}.{frame:04d}.{ext}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.get_by_label("E-mail address").fill(artist.email)
    page.get_by_role("button", name="Let them in").click()
    expect(page.get_by_label("Role of Art Artist")).to_have_value("artist")
    with page.expect_response(lambda one: "/members/" in one.url and one.ok):
        page.get_by_label("Role of Art Artist").select_option("viewer")
    page.reload()
    expect(page.get_by_label("Role of Art Artist")).to_have_value("viewer")
    expect(page.get_by_label("Frames a second")).to_have_value("23.976")
    expect(page.get_by_label("Results are published below")).to_have_value(str(folder / "roto"))
    axe(page)
    page.get_by_role("button", name="Remove Art Artist").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_label("Role of Art Artist")).to_have_count(0)


def test_an_archived_project_is_in_the_archive(
    context: BrowserContext, house: House, supervisor: Person, project: str
) -> None:
    _named(house, Project, project, "delivered show")
    page = _page(context, house, supervisor, f"/projects/{project}")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("In the archive")).to_be_visible()
    page.goto(f"{house.url}/projects")
    expect(page.get_by_text("You are in no project yet")).to_be_visible()
    page.get_by_label("Archive").check()
    page.get_by_role("link", name="delivered show", exact=True).click()
    page.get_by_role("button", name="Take out of the archive").click()
    expect(page.get_by_text("In the archive")).to_have_count(0)


def test_what_is_in_the_trash_comes_back_or_goes_for_good(
    context: BrowserContext, house: House, supervisor: Person, project: str
) -> None:
    shot = _named(house, Shot, house.shot(project, supervisor), "tr_0010")
    page = _page(context, house, supervisor, f"/shots/{shot}")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Put into the trash").click()
    expect(page.get_by_text("No shots yet")).to_be_visible()
    page.goto(f"{house.url}/projects/trash")
    page.get_by_role("button", name="Restore tr_0010").click()
    expect(page.get_by_text("Nothing lies in the trash")).to_be_visible()
    with house.client(supervisor.key) as client:
        assert client.delete(f"/shots/{shot}").is_success
    page.reload()
    page.get_by_role("button", name="Remove tr_0010 for good").click()
    remove = page.get_by_role("button", name="Remove for good")
    expect(remove).to_be_disabled()
    page.get_by_label("Type its name: tr_0010").fill("tr_0010")
    axe(page)
    remove.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Restore tr_0010")).to_have_count(0)


def test_a_shot_is_moved_once_its_jobs_have_ended(
    context: BrowserContext, house: House, supervisor: Person, artist: Person, project: str
) -> None:
    """To a project one supervises; who does not work there is taken off it."""
    there = _named(house, Project, house.project((supervisor, "supervisor")), "the other show")
    foreign = _named(house, Project, house.project((supervisor, "artist")), "a foreign show")
    shot = _named(house, Shot, house.shot(project, supervisor, artist), "mv_0010")
    with house.database.session() as session:
        job = Job(shot_id=shot, kind="roto", state="running", priority="normal", version=1,
                  params={}, created_by=supervisor.id)  # fmt: skip
        session.add(job)
        session.flush()
        ident = job.id
    page = _page(context, house, supervisor, f"/shots/{shot}")
    page.get_by_role("button", name="Move…").click()
    dialog = page.get_by_role("dialog")
    to, move = dialog.get_by_label("To", exact=True), dialog.get_by_role("button", name="Move")
    expect(to.locator(f"option[value='{there}']")).to_have_count(1)
    expect(to.locator(f"option[value='{foreign}']")).to_have_count(0)
    to.select_option("the other show")
    axe(page)
    move.click()
    expect(dialog.get_by_role("alert")).to_contain_text("of the shot have not ended")
    with house.database.session() as session:
        session.get_one(Job, ident).state = "cancelled"
    move.click()
    expect(page.get_by_text("mv_0010 is in the other show now.")).to_be_visible()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("the other show / mv_0010")
    expect(page.get_by_role("main").get_by_text("Art Artist")).to_have_count(0)
    with house.client(supervisor.key) as client:
        assert client.get(f"/shots/{shot}").json()["project_id"] == there


def test_shots_are_assigned_on_the_board(
    context: BrowserContext, house: House, supervisor: Person, artist: Person, project: str
) -> None:
    for number in (10, 20, 30):
        _named(house, Shot, house.shot(project, supervisor), f"as_{number:04d}")
    page = _page(context, house, supervisor, f"/shots?project={project}")
    waiting = page.get_by_role("region", name="Waiting")
    expect(waiting.get_by_role("listitem")).to_have_count(3)
    page.get_by_label("Search by name").fill("_0010")
    expect(waiting.get_by_role("listitem")).to_have_count(1)
    expect(page).to_have_url(f"{house.url}/shots?project={project}&search=_0010")
    page.get_by_label("Search by name").fill("")
    page.get_by_label("Pick as_0030").click()
    page.get_by_label("Pick as_0020").click(modifiers=["Shift"])
    page.get_by_role("button", name="Assign…").click()
    page.get_by_label("Art Artist").check()
    axe(page)
    page.get_by_role("button", name="Change 2 shots").click()
    expect(page.get_by_text("2 of 2 shots changed.")).to_be_visible()
    axe(page)
    with house.client(artist.key) as client:
        mine = client.get("/users/me/shots").json()["items"]
    assert sorted(shot["name"] for shot in mine) == ["as_0020", "as_0030"]


def test_picked_shots_are_a_playlist_that_has_a_name(
    context: BrowserContext, house: House, supervisor: Person, project: str
) -> None:
    shots = {
        name: _named(house, Shot, house.shot(project, supervisor), name)
        for name in ("pl_0010", "pl_0020", "pl_0030")
    }
    page = _page(context, house, supervisor, f"/shots?project={project}")
    for name in ("pl_0030", "pl_0010"):
        page.get_by_label(f"Pick {name}").click()
    page.get_by_role("link", name="Playlist").click()
    cards = page.get_by_role("main").get_by_role("listitem")
    expect(cards).to_have_count(2)
    expect(page.get_by_text("pl_0020")).to_have_count(0)
    page.get_by_role("button", name="Save view…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("For the client")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Saved views")).to_have_value("For the client")
    page.goto(f"{house.url}/review")
    page.get_by_label("Saved views").select_option("For the client")
    expect(cards).to_have_count(2)
    axe(page)
    page.get_by_role("link", name="Begin").click()
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    first = page.url.partition("/shots/")[2].partition("/")[0]
    page.keyboard.press("n")
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    second = page.url.partition("/shots/")[2].partition("/")[0]
    assert {first, second} == {shots["pl_0010"], shots["pl_0030"]}
    with house.client(supervisor.key) as client:
        assert client.delete(f"/shots/{first}").is_success
    page.goto(page.url.replace(f"/shots/{second}/review", "/review"))
    expect(cards).to_have_count(1)


def test_an_artist_sees_their_shots_and_assigns_nobody(
    context: BrowserContext, house: House, supervisor: Person, artist: Person, project: str
) -> None:
    _named(house, Shot, house.shot(project, supervisor, artist), "my_0010")
    _named(house, Shot, house.shot(project, supervisor), "other_0010")
    page = _page(context, house, artist, "/shots")
    expect(page.get_by_role("listitem")).to_have_count(2)
    page.get_by_label("My shots").check()
    expect(page.get_by_role("listitem")).to_have_count(1)
    page.get_by_label("Pick my_0010").click()
    expect(page.get_by_role("button", name="Assign…")).to_be_disabled()
    page.get_by_role("link", name="my_0010").click()
    expect(page.get_by_role("button", name="Submit again…")).to_be_visible()
    for name in ("Move…", "Delete…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)


def test_a_shots_objects_and_notes_are_kept(
    context: BrowserContext, house: House, supervisor: Person, project: str
) -> None:
    shot = _named(house, Shot, house.shot(project, supervisor), "ob_0010")
    page = _page(context, house, supervisor, f"/shots/{shot}")
    for name in ("hero", "car"):
        page.get_by_label("Name of a new object").fill(name)
        page.get_by_role("button", name="Add").first.click()
        expect(page.get_by_label(f"Name of {name}")).to_be_visible()
    page.get_by_label("Label of car").fill("the red one")
    page.get_by_label("Label of car").press("Enter")
    page.get_by_role("button", name="car: further up").click()
    expect(page.get_by_role("button", name="car: further up")).to_be_disabled()
    page.get_by_label("A note on the whole shot").fill("Mind the hat.")
    page.get_by_role("region", name="Notes").get_by_role("button", name="Add").click()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("None that are open.")).to_be_visible()
    page.get_by_label("1 resolved").check()
    expect(page.get_by_text("Mind the hat.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Mind the hat.")).to_be_visible()
    page.get_by_role("button", name="Settings…").click()
    page.get_by_role("dialog").get_by_label("Name").fill("ob_0011")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="ob_0011", level=1)).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    axe(page)
    with house.client(supervisor.key) as client:
        objects = client.get(f"/shots/{shot}/objects").json()["items"]
    assert [(one["name"], one["label"]) for one in objects] == [
        ("car", "the red one"),
        ("hero", ""),
    ]


def test_a_viewer_looks_and_changes_nothing(
    context: BrowserContext, house: House, supervisor: Person
) -> None:
    viewer = person_with_password(house, "viewer")
    project = house.project((supervisor, "supervisor"), (viewer, "viewer"))
    shot = house.shot(project, supervisor)
    page = _page(context, house, viewer, f"/shots/{shot}")
    expect(page.get_by_role("link", name="Open in the player")).to_be_visible()
    for name in ("Submit again…", "Settings…", "Archive", "Move…", "Delete…", "Add", "Assign…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.goto(f"{house.url}/projects/{project}")
    expect(page.get_by_label("Handles")).to_be_disabled()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_role("button", name="Let them in")).to_have_count(0)


def test_a_page_of_a_shot_that_is_not_theirs_says_so(enter: Enter, house: House) -> None:
    page = enter("artist", f"/shots/{house.shot(house.project(), house.admin)}")
    expect(page.get_by_role("alert")).to_be_visible()
