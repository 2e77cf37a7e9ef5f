"""The page of jobs: what comes over the wire, and how soon it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from load.clients import percentile
from roto_server import events
from roto_server.bell import Bell
from roto_server.db.models import Task

from .browser import entered, reset, told, until
from .house import FIRST, Studio

SLOW = 180_000
ROW = 32
_IS_FILTERED = """() => {
  const row = document.querySelector("[role=row][aria-rowindex='2']");
  return row !== null && row.textContent.includes("Cancelled");
}"""
_PICTURES = ("image/jpeg", "image/png")


def loading(browser: Browser, studio: Studio, times: int) -> dict[str, Any]:
    """First visits with an empty cache; as many to the sign-in page as a yardstick."""
    rows, bare, wire = [], [], {}
    for _ in range(times):
        with entered(browser, studio) as context:
            wire, seconds = _visit(context, studio, "/jobs")
            rows.append(seconds)
        with entered(browser, studio) as context:
            page = context.new_page()
            page.goto(studio.house.url + "/sign-in", wait_until="load")
            bare.append(page.evaluate("performance.getEntriesByType('navigation')[0].duration"))
    return {**wire, "first row ms": median(rows), "sign-in page ms": median(bare),
            "in sign-in pages": median(rows) / median(bare)}  # fmt: skip


def _visit(context: BrowserContext, studio: Studio, address: str) -> tuple[dict[str, Any], float]:
    page = context.new_page()
    session = context.new_cdp_session(page)
    kinds: dict[str, tuple[str, str]] = {}
    sizes: dict[str, float] = {}

    def answered(event: dict[str, Any]) -> None:
        headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
        kinds[event["requestId"]] = (
            event["response"]["mimeType"], headers.get("content-encoding", "")
        )  # fmt: skip

    session.on("Network.responseReceived", answered)
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    session.send("Network.enable")
    page.goto(studio.house.url + address)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.locator("[role=row][aria-rowindex='2']")).to_be_visible(timeout=SLOW)
    settle(page)
    first = float(told(page)["row"])
    pictures = [one for one in sizes if kinds.get(one, ("", ""))[0] in _PICTURES]
    answers = [one for one in sizes if kinds.get(one, ("", ""))[0] == "application/json"]
    whole = sum(sizes.values()) / 1000
    of_pictures = sum(sizes[one] for one in pictures) / 1000
    return {
        "kB": whole - of_pictures,
        "kB of answers": sum(sizes[one] for one in answers) / 1000,
        "answers packed": sum(kinds[one][1] == "gzip" for one in answers) / max(1, len(answers)),
        "kB of thumbnails": of_pictures,
        "requests": len(sizes) - len(pictures),
        "thumbnails": len(pictures),
    }, first


def interacting(browser: Browser, studio: Studio, loaded: int, times: int) -> dict[str, Any]:
    """Milliseconds from an input to the next frame, with ``loaded`` rows loaded; a page that does
    next to nothing at a key as the yardstick."""
    with entered(browser, studio) as context:
        page = _open(context, studio)
        found: dict[str, Any] = {"nothing": _of(_bare(context, studio, times))}
        seconds = _load_rows(page, loaded)
        grid = page.get_by_role("grid")
        grid.focus()
        page.keyboard.press("Home")
        for name, act in _acts(page).items():
            settle(page)
            reset(page)
            for number in range(times):
                act(number)
                page.wait_for_timeout(30)
            found[name] = _of(_drawn(page))
        found["filtered ms"] = _filtered(page)
        found["loading the rows s"] = seconds
        return found


def _open(context: BrowserContext, studio: Studio, address: str = "/jobs") -> Page:
    page = context.new_page()
    page.goto(studio.house.url + address)
    expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=SLOW)
    expect(page.locator("[role=row][aria-rowindex='2']")).to_be_visible(timeout=SLOW)
    settle(page)
    return page


def settle(page: Page) -> None:
    """Return once nothing has come from the server for a while."""
    until(page, "performance.now() - __watch.heard > 700")


def _bare(context: BrowserContext, studio: Studio, times: int) -> dict[str, Any]:
    page = context.new_page()
    # The sign-in page would send who is signed in away again.
    page.goto(studio.house.url + "/confirm")
    page.evaluate(
        "addEventListener('keydown', (event) => (document.title = event.key + event.timeStamp))"
    )
    reset(page)
    for _ in range(times):
        page.keyboard.press("F8")
        page.wait_for_timeout(30)
    found = _drawn(page)
    page.close()
    return found


def _drawn(page: Page) -> dict[str, Any]:
    """What has happened on the page, once the frame after its last input was drawn."""
    until(page, "__watch.paints.length > 0 && __watch.waiting() === 0")
    # Event Timing tells of a frame a little later.
    page.wait_for_timeout(100)
    return told(page)


def _of(found: dict[str, Any]) -> dict[str, float]:
    paints = found["paints"]
    return {
        "n": len(paints),
        "p50": median(paints),
        "p95": percentile(paints, 0.95),
        "max": max(paints),
        # In steps of 8 ms; what is shorter than 16 is not told.
        "event timing max": max(found["events"], default=16.0),
        "longest task": max(found["long"], default=0.0),
    }


def _load_rows(page: Page, count: int) -> float:
    """Scroll over ``count`` rows, so that each has been loaded; the seconds that took."""
    begun = time.monotonic()
    grid = page.locator("[role=grid]")
    for number in range(50, count + 1, 50):
        row = page.locator(f"[role=row][aria-rowindex='{number}'] a")
        # Again and again, for a list may grow only when its end is near.
        while row.count() == 0:
            grid.evaluate("(grid, top) => (grid.scrollTop = top)", ROW * (number - 10))
            page.wait_for_timeout(20)
            if time.monotonic() - begun > 4 * SLOW / 1000:
                raise RuntimeError(f"row {number} never came")
    return time.monotonic() - begun


def _acts(page: Page) -> dict[str, Callable[[int], None]]:
    """What is done on the list, once each time it is called."""
    press = page.keyboard.press
    grid = page.locator("[role=grid]")

    def click(number: int) -> None:
        rows = page.locator("[role=row][aria-selected]")
        rows.nth(12 + number % 8).click(position={"x": 420, "y": 10})

    def wheel(number: int) -> None:
        grid.hover(position={"x": 300, "y": 300})
        page.mouse.wheel(0, 400 if number % 2 else 900)

    return {
        "next row (ArrowDown)": lambda _: press("ArrowDown"),
        "page on (PageDown)": lambda _: press("PageDown"),
        "range (Shift+ArrowDown)": lambda _: press("Shift+ArrowDown"),
        "select with a click": click,
        "all, none (Ctrl+A, Escape)": lambda number: press("Escape" if number % 2 else "Control+a"),
        "first, last (Home, End)": lambda number: press("Home" if number % 2 else "End"),
        "scroll (wheel)": wheel,
        "filter (a state, on and off)": lambda _: page.get_by_role("button", name="Failed").click(),
        "sort (Priority, both ways)": lambda _: page.get_by_role("button", name="Priority").click(),
    }


def _filtered(page: Page) -> float:
    """Milliseconds from a click on a filter until the server's rows are there."""
    settle(page)
    begun = time.monotonic()
    page.get_by_role("button", name="Cancelled").click()
    until(page, _IS_FILTERED)
    return 1000 * (time.monotonic() - begun)


def to_the_last(browser: Browser, studio: Studio) -> float:
    """Milliseconds from End, on a list just opened, until the last of all jobs is shown."""
    with entered(browser, studio) as context:
        page = _open(context, studio, "/jobs?kind=roto")
        grid = page.get_by_role("grid")
        grid.focus()
        last = page.locator(f"[role=row][aria-rowindex='{studio.jobs + 1}'] a")
        begun = time.monotonic()
        while last.count() == 0:
            page.keyboard.press("End")
            page.wait_for_timeout(20)
            if time.monotonic() - begun > SLOW / 1000:
                return float("inf")
        return 1000 * (time.monotonic() - begun)


def storming(browser: Browser, studio: Studio, seconds: float, rate: int) -> dict[str, Any]:
    """The list is scrolled for ``seconds``: while nothing happens, and while ``rate`` events a
    second tell of jobs at work."""
    with entered(browser, studio) as context:
        page = _open(context, studio)
        quiet = _scrolled(page, seconds)
        over = threading.Event()
        sent: list[int] = []
        storm = threading.Thread(target=_storm, args=(studio, rate, over, sent))
        storm.start()
        try:
            loud = _scrolled(page, seconds)
        finally:
            over.set()
            storm.join()
    return {"quiet": quiet, "storm": loud, "events": sum(sent)}


def _scrolled(page: Page, seconds: float) -> dict[str, float]:
    page.locator("[role=grid]").hover(position={"x": 300, "y": 300})
    settle(page)
    reset(page)
    begun = time.monotonic()
    turn = 0
    while time.monotonic() - begun < seconds:
        page.mouse.wheel(0, -240 if turn // 20 % 2 else 240)
        page.wait_for_timeout(50)
        turn += 1
    found = _drawn(page)
    return {**_of(found), "frame gap p95": percentile(found["gaps"], 0.95),
            "long tasks": len(found["long"])}  # fmt: skip


def _storm(studio: Studio, rate: int, over: threading.Event, sent: list[int]) -> None:
    """Progress as a farm reports it, in ten commits a second."""
    bell = Bell(studio.house.environment["ROTO_REDIS_URL"])
    try:
        turn = 0
        while not over.wait(0.1):
            turn += 1
            with studio.house.database.session() as session:
                for number in range(rate // 10):
                    job, shot, task = studio.running[number % len(studio.running)]
                    progress = {"done": turn % studio.frames, "total": studio.frames,
                                "frame": FIRST + turn % studio.frames}  # fmt: skip
                    if number < len(studio.running):
                        session.execute(
                            update(Task).where(Task.id == task).values(progress=progress)
                        )
                    told_of = {"job_id": job, "shot_id": shot, "task_id": task, **progress}
                    events.emit(session, "task.progress", None, told_of)
            sent.append(rate // 10)
            bell.nudge()
    finally:
        bell.close()
