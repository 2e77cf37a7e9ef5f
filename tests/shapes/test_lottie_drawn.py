"""Lottie files drawn by rlottie, against our own rasteriser."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
import rlottie_python

from roto_shapes.formats import write
from roto_worker.vectorize.outline.outlines import rasterize_layer
from shapes.helpers_drawn import BOXES, DRAWN, box, coverage, difference, iou

# Drawn larger and reduced, for the player's own edges are coarse.
SCALE = 4


def played(doc, frame):
    """What rlottie draws: coverage 0..1, ``[height, width]``."""
    width, height = doc.width * SCALE, doc.height * SCALE
    with rlottie_python.LottieAnimation.from_data(write(doc, "lottie").text) as player:
        buffer = player.lottie_animation_render(frame - doc.frame_range[0], None, width, height)
    alpha = np.frombuffer(buffer, np.uint8)[3::4]
    return alpha.reshape(doc.height, SCALE, doc.width, SCALE).mean((1, 3)) / 255


def mattes(doc):
    """How many cuts lie on one another."""
    modes = [[key for key, _ in groupby(s.mode for s in la.shapes)] for la in doc.layers]
    return max(turns.count("subtract") for turns in modes)


CASES = [(name, frame) for name, entry in DRAWN.items() for frame in entry.frames]


@pytest.mark.parametrize(("name", "frame"), CASES)
def test_rlottie_draws_what_the_document_means(name, frame) -> None:
    doc = DRAWN[name].document
    ours, theirs = coverage(doc, frame), played(doc, frame)
    assert iou(ours, theirs) >= 0.997
    # This player has each composition under a matte two or three 255ths too dark.
    assert difference(ours, theirs) <= 0.01 * (1 + mattes(doc))


@pytest.mark.parametrize("corners", BOXES.values(), ids=BOXES.keys())
def test_rlottie_draws_every_pixel_where_it_is(corners) -> None:
    doc, due = box(*corners)
    assert np.abs(played(doc, 1001) - due).max() <= 1 / 255


def test_the_measure_tells_half_a_pixel_a_flip_and_a_tenth_of_opacity() -> None:
    due = coverage(DRAWN["L"].document, 1001)
    for wrong in (due[::-1], due[:, ::-1], due[:270, :270].T):
        assert iou(due[: len(wrong), : wrong.shape[1]], wrong) < 0.7
    ours = coverage(DRAWN["add, hole, bite, add"].document, 1001)
    assert iou(ours, (ours + np.roll(ours, 1, axis=1)) / 2) < 0.995
    assert difference(ours, 0.9 * ours) > 0.05


@pytest.mark.parametrize("name", ["turning layer", "visibility, holds", "B-splines", "inverted"])
def test_the_measure_is_our_rasteriser(name) -> None:
    doc, frames, instants = DRAWN[name]
    for frame in (*frames[:3], *instants):
        covered = [rasterize_layer(doc, layer, frame) for layer in doc.layers]
        assert iou(coverage(doc, frame) > 0.5, np.any(covered, axis=0)) >= 0.996
