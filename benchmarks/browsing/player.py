"""The review player: frames a second against plain drawing of the same pictures, and its memory."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect

from load.clients import percentile

from .browser import entered, heap_mib, renderers_mib, reset, told
from .house import FIRST, LINES, Studio

SLOW = 180_000
FPS = 24
ROUNDS = (("first", 1), ("kept", 1), ("kept", 4))
"""Whether the pictures have been fetched before, and the speed."""
_SHOWN = """() => {
  const output = document.querySelector("output[data-shown]");
  new MutationObserver(() => __watch.shown.push([performance.now(), Number(output.dataset.shown)]))
    .observe(output, { attributes: true, attributeFilter: ["data-shown"] });
}"""
# The player's loop and clock with nothing in it: the pictures are decoded before it begins.
_PLAIN = """async ([addresses, width, height, fps, seconds]) => {
  const decoded = async (one) => createImageBitmap(await (await fetch(one)).blob());
  const pictures = await Promise.all(addresses.map(decoded));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: pictures[0].width, height: pictures[0].height });
  canvas.style.cssText = `position:fixed;inset:0;width:${width}px;height:${height}px;z-index:99`;
  document.body.append(canvas);
  const context = canvas.getContext("2d");
  const shown = [];
  await new Promise((done) => {
    const begun = performance.now();
    let last = begun;
    const tick = (now) => {
      if (now - begun > seconds * 1000) return done();
      requestAnimationFrame(tick);
      const due = 1000 / fps;
      if (now - last < due) return;
      last = now - last < 2 * due ? last + due : now;
      context.drawImage(pictures[shown.length % pictures.length], 0, 0);
      shown.push([performance.now(), shown.length]);
    };
    requestAnimationFrame(tick);
  });
  canvas.remove();
  for (const one of pictures) one.close();
  return shown;
}"""


def playing(browser: Browser, studio: Studio, seconds: float) -> list[dict[str, Any]]:
    """At each speed, with one object and with all: what was shown, and what plain drawing shows."""
    found = []
    for count in sorted({1, len(studio.objects)}):
        with entered(browser, studio) as context:
            page = _open(context, studio)
            for name in studio.objects[count:]:
                page.get_by_role("region", name="Objects").get_by_label(name).uncheck()
            for pictures, speed in ROUNDS:
                page.get_by_label("Speed").select_option(str(speed))
                played = _played(page, seconds, FPS * speed)
                plain = _plain(page, studio, seconds, FPS * speed)
                found.append(
                    {"objects": count, "pictures": pictures, "speed": speed, **played,
                     "plain fps": plain["fps"], "of plain": played["fps"] / plain["fps"]}
                )  # fmt: skip
    return found


def _open(context: BrowserContext, studio: Studio) -> Page:
    page = context.new_page()
    page.goto(f"{studio.house.url}/shots/{studio.shot}/review")
    expect(page.locator("output[data-shown]")).to_have_attribute(
        "data-shown", str(FIRST), timeout=SLOW
    )
    page.get_by_role("button", name="Tint", exact=True).click()
    page.evaluate(_SHOWN)
    return page


def _played(page: Page, seconds: float, asked: float) -> dict[str, Any]:
    page.locator("h1").click()
    page.keyboard.press("Home")
    page.wait_for_timeout(1500)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    # What has been fetched ahead is not what is to be measured.
    page.wait_for_timeout(1500)
    reset(page)
    page.wait_for_timeout(1000 * seconds)
    found = told(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    return {"asked": asked, **_rate(found["shown"], asked),
            "longest task": max(found["long"], default=0.0)}  # fmt: skip


def _plain(page: Page, studio: Studio, seconds: float, asked: float) -> dict[str, float]:
    viewer = page.get_by_role("img", name="Frame").bounding_box() or {"width": 960, "height": LINES}
    frames = range(FIRST, FIRST + min(48, studio.frames))
    addresses = [f"/api/v1/shots/{studio.shot}/frames/{frame}?view=main" for frame in frames]
    shown = page.evaluate(
        _PLAIN, [addresses, viewer["width"], viewer["height"], asked, min(seconds, 5.0)]
    )
    return _rate(shown, asked)


def _rate(shown: list[list[float]], asked: float) -> dict[str, float]:
    """``late``: frames that stood for more than half as long again as they should; none is left
    out, for the player shows every frame in order."""
    moments = [at for at, _ in shown]
    if len(moments) < 2:
        return {"fps": 0.0, "late": 0, "gap p95 ms": float("inf")}
    gaps = [after - before for before, after in pairwise(moments)]
    return {
        "fps": 1000 * len(gaps) / (moments[-1] - moments[0]),
        "late": sum(gap > 1500 / asked for gap in gaps),
        "gap p95 ms": percentile(gaps, 0.95),
    }


def memory(browser: Browser, studio: Studio) -> dict[str, Any]:
    """The page's memory before and after the whole shot was played once, twice and three times."""
    with entered(browser, studio) as context:
        page = _open(context, studio)
        session = context.new_cdp_session(page)
        heaps, renderers = [heap_mib(session)], [renderers_mib(browser)]
        page.get_by_label("Speed").select_option("4")
        page.locator("h1").click()
        for _ in range(3):
            _once_round(page, studio)
            heaps.append(heap_mib(session))
            renderers.append(renderers_mib(browser))
    return {
        "frames": studio.frames,
        "heap MiB": heaps,
        "renderer MiB": renderers,
        "heap, third round over first": heaps[3] / heaps[1],
        "renderer, third round over first": renderers[3] / renderers[1],
        "load": os.getloadavg()[0],
    }


def _once_round(page: Page, studio: Studio) -> None:
    """Play until every frame has been shown once more."""
    reset(page)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    begun = time.monotonic()
    while page.evaluate("__watch.shown.length") < studio.frames:
        page.wait_for_timeout(250)
        if time.monotonic() - begun > 600:
            raise RuntimeError("the player did not get round the shot in ten minutes")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
