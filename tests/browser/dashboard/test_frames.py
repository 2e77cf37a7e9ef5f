"""The picture on the canvas is the one of the plate frame that is told. Every frame of these plates
carries its number as blocks, black and white, that survive any proxy."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
import pytest
from helpers_dashboard import let_in
from helpers_observing import running_worker, wait_for
from helpers_people import House, Person
from helpers_reviewing import Open, press
from helpers_signing_in import person_with_password
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, Locator, Page, expect

from roto_server.db.models import Job, new_id

COLUMNS, ROWS, SIDE = 6, 2, 16
RIGHT = 2048
"""The bit that tells the right eye's pictures from the left's."""

WATCH = (
    f"""() => {{
  const [columns, blocks, side] = [{COLUMNS}, {COLUMNS * ROWS}, {SIDE}];
"""
    + """
  const output = document.querySelector('output');
  const viewer = document.querySelector('[role=img][aria-label^=Frame]');
  window.pictured = () => {
    const canvas = viewer.querySelector('canvas');
    const more = canvas.width / canvas.clientWidth;
    const [scale, x, y] = [viewer.dataset.scale, viewer.dataset.x, viewer.dataset.y].map(Number);
    let number = 0;
    for (let block = 0; block < blocks; block += 1) {
      const left = ((block % columns) + 0.5) * side;
      const top = (Math.floor(block / columns) + 0.5) * side;
      const at = [left * scale + x, top * scale + y].map((one) => Math.round(one * more));
      const [, green, , alpha] = canvas.getContext('2d').getImageData(...at, 1, 1).data;
      if (alpha && green >= 128) number += 2 ** block;
    }
    return [Number(output.dataset.shown), number];
  };
  window.watched = [];
  new MutationObserver(() => window.watched.push(window.pictured())).observe(output, {
    attributes: true, attributeFilter: ['data-shown'],
  });
}"""
)
"""Each time that another frame is told: that frame, and the number in the picture."""


def coded(number: int) -> NDArray[np.uint8]:
    bits = [number >> block & 1 for block in range(COLUMNS * ROWS)]
    grey = np.array(bits, np.uint8).reshape(ROWS, COLUMNS) * 255
    return np.asarray(np.kron(grey, np.ones((SIDE, SIDE), np.uint8)), np.uint8)


def sequence(folder: Path, *frames: int, more: int = 0) -> dict[str, str]:
    folder.mkdir(parents=True)
    for frame in frames:
        cv2.imwrite(str(folder / f"plate.{frame:04d}.png"), coded(frame + more))
    return {"path": str(folder / "plate.%04d.png")}


def movie(path: Path, first: int, frames: int) -> dict[str, Any]:
    """With B-frames: not in the order in which it is decoded."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=Fraction(24), options={"crf": "4", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = COLUMNS * SIDE, ROWS * SIDE, "yuv420p"
        for number in range(first, first + frames):
            picture = av.VideoFrame.from_ndarray(coded(number), format="gray")
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
    return {"path": str(path), "first_frame": first}


class Plates:
    """A project in which plates become shots."""

    def __init__(self, house: House, client: httpx.Client, boss: Person) -> None:
        self.house, self.client, self.boss = house, client, boss
        self.project = house.project((boss, "supervisor"))

    def shot(self, name: str, plate: dict[str, Any], **more: Any) -> str:
        body = {"name": name, "plate": plate, **more}
        made = self.client.post(f"/projects/{self.project}/shots", json=body)
        assert made.is_success, made.text
        self.until_read(made.json()["id"])
        return str(made.json()["id"])

    def until_read(self, shot: str) -> None:
        def is_read() -> bool:
            plates = self.client.get(f"/shots/{shot}/plates").json()["items"]
            return all(one["state"] == "ready" for one in plates)

        wait_for(is_read, lambda: self.client.get(f"/shots/{shot}/plates").text)

    def version_of(self, shot: str) -> str:
        """A version of the plate as it is now, without any object."""
        (plate,) = (
            one for one in self.client.get(f"/shots/{shot}/plates").json()["items"]
            if one["current"] and one["view"] == "main"
        )  # fmt: skip
        ident = new_id()
        with self.house.database.session() as session:
            session.add(
                Job(id=ident, shot_id=shot, plate_id=plate["id"], kind="roto", state="succeeded",
                    priority="normal", version=1, params={}, created_by=self.boss.id)
            )  # fmt: skip
        return ident


@pytest.fixture(scope="module")
def plates(house: House) -> Iterator[Plates]:
    boss = person_with_password(house, "artist", name="Sue")
    with running_worker(house), house.client(boss.key) as client:
        yield Plates(house, client, boss)


@pytest.fixture
def open_shot(context: BrowserContext, plates: Plates) -> Open:
    def open_shot(shot: str, query: str = "") -> Page:
        let_in(context, plates.house, plates.boss)
        page = context.new_page()
        page.goto(f"{plates.house.url}/shots/{shot}/review{query}")
        expect(page.locator("output")).not_to_have_attribute("data-shown", "")
        page.evaluate(WATCH)
        page.get_by_role("button", name="Plate", exact=True).click()
        return page

    return open_shot


def is_at(page: Page, frame: int, more: int = 0) -> None:
    """Return once ``frame`` is told; it is the one that is seen."""
    expect(page.locator("output")).to_have_attribute("data-shown", str(frame))
    assert page.evaluate("pictured()") == [frame, frame + more]


def watched(page: Page) -> list[int]:
    """The frames that were told meanwhile, each with its own picture."""
    pairs = page.evaluate("watched.splice(0)")
    assert all(told == pictured for told, pictured in pairs), pairs
    return [told for told, _ in pairs]


def comes(page: Page, what: str) -> None:
    """Return once ``what`` is so in the page, whose policy lets no string be waited for."""
    wait_for(lambda: page.evaluate(what), lambda: str(page.evaluate("pictured()")), 30)


def steps_of(frames: list[int]) -> set[int]:
    """By how many frames of the loop of five it went on, each time."""
    return {(b - a) % 5 for a, b in pairwise(frames)}


def strip_at(page: Page, frame: int, first: int, last: int) -> tuple[Locator, dict[str, float]]:
    """The heat strip, and where on it the frame is."""
    strip = page.get_by_role("slider", name="Frame")
    wide = strip.evaluate("(element) => element.clientWidth")
    return strip, {"x": (frame - first + 0.5) / (last - first + 1) * wide, "y": 20.0}


def test_a_sequence_from_1001(open_shot: Open, plates: Plates) -> None:
    """At its ends, stepped, gone to, scrubbed, played round a loop both ways: always that frame."""
    first, last = 1001, 1040
    shot = plates.shot("numbers", sequence(plates.house.plates / "numbers", *range(1001, 1041)))
    page = open_shot(shot)
    is_at(page, first)
    press(page, "ArrowRight")
    is_at(page, 1002)
    press(page, "ArrowLeft", "ArrowLeft")
    is_at(page, last)
    page.get_by_role("spinbutton", name="Frame").fill("1027")
    is_at(page, 1027)
    page.locator("h1").click()
    press(page, "Home")
    is_at(page, first)
    strip, at = strip_at(page, 1033, first, last)
    strip.click(position=at)
    is_at(page, 1033)
    # Scrubbed over frames of which some have not come yet.
    box = strip.bounding_box() or {}
    for frame in (1012, 1019, 1038, 1005):
        page.mouse.move(box["x"] + strip_at(page, frame, first, last)[1]["x"], box["y"] + 20)
        page.mouse.down()
        is_at(page, frame)
    page.mouse.up()
    assert watched(page)[-1] == 1005

    press(page, "[")
    page.get_by_role("spinbutton", name="Frame").fill("1009")
    page.get_by_role("button", name="Out", exact=True).click()
    page.get_by_label("Speed").select_option("2")
    expect(page.get_by_text("48 fps")).to_be_visible()
    is_at(page, 1009)
    watched(page)
    press(page, "Space")
    comes(page, "watched.filter(([told]) => told === 1005).length >= 3")
    press(page, "Space")
    played = watched(page)
    assert set(played) == set(range(1005, 1010))
    assert (played[0], steps_of(played)) == (1005, {1}), "every one, also on a slow machine"
    press(page, "ArrowUp", "Space")
    comes(page, "watched.filter(([told]) => told === 1009).length >= 2")
    press(page, "Space")
    backwards = watched(page)
    assert steps_of(backwards) == {4}


def test_a_part_of_a_sequence_and_a_plate_of_other_numbers(open_shot: Open, plates: Plates) -> None:
    """What is on disk has a gap; the plate is then replaced by one that is numbered differently,
    and a version is still seen over the plate it was made of."""
    disk = plates.house.plates / "gap"
    frames = (*range(1001, 1006), *range(1020, 1032))
    shot = plates.shot("gap", sequence(disk, *frames), frame_range=[1022, 1030])
    page = open_shot(shot)
    is_at(page, 1022)
    press(page, "End")
    is_at(page, 1030)
    press(page, "ArrowRight")
    is_at(page, 1022)
    version = plates.version_of(shot)
    body = {
        "plate": sequence(plates.house.plates / "renumbered", *range(22, 31)),
        "frame_offset": -1000,
    }
    added = plates.client.post(f"/shots/{shot}/plates", json=body)
    assert added.is_success, added.text
    plates.until_read(shot)
    page = open_shot(shot, f"?job={version}&frame=1025")
    is_at(page, 1025)
    press(page, "Home", "ArrowLeft")
    is_at(page, 1030)
    watched(page)


def test_a_movie_whose_first_frame_was_told(open_shot: Open, plates: Plates) -> None:
    shot = plates.shot("movie", movie(plates.house.plates / "numbers.mov", 1009, 30))
    page = open_shot(shot)
    is_at(page, 1009)
    for frame in (1010, 1021, 1038):
        page.get_by_role("spinbutton", name="Frame").fill(str(frame))
        is_at(page, frame)
    watched(page)


def test_each_eye_has_its_own_pictures(open_shot: Open, plates: Plates) -> None:
    """The view is chosen in the player; a version belongs to one of them."""
    folder, frames = plates.house.plates / "stereo", range(1001, 1009)
    right = sequence(folder / "right", *frames, more=RIGHT)
    shot = plates.shot("stereo", sequence(folder / "main", *frames), views={"right": right})
    version = plates.version_of(shot)
    page = open_shot(shot, "?frame=1004")
    is_at(page, 1004)
    expect(page.get_by_label("Version", exact=True)).to_have_value(version)
    page.get_by_label("View").select_option("right")
    comes(page, f"pictured()[1] === {1004 + RIGHT}")
    is_at(page, 1004, RIGHT)
    expect(page.get_by_label("Version", exact=True)).to_have_count(0)
    press(page, "ArrowRight")
    is_at(page, 1005, RIGHT)
    expect(page).to_have_url(f"{plates.house.url}/shots/{shot}/review?frame=1005&view=right")
    page.reload()
    page.get_by_label("View").select_option("main")
    expect(page.get_by_label("Version", exact=True)).to_have_value(version)
    page.evaluate(WATCH)
    comes(page, "pictured()[1] === 1005")
