"""One shot in the dashboard from its upload to its Nuke script, by people with a browser each.

Nothing is done but what they do on the pages; a worker tracks, and every page hears of it by its
WebSocket.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
import pytest
from helpers_dashboard import eager_house
from helpers_dropping import drop
from helpers_observing import running_worker, wait_for
from helpers_people import PASSWORD, House, Person
from helpers_prompting import (
    SLOW,
    Mask,
    Place,
    a_point,
    click_on,
    drag,
    overlaid,
    overlap,
    previewed,
    seen,
    shows,
    submit,
)
from helpers_signing_in import person_with_password
from helpers_watching import watched
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from roto_shapes.evaluate import outline_at
from roto_shapes.formats import read
from roto_worker.synthetic.clip import Clip, generate_clip
from shapes.helpers_draw import document_matte

SIZE = (480, 270)
FRAMES = 48
FIRST, LAST = 1001, 1000 + FRAMES
CORRECTED = 1012
MOVED = (14.0, 10.0)
"""By how many plate pixels a point of the outline is dragged."""
A_FILE = {"name": "a.mov", "size": 4, "sha256": "0" * 64}
CHANGES = re.compile(
    r"^(Upload \d|Choose|Prompt|Correct|Submit|Approve|Retake|Final|Send to review|Add note"
    r"|Cancel|Retry|Publish|Delete|Settings…|Archive)"
)
"""What the buttons are called that change something."""
LIKE_IT = 0.8
"""Intersection over union of masks that are drawn, tracked and fitted by different hands."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with eager_house(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    """On the artist's own disk: no folder that the server could read."""
    return generate_clip(tmp_path / "from_set", *SIZE, FRAMES)


@dataclass
class Seat:
    """A person before a browser of their own. What the server tells it by WebSocket is `heard`,
    and kept from the page while it is in `held`."""

    person: Person
    page: Page
    url: str
    heard: list[dict[str, Any]] = field(default_factory=list)
    held: list[Callable[[], None]] | None = None

    def __post_init__(self) -> None:
        self.page.route_web_socket("**/api/v1/events*", self._pass_on)

    def _pass_on(self, socket: WebSocketRoute) -> None:
        def take(message: str | bytes) -> None:
            self.heard.append(json.loads(message))
            if self.held is None:
                socket.send(message)
            else:
                self.held.append(partial(socket.send, message))

        socket.connect_to_server().on_message(take)

    def let_go(self) -> None:
        """The page is told all that was held."""
        held, self.held = self.held or [], None
        for tell in held:
            tell()

    def of(self, job: str) -> list[dict[str, Any]]:
        """What it was told of a job."""
        return [event for event in self.heard if event.get("payload", {}).get("job_id") == job]

    def get(self, path: str) -> Any:
        """What this browser is answered."""
        answer = self.page.context.request.get(f"{self.url}/api/v1{path}")
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, str]:
        """The status, and the code of a refusal, of what this browser sends as its pages do."""
        headers = {"Origin": self.url, "X-Roto-CSRF": "1"}
        answer = self.page.context.request.post(
            f"{self.url}/api/v1{path}", data=body, headers=headers
        )
        return answer.status, str(answer.json().get("code", ""))

    def click(self, name: str, role: Any = "button") -> None:
        self.page.get_by_role(role, name=name, exact=True).click()


@contextmanager
def sitting(browser: Browser, house: House, person: Person) -> Iterator[Seat]:
    """``person`` before a fresh browser; what it complains of fails the test."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    with watched(context, hears=("error", "warning")):
        yield Seat(person, context.new_page(), house.url)


def sign_in(seat: Seat) -> None:
    page = seat.page
    page.goto(seat.url)
    page.get_by_label("E-mail address").fill(seat.person.email)
    page.get_by_label("Password").fill(PASSWORD)
    seat.click("Sign in")
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SLOW)


def upload(seat: Seat, clip: Clip, name: str) -> str:
    """Drop its frames; the id of the shot that they became."""
    page = seat.page
    seat.click("Upload", "link")
    drop(page, *(Path(clip.pattern % frame) for frame in clip.frames))
    page.get_by_label(f"Shot of plate.[{FIRST}-{LAST}].png").fill(name)
    seat.click("Upload 1 plate")
    sending = page.get_by_role("region", name="On their way")
    sending.get_by_role("link", name=name).click(timeout=SLOW)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    # The worker has read it, and the page shows so by itself.
    expect(page.get_by_role("link", name="Open in the player")).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name=CHANGES).first).to_be_visible()
    return page.url.rsplit("/", 1)[1]


def point_out(seat: Seat, clip: Clip) -> None:
    """Click on the object, and see the farm's own idea of it where it is."""
    page = seat.page
    seat.click("Prompt", "link")
    shows(page, FIRST)
    page.get_by_label("Name").fill("creature")
    inside = next(point for point in clip.prompt["points"] if point["positive"])
    click_on(page, (inside["x"], inside["y"]))
    expect(page.get_by_text("1 click on it.")).to_be_visible()
    previewed(page, FIRST)
    drawn, truth = overlaid(page, SIZE), truth_of(clip, FIRST)
    assert (drawn & truth).sum() > LIKE_IT * truth.sum()
    page.keyboard.press("x")
    left, top, right, bottom = clip.prompt["box"]
    drag(page, (left, top), (right, bottom))
    expect(page.get_by_text("1 click on it, a box.")).to_be_visible()
    previewed(page, FIRST)
    assert overlap(overlaid(page, SIZE), truth) > LIKE_IT


def watch(seat: Seat, job: str) -> None:
    """Its own page shows it on its way and done; the socket has told of it frame after frame."""
    page = seat.page
    expect(page.get_by_role("heading", name="v1")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^[a-z]+ \d+ of \d+$"))).to_be_visible(timeout=SLOW)
    is_done(page)
    told = seat.of(job)
    fractions = [
        event["payload"]["progress"]["fraction"]
        for event in told
        if event["kind"] == "task.progress"
    ]
    assert len(set(fractions)) >= 2, "it was told of as it went"
    assert fractions == sorted(fractions)
    assert told[-1]["kind"] == "job.updated"
    assert told[-1]["payload"]["state"] == "succeeded"


def watch_in_silence(seat: Seat, job: str) -> None:
    """As long as the socket tells nothing the page knows nothing: it does not ask by itself."""
    page = seat.page
    expect(page.get_by_role("heading", name="v2")).to_be_visible()
    wait_for(lambda: seat.get(f"/jobs/{job}")["state"] == "succeeded", lambda: str(seat.of(job)))

    def is_told() -> bool:
        page.wait_for_timeout(50)  # What the socket brings is taken in during calls of the page.
        told = seat.of(job)
        return bool(told) and told[-1]["payload"].get("state") == "succeeded"

    wait_for(is_told, lambda: str(seat.of(job)))
    expect(page.get_by_role("link", name="Correct", exact=True)).to_have_count(0)
    seat.let_go()
    is_done(page)


def is_done(page: Page) -> None:
    # To correct it is offered on the page of a job that is done.
    expect(page.get_by_role("link", name="Correct", exact=True)).to_be_visible(timeout=SLOW)
    stages = page.get_by_role("listitem").filter(has_text=re.compile("^(track|vectorize|export)"))
    for stage in stages.all():
        expect(stage).to_contain_text("Done")


def download(seat: Seat, job: str, name: re.Pattern[str]) -> Path:
    """A file that the job made, from the list of its outputs."""
    page = seat.page
    page.goto(f"{seat.url}/jobs/{job}?tab=outputs")
    link = page.get_by_role("link", name=name, include_hidden=True)
    expect(link).to_have_count(1, timeout=SLOW)
    group = page.locator("details", has=page.get_by_role("link", name=name, include_hidden=True))
    if group.get_attribute("open") is None:
        group.locator("summary").click()
    with page.expect_download() as download:
        link.click()
    return download.value.path()


def truth_of(clip: Clip, frame: int) -> Mask:
    return np.asarray(clip.truth(frame) >= 0.5, np.bool_)


def in_file(matte: Path) -> Mask:
    """What an EXR matte covers."""
    with OpenEXR.File(str(matte)) as file:
        return np.asarray(file.channels()["A"].pixels >= 0.5, np.bool_)


def look_over(seat: Seat, clip: Clip, job: str) -> None:
    """What the player lays over the plate is where the matte is that one can download."""
    page = seat.page
    for frame in (FIRST, CORRECTED):
        matte = in_file(download(seat, job, re.compile(rf"\.{frame}\.exr$")))
        assert overlap(matte, truth_of(clip, frame)) > LIKE_IT, frame
        page.get_by_role("link", name="Review", exact=True).last.click()
        shows(page, FIRST)
        page.get_by_role("spinbutton", name="Frame").fill(str(frame))
        shows(page, frame)
        page.get_by_role("button", name="Plate", exact=True).click()
        plain = seen(page, SIZE).astype(int)
        page.get_by_role("button", name="Tint", exact=True).click()
        # The matte may come later than the plate.
        wait_for(partial(is_tinted, page, plain, matte), partial(str, f"no tint on {frame}"))


def is_tinted(page: Page, plain: NDArray[np.int_], matte: Mask) -> bool:
    changed = np.abs(seen(page, SIZE).astype(int) - plain).max(axis=2) >= 12
    return overlap(changed, matte) > 0.9


def send_to_review(seat: Seat) -> None:
    seat.click("Send to review")
    expect(seat.page.get_by_text("is sent to review")).to_be_visible(timeout=SLOW)


def ask_for_a_retake(seat: Seat, name: str, version: int) -> None:
    """The first of the queue: a note on the frame where it is wrong, and back."""
    page = seat.page
    open_from_queue(seat, name, version)
    page.get_by_role("spinbutton", name="Frame").fill(str(CORRECTED))
    shows(page, CORRECTED)
    page.get_by_label("A new note").fill("the outline is off here")
    seat.click("Add note")
    notes = page.get_by_role("region", name="Notes").get_by_role("list")
    expect(notes.get_by_text("the outline is off here")).to_be_visible(timeout=SLOW)
    seat.click("Retake")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Edge").check()
    dialog.get_by_label("What is to be done").fill("see the note")
    dialog.get_by_role("button", name="Retake").click()
    expect(page.get_by_text(f"{name} is sent back")).to_be_visible(timeout=SLOW)


def open_from_queue(seat: Seat, name: str, version: int) -> None:
    page = seat.page
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Review").click()
    expect(page.get_by_text("1 shot", exact=True)).to_be_visible(timeout=SLOW)
    seat.click("Begin", "link")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.get_by_label("Version").locator("option:checked")).to_contain_text(f"v{version},")
    # Who decides before the page shows that it waits is told that it moved meanwhile.
    stands(page, "Pending review")


def stands(page: Page, state: str) -> None:
    """The shot's review state, in the head of its player."""
    head = page.locator("header", has=page.get_by_role("heading", level=1))
    expect(head.get_by_text(state, exact=True)).to_be_visible(timeout=SLOW)


def correct(seat: Seat, shot: str) -> Place:
    """From the note to its frame, where a point of the outline is dragged; its new place."""
    page = seat.page
    # She hears of it where she is.
    stands(page, "Retake")
    notes = page.get_by_role("region", name="Notes")
    notes.get_by_role("button", name=f"frame {CORRECTED}").click()
    shows(page, CORRECTED)
    seat.click("Correct", "link")
    shows(page, CORRECTED)
    expect(page.get_by_text("Correcting v1")).to_be_visible()
    seat.click("Points")
    _, x, y = a_point(seat.get(f"/shots/{shot}/shapes?version=1"), CORRECTED)
    place = (x + MOVED[0], y + MOVED[1])
    drag(page, (x, y), place)
    expect(page.get_by_text("Its outline moved.")).to_be_visible()
    return place


def approve(seat: Seat, name: str, version: int) -> None:
    open_from_queue(seat, name, version)
    shows(seat.page, FIRST)
    seat.click("Approve")
    expect(seat.page.get_by_text(f"{name} is approved")).to_be_visible(timeout=SLOW)


def lies_over(script: Path, clip: Clip, corrected: Place) -> None:
    """The Nuke script holds the object on every frame, and the point where it was dropped."""
    document = read(script.read_text(encoding="utf-8"), "nuke").document
    assert (document.width, document.height) == SIZE
    assert document.frame_range == (FIRST, LAST)
    for frame in clip.frames:
        drawn = document_matte(document, frame) >= 0.5
        assert overlap(drawn, truth_of(clip, frame)) > 0.9, frame
    points = [
        (point.x, point.y)
        for layer in document.layers
        for shape in layer.shapes
        for point in outline_at(layer, shape, CORRECTED) or ()
    ]
    assert min(np.hypot(x - corrected[0], y - corrected[1]) for x, y in points) < 1


def is_offered_nothing(seat: Seat, shot: str, job: str) -> None:
    """A viewer finds the shot, and nothing on any page that would change it."""
    page = seat.page
    nothing = {
        "/upload": page.get_by_text("There is no project you may add shots to"),
        f"/shots/{shot}": page.get_by_role("link", name="Open in the player"),
        f"/shots/{shot}/prompt": page.get_by_text("You may look at this shot, not work on it"),
        f"/shots/{shot}/prompt?job={job}": page.get_by_text("look at this shot, not work on it"),
        f"/shots/{shot}/review": page.get_by_text("You may look at this shot, not decide."),
        f"/jobs/{job}": page.get_by_role("link", name="Review", exact=True).last,
    }
    for address, told in nothing.items():
        page.goto(seat.url + address)
        expect(told).to_be_visible(timeout=SLOW)
        for role in ("button", "link"):
            expect(page.get_by_role(role, name=CHANGES)).to_have_count(0)


def is_refused(seat: Seat, project: str, shot: str, job: str, review: str) -> None:
    """Nor does the server let them, whatever asks it for them."""
    prompts = [{"frame": FIRST, "box": [10, 10, 50, 50]}]
    objects = [{"name": "creature", "prompts": prompts}]
    for path, body in {
        "/uploads": {"project_id": project, "files": [A_FILE]},
        f"/projects/{project}/shots": {"name": "other", "plate": {"path": "/plates/x.%04d.png"}},
        f"/shots/{shot}/preview": {"frame": FIRST, "objects": objects},
        f"/shots/{shot}/segment": {"objects": objects},
        f"/shots/{shot}/corrections": {
            "base_version": 2, "edits": [{"object": "creature", "prompts": prompts}]
        },
        f"/shots/{shot}/reviews": {"before": review, "after": "retake", "reason": "edge"},
        f"/shots/{shot}/notes": {"text": "hello"},
        f"/jobs/{job}/cancel": {},
    }.items():  # fmt: skip
        status, code = seat.post(path, body)
        assert (status, code) == (403, "forbidden"), path


# The longest of all: on a slow machine it takes longer than another test may.
@pytest.mark.timeout(900)
def test_a_shot_from_its_upload_to_its_nuke_script(
    browser: Browser, house: House, clip: Clip
) -> None:
    ann, sue, vic = (
        person_with_password(house, role, name=name)
        for role, name in (("artist", "Ann"), ("artist", "Sue"), ("viewer", "Vic"))
    )
    project = house.project((ann, "artist"), (sue, "supervisor"), (vic, "viewer"))
    with ExitStack() as stack:
        stack.enter_context(running_worker(house))
        artist, supervisor, viewer = (
            stack.enter_context(sitting(browser, house, person)) for person in (ann, sue, vic)
        )

        sign_in(artist)
        shot = upload(artist, clip, "sh010")
        point_out(artist, clip)
        first = submit(artist.page, "Submit")
        watch(artist, first)
        look_over(artist, clip, first)
        send_to_review(artist)

        sign_in(supervisor)
        ask_for_a_retake(supervisor, "sh010", version=1)

        place = correct(artist, shot)
        artist.held = []
        second = submit(artist.page, "Submit the correction")
        watch_in_silence(artist, second)
        artist.page.get_by_role("link", name="Review", exact=True).last.click()
        send_to_review(artist)

        approve(supervisor, "sh010", version=2)
        lies_over(download(artist, second, re.compile(r"\.nk$")), clip, place)

        sign_in(viewer)
        is_offered_nothing(viewer, shot, second)
        is_refused(viewer, project, shot, second, review="approved")
        assert viewer.get(f"/shots/{shot}")["review"] == "approved"
        assert viewer.get(f"/shots/{shot}/versions")["items"][0]["id"] == second
