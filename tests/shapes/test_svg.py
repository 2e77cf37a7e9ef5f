"""SVG: one frame, and SMIL animation evaluated as browsers do."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes.document import Key, ValueKey
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import write
from shapes.helpers_shapes import (
    L_CORNERS,
    SLIDING,
    STILL,
    TURNING,
    at_whole_and_between,
    document,
    drawn_documents,
    l_points,
    layer,
    moving_blob,
    one_shape,
    polygon,
)

SVG = "{http://www.w3.org/2000/svg}"


def numbers(text):
    return [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", text)]


def animated(element, name, share):
    """An attribute at a time: the list of its numbers, linear between key times."""
    for child in element:
        if child.get("attributeName") == name:
            times = [float(t) for t in child.get("keyTimes").split(";")]
            values = [numbers(v) for v in child.get("values").split(";")]
            assert times[0] == 0
            assert times[-1] == 1
            assert times == sorted(times)
            assert len(times) == len(values)
            index = max(i for i, t in enumerate(times) if t <= share + 1e-12)
            if index + 1 == len(times):
                return values[-1]
            u = (share - times[index]) / (times[index + 1] - times[index])
            return [p + u * (q - p) for p, q in zip(values[index], values[index + 1], strict=True)]
    return numbers(element.get(name, ""))


def through(chain, share, point):
    for group in reversed(chain):
        if not group.get("transform"):
            continue
        kind = group.get("transform").split("(")[0]
        values = animated(group, "transform", share)
        x, y = point
        if kind == "translate":
            point = x + values[0], y + values[1]
        elif kind == "scale":
            point = x * values[0], y * values[0]
        else:
            a = math.radians(values[0])
            point = x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)
    return point


def paths(element, chain=()):
    """(path, groups around it, whether it cuts), in document order."""
    for child in element:
        if child.tag == f"{SVG}path":
            yield child, chain, child.get("fill") == "black"
        else:
            yield from paths(child, (*chain, child))


def points_of(values, closed):
    """Absolute (point, incoming end, outgoing end) of M x y C ..."""
    start, rest = values[:2], values[2:]
    segments = [rest[i : i + 6] for i in range(0, len(rest), 6)]
    ends = [tuple(start), *(tuple(s[4:6]) for s in segments)]
    return ends[:-1] if closed else ends, segments


def check_look(doc, frames):
    root = ET.fromstring(write(doc, "svg").text)
    first, last = doc.frame_range
    found = list(paths(root))
    adds = [(la, sh) for la in doc.layers for sh in la.shapes if sh.mode == "add"]
    cuts = [(la, sh) for la in doc.layers for sh in reversed(la.shapes) if sh.mode == "subtract"]
    assert len(found) == len(adds) + len(cuts)
    for pairs, kind in ((adds, False), (cuts, True)):
        theirs = [(p, c) for p, c, cut in found if cut == kind]
        for (la, sh), (path, chain) in zip(pairs, theirs, strict=True):
            for frame in frames:
                share = (frame - first) / (last - first)
                shown = is_visible(sh, frame) * opacity_at(sh, frame)
                assert animated(path, "fill-opacity", share)[0] == pytest.approx(shown, abs=1e-4)
                if not shown:
                    continue
                values = animated(path, "d", share)
                outline = outline_at(la, sh, frame)
                count = len(outline) if sh.closed else len(outline) - 1
                _, segments = points_of(values[: 2 + 6 * count], sh.closed)
                for i, segment in enumerate(segments):
                    a, b = outline[i], outline[(i + 1) % len(outline)]
                    due = (
                        (a.x + a.out_dx, a.y + a.out_dy),
                        (b.x + b.in_dx, b.y + b.in_dy),
                        (b.x, b.y),
                    )
                    for j in range(3):
                        got = through(chain, share, segment[2 * j : 2 * j + 2])
                        assert got == pytest.approx(due[j], abs=5e-3)


def test_the_animation_looks_as_the_document() -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    for transform in (None, STILL, SLIDING, TURNING):
        doc = document(
            layer(
                moving_blob("a", opacity=fade),
                moving_blob("b", mode="subtract", kind="bspline"),
                moving_blob("c"),
                transform=transform,
            )
        )
        check_look(doc, at_whole_and_between(1001, 1040)[:-4])
    gated = document(layer(moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade)))
    check_look(gated, range(1001, 1040))
    held = one_shape(Key(1001, l_points(), interpolation="hold"), Key(1009, l_points(9)))
    check_look(held, at_whole_and_between(1001, 1012))


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    if first == last:
        assert "<animate" not in write(doc, "svg").text
        return
    check_look(doc, range(first, min(last, first + 20)))


def test_a_subtract_shape_masks_what_lies_below_it_in_its_layer() -> None:
    doc = document(
        layer(
            moving_blob("a", name="a"),
            moving_blob("b", name="b", mode="subtract"),
            moving_blob("c", name="c"),
        )
    )
    root = ET.fromstring(write(doc, "svg").text)
    masked = {
        path.get("data-name"): [g.get("mask") for g in chain if g.get("mask")]
        for path, chain, cut in paths(root)
        if not cut
    }
    assert masked == {"a": ["url(#l0m1)"], "c": []}
    (mask,) = root.iter(f"{SVG}mask")
    assert [child.tag for child in mask] == [f"{SVG}rect", f"{SVG}path"]


def test_one_frame() -> None:
    doc = document(layer(moving_blob("a", visible=[(1005, 1009)]), transform=TURNING))
    text = write(doc, "svg", frame=1007).text
    assert "<animate" not in text
    (path,) = ET.fromstring(text).iter(f"{SVG}path")
    expected = outline_at(doc.layers[0], doc.layers[0].shapes[0], 1007)
    assert numbers(path.get("d"))[:2] == pytest.approx([expected[0].x, expected[0].y], abs=1e-3)
    assert "<path" not in write(doc, "svg", frame=1004).text


def test_orientation_and_half_pixel() -> None:
    text = write(one_shape(Key(1001, l_points())), "svg", frame=1001).text
    (path,) = ET.fromstring(text).iter(f"{SVG}path")
    values = numbers(path.get("d"))
    assert [tuple(values[i : i + 2]) for i in (0, *range(6, 36, 6))] == list(L_CORNERS)
    assert 'viewBox="0 0 1920 1080"' in text
    pixel = write(one_shape(Key(1, polygon((0.5, 0.5), (1.5, 0.5)))), "svg", frame=1).text
    assert 'd="M0.500 0.500C' in pixel


def test_names_and_losses() -> None:
    names = ["<b>&\"'", "]]>", "\x00", "\ud800", "é漢 🎬"]
    shapes = [moving_blob(f"s{i}", name=name) for i, name in enumerate(names)]
    text = write(document(layer(*shapes)), "svg").text
    text.encode("utf-8")
    found = [path.get("data-name") for path, _, _ in paths(ET.fromstring(text))]
    assert found == ["<b>&\"'", "]]>", "_", "_", "é漢 🎬"]
    lossy = moving_blob(feather=[0.0] * 7 + [1.0], motion_blur=True, closed=False)
    report = "\n".join(write(document(layer(lossy), pixel_aspect=2.0), "svg").report.lines())
    for part in ("feather", "motion blur", "open shape", "pixel aspect"):
        assert part in report


def test_inverted_shapes_are_everything_else() -> None:
    doc = one_shape(Key(1, l_points()), inverted=True)
    (path,) = ET.fromstring(write(doc, "svg", frame=1).text).iter(f"{SVG}path")
    assert path.get("fill-rule") == "evenodd"
    assert path.get("d").endswith("H-100000Z")
