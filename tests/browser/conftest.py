"""One Chromium for the suite, and what is on its page as coverage."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright

from shapes.helpers_drawn import HEIGHT, WIDTH

# Milliseconds. The farm of these tests works beside the browser: a page may be slow, and right.
expect.set_options(timeout=30_000)

# Drawn larger and reduced, for a browser's edges are coarse.
SCALE = 2


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(browser):
    size = {"width": WIDTH, "height": HEIGHT}
    page = browser.new_page(viewport=size, device_scale_factor=SCALE)
    page.on("pageerror", lambda error: pytest.fail(f"on the page: {error}"))
    yield page
    page.close()


@pytest.fixture(scope="module")
def look(page):
    """The page as coverage 0..1, ``[height, width]``: what is opaque on it."""

    def picture():
        png = page.screenshot(omit_background=True)
        alpha = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)[..., 3]
        return alpha.reshape(HEIGHT, SCALE, WIDTH, SCALE).mean((1, 3)) / 255

    return picture
