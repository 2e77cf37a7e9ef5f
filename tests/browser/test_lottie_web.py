"""Lottie files drawn by lottie-web, with both its renderers, against our own rasteriser."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from roto_shapes.formats import write
from shapes.helpers_drawn import BOXES, DRAWN, FIRST, box, coverage, difference, iou

PACKAGE = json.loads(Path(__file__).with_name("package.json").read_text())
PLAYER = Path(sys.prefix) / "browser/node_modules/lottie-web/build/player/lottie.min.js"
RENDERERS = ("svg", "canvas")
LOAD = """([animationData, renderer]) => new Promise(resolve => {
    window.animation?.destroy();
    const container = document.getElementById("stage");
    window.animation = lottie.loadAnimation(
        {container, renderer, animationData, loop: false, autoplay: false});
    animation.addEventListener("DOMLoaded", resolve);
})"""


@pytest.fixture(scope="module", autouse=True)
def stage(page):
    page.set_content('<body style="margin:0"><div id="stage" style="height:100vh"></div></body>')
    page.add_script_tag(path=PLAYER)
    assert page.evaluate("lottie.version") == PACKAGE["dependencies"]["lottie-web"]


def load(page, doc, renderer) -> None:
    page.evaluate(LOAD, [json.loads(write(doc, "lottie").text), renderer])


def show(page, frame) -> None:
    page.evaluate("frame => animation.goToAndStop(frame, true)", frame - FIRST)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("name", DRAWN)
def test_lottie_web_draws_what_the_document_means(page, look, name, renderer) -> None:
    doc, frames, instants = DRAWN[name]
    load(page, doc, renderer)
    for frame in (*frames, *instants):
        show(page, frame)
        ours, theirs = coverage(doc, frame), look()
        assert iou(ours, theirs) >= 0.995, frame
        assert difference(ours, theirs) <= 0.005, frame


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("corners", BOXES.values(), ids=BOXES.keys())
def test_lottie_web_draws_every_pixel_where_it_is(page, look, corners, renderer) -> None:
    doc, due = box(*corners)
    load(page, doc, renderer)
    show(page, FIRST)
    assert np.abs(look() - due).max() <= 0.02
