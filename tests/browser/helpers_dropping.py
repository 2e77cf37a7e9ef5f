"""Files dropped on the upload page as a person drops them, by the browser's own drag and drop."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

ZONE = "Drop movies, sequences or whole folders here"


def drop(page: Page, *paths: Path) -> None:
    """Drop files and folders of this machine's disk on the page's zone."""
    zone = page.get_by_text(ZONE)
    zone.scroll_into_view_if_needed()
    box = zone.bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "data": data}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **place})
    session.detach()
