"""Plates come in through the browser: dropped, sent in pieces over a line that breaks, and read."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers_conform import HOUR, cut, edl, movie, sequence
from helpers_dashboard import Enter, axe, let_in
from helpers_observing import running_worker
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, Page, Route, expect

PIECES = "**/api/v1/uploads/*/files/*/pieces/*"

_DROP = """([zone, files]) => {
  const transfer = new DataTransfer();
  for (const [name, bytes] of files) {
    const content = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
    transfer.items.add(new File([content], name, { lastModified: 1 }));
  }
  zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
}"""


@pytest.fixture(scope="module")
def _worker(house: House) -> Iterator[None]:
    with running_worker(house):
        yield


@pytest.fixture
def artist(house: House) -> Person:
    return person_with_password(house, "artist")


@pytest.fixture
def project(house: House, artist: Person) -> str:
    return house.project((artist, "artist"))


@pytest.fixture
def page(context: BrowserContext, house: House, artist: Person, project: str) -> Page:
    let_in(context, house, artist)
    page = context.new_page()
    page.goto(f"{house.url}/upload?project={project}")
    return page


def _drop(page: Page, *files: Path) -> None:
    told = [(file.name, base64.b64encode(file.read_bytes()).decode()) for file in files]
    zone = page.get_by_text("Drop movies, sequences or whole folders here")
    page.evaluate(_DROP, [zone.element_handle(), told])


def _never(_route: Route) -> None:
    """A line on which nothing arrives."""


@pytest.mark.usefixtures("_worker")
def test_a_dropped_movie_becomes_a_shot_though_the_line_is_cut(
    page: Page, house: House, tmp_path: Path
) -> None:
    movie(tmp_path / "ht_0010.mov", 12, "01:00:00:00")
    cut: list[str] = []

    def cut_once(route: Route) -> None:
        if cut:
            route.continue_()
        else:
            cut.append(route.request.url)
            route.abort("connectionreset")

    page.route(PIECES, cut_once)
    _drop(page, tmp_path / "ht_0010.mov")
    expect(page.get_by_label("Shot of ht_0010.mov")).to_have_value("ht_0010")
    axe(page)
    page.get_by_role("button", name="Upload 1 plate").click()
    sending = page.get_by_role("region", name="On their way")
    sending.get_by_role("link", name="ht_0010").click(timeout=60_000)
    assert len(cut) == 1
    expect(page.get_by_text("1–12")).to_have_count(2, timeout=60_000)
    picture = page.locator("aside img")
    expect(picture).to_be_visible()
    assert picture.evaluate("async (one) => (await one.decode(), one.naturalWidth)") > 0
    axe(page)


@pytest.mark.usefixtures("_worker")
def test_what_a_plate_does_not_say_is_told_where_it_is_looked_at(
    page: Page, house: House, artist: Person, tmp_path: Path
) -> None:
    """A PNG says no frame rate: that 24 is assumed is told beside it, until somebody says so."""
    sequence(tmp_path, "ht_0070", range(1001, 1004))
    _drop(page, *sorted(tmp_path.glob("*.png")))
    page.get_by_role("button", name="Upload 1 plate").click()
    assumed = "the files say no frame rate; 24 is assumed"
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_text(assumed)).to_be_visible(timeout=60_000)
    axe(page)
    sending.get_by_role("link", name="ht_0070").click()
    plate = page.get_by_role("region", name="About the plate")
    expect(plate.get_by_text("24, assumed")).to_be_visible()
    expect(plate.get_by_text(assumed)).to_be_visible()
    expect(page.get_by_role("region", name="Plates").get_by_text(assumed)).to_be_visible()
    axe(page)
    shot = page.url.rpartition("/")[2]
    plate.get_by_role("button", name="24 is right").click()
    expect(page.get_by_text(assumed)).to_have_count(0)
    expect(plate.get_by_text("24", exact=True)).to_be_visible()
    with house.client(artist.key) as client:
        told = client.get(f"/shots/{shot}").json()
    assert (told["fps"], told["metadata"]["fps_source"]) == ([24, 1], "told")


def test_what_was_begun_before_a_reload_goes_on_when_it_is_dropped_again(
    page: Page, house: House, tmp_path: Path
) -> None:
    frames = []
    for number in (1001, 1002, 1003):
        frames.append(tmp_path / f"sh.{number}.png")
        frames[-1].write_bytes(b"\x89PNG" + bytes([number % 256]) * 2000)
    sent: list[str] = []

    def one_and_no_more(route: Route) -> None:
        if not sent:
            sent.append(route.request.url)
            route.continue_()

    page.route(PIECES, one_and_no_more)
    _drop(page, *frames)
    page.get_by_label("Shot of sh.[1001-1003].png").fill("ht_0020")
    with page.expect_response(PIECES):
        page.get_by_role("button", name="Upload 1 plate").click()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    # Not before: what is held would be let through.
    page.unroute(PIECES)
    begun = page.get_by_role("region", name="Begun before")
    expect(begun.get_by_text("sh.[1001-1003].png")).to_be_visible()
    expect(begun.get_by_text("ht_0020")).to_be_visible()
    axe(page)

    again: list[str] = []
    page.on("request", lambda one: "/pieces/" in one.url and again.append(one.url))
    _drop(page, *frames)
    page.get_by_label("Shot of sh.[1001-1003].png").fill("ht_0020")
    page.get_by_role("button", name="Upload 1 plate").click()
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_role("link", name="ht_0020")).to_be_visible(timeout=60_000)
    assert len(again) == 2
    assert sent[0] not in again
    expect(begun).to_have_count(0)


def test_a_paused_upload_goes_on(page: Page, tmp_path: Path) -> None:
    movie(tmp_path / "ht_0030.mov", 4, "01:00:00:00", shades=(30,))
    page.route(PIECES, _never)
    _drop(page, tmp_path / "ht_0030.mov")
    with page.expect_request(PIECES):
        page.get_by_role("button", name="Upload 1 plate").click()
    page.get_by_role("button", name="Pause ht_0030").click()
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_text("◼ Paused")).to_be_visible()
    page.unroute(PIECES, _never)
    page.get_by_role("button", name="Go on with ht_0030").click()
    expect(sending.get_by_role("link", name="ht_0030")).to_be_visible(timeout=60_000)


def test_a_name_that_is_taken_is_chosen_anew(
    page: Page, house: House, artist: Person, project: str, tmp_path: Path
) -> None:
    movie(house.plates / "taken.mov", 4, "01:00:00:00", shades=(200,))
    with house.client(artist.key) as client:
        plate = {"path": str(house.plates / "taken.mov")}
        made = client.post(f"/projects/{project}/shots", json={"name": "taken", "plate": plate})
        assert made.status_code == 201, made.text
    movie(tmp_path / "taken.mov", 4, "01:00:00:00", shades=(60,))
    _drop(page, tmp_path / "taken.mov")
    page.get_by_role("button", name="Upload 1 plate").click()
    page.get_by_label("Another name for taken").fill("free", timeout=60_000)
    page.get_by_role("button", name="Make the shot").click()
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_role("link", name="free")).to_be_visible(timeout=60_000)


@pytest.mark.usefixtures("_worker")
def test_a_shots_new_plate_version_is_dropped(
    context: BrowserContext, house: House, artist: Person, tmp_path: Path
) -> None:
    viewer = person_with_password(house, "viewer")
    project = house.project((artist, "artist"), (viewer, "viewer"))
    with house.client(artist.key) as client:
        plate = {"path": sequence(house.plates / "versions", "ht_0040", range(1001, 1004))}
        made = client.post(f"/projects/{project}/shots", json={"name": "ht_0040", "plate": plate})
        assert made.status_code == 201, made.text
    address = f"{house.url}/shots/{made.json()['id']}"
    let_in(context, house, artist)
    page = context.new_page()
    page.goto(address)
    plates = page.get_by_role("region", name="Plates")
    expect(plates.get_by_text("in use")).to_be_visible(timeout=60_000)
    plates.get_by_role("button", name="New version…").click()
    page.get_by_role("dialog").get_by_role("link", name="Upload it").click()
    expect(page.get_by_role("heading", name="A new version of the plate")).to_be_visible()
    # It makes no shot: neither of a folder nor of a list.
    expect(page.get_by_role("group", name="How plates come in")).to_have_count(0)
    expect(page.get_by_label("View")).to_have_value("main")

    sequence(tmp_path, "ht_0040", range(1009, 1012))
    _drop(page, *sorted(tmp_path.glob("*.png")))
    expect(page.get_by_text("Frames 1009–1011, where 1001–1003 are expected.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Take 8 as the frame offset").click()
    expect(page.get_by_label("Frame offset")).to_have_value("8")
    expect(page.get_by_text("Called and numbered as version 1 is.")).to_be_visible()
    page.get_by_role("button", name="Upload the version").click()
    sending = page.get_by_role("region", name="On their way")
    sending.get_by_role("link", name="ht_0040").click(timeout=60_000)
    newest = plates.get_by_role("row").filter(has_text="1009–1011")
    expect(newest.get_by_text("in use")).to_be_visible(timeout=60_000)
    expect(newest.get_by_role("cell").first).to_have_text("2in use")
    expect(plates.get_by_role("row").filter(has_text="1001–1003")).to_be_visible()
    axe(page)

    page.goto("about:blank")  # or it would go to sign in when its session ends under it
    let_in(context, house, viewer)
    page.goto(address)
    expect(plates.get_by_text("1009–1011")).to_be_visible()
    expect(plates.get_by_role("link", name="Upload a version")).to_have_count(0)
    page.goto(f"{house.url}/upload?shot={made.json()['id']}")
    expect(page.get_by_text("You may not give ht_0040 a new plate")).to_be_visible()
    expect(page.get_by_role("button", name="Choose files…")).to_have_count(0)
    axe(page)


def test_who_may_add_no_shot_is_told_who_can_let_them(enter: Enter) -> None:
    page = enter("viewer", "/upload")
    expect(page.get_by_text("There is no project you may add shots to")).to_be_visible()
    axe(page)


def test_plates_in_a_folder_of_the_studio_become_shots(
    page: Page, house: House, project: str
) -> None:
    folder = house.plates / "scanned"
    sequence(folder / "sh010", "sh010", range(1001, 1005))
    (folder / "sh010" / "sh010.0001002.png").unlink()
    movie(folder / "sh020.mov", 4, "01:00:00:00")
    page.get_by_role("button", name="Folders of the studio").click()
    page.get_by_label("Folder, as the studio names it").fill(str(folder))
    page.get_by_role("button", name="Look for plates").click()
    found = page.get_by_role("region", name="Found")
    expect(found.get_by_text("1 missing")).to_be_visible()
    found.get_by_label(f"Shot of {folder / 'sh020.mov'}", exact=True).fill("sh020_fg")
    axe(page)
    found.get_by_role("button", name="Make 2 shots").click()
    expect(found.get_by_role("link", name="✓ Made")).to_have_count(1)
    expect(found.get_by_text("✕")).to_have_count(1)
    page.goto(f"{house.url}/shots?project={project}")
    expect(page.get_by_role("link", name="sh020_fg")).to_be_visible()


def test_an_edit_list_becomes_shots(page: Page, house: House, project: str, tmp_path: Path) -> None:
    folder = house.plates / "reels"
    folder.mkdir()
    movie(folder / "A001.mov", 48, "01:00:00:00")
    begin = HOUR
    text = edl(
        cut(1, "A001", (begin + 4, begin + 16), (begin, begin + 12)),
        cut(2, "B002", (begin, begin + 12), (begin + 12, begin + 24)),
    )
    (tmp_path / "reel2.edl").write_text(text)
    page.get_by_role("button", name="Edit list").click()
    page.get_by_label("Edit list", exact=True).set_input_files(tmp_path / "reel2.edl")
    expect(page.get_by_label("Name of the edit")).to_have_value("reel2")
    page.get_by_label("Folders with the media").fill(str(folder))
    page.get_by_label("Frames a second").fill("24")
    axe(page)
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_text("✓ Found")).to_be_visible()
    expect(page.get_by_text("✕ Nothing found")).to_be_visible()
    page.get_by_role("button", name="Skip event 002").click()
    expect(page.get_by_text("◼ Skipped")).to_be_visible()
    page.get_by_label("Shot of event 001").fill("reel2_open")
    page.get_by_label("Shot of event 001").blur()
    axe(page)
    page.reload()
    page.get_by_role("button", name="Make 1 shot").click()
    expect(page.get_by_text("✓ Made")).to_be_visible()
    page.get_by_role("link", name="reel2_open").click()
    expect(page.get_by_role("heading", name="reel2_open")).to_be_visible()
