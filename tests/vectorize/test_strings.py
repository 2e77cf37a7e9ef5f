"""Ropes and strands: found and reported, and kept off the outline of what they hang from."""

from __future__ import annotations

import numpy as np
import pytest
from helpers_vectorize import as_document, box, circle, draw, iou, lobed

from roto_worker.vectorize import report_table, vectorize
from roto_worker.vectorize.outline.contour import extract
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill
from roto_worker.vectorize.parts.regions import link
from roto_worker.vectorize.parts.strings import string_report, untied, with_strings
from roto_worker.vectorize.settings import Settings

SIZE = (320, 200)
FRAMES = list(range(1001, 1013))


def rope(frame: int, width: float, start: float = 100.0) -> np.ndarray:
    """A swaying rope that hangs to the right from x = ``start``."""
    s = np.linspace(0, 1, 120)
    y = 100 + 25 * s * np.sin(2.5 * s + 0.2 * (frame - FRAMES[0]))
    centre = np.stack([start + 150 * s, y], axis=1)
    along = np.gradient(centre, axis=0)
    side = np.stack([-along[:, 1], along[:, 0]], axis=1) * (0.5 * width)
    side /= np.linalg.norm(along, axis=1, keepdims=True)
    return np.concatenate([centre + side, (centre - side)[::-1]])


def body(frame: int) -> np.ndarray:
    return lobed(80, 100, 40, 0.01 * (frame - FRAMES[0]))


def matte(frame: int, width: float, soft: bool = True) -> np.ndarray:
    paths = [body(frame), rope(frame, width)] if width else [body(frame)]
    alpha = np.maximum.reduce([draw([path], size=SIZE) for path in paths])
    return alpha if soft else (alpha > 0.5).astype(np.float32)


def outlines(alpha: np.ndarray):
    return with_strings(alpha, extract(alpha, min_area=4), 4)


def length_of(width: float) -> float:
    path = rope(FRAMES[0], width)[:120]
    x_outside = path[path[:, 0] > 124]
    return float(np.linalg.norm(np.diff(x_outside, axis=0), axis=1).sum())


@pytest.mark.parametrize(("width", "soft"), [(1.2, True), (2.0, True), (2.0, False)])
def test_a_rope_is_found_and_measured(width, soft):
    threads = outlines(matte(FRAMES[0], width, soft)).threads
    length, area = sum(t.length for t in threads), sum(t.area for t in threads)
    assert length == pytest.approx(length_of(width), rel=0.12)
    assert area / length == pytest.approx(width, rel=0.15)


@pytest.mark.parametrize(
    "paths",
    [
        [circle(80, 100, 40)],
        [box(40, 40, 90, 45)],
        [box(40, 40, 52, 42)],
        [circle(80, 100, 40), box(115, 98, 250, 102)],
    ],
    ids=["disc", "thick bar", "short bar", "rope of four pixels"],
)
def test_nothing_else_is_a_string(paths):
    alpha = np.maximum.reduce([draw([path], size=SIZE) for path in paths])
    found = outlines(alpha)
    assert found.threads == ()
    assert found.untied is None


@pytest.mark.parametrize("soft", [True, False])
def test_regions_with_strings_apart_are_the_matte(soft):
    for frame in FRAMES:
        alpha = matte(frame, 2.0, soft)
        found = outlines(alpha)
        (cut,) = untied([found])
        union = np.any([fill([c.points], *SIZE) for c in cut.contours], axis=0)
        whole = np.any([fill([c.points], *SIZE) for c in found.contours], axis=0)
        assert iou(union, alpha > 0.5) >= iou(whole, alpha > 0.5) - 1e-3
        assert iou(union, alpha > 0.5) > 0.99
        solid = next(c for c in cut.contours if not c.thread)
        assert iou(fill([solid.points], *SIZE), fill([body(frame)], *SIZE)) > 0.98


def test_the_cut_end_of_a_string_weighs_next_to_nothing():
    (cut,) = untied([outlines(matte(FRAMES[0], 2.0))])
    (string,) = [c for c in cut.contours if c.thread]
    hidden = string.points[string.weights < 0.5]
    assert 5 < len(hidden) < 20
    assert (np.linalg.norm(hidden - [124, 100], axis=1) < 12).all()


def test_a_swaying_rope_is_one_track():
    sequence = untied([outlines(matte(frame, 2.0, soft=False)) for frame in FRAMES])
    tracks = [t for t in link(sequence) if t.contours[0].thread]
    longest = max(tracks, key=lambda t: t.area)
    assert len(longest.contours) == len(FRAMES)


def test_a_string_seen_now_and_then_stays_with_its_body():
    sequence = [outlines(matte(frame, 2.0 if frame < 1004 else 0)) for frame in FRAMES]
    assert untied(sequence) is sequence
    report = string_report(sequence, FRAMES)
    assert (report["frames"], report["first"], report["last"]) == (3, 1001, 1003)
    assert not report["apart"]


def test_a_rope_costs_its_body_nothing(capsys):
    def solved(width: float):
        return vectorize(
            lambda frame: matte(frame, width),
            FRAMES,
            width=SIZE[0],
            height=SIZE[1],
            settings=Settings(),
        )

    bare, roped = solved(0), solved(2.0)
    assert bare.report["strings"] is None
    assert roped.report["tolerance"] == pytest.approx(bare.report["tolerance"], rel=0.01)
    (alone,), main = bare.shapes, roped.shapes[0]
    assert len(main.keys[0].points) <= len(alone.keys[0].points) + 1
    assert len(main.keys) <= len(alone.keys) + 1
    strings = roped.report["strings"]
    assert strings["frames"] == len(FRAMES)
    assert strings["apart"]
    assert strings["length"] == pytest.approx(length_of(2.0), rel=0.15)
    assert strings["width"] == pytest.approx(2.0, rel=0.15)
    assert 0.02 < strings["area_share"] < 0.08
    document = as_document(roped, FRAMES, SIZE)
    found = [iou(rasterize_layer(document, roped.layer, f), matte(f, 2.0) > 0.5) for f in FRAMES]
    assert min(found) > 0.95
    report_table.print_vectorized(roped.report, "s.json")
    assert "thin strings on 12 frames (1001-1012)" in capsys.readouterr().out
