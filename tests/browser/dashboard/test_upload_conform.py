"""Edit lists of editing rooms in the browser: XML, AAF, and an EDL dropped with its movies."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from helpers_conform import HOUR, cut, edl, media_folder, movie, sequence
from helpers_dashboard import axe, let_in
from helpers_dropping import drop
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from helpers_signing_in import person_with_password
from playwright.sync_api import BrowserContext, Page, expect

LONG = 60_000


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
    page.goto(f"{house.url}/upload?project={project}&by=list")
    return page


@pytest.fixture(scope="module")
def media(house: House) -> Path:
    """A plate that is found, one that is there twice, and one that is called otherwise."""
    folder = media_folder(house, "editorial")
    for place in ("alpha", "v1/beta", "v2/beta", "stock"):
        sequence(folder / place, Path(place).name, range(HOUR, HOUR + 60))
    return folder


def _timeline(path: Path, adapter: str) -> Path:
    """An edit of 12 frames of each, written as an editing room does."""
    made = otio.schema.Timeline("heist", global_start_time=otio.opentime.RationalTime(HOUR, 24))
    track = otio.schema.Track("V1", kind="Video")
    made.tracks.append(track)

    def time_range(first: int, count: int) -> otio.opentime.TimeRange:
        times = (otio.opentime.RationalTime(value, 24) for value in (first, count))
        return otio.opentime.TimeRange(*times)

    for name in ("alpha", "beta", "gamma"):
        where = f"file://localhost/Volumes/edit/{name}.mov"
        reference = otio.schema.ExternalReference(where, time_range(HOUR, 60))
        reference.name = name
        track.append(otio.schema.Clip(name, reference, time_range(HOUR + 10, 12)))
    options = {"use_empty_mob_ids": True} if adapter == "AAF" else {}
    otio.adapters.write_to_file(made, str(path), adapter_name=adapter, **options)
    return path


@pytest.mark.parametrize(("adapter", "ending"), [("fcp_xml", "xml"), ("AAF", "aaf")])
def test_a_list_is_looked_at_mended_by_hand_and_applied(
    page: Page, house: House, artist: Person, project: str, media: Path, tmp_path: Path,
    adapter: str, ending: str,
) -> None:  # fmt: skip
    listed = _timeline(tmp_path / f"heist_v4.{ending}", adapter)
    page.get_by_label("Edit list", exact=True).set_input_files(listed)
    page.get_by_label("Folders with the media").fill(str(media))
    page.get_by_label("Handles").fill("3")
    page.get_by_role("button", name="Read the list").click()
    rows = page.get_by_role("row")
    found, twice, nothing = (rows.filter(has_text=name) for name in ("✓ Found", "◆", "✕"))
    expect(found.get_by_text("alpha.%07d.png")).to_be_visible(timeout=LONG)
    expect(twice.get_by_text("◆ Choose one")).to_be_visible()
    expect(nothing.get_by_text("✕ Nothing found")).to_be_visible()
    axe(page)

    # What cannot be is told at its row, and what was written stays to be mended.
    by_hand = nothing.get_by_role("textbox", name="Plate of event")
    by_hand.fill("/etc/%04d.png")
    by_hand.press("Enter")
    expect(nothing.get_by_role("alert")).to_be_visible(timeout=LONG)
    expect(by_hand).to_have_value("/etc/%04d.png")
    by_hand.fill(str(media / "stock" / "stock.%07d.png"))
    by_hand.press("Enter")
    expect(page.get_by_text("✕ Nothing found")).to_have_count(0, timeout=LONG)
    expect(page.get_by_role("alert")).to_have_count(0)
    chosen = str(media / "v2" / "beta" / "beta.%07d.png")
    twice.get_by_role("combobox").select_option(chosen)
    expect(page.get_by_text("✓ Found")).to_have_count(3, timeout=LONG)
    # A name that is taken in the list, too.
    name = rows.filter(has_text="beta.%07d.png").get_by_role("textbox", name="Shot of event")
    taken = rows.filter(has_text="alpha.%07d.png").get_by_role("textbox", name="Shot of event")
    name.fill(taken.input_value())
    name.blur()
    expect(rows.filter(has_text="beta.%07d.png").get_by_role("alert")).to_be_visible(timeout=LONG)
    name.fill("beta hero")
    name.blur()
    expect(page.get_by_role("alert")).to_have_count(0, timeout=LONG)
    expect(page.get_by_text("handles 3 + 3")).to_have_count(3)
    axe(page)

    page.get_by_role("button", name="Make 3 shots").click()
    expect(page.get_by_text("✓ Made")).to_have_count(3, timeout=LONG)
    with house.client(artist.key) as client:
        made = client.get("/shots", params={"project_id": project}).json()["items"]
    told = {one["name"]: (one["plate"]["path"], one["handles"]) for one in made}
    assert len(told) == 3
    assert told["beta hero"] == (chosen, [3, 3])
    page.get_by_role("link", name="beta hero").click()
    expect(page.get_by_role("heading", name="beta hero")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("cut.fcpxml", b'<?xml version="1.0"?><fcpxml version="1.11"/>', "Final Cut Pro 7 (xmeml)"),
        ("cut.aaf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 3000, "Is the file whole"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_do(
    page: Page, tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    page.get_by_label("Edit list", exact=True).set_input_files(tmp_path / name)
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_role("alert").get_by_text(told)).to_be_visible(timeout=LONG)


def test_an_edl_dropped_with_its_movies_finds_them(
    page: Page, house: House, artist: Person, project: str, tmp_path: Path
) -> None:
    folder = tmp_path / "turnover"
    folder.mkdir()
    movie(folder / "A001.mov", 48, "01:00:00:00")
    line = cut(1, "A001", (HOUR + 4, HOUR + 16), (HOUR, HOUR + 12))
    (folder / "reel2.edl").write_text(edl(line))
    page.get_by_role("button", name="Files", exact=True).click()
    drop(page, folder)
    expect(page.get_by_text("may be an edit list. Upload the plates first")).to_be_visible()
    page.get_by_role("button", name="Upload 1 plate").click()
    sending = page.get_by_role("region", name="On their way")
    expect(sending.get_by_role("link", name="A001", exact=True)).to_be_visible(timeout=LONG)

    def shots() -> list[dict[str, object]]:
        with house.client(artist.key) as client:
            found: list[dict[str, object]] = client.get(
                "/shots", params={"project_id": project}
            ).json()["items"]
            return found

    with running_worker(house):
        wait_for(lambda: all(one["state"] == "ready" for one in shots()), lambda: str(shots()), 120)
    page.get_by_role("button", name="Conform turnover/reel2.edl").click()
    expect(page.get_by_label("Name of the edit")).to_have_value("reel2")
    page.get_by_label("Folders with the media").fill("")
    page.get_by_label("Frames a second").fill("24")
    page.get_by_role("button", name="Read the list").click()
    expect(page.get_by_text("✓ Found")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Make 1 shot").click()
    expect(page.get_by_text("✓ Made")).to_be_visible(timeout=LONG)
    assert sorted(str(one["name"]) for one in shots()) == ["A001", "reel2_0010"]
