"""Plates dropped as people drop them: folders, several at once, and again after a reload."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers_conform import edl, sequence
from helpers_dashboard import axe, let_in
from helpers_dropping import drop
from helpers_observing import wait_for
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

PIECES = "**/api/v1/uploads/*/files/*/pieces/*"
LONG = 60_000
"""Milliseconds, for a machine that has much else to do."""


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
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{house.url}/upload?project={project}")
    return page


@pytest.fixture
def open_uploads(house: House, artist: Person) -> Callable[[], set[str]]:
    """The ids of the artist's uploads that are there."""

    def ask() -> set[str]:
        with house.client(artist.key) as client:
            return {one["id"] for one in client.get("/uploads").json()["items"]}

    return ask


def _never(_route: Route) -> None:
    """A line on which nothing arrives."""


def _plates(folder: Path, *names: str) -> list[Path]:
    """Files that are called movies; nothing here reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(f"{path}".encode() * 50)
    return paths


def _sending(page: Page) -> Locator:
    return page.get_by_role("region", name="On their way")


def _row(page: Page, title: str) -> Locator:
    return page.get_by_role("row").filter(has_text=title)


def test_what_comes_out_of_folders_is_told_before_anything_is_sent(
    page: Page, tmp_path: Path
) -> None:
    first, second = tmp_path / "Straße 01", tmp_path / "Take 2"
    sequence(first, "tür", [1001, 1002, 1004, 1005, 1006, 1009])
    (first / "tür.0001005.png").unlink()
    (first / "tür.0001005.png").write_bytes(b"")
    (first / "notes.txt").write_text("to do")
    (first / ".DS_Store").write_text("of the system")
    (first / "still.png").write_bytes(b"\x89PNG")
    _plates(first, "Über den Fluß.mov", "a.mov")
    _plates(second, "a.mov")
    (second / "cut.edl").write_text(edl())
    (second / "clip.xml").write_text("<NonRealTimeMeta/>")
    drop(page, first, second)

    expect(page.get_by_label("Shot of Über den Fluß.mov")).to_have_value("Über den Fluß")
    names = page.get_by_label("Shot of a.mov")
    expect(names).to_have_count(2)
    assert [names.nth(at).input_value() for at in (0, 1)] == ["Straße 01", "Take 2"]
    expect(_row(page, "a.mov").get_by_text("Take 2/")).to_be_visible()
    holed = _row(page, "tür.[1001-1009].png")
    expect(holed.get_by_text("missing: 1003, 1005, 1007–1008")).to_be_visible()
    page.get_by_text("Left out:").click()
    left = page.get_by_role("listitem")
    expect(left.filter(has_text="tür.0001005.png: it is empty")).to_be_visible()
    expect(left.filter(has_text="notes.txt: neither a movie")).to_be_visible()
    expect(left.filter(has_text="still.png: a picture without a frame number")).to_be_visible()
    expect(left.filter(has_text="clip.xml")).to_be_visible()
    expect(page.get_by_text(".DS_Store")).to_have_count(0)
    axe(page)

    # What lacks frames would be refused when all of it had been sent.
    upload = page.get_by_role("button", name="Upload 4 plates")
    expect(upload).to_be_disabled()
    expect(page.get_by_text("lacks frames: drop them here too")).to_be_visible()
    sequence(tmp_path / "more" / "Straße 01", "tür", [1003, 1005, 1007])
    drop(page, tmp_path / "more" / "Straße 01")
    holed = _row(page, "tür.[1001-1009].png")
    expect(holed.get_by_text("missing: 1008")).to_be_visible()
    holed.get_by_role("button", name="Take only 1001–1007").click()
    expect(_row(page, "tür.[1001-1007].png")).to_be_visible()
    upload.click()
    sending = _sending(page)
    for name in ("Straße 01", "Take 2", "Über den Fluß", "tür"):
        expect(sending.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=LONG)
    # The edit list waits for its plates, and goes on to be conformed.
    page.get_by_role("button", name="Conform Take 2/cut.edl").click()
    expect(page.get_by_label("Name of the edit")).to_have_value("cut")
    axe(page)


def test_two_folders_called_alike_are_two_plates(page: Page, tmp_path: Path) -> None:
    first, second = tmp_path / "v1" / "plates", tmp_path / "v2" / "plates"
    sequence(first, "sh040", range(1001, 1004))
    sequence(second, "sh040", range(1001, 1006))
    # Frames are links to the first: what is written within one moment is the same to a browser.
    os.utime(first / "sh040.0001001.png", (1, 1))
    drop(page, first, second)
    expect(_row(page, "sh040.[1001-1003].png")).to_be_visible()
    expect(_row(page, "sh040.[1001-1005].png")).to_be_visible()
    page.get_by_role("button", name="Send none").click()
    # Loose, one after the other.
    drop(page, *sorted(first.iterdir()))
    expect(page.get_by_label("Shot of sh040.[1001-1003].png")).to_have_value("sh040")
    drop(page, *sorted(second.iterdir()))
    expect(page.get_by_label("Shot of sh040.[1001-1005].png")).to_have_value("sh040_2")
    expect(page.get_by_label("Shot of sh040.[1001-1003].png")).to_have_value("sh040")


def test_two_thousand_frames_are_one_line(page: Page, tmp_path: Path) -> None:
    sequence(tmp_path / "long", "long", range(1, 2001))
    drop(page, tmp_path / "long")
    expect(page.get_by_label("Shot of long.[1-2000].png")).to_have_value("long", timeout=LONG)
    expect(_row(page, "long.[1-2000].png").get_by_text("1–2000")).to_be_visible()
    expect(page.get_by_role("button", name="Upload 1 plate")).to_be_enabled()


def test_several_go_side_by_side_and_each_can_be_stopped(
    page: Page, tmp_path: Path, open_uploads: Callable[[], set[str]]
) -> None:
    page.route(PIECES, _never)
    drop(page, *_plates(tmp_path, *(f"s{number}.mov" for number in range(5))))
    page.get_by_role("button", name="Upload 5 plates").click()
    sending = _sending(page)
    expect(sending.get_by_text("▶ Uploading")).to_have_count(3, timeout=LONG)
    expect(sending.get_by_text("○ Waits its turn")).to_have_count(2)
    expect(sending.get_by_role("progressbar", name="All plates")).to_be_visible()
    expect(sending.get_by_text("0 of 5 plates")).to_be_visible()
    axe(page)
    # One that is paused lets another go.
    page.get_by_role("button", name="Pause s0").click()
    expect(sending.get_by_text("▶ Uploading")).to_have_count(3, timeout=LONG)
    expect(sending.get_by_text("○ Waits its turn")).to_have_count(1)
    wait_for(lambda: len(open_uploads()) == 4, lambda: str(open_uploads()))
    page.get_by_role("button", name="Pause all").click()
    expect(sending.get_by_text("◼ Paused")).to_have_count(5)
    # One that is cancelled is gone, here and over there; one of whose upload nothing is known too.
    before = open_uploads()
    assert len(before) == 4
    for name in ("s1", "s4"):
        page.get_by_role("button", name=f"Cancel {name}").click()
        page.get_by_role("button", name="Cancel the upload").click()
        expect(page.get_by_role("button", name=f"Cancel {name}")).to_have_count(0)
    assert len(before - open_uploads()) == 1
    page.unroute(PIECES, _never)
    page.get_by_role("button", name="Go on with all").click()
    for name in ("s0", "s2", "s3"):
        expect(sending.get_by_role("link", name=name, exact=True)).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Clear what was sent").click()
    expect(sending).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="Choose files…")).to_be_visible()
    expect(page.get_by_role("region", name="Begun before")).to_have_count(0)


def test_a_shot_whose_answer_is_lost_is_made_once(
    page: Page, house: House, artist: Person, project: str, tmp_path: Path
) -> None:
    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    shots = "**/api/v1/projects/*/shots"
    page.route(shots, lose)
    drop(page, *_plates(tmp_path, "lost.mov"))
    page.get_by_role("button", name="Upload 1 plate").click()
    again = page.get_by_role("button", name="Go on with lost")
    expect(again).to_be_visible(timeout=LONG)
    page.unroute(shots, lose)
    again.click()
    expect(_sending(page).get_by_role("link", name="lost")).to_be_visible(timeout=LONG)
    with house.client(artist.key) as client:
        made = client.get(f"/projects/{project}/shots").json()["items"]
    assert [shot["name"] for shot in made] == ["lost"]


def _begun(page: Page, title: str) -> Locator:
    region = page.get_by_role("region", name="Begun before")
    return region.get_by_role("row").filter(has_text=title)


def test_after_a_reload_a_click_goes_on_by_itself(page: Page, tmp_path: Path) -> None:
    """The browser keeps handles of what was dropped, and reads it again when it is let to."""
    sequence(tmp_path / "sh030", "sh030", [1, 2, 3])
    for number in (2, 3):
        path = tmp_path / "sh030" / f"sh030.{number:07d}.png"
        path.unlink()
        path.write_bytes(bytes([number]) * 500)
    sent: list[str] = []

    def one_and_no_more(route: Route) -> None:
        if not sent:
            sent.append(route.request.url)
            route.continue_()

    page.route(PIECES, one_and_no_more)
    drop(page, tmp_path / "sh030")
    page.get_by_label("Shot of sh030.[1-3].png").fill("ht_0300")
    with page.expect_response(PIECES):
        page.get_by_role("button", name="Upload 1 plate").click()
    page.reload()
    page.unroute(PIECES)
    again: list[str] = []
    page.on("request", lambda one: "/pieces/" in one.url and again.append(one.url))
    row = _begun(page, "sh030.[1-3].png")
    expect(row.get_by_text("ht_0300")).to_be_visible()
    axe(page)
    row.get_by_role("button", name="Go on with sh030.[1-3].png").click()
    expect(_sending(page).get_by_role("link", name="ht_0300")).to_be_visible(timeout=LONG)
    assert len(again) == 2
    assert sent[0] not in again
    expect(page.get_by_role("region", name="Begun before")).to_have_count(0)


def test_after_a_reload_the_same_file_may_be_chosen_again(
    page: Page, tmp_path: Path, open_uploads: Callable[[], set[str]]
) -> None:
    (path,) = _plates(tmp_path, "b.mov")
    page.route(PIECES, _never)
    # By an input, as in every other browser: it gives nothing to keep.
    page.get_by_label("Files", exact=True).set_input_files(path)
    page.get_by_label("Shot of b.mov").fill("ht_0310")
    with page.expect_request(PIECES):
        page.get_by_role("button", name="Upload 1 plate").click()
    page.reload()
    page.unroute(PIECES)
    row = _begun(page, "b.mov")
    expect(row.get_by_role("button", name="Go on with b.mov")).to_have_count(0)
    chooser = page.get_by_label("The files of b.mov", exact=True)
    other = tmp_path / "other"
    (longer,) = _plates(other, "b.mov")
    chooser.set_input_files(longer)
    expect(row.get_by_text("b.mov is another file now")).to_be_visible()
    (unlike,) = _plates(other, "c.mov")
    chooser.set_input_files(unlike)
    expect(row.get_by_text("b.mov of 1 is not among them.")).to_be_visible()
    # As long, and not the same: found out when it is read.
    longer.write_bytes(b"x" * path.stat().st_size)
    chooser.set_input_files(longer)
    sending = _sending(page)
    expect(sending.get_by_text("its content is another")).to_be_visible(timeout=LONG)
    page.reload()
    begun = open_uploads()
    page.get_by_label("The files of b.mov", exact=True).set_input_files(path)
    expect(_sending(page).get_by_role("link", name="ht_0310")).to_be_visible(timeout=LONG)
    assert open_uploads() == begun


def test_what_another_browser_began_goes_on_here(
    page: Page, house: House, artist: Person, project: str, tmp_path: Path
) -> None:
    (path,) = _plates(tmp_path, "c.mov")
    data = path.read_bytes()
    told = {"name": "c.mov", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with house.client(artist.key) as client:
        made = client.post("/uploads", json={"project_id": project, "files": [told]})
        assert made.status_code == 201, made.text
        upload = made.json()["id"]
        given_up = client.post(
            "/uploads", json={"project_id": project, "files": [{**told, "name": "d.mov"}]}
        )
    page.reload()
    with page.expect_request(re.compile(f"/uploads/{upload}/files/0/pieces/0")):
        page.get_by_label("The files of c.mov", exact=True).set_input_files(path)
    expect(_sending(page).get_by_role("link", name="c", exact=True)).to_be_visible(timeout=LONG)
    _begun(page, "d.mov").get_by_role("button", name="Discard d.mov").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard").click()
    expect(page.get_by_role("region", name="Begun before")).to_have_count(0)
    with house.client(artist.key) as client:
        assert client.get(f"/uploads/{given_up.json()['id']}").status_code == 404
