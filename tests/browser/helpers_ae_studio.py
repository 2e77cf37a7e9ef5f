"""An artist's machine: After Effects' part emulated, the panel in Chromium, a real farm beside it.

Frames given to methods are plate frames; the composition's first frame is the plate's first.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR
from helpers_farm import Farm
from playwright.sync_api import Locator, Page, expect

from browser.helpers_ae_session import Session
from browser.helpers_cep import play_cep
from roto_worker.synthetic.clip import Clip
from shapes.helpers_draw import aftereffects_matte

ROOT = Path(__file__).resolve().parents[2]
PANEL = ROOT / "plugins" / "aftereffects" / "build" / "megaton-roto"
ARTIST = Path(__file__).with_name("artist.jsx")
FPS = 24


class Studio:
    """``open`` makes the project and shows the panel; what the artist does are its methods."""

    def __init__(self, farm: Farm, clip: Clip, page: Page, home: Path) -> None:
        self.farm, self.clip, self.page, self.home = farm, clip, page, home
        home.mkdir(exist_ok=True)
        self.first, self.last = clip.frame_range
        self.session = Session()
        self.files = play_cep(page, self.session, home, PANEL)

    def close(self) -> None:
        self.session.close()

    # -- After Effects

    def open_project(self) -> None:
        first = self.clip.pattern % self.first
        self.session.run(ARTIST.read_text())
        self.artist("open", first, FPS, str(self.home / "shot.aep"))

    def artist(self, act: str, *facts: Any) -> None:
        """One of ``artist.jsx``, by hand in After Effects."""
        self.session.run(f"artist.{act}({', '.join(json.dumps(fact) for fact in facts)}); ''")

    def at(self, frame: int) -> int:
        """A plate frame as the composition counts, from 0."""
        return frame - self.first

    def go_to(self, frame: int) -> None:
        self.artist("goTo", self.at(frame))

    def state(self) -> dict[str, Any]:
        """Everything in the project, told by the emulator itself."""
        told: dict[str, Any] = self.session.ask({"state": True})["result"]
        return told

    def layer(self) -> dict[str, Any]:
        """The plate's layer, the lowest of the one composition."""
        (comp,) = [item for item in self.state()["items"] if item["kind"] == "comp"]
        found: dict[str, Any] = comp["layers"][-1]
        return found

    def masks(self) -> list[dict[str, Any]]:
        masks: list[dict[str, Any]] = self.layer()["masks"]
        return masks

    def path_keys(self) -> dict[tuple[str, int], Any]:
        """The paths' keys on the layer by mask and plate frame."""
        return {
            (mask["name"], round(key["frame"]) + self.first): key
            for mask in self.masks()
            for key in mask["properties"]["ADBE Mask Shape"]["keys"]
        }

    def drawn(self, frame: float) -> np.ndarray:
        """The layer's alpha on a plate frame, by a reader and rasteriser of the tests' own."""
        log = {"masks": self.masks()}
        return aftereffects_matte(log, frame - self.first, self.clip.width, self.clip.height)

    def imported_mattes(self) -> list[dict[str, Any]]:
        """Footage in the project beside the plate."""
        items = self.state()["items"]
        plate = self.layer()["source"]
        return [item for item in items if item["kind"] == "footage" and item["id"] != plate]

    def memory(self, key: str) -> Any:
        """What the panel keeps with the plate's layer, in its comment; None where it does not."""
        _, _, kept = self.layer()["comment"].partition("[megaton-roto ")
        return json.loads(kept.rpartition("]")[0]).get(f"panel:{key}") if kept else None

    # -- the panel

    def open_panel(self) -> None:
        """After Effects loads the panel's host script, CEP its page."""
        self.session.load(PANEL / "host" / "host.jsx")
        self.page.goto((PANEL / "panel" / "index.html").as_uri())

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=name, exact=True)

    def sign_in(self, url: str = "", key: str = "") -> None:
        """With the farm's address and key, if no others are given."""
        self.field("Server").fill(url or self.farm.url)
        self.page.get_by_label("Key", exact=True).fill(key or self.farm.api_key)
        self.press("Connect")

    def signed_in(self) -> None:
        self.sign_in()
        expect(self.page.get_by_test_id("server")).to_have_attribute("data-status", "ready")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        self.button(name).click()

    @property
    def plate(self) -> Locator:
        return self.page.get_by_test_id("plate")

    def shown(self, frame: int) -> None:
        """Wait until the canvas shows a plate frame's picture."""
        expect(self.plate).to_have_attribute("data-frame", str(frame), timeout=60_000)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a plate pixel lies on the page."""
        told = self.plate.get_attribute("data-view")
        assert told, "the canvas does not tell where the plate lies"
        left, top, across, down = map(float, told.split())
        box = self.plate.bounding_box()
        assert box is not None
        return box["x"] + left + x * across, box["y"] + top + y * down

    def click(self, x: float, y: float, *, positive: bool = True) -> None:
        """A click on the plate's pixel: on the object, or with Alt beside it."""
        if not positive:
            self.page.keyboard.down("Alt")
        self.page.mouse.click(*self.place(x, y))
        if not positive:
            self.page.keyboard.up("Alt")

    def pixel(self, x: float, y: float) -> tuple[int, int, int]:
        """The colour the canvas shows at a plate's pixel."""
        left, top = self.place(x, y)
        clip: Any = {"x": int(left), "y": int(top), "width": 1, "height": 1}
        image = cv2.imdecode(np.frombuffer(self.page.screenshot(clip=clip), np.uint8), 1)
        blue, green, red = map(int, image[0, 0])
        return red, green, blue

    def drag_box(self, left: float, top: float, right: float, bottom: float) -> None:
        mouse = self.page.mouse
        mouse.move(*self.place(left, top))
        mouse.down()
        mouse.move(*self.place((left + right) / 2, (top + bottom) / 2))
        mouse.move(*self.place(right, bottom))
        mouse.up()

    def prompt(self) -> None:
        """What the clip suggests for its object: clicks on and beside it, and a box."""
        self.drag_box(*self.clip.prompt["box"])
        for point in self.clip.prompt["points"]:
            self.click(point["x"], point["y"], positive=point["positive"])

    def send_plate(self) -> None:
        self.press("Send the plate")
        self.shown(self.first)

    def submit(self) -> str:
        """Submit by flow, which needs no GPU; the job's id once it stands in the panel's list."""
        self.page.get_by_label("Engine", exact=True).select_option("flow")
        return self._sends("Submit")

    def correct(self, button: str = "Send all my edits") -> str:
        return self._sends(button)

    def _sends(self, button: str) -> str:
        lines = self.page.get_by_role("list", name="Jobs", exact=True).locator("[data-job]")
        # Asked of the server: the panel may not have listed those of before yet.
        known = {job.id for job in self.farm.client.jobs()}
        told = "lines => lines.map(line => line.dataset.job)"
        sent: list[str] = []

        def has_come() -> bool:
            sent[:] = [job for job in lines.evaluate_all(told) if job not in known]
            return bool(sent)

        self.press(button)
        self.until(lambda: has_come() or self.alerts(), f"the job of {button}")
        assert self.alerts() == [], self.told()
        return sent[0]

    def ready(self, job_id: str) -> None:
        """Wait until the panel knows that a job has ended well."""
        line = self.page.locator(f'[data-job="{job_id}"]')
        expect(line).to_have_attribute("data-state", "succeeded", timeout=120_000)

    def notes(self) -> list[str]:
        return [text.strip() for text in self.page.get_by_role("status").all_inner_texts()]

    def brings(self, button: str, words: str) -> None:
        """Press what brings a result in, and wait for the words that say it is there."""
        self.press(button)
        self.until(
            lambda: self.alerts() or any(words in note for note in self.notes()),
            f"{button}: {words}",
        )
        assert self.alerts() == [], self.told()

    def picture(self, name: str) -> None:
        """Keep what the panel looks like now, for the page in docs, where that is asked for."""
        folder = os.environ.get("ROTO_PICTURES")
        if folder:
            self.page.screenshot(path=f"{folder}/aftereffects-{name}.png")

    def until(self, true: Callable[[], Any], what: str, seconds: float = 150.0) -> Any:
        """Let the page go on until ``true`` gives something true; that."""
        deadline = time.monotonic() + seconds
        while True:
            found = true()
            if found:
                return found
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self.told()}"
            self.page.wait_for_timeout(50)

    def told(self) -> str:
        """All the panel says, and why its scripts failed."""
        return "\n".join([self.page.locator("body").inner_text(), *self.session.complaints])

    def alerts(self) -> list[str]:
        return [text.strip() for text in self.page.get_by_role("alert").all_inner_texts()]

    # -- the farm

    def jobs(self) -> list[Any]:
        """The jobs at the server, oldest first."""
        return sorted(self.farm.client.jobs(), key=lambda job: job.created_at)

    def ended(self, job_id: str) -> Any:
        """Wait for a job's good end, the page going on meanwhile."""
        job = self.until(
            lambda: (now := self.farm.client.job(job_id)).ended and now, "the job's end"
        )
        assert job.state == "succeeded", self.farm.story(job)
        return job

    def mattes(self, job_id: str) -> dict[int, np.ndarray]:
        """The job's mattes, 0..1, by plate frame."""
        folder = self.home / job_id
        self.farm.client.download_all(job_id, folder)
        found = {}
        for path in sorted((folder / "mattes").glob("*.exr")):
            with OpenEXR.File(str(path)) as file:
                found[int(path.stem.split(".")[-1])] = np.array(file.channels()["A"].pixels)
        return found


def iou(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of what two mattes cover by half and more."""
    a, b = one >= 0.5, other >= 0.5
    return float((a & b).sum() / max((a | b).sum(), 1))
