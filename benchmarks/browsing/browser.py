"""Chromium in front of the studio, and what its pages tell of themselves (``watch.js``)."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpers_dashboard import let_in
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from .house import Studio

WATCH = (Path(__file__).parent / "watch.js").read_text(encoding="utf-8")
SIZE = {"width": 1920, "height": 1080}


def find_chromium() -> str | None:
    """Where Chromium is; None where it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running_chromium(path: str) -> Iterator[Browser]:
    """Headless and without a GPU: what draws is the processor."""
    with sync_playwright() as driver:
        # The heap's size is told in steps unless it is asked for like this.
        browser = driver.chromium.launch(
            executable_path=path, args=["--enable-precise-memory-info", "--disable-gpu"]
        )
        yield browser
        browser.close()


@contextmanager
def entered(browser: Browser, studio: Studio) -> Iterator[BrowserContext]:
    """A browser of one's own with an empty cache, signed in; its pages are watched."""
    context = browser.new_context(viewport=SIZE)
    context.add_init_script(WATCH)
    let_in(context, studio.house, studio.boss)
    try:
        yield context
    finally:
        context.close()


def reset(page: Page) -> None:
    """Forget what the page has told so far."""
    page.evaluate("__watch.reset()")


def told(page: Page) -> dict[str, Any]:
    """What has happened on the page since `reset`."""
    found: dict[str, Any] = page.evaluate("__watch.told()")
    return found


def until(page: Page, expression: str, seconds: float = 180.0) -> None:
    """Return once ``expression`` holds on the page. Its policy forbids Playwright's own way."""
    begun = time.monotonic()
    while not page.evaluate(expression):
        if time.monotonic() - begun > seconds:
            raise RuntimeError(f"did not come to be on the page: {expression}")
        page.wait_for_timeout(10)


def heap_mib(session: CDPSession) -> float:
    """JavaScript's heap after a collection."""
    session.send("HeapProfiler.enable")
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    return float(usage["usedSize"]) / 2**20


def renderers_mib(browser: Browser) -> float:
    """Memory of Chromium's processes that hold pages, pictures included; shared pages in part."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    found = 0.0
    for one in processes:
        rollup = Path(f"/proc/{one['id']}/smaps_rollup")
        if one["type"] == "renderer" and rollup.is_file():
            lines = rollup.read_text().splitlines()
            found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    return found
