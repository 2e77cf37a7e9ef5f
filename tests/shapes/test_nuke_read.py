"""The Nuke reader: our own files, saved scripts, and every form of the grammar by hand."""

from __future__ import annotations

import math
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roto_shapes.document import ControlPoint, Key, dumps
from roto_shapes.errors import DocumentError, RotoError
from roto_shapes.evaluate import is_visible, opacity_at, outline_at
from roto_shapes.formats import nuke, read, write
from roto_shapes.formats.nuke_lower import project
from shapes import helpers_nk as nk
from shapes.helpers_shapes import (
    SLIDING,
    STILL,
    TURNING,
    at_whole_and_between,
    blob,
    document,
    drawn_documents,
    l_points,
    layer,
    moving_blob,
    one_shape,
    polygon,
)

SHARED = Path(os.environ.get("ROTO_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLES = SHARED / "samples" / "nuke"


def back(doc, **options):
    return read(write(doc, "nuke", **options).text, "nuke").document


def without_feather(doc):
    """A copy with every list of feathers out, and the lists."""
    lists = [s.feather for la in doc.layers for s in la.shapes if isinstance(s.feather, list)]
    layers = [
        replace(
            la,
            shapes=[
                replace(s, feather=0.0) if isinstance(s.feather, list) else s for s in la.shapes
            ],
        )
        for la in doc.layers
    ]
    return replace(doc, layers=layers), lists


def check_round_trip(doc):
    got, got_feathers = without_feather(back(doc))
    due, due_feathers = without_feather(project(doc))
    assert got == due
    for a, b in zip(got_feathers, due_feathers, strict=True):
        # Which way is outwards hangs on the last bit where two handles lie on one another.
        assert list(map(abs, a)) == pytest.approx(list(map(abs, b)), abs=1e-3, rel=1e-4)


# --- round trips


@pytest.mark.parametrize("transform", [None, STILL, SLIDING, TURNING])
def test_round_trip(transform) -> None:
    doc = document(
        layer(moving_blob("a"), moving_blob("b", mode="subtract"), transform=transform),
        layer(
            moving_blob("c", feather=[1.0, 2, 3, 4, 5, 6, 7, -8], opacity=0.5),
            layer_id="l2",
            group=["x", "y"],
            color=(1.0, 0.25, 0.5),
        ),
        layer(layer_id="l3", name="nothing in it"),
    )
    check_round_trip(doc)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_round_trip_of_any_document(doc) -> None:
    check_round_trip(doc)


def test_the_projection_is_what_its_losses_say() -> None:
    """Outlines, opacity and visibility stay; the projection of a projection is itself."""
    doc = document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=0.5),
            moving_blob("b", kind="bspline"),
            moving_blob("c", mode="subtract", inverted=True, motion_blur=True, feather=3.0),
            transform=TURNING,
        ),
        prompts=[{"frame": 1}],
    )
    got = project(doc)
    assert (got.prompts, got.frame_range, [s.kind for s in got.layers[0].shapes]) == (
        [],
        (1001, 1040),
        ["bezier"] * 3,
    )
    for ours, theirs in zip(doc.layers[0].shapes, got.layers[0].shapes, strict=True):
        for frame in at_whole_and_between(1001, 1040):
            a, b = outline_at(doc.layers[0], ours, frame), outline_at(got.layers[0], theirs, frame)
            assert (a is None) == (b is None) == (not is_visible(ours, frame))
            for p, q in zip(a or (), b or (), strict=True):
                assert p[:6] == pytest.approx(q[:6], abs=2e-3)
        assert opacity_at(ours, 1007) == opacity_at(theirs, 1007)
        assert (ours.mode, ours.inverted, ours.motion_blur, ours.feather) == (
            theirs.mode,
            theirs.inverted,
            theirs.motion_blur,
            theirs.feather,
        )
    again = project(got)
    assert replace(again, frame_range=got.frame_range) == got


def test_nodes_and_fragments() -> None:
    doc = document(layer(moving_blob()))
    for options in ({"clipboard": True}, {"node": "RotoPaint"}, {"node_name": "X"}):
        assert back(doc, **options) == project(doc)
    painted = write(doc, "nuke", node="RotoPaint").text
    assert [k.node_class for k in nk.curves_knobs(painted)] == ["RotoPaint"]
    assert " name RotoPaint1\n" in painted
    with pytest.raises(RotoError, match="no shape node"):
        write(doc, "nuke", node="Bezier")
    both = write(doc, "nuke").text + write(doc, "nuke", node_name="Second").text
    assert [la.group for la in read(both, "nuke").document.layers] == [["Second"], ["Roto1"]]
    knob = write(doc, "nuke").text.split(" curves ")[1].split("\n lifetime_type")[0]
    assert read(knob, "nuke").document == project(doc)


def test_options_of_the_reader() -> None:
    text = write(document(layer(moving_blob(visible=[(1010, 1012)]))), "nuke").text
    got = read(text, "nuke", width=4000, height=2000, frame_range=(5, 6)).document
    assert (got.width, got.height, got.frame_range) == (4000, 2000, (5, 6))
    first = read(text, "nuke").document.layers[0].shapes[0].keys[0].points[0]
    assert got.layers[0].shapes[0].keys[0].points[0].y == first.y + 920
    root = (
        'Root {\n format "2048 1080 0 0 2048 1080 2 wide name"\n first_frame 7\n'
        " last_frame 9\n fps 23.976\n}\n"
    )
    told = read(root + text, "nuke").document
    assert (told.width, told.height, told.pixel_aspect) == (2048, 1080, 2.0)
    assert (told.frame_range, told.fps) == ((7, 9), (24000, 1001))
    for rate, fraction in (("25", (25, 1)), ("12.5", (12500, 1000)), ("-1", (24, 1))):
        assert read(root.replace("23.976", rate) + text, "nuke").document.fps == fraction


# --- saved scripts


@pytest.fixture(scope="module")
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("ROTO_SHARED has no samples/nuke")
    return SAMPLES


@pytest.mark.footage
def test_saved_scripts_give_the_checkers_curves_and_survive_a_round_trip(samples: Path) -> None:
    files = sorted(p for p in samples.iterdir() if p.suffix in (".nk", ".gizmo"))
    assert len(files) == 5
    total = 0
    for path in files:
        text = path.read_text()
        doc, _ = read(text, "nuke")
        knobs = nk.curves_knobs(text)
        theirs = [shape for knob in knobs for shape in nk.shapes_of(knob.root)]
        ours = [(la, sh) for la in reversed(doc.layers) for sh in reversed(la.shapes)]
        total += len(ours)
        assert len(ours) == len(theirs)
        for (la, sh), other in zip(ours, theirs, strict=True):
            assert (sh.name, sh.closed) == (other.name, not other.open)
            if any(curve.at(0) for curve in other.transform[3:4]):
                continue
            for frame in (sh.keys[0].frame, sh.keys[-1].frame):
                mine = outline_at(
                    replace(la, transform=la.transform), replace(sh, visible=[]), frame
                )
                for p, (a, c, b) in zip(mine, other.outline(frame, doc.height), strict=True):
                    assert (p.x, p.y) == pytest.approx(c, abs=1e-2)
                    assert (p.x + p.in_dx, p.y + p.in_dy) == pytest.approx(a, abs=1e-2)
                    assert (p.x + p.out_dx, p.y + p.out_dy) == pytest.approx(b, abs=1e-2)
        check_round_trip(doc)
        again = back(doc)
        copies = [(la, sh) for la in reversed(again.layers) for sh in reversed(la.shapes)]
        for (la, sh), (other_layer, copy) in zip(ours, copies, strict=True):
            assert [k.frame for k in sh.keys] == [k.frame for k in copy.keys]
            first, last = sh.keys[0].frame, sh.keys[-1].frame
            for frame in at_whole_and_between(first, min(last, first + 50)):
                mine = outline_at(la, replace(sh, visible=[]), frame)
                theirs = outline_at(other_layer, replace(copy, visible=[]), frame)
                for p, q in zip(mine, theirs, strict=True):
                    assert p[:6] == pytest.approx(q[:6], abs=1e-3)
    assert total == 60


# --- the grammar, by hand


def script(block, feather="idem", tail="{t 0 0} {a osw 1}", kind="bezier", flags=512, more=""):
    shape = f"{{curvegroup S {flags} {kind} {{{{cc {{f 8192}} {block}}} {feather}}} {tail}}}"
    layer_text = f"{{layer Root {{f 512}} {{t 500 500}} {{a}} {shape} {more}}}"
    return f"Roto {{\n curves {{{{{{v x3f99999a}} {{f 0}} {{n {layer_text}}}}}}}\n name Roto1\n}}\n"


def only(text, **options):
    doc, report = read(text, "nuke", **options)
    (shape,) = (shape for la in doc.layers for shape in la.shapes)
    return doc, shape, report


def centre_x(text, frames):
    doc, shape, _ = only(text)
    return [outline_at(doc.layers[0], shape, frame)[0].x for frame in frames]


FIVE = "{0 1 2 3 4}"


@pytest.mark.parametrize(
    ("axis", "values"),
    [
        ("{{x 3 {1 -}} {2 -} {0 -}}", [1, 1, 1, 2, 0]),
        ("{{x40000000 -}}", [2] * 5),
        ("{5 6 7 8 9}", [5, 6, 7, 8, 9]),
        ("x40a00000", [5] * 5),
        ("{=width/2 x40a00000}", [5] * 5),
        ("{=no.fallback}", [0] * 5),
        ("{{=expr 3} {2 -} {1 -} {2 -} {3 -}}", [3, 2, 1, 2, 3]),
        ("{{0 0 1 1 1} {1 1 1 1 1} {2 1 1 1 1} {3 1 1 1 1} {4 1 1 0 1}}", [0, 1, 2, 3, 4]),
        ("{x41200000 -}", [10] * 5),
    ],
)
def test_axes_of_a_shared_block(axis, values) -> None:
    block = f"{{px {FIVE} {{0 0}} {{{axis} 0}} {{0 0}} {{}} {{9 9}} {{}}}}"
    assert centre_x(script(block), range(5)) == values


@pytest.mark.parametrize(
    ("entry", "values"),
    [
        ("{}", [0, 0, 0]),
        ("{7}", [7, 7, 7]),
        ("{7 8}", [7, 7, 7]),
        ("{7 8 1}", [7, 7, 7]),
        ("{{a osw 1 osf 0} 7 8}", [7, 7, 7]),
        ("{{{0 1 -} {2 3 -}} 0}", [1, 2, 3]),
        ("{{{0 1} {1} {2 3}} 0}", [1, 1, 3]),
        ("{{{0 1 0 1 1 1} {2 3 1 1 0 1}} 0}", [1, 2, 3]),
        ("{{r {{{1 -} 1} {{3 -} 2}}} {{0 0 -} {1 5 -} {2 0 -}}}", [1, 3, 3]),
        ("{{{0 1} {2 {=e 3}}} 0}", [1, 2, 3]),
    ],
)
def test_entries_of_a_block_of_own_times(entry, values) -> None:
    block = f"{{p {{}} {entry} {{}} {{}} {{9 9}} {{}}}}"
    assert centre_x(script(block), range(3)) == values


def test_a_run_takes_its_times_from_any_sibling() -> None:
    block = "{p {} {{r {{{1 -} 2}}} 0} {} {} {{{3 0 -} {8 5 -}} 9} {}}"
    _, shape, _ = only(script(block))
    assert (shape.keys[0].frame, shape.keys[-1].frame) == (3, 8)
    with pytest.raises(DocumentError, match="run of keys"):
        read(script("{p {} {{r {{1 2}}} 0} {}}"), "nuke")


def test_eased_keys_are_refitted_within_the_tolerance_and_reported() -> None:
    axes = "{{0 -} {100 -}} {{0 0 1 50 1} {100 -20 1 0 1}}"
    block = f"{{px {{0 20}} {{0 0}} {{{axes}}} {{0 0}} {{0 0}} {{9 900}} {{0 0}}}}"
    text = script(block)
    (knob,) = nk.curves_knobs(text)
    (theirs,) = nk.shapes_of(knob.root)
    counts = []
    for tolerance in (9.0, 0.05, 0.001):
        doc, shape, report = only(text, tolerance=tolerance)
        counts.append(len(shape.keys))
        assert "eased keys" in report.lines()[0]
        for frame in range(21):
            p = outline_at(doc.layers[0], shape, frame)[0]
            assert (p.x, p.y) == pytest.approx(theirs.outline(frame, 1000)[0][1], abs=tolerance)
    assert 2 < counts[0] < counts[1] <= counts[2] <= 21


def test_keys_between_frames() -> None:
    _, shape, report = only(script("{px {0.5 10} {} {{{0 -} {8 -}} 0} {} {} {9 9} {}}"))
    assert [k.frame for k in shape.keys][:2] == [0, 1]
    assert any("keys between frames" in line for line in report.lines())


def test_bsplines_are_read_as_such() -> None:
    vertices = "{px 7 {10 20} {110 20} {110 220} {10 220}}"
    triples = "{px 7 {} {10 20} {} {} {110 20} {} {} {110 220} {} {} {10 220} {}}"
    for block in (vertices, triples):
        doc, shape, _ = only(script(block, kind="bspline"))
        assert (shape.kind, shape.keys[0].frame) == ("bspline", 7)
        assert [(p.x, p.y) for p in shape.keys[0].points] == [
            (10, 980),
            (110, 980),
            (110, 780),
            (10, 780),
        ]
        assert dumps(doc)


def test_open_splines() -> None:
    _, shape, _ = only(script("{px 1 {} {0 0} {} {} {9 9} {}}", flags=1049088))
    assert not shape.closed


SQUARE = (
    "{px 1 "
    + " ".join(f"{{0 0}} {{{xy}}} {{0 0}}" for xy in ("100 100", "200 100", "200 200", "100 200"))
    + "}"
)


@pytest.mark.parametrize(
    ("attributes", "visible"),
    [
        ("", []),
        ("ltt 0 ltn 5 ltm 5", []),
        ("ltt 1 ltn 5 ltm 9", [(1, 9)]),
        ("ltt 2 ltn 5 ltm 5", [(5, 5)]),
        ("ltt 3 ltn 5 ltm 5", [(5, 20)]),
        ("ltt 4 ltn 5 ltm 9", [(5, 9)]),
        ("vis {{3 0 -} {4 1 -} {6 1 -} {7 0 -}}", [(4, 6)]),
        ("ltt 4 ltn 5 ltm 9 vis {{3 0 -} {4 1 -} {6 1 -} {7 0 -}}", [(5, 6)]),
        ("vis {{3 1 -} {4 0 -}}", [(1, 3)]),
    ],
)
def test_lifetime_and_visibility(attributes, visible) -> None:
    text = "Root {\n first_frame 1\n last_frame 20\n}\n" + script(
        SQUARE, tail=f"{{t 0 0}} {{a {attributes}}}"
    )
    assert only(text)[1].visible == visible


def test_a_hidden_shape_keeps_opacity_0() -> None:
    _, shape, report = only(script(SQUARE, tail="{t 0 0} {a vis 0 opc x3f000000}"))
    assert (shape.opacity, shape.visible) == (0.0, [])
    assert any("hidden" in line for line in report.lines())


def test_attributes() -> None:
    tail = "{t 0 0} {a opc x3f000000 inv 1 mbo 1 fx 3 fy 5 ro 1 go 0 bo x3f000000 bm 4 r 1 g 0}"
    _, shape, report = only(script(SQUARE, tail=tail))
    assert (shape.opacity, shape.inverted, shape.motion_blur, shape.feather) == (0.5, True, True, 4)
    assert shape.mode == "add"
    assert any("blending mode: not read" in line for line in report.lines())
    assert any("feather of two widths" in line for line in report.lines())
    _, shape, _ = only(script(SQUARE, tail="{t 0 0} {a r 0 g 0 b 0 a 0 fo 0 fx 3}"))
    assert (shape.mode, shape.feather) == ("subtract", 0)
    faded = "{t 0 0} {a opc {{1 0 -} {11 1 -}} r {{1 0 -} {2 1 -}}}"
    _, shape, report = only(script(SQUARE, tail=faded))
    assert opacity_at(shape, 6) == pytest.approx(0.5, abs=1e-3)
    assert opacity_at(shape, 2) == pytest.approx(3 * 0.1**2 - 2 * 0.1**3, abs=1e-3)
    assert {"eased opacity", "animated paint colour"} <= {
        line.split(": ", 1)[1].split(":")[0] for line in report.lines()
    }


def test_feather_of_points() -> None:
    def feather(*centres):
        return "{cc {f 8192} {px 1 " + " ".join(f"{{}} {{{c}}} {{}}" for c in centres) + "}}"

    _, shape, _ = only(script(SQUARE, feather("-3 -3", "0 0", "", "0 0")))
    assert shape.feather == [pytest.approx(3 * math.sqrt(2)), 0, 0, 0]
    _, shape, report = only(script(SQUARE, feather("3 3", "0 0", "0 5", "0 0")))
    assert shape.feather == [pytest.approx(-3 * math.sqrt(2)), 0, 5, 0]
    assert any("square to the curve" in line for line in report.lines())
    none = script(SQUARE, feather("", "", "", ""), tail="{t 0 0} {a fx 2 fy 2}")
    assert only(none)[1].feather == 2
    both = script(SQUARE, feather("-3 -3", "", "", ""), tail="{t 0 0} {a fx 2 fy 2}")
    assert any("that of the points is kept" in line for line in only(both)[2].lines())
    moving = "{cc {f 8192} {p {} {{{1 0 -} {5 9 -}} 0} {} {} {} {} {} {} {} {} {} {}}}"
    assert any("animated feather" in x for x in only(script(SQUARE, moving))[2].lines())


def transformed_square(tail="{t 0 0}", root="{t 500 500}", layer_transform="{t 0 0}"):
    inner = (
        f"{{layer L {{f 512}} {layer_transform} {{a}} {{curvegroup S 512 bezier"
        f" {{{{cc {{f 8192}} {SQUARE}}} idem}} {tail} {{a}}}}}}"
    )
    tree = f"{{layer Root {{f 512}} {root} {{a}} {inner}}}"
    return f"Roto {{ curves {{{{{{v x3f99999a}} {{f 0}} {{n {tree}}}}}}}\n name Roto1 }}"


@pytest.mark.parametrize(
    "place",
    [
        {"layer_transform": "{t 100 100 0 30 40 0 0 0 90 2 2}"},
        {"layer_transform": "{t 100 100 0 30 40 0 0 0 90 2 3}"},
        {"layer_transform": "{t 100 100 0 {{1 0 -} {9 80 -}} 0}"},
        {"layer_transform": "{t {{1 0 -} {9 80 -}} 9 0 0 0 0 0 0 45}"},
        {"layer_transform": "{t 150 150 0 0 0 0 0 0 {{1 0 0 1 10 1} {9 80 10 1 0 1}} 1 1}"},
        {"layer_transform": "{t 0 0 0 30 40}", "root": "{t 500 500 0 0 0 0 0 0 45}"},
        {"tail": "{t 100 100 0 {{1 0 -} {9 80 -}} 0}"},
        {"tail": "{t 100 100 0 9 9}", "layer_transform": "{t 100 100 0 30 40 0 0 0 90 2 2}"},
        {"tail": "{tx 1 100 100 0 0 0 0 0 0 30}"},
    ],
)
def test_transforms_of_layers_and_shapes(place) -> None:
    """Held against the checker, which knows the layers' transforms, and ours for the shape's."""
    text = transformed_square(**place)
    doc, shape, _ = only(text, tolerance=0.01)
    (knob,) = nk.curves_knobs(text)
    (theirs,) = nk.shapes_of(knob.root)
    theirs.layers.append(nk.Layer("own", 0, theirs.transform))
    for frame in range(12):
        ours = outline_at(doc.layers[0], shape, frame)
        for p, (_, c, _) in zip(ours, theirs.outline(frame, 1000), strict=True):
            assert (p.x, p.y) == pytest.approx(c, abs=0.02)


def test_transforms_stay_transforms_where_a_document_can_hold_them() -> None:
    doc, shape, report = only(transformed_square(layer_transform="{t 1 2 0 {{1 0 -} {9 80 -}} 0}"))
    assert doc.layers[0].transform is not None
    assert len(shape.keys) == 1
    assert any("eased transform" in line for line in report.lines())
    doc, _, report = only(transformed_square(layer_transform="{t 1 2 0 0 0 0 0 0 0 2 3}"))
    assert doc.layers[0].transform is None
    assert any("baked into the shapes" in line for line in report.lines())


def test_an_extra_matrix_and_skew() -> None:
    slots = "0 0 0 0 0 0 0 0 0 1 1 1 0 0 0 0 0 0 0"
    matrix = "2 0 0 10 0 1 0 20 0 0 1 0 0 0 0 1"
    _, shape, _ = only(transformed_square(layer_transform=f"{{t {slots} {matrix}}}"))
    assert [(p.x, p.y) for p in shape.keys[0].points][:2] == [(210, 880), (410, 880)]
    skewed = transformed_square(layer_transform="{t 0 0 0 0 0 0 0 0 0 1 1 1 5}")
    assert any("skew: not read" in line for line in only(skewed)[2].lines())


def test_layers_of_shapes_and_layers_keep_the_stacking() -> None:
    def shape(name):
        return (
            f"{{curvegroup {name} 512 bezier {{{{cc {{f 8192}} {SQUARE}}} idem}} {{t 0 0}} {{a}}}}"
        )

    inner = f'{{layer "in ner" {{f 512}} {{t 0 0}} {{a}} {shape("c")}}}'
    tree = f"{{layer Root {{f 0}} {{t 9 9}} {{a}} {{layer L {{f 0}} {{t 0 0}} {{a}} {shape('a')}"
    tree += f"{shape('b')} {inner} {shape('d')}}} {shape('e')}}}"
    text = f"Roto {{ curves {{{{{{v x3f99999a}} {{f 0}} {{n {tree}}}}}}} }}"
    doc, _ = read(text, "nuke")
    assert [(la.name, la.group, [s.name for s in la.shapes]) for la in doc.layers] == [
        ("Roto", [], ["e"]),
        ("L", [], ["d"]),
        ("in ner", ["L"], ["c"]),
        ("L", [], ["b", "a"]),
    ]


def test_strokes_are_skipped_and_reported() -> None:
    stroke = "{cubiccurve Brush1 512 catmullrom {cc {f 2080} {p {1 2 1}}} {t 0 0} {a bs 1}}"
    doc, _, report = only(script(SQUARE, more=f"{stroke} {stroke}"))
    assert len(doc.layers) == 1
    assert "Root: 2 paint strokes: skipped, they are not shapes" in report.lines()


def test_without_a_size_one_is_assumed() -> None:
    doc, _, report = only(script(SQUARE).replace("{t 500 500}", "{t 0 0}"))
    assert (doc.width, doc.height) == (1920, 1080)
    assert any("1920 x 1080 assumed" in line for line in report.lines())


BROKEN = {
    "nothing": "",
    "not a script": "<xml/>",
    "no node": "Blur {\n size 3\n}\n",
    "brace": "Roto {\n curves {",
    "bracket": "set x [stack 0\n",
    "quote": 'Roto "abc',
    "backslash": "Roto \\",
    "brace too many": "Roto { curves {{}}\n }}",
    "no root": "Roto { curves {{{v 1} {f 0}}} }",
    "type": script(SQUARE, kind="nurbs"),
    "word for a list": script("px"),
    "block": script("{q 1}"),
    "number": script(SQUARE.replace("100", "1e", 1)),
    "infinite": script(SQUARE.replace("100", "x7f800000", 1)),
    "hex": script(SQUARE.replace("100", "xzz000000", 1)),
    "times": script("{px {2 1} {} {{1 2} 0} {}}"),
    "items": script("{px {1 2} {} {{1 2 3} 0} {}}"),
    "triples": script("{px 1 {0 0} {1 1}}"),
    "feather": script(SQUARE, feather="{cc {f 8192} {px 1 {} {} {}}}"),
    "cc": script(SQUARE, feather="{cc {f 8192}}"),
    "no points": script("{px 1}"),
    "list for a word": script(SQUARE).replace("bezier", "{bezier}"),
    "layer": script(SQUARE).replace("{layer Root", "{leyer Root"),
    "deep": "{" * 3000 + "{v}" + "}" * 3000,
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN.keys())
def test_broken_scripts_are_refused_with_a_reason(text) -> None:
    with pytest.raises(DocumentError) as caught:
        read(text, "nuke")
    assert len(caught.value.message) > 10


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_text_makes_the_reader_fail_otherwise(data) -> None:
    text = write(one_shape(Key(1, l_points()), Key(5, l_points(9))), "nuke").text
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    spoiled = text[:start] + data.draw(st.text('{}[]"\\ x1-=\n', max_size=5)) + text[end:]
    try:
        read(spoiled, "nuke")
    except DocumentError:
        pass
    else:
        assert True


def test_orientation() -> None:
    got = back(one_shape(Key(1001, l_points())))
    assert [(p.x, p.y) for p in got.layers[0].shapes[0].keys[0].points] == [
        (p.x, p.y) for p in l_points()
    ]
    assert nuke.FORMAT.read is not None


def test_corners_are_found_again() -> None:
    smooth = (*blob(), ControlPoint(1, 2, 3, 4, 5, 6), ControlPoint(9, 9))
    got = back(one_shape(Key(1, smooth)))
    assert [p.corner for p in got.layers[0].shapes[0].keys[0].points] == [False] * 8 + [True] * 2
    flat = polygon((0, 0), (5, 0), (5, 5))
    assert all(p.corner for p in back(one_shape(Key(1, flat))).layers[0].shapes[0].keys[0].points)
