"""SVG files, still and animated, drawn by Chromium, against our own rasteriser."""

from __future__ import annotations

import numpy as np
import pytest

from roto_shapes.formats import write
from shapes.helpers_drawn import BOXES, DRAWN, FIRST, box, coverage, difference, iou


@pytest.fixture
def opened(page, tmp_path):
    """Opens a document as an SVG file."""

    def open_file(doc, **options):
        path = tmp_path / "matte.svg"
        path.write_text(write(doc, "svg", **options).text, encoding="utf-8")
        page.goto(path.as_uri())

    return open_file


def seek(page, doc, frame) -> None:
    seconds = (frame - doc.frame_range[0]) * doc.fps[1] / doc.fps[0]
    page.evaluate(
        "at => { const root = document.documentElement; root.pauseAnimations();"
        " root.setCurrentTime(at); }",
        seconds,
    )


@pytest.mark.parametrize("name", DRAWN)
def test_the_animation_draws_what_the_document_means(page, look, opened, name) -> None:
    doc, frames, instants = DRAWN[name]
    opened(doc)
    for frame in (*frames, *instants):
        seek(page, doc, frame)
        ours, theirs = coverage(doc, frame), look()
        assert iou(ours, theirs) >= 0.995, frame
        assert difference(ours, theirs) <= 0.005, frame


@pytest.mark.parametrize("name", DRAWN)
def test_one_frame_draws_what_the_document_means(look, opened, name) -> None:
    doc, frames, _ = DRAWN[name]
    for frame in frames[:3]:
        opened(doc, frame=frame)
        ours, theirs = coverage(doc, frame), look()
        assert iou(ours, theirs) >= 0.995, frame
        assert difference(ours, theirs) <= 0.005, frame


@pytest.mark.parametrize("corners", BOXES.values(), ids=BOXES.keys())
def test_every_pixel_is_where_it_is(look, opened, corners) -> None:
    doc, due = box(*corners)
    opened(doc, frame=FIRST)
    assert np.abs(look() - due).max() <= 0.02
