"""The .nk checker earns its right to judge: on saved scripts, and on cases written by hand."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path

import pytest

from shapes import helpers_nk as nk

SHARED = Path(os.environ.get("ROTO_SHARED", Path(__file__).parents[3] / "shared"))
SAMPLES = SHARED / "samples" / "nuke"


@pytest.fixture(scope="module")
def samples() -> Path:
    if not SAMPLES.is_dir():
        pytest.skip("ROTO_SHARED has no samples/nuke")
    return SAMPLES


@pytest.mark.footage
def test_saved_scripts_give_the_rows_of_the_index(samples: Path) -> None:
    rows = []
    for path in sorted(samples.iterdir()):
        if path.suffix not in (".nk", ".gizmo"):
            continue
        for knob in nk.curves_knobs(path.read_text()):
            for shape in nk.shapes_of(knob.root):
                rows.append(
                    f"{path.name}\tcurves-knob line {knob.line}\t{shape.name}\tflags {shape.flags}"
                    f"\t{shape.kind}\tpoints {shape.point_count}\tkeys {shape.main.keyed}"
                )
    assert len(rows) == 60
    assert sorted(rows) == sorted((samples / "SHAPE_INDEX.tsv").read_text().splitlines())


@pytest.mark.footage
def test_outgoing_handles_of_saved_shapes_point_to_the_next_point(samples: Path) -> None:
    right = total = 0
    for path in samples.glob("*.nk"):
        for knob in nk.curves_knobs(path.read_text()):
            for shape in nk.shapes_of(knob.root):
                points = shape.outline(1, 1000)
                for (_, a, out), (_, b, _) in pairwise(points):
                    if out != a:
                        total += 1
                        dot = (out[0] - a[0]) * (b[0] - a[0]) + (out[1] - a[1]) * (b[1] - a[1])
                        right += dot > 0
    assert total > 50
    assert right / total > 0.8


def script(block: str, tail: str = "{t 0 0} {a osw 1}") -> str:
    shape = f"{{curvegroup S 512 bezier {{{{cc {{f 8192}} {block}}} idem}} {tail}}}"
    tree = f"{{{{v x3f99999a}} {{f 0}} {{n {{layer Root {{f 512}} {{t 0 0}} {{a}} {shape}}}}}}}"
    return f"Roto {{\n curves {{{tree}}}\n name Roto1\n}}\n"


def axis(block: str, entry: int = 1, index: int = 0) -> nk.Curve:
    (knob,) = nk.curves_knobs(script(block))
    (shape,) = nk.shapes_of(knob.root)
    return shape.main.entries[entry][index]


FIVE = "{0 1 x40000000 x40400000 x40800000}"


def test_run_length_repeats_an_item() -> None:
    block = f"{{px {FIVE} {{0 0}} {{{{{{x 3 {{1 -}}}} {{x40000000 -}} {{0 -}}}} 0}} {{0 0}}}}"
    assert [axis(block).at(t) for t in range(5)] == [1, 1, 1, 2, 0]


def test_one_item_serves_all_keys() -> None:
    curve = axis(f"{{px {FIVE} {{0 0}} {{{{{{x40000000 -}}}} 1}} {{0 0}}}}")
    assert [curve.at(t) for t in (-5, 0, 2.5, 9)] == [2, 2, 2, 2]


def test_secant_slopes_make_a_line_and_flat_ones_do_not() -> None:
    line = axis("{px {0 x40800000} {0 0} {{{0 0 1 1 1} {x40800000 1 1 0 1}} 0} {0 0}}")
    assert [line.at(t) for t in (0, 1, 2.5, 4)] == [0, 1, 2.5, 4]
    flat = axis("{px {0 x40800000} {0 0} {{{0 -} {x40800000 -}} 0} {0 0}}")
    assert flat.at(1) == pytest.approx(4 * (3 / 16 - 2 / 64))


def test_bare_values_in_a_keyed_curve() -> None:
    assert axis("{px {0 1} {0 0} {{1 0} 0} {0 0}}").at(1) == 0


def test_times_of_its_own_and_same_as_before() -> None:
    block = "{p {} {{{0 1 -} {1} {x40000000 x40400000}} {r {{{1 -} 2} {{0 -} 1}}}} {}}"
    x = axis(block)
    assert [x.at(t) for t in (0, 1, 2)] == [1, 1, 3]
    assert [axis(block, index=1).at(t) for t in (0, 1, 2)] == [1, 1, 0]


def test_empty_and_one_sided_entries_expressions_and_point_attributes() -> None:
    block = "{p {x40000000} {{a osw 1 osf 0} {=origin.x x40400000} {=base.curves.B.size 1}} {}}"
    assert (axis(block, 0).at(0), axis(block, 0, 1).at(0)) == (2, 0)
    assert (axis(block).at(0), axis(block, index=1).at(0)) == (3, 1)


def test_decimals_are_read() -> None:
    assert axis("{px 1 {0 0} {12.5 -3} {0 0}}").at(7) == 12.5


def test_lifetimes() -> None:
    tail = "{t 0 0} {a ltt x40800000 ltn x41200000 ltm x41a00000}"
    (knob,) = nk.curves_knobs(script("{px 1 {0 0} {0 0} {0 0}}", tail))
    (shape,) = nk.shapes_of(knob.root)
    assert [shape.visible(f) for f in (9, 10, 20, 21)] == [False, True, True, False]


def test_a_layer_turns_counter_clockwise_with_y_up() -> None:
    numbers = (0, 0, 0, 5, 0, 0, 0, 0, 90, 2, 2)
    layer = nk.Layer("L", 512, [nk.constant(float(v)) for v in numbers])
    assert layer.apply((1, 0), 1) == pytest.approx((5, 2))


BAD = {
    "unbalanced": lambda s: s.replace("{a osw 1}", "{a osw 1"),
    "one brace too many": lambda s: s.replace("{a osw 1}", "{a osw 1}}"),
    "hex digits": lambda s: s.replace("x3f99999a", "x3f9999"),
    "entries not triples": lambda s: s.replace("{0 0} {1 1} {0 0}", "{0 0} {1 1}"),
    "times descend": lambda s: s.replace("px 1", "px {1 0}"),
    "items do not fit": lambda s: s.replace("px 1 {0 0}", "px {0 1} {{{0 -} {0 -} {0 -}} 0}"),
    "la not one": lambda s: s.replace("px 1 {0 0}", "px 1 {{{0 0 0 0 1}} 0}"),
    "four tokens": lambda s: s.replace("px 1 {0 0}", "px 1 {{{0 0 1 0}} 0}"),
    "not finite": lambda s: s.replace("{1 1}", "{x7f800000 1}"),
    "unknown flag": lambda s: s.replace("f 8192", "f 8388608"),
    "odd attributes": lambda s: s.replace("osw 1", "osw"),
    "left slope on the first key": lambda s: s.replace(
        "px 1 {0 0}", "px {0 1} {{{0 1 1 1 1} {1 1 1 0 1}} 0}"
    ),
    "layer order": lambda s: s.replace("{f 512} {t 0 0}", "{t 0 0} {f 512}"),
    "not a number": lambda s: s.replace("{1 1}", "{one 1}"),
}


@pytest.mark.parametrize("spoil", BAD.values(), ids=BAD.keys())
def test_broken_scripts_are_refused(spoil) -> None:
    good = script("{px 1 {0 0} {1 1} {0 0}}")
    assert nk.curves_knobs(good)
    bad = spoil(good)
    assert bad != good
    with pytest.raises((nk.CheckError, ValueError), match=re.compile(".")):
        nk.curves_knobs(bad)
