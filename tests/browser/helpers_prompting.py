"""The dashboard's picture, worked on: where a plate's pixels are on it, and what is sent."""

from __future__ import annotations

import base64
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from roto_shapes.decode import document_from_json
from roto_shapes.evaluate import outline_at
from roto_worker.synthetic.clip import Clip

Mask = NDArray[np.bool_]
Place = tuple[float, float]
Size = tuple[int, int]
"""Width and height of a plate."""

SLOW = 120_000
"""Milliseconds that a farm of one busy machine may take."""


def shows(page: Page, frame: int) -> None:
    """Return once the plate of ``frame`` is on the canvas."""
    expect(page.locator("output")).to_have_attribute("data-shown", str(frame), timeout=SLOW)


def shown(page: Page) -> int:
    """The frame that is on the canvas."""
    return int(page.locator("output").get_attribute("data-shown") or 0)


def previewed(page: Page, frame: int) -> None:
    expect(page.locator("output")).to_have_attribute("data-previewed", str(frame), timeout=SLOW)


def on_page(page: Page, place: Place) -> Place:
    """Where a place of the plate is on the screen."""
    viewer = page.locator("[data-scale]")
    box = viewer.bounding_box()
    assert box is not None
    scale, x, y = (float(viewer.get_attribute(f"data-{name}") or 0) for name in ("scale", "x", "y"))
    return box["x"] + x + place[0] * scale, box["y"] + y + place[1] * scale


def click_on(page: Page, place: Place) -> None:
    page.mouse.click(*on_page(page, place))


def drag(page: Page, *places: Place) -> None:
    first, *rest = (on_page(page, place) for place in places)
    page.mouse.move(*first)
    page.mouse.down()
    for place in rest:
        page.mouse.move(*place, steps=4)
    page.mouse.up()


PIXELS = """async ([index, width, height]) => {
  // What has been said to be drawn is drawn with the next frame of the screen.
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const viewer = document.querySelector("[data-scale]");
  const canvas = viewer.querySelectorAll("canvas")[index];
  const { scale, x, y } = viewer.dataset;
  const ratio = canvas.width / canvas.clientWidth;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const found = new Uint8Array(width * height * 4);
  for (let v = 0; v < height; v += 1) {
    for (let u = 0; u < width; u += 1) {
      const column = Math.floor((Number(x) + (u + 0.5) * Number(scale)) * ratio);
      const row = Math.floor((Number(y) + (v + 0.5) * Number(scale)) * ratio);
      const at = (row * canvas.width + column) * 4;
      found.set(data.subarray(at, at + 4), (v * width + u) * 4);
    }
  }
  // Half a million numbers are slow to send one by one.
  return btoa(Array.from(found, (one) => String.fromCharCode(one)).join(""));
}"""


def pixels(page: Page, size: Size, layer: int) -> NDArray[np.uint8]:
    """One of the picture's layers at the centres of the plate's pixels: red, green, blue, alpha."""
    found = base64.b64decode(page.evaluate(PIXELS, [layer, *size]))
    return np.frombuffer(found, np.uint8).reshape(size[1], size[0], 4)


def overlaid(page: Page, size: Size) -> Mask:
    """The pixels of the plate that something is drawn over."""
    return np.asarray(pixels(page, size, 1)[..., 3] > 60, np.bool_)


def tinted(page: Page, clip: Clip, frame: int) -> Mask:
    """The pixels that are not as the clip's plate has them."""
    plate = cv2.imread(clip.pattern % frame, cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    picture = pixels(page, (clip.width, clip.height), 0)[..., :3]
    return np.asarray(np.abs(picture - plate).max(axis=2) > 20, np.bool_)


def overlap(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max((one | other).sum(), 1))


def seen(page: Page, size: Size) -> NDArray[np.uint8]:
    """The player's picture as it is on the screen, at the centres of the plate's pixels."""
    page.locator("output").evaluate("element => (element.style.visibility = 'hidden')")
    viewer = page.get_by_role("img", name="Frame")
    scale, x, y = (float(viewer.get_attribute(f"data-{one}") or 0) for one in ("scale", "x", "y"))
    screen = cv2.imdecode(np.frombuffer(viewer.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    width, height = size
    columns = np.clip((np.arange(width) + 0.5) * scale + x, 0, screen.shape[1] - 1).astype(int)
    rows = np.clip((np.arange(height) + 0.5) * scale + y, 0, screen.shape[0] - 1).astype(int)
    return np.asarray(screen[np.ix_(rows, columns)], np.uint8)


def submit(page: Page, button: str) -> str:
    """Press the buttons that submit; the id of the job."""
    page.get_by_role("button", name=button, exact=True).click()
    dialog = page.get_by_role("dialog")
    if button == "Submit":
        dialog.get_by_label("Engine").select_option("flow")
    dialog.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url("**/jobs/*", timeout=SLOW)
    return page.url.rsplit("/", 1)[1]


def points_of(document: Any, shape: str, frame: int) -> list[Place]:
    """The points of a shape on a frame, in plate pixels."""
    found = document_from_json(document)
    for layer in found.layers:
        for one in layer.shapes:
            if one.id == shape:
                return [(point.x, point.y) for point in outline_at(layer, one, frame) or ()]
    raise AssertionError(f"no shape {shape}")


def a_point(document: Any, frame: int) -> tuple[str, float, float]:
    """A shape, and one of its points on a frame."""
    shape = document["layers"][0]["shapes"][0]["id"]
    x, y = points_of(document, shape, frame)[0]
    return shape, x, y


KEPT = """(shot) => new Promise((resolve) => {
  const opening = indexedDB.open("roto-prompting");
  // None there yet, and none is to be made: the page makes its own.
  opening.onupgradeneeded = () => opening.transaction.abort();
  opening.onerror = () => resolve({});
  opening.onsuccess = ({ target: { result } }) => {
    const cursors = result.transaction("drafts").objectStore("drafts").openCursor();
    cursors.onsuccess = () => {
      const cursor = cursors.result;
      if (cursor && !cursor.key.includes(shot)) return cursor.continue();
      result.close();
      resolve(cursor ? cursor.value.objects[0].said : {});
    };
  };
})"""


def kept(page: Page, shot: str) -> dict[str, Any]:
    """By frame, what this browser keeps of what is said of the shot's first object."""
    found: dict[str, Any] = page.evaluate(KEPT, shot)
    return found
