"""After Effects: the data, the script around it, and the script run in an emulator."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

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

NODE = shutil.which("node")


def data_of(doc):
    return json.loads(write(doc, "aftereffects-data").text)


def at(frames, values, held, frame):
    """What After Effects shows: keys linear or held."""
    if frame <= frames[0]:
        return values[0]
    for i in range(len(frames) - 1):
        if frames[i] <= frame < frames[i + 1]:
            share = 0 if i in held else (frame - frames[i]) / (frames[i + 1] - frames[i])
            a, b = values[i], values[i + 1]
            if isinstance(a, list):
                return [p + share * (q - p) for p, q in zip(a, b, strict=True)]
            return a + share * (b - a)
    return values[-1]


def check_look(doc, frames):
    masks = data_of(doc)["masks"]
    pairs = [(la, sh) for la in doc.layers for sh in la.shapes]
    for (la, sh), mask in zip(pairs, masks, strict=True):
        for frame in frames:
            shown = 100 * is_visible(sh, frame) * opacity_at(sh, frame)
            opacity = mask["opacity"]
            if isinstance(opacity, dict):
                opacity = at(opacity["frames"], opacity["values"], opacity["hold"], frame)
            assert opacity == pytest.approx(shown, abs=1e-5)
            if shown:
                row = at(mask["frames"], mask["points"], mask["hold"], frame)
                due = [v for p in outline_at(la, sh, frame) for v in p[:6]]
                assert row == pytest.approx(due, abs=1e-3)


def test_masks_look_as_the_document() -> None:
    fade = [ValueKey(1005, 0.25), ValueKey(1009, 1.0, "hold"), ValueKey(1020, 0.5)]
    for transform in (None, STILL, SLIDING):
        plain = document(layer(moving_blob("a"), transform=transform), pixel_aspect=2.0)
        check_look(plain, at_whole_and_between(1001, 1040))
    doc = document(
        layer(
            moving_blob("a", visible=[(1002, 1004), (1006, 1020)], opacity=fade),
            moving_blob("b", mode="subtract", kind="bspline", inverted=True),
            transform=TURNING,
        )
    )
    check_look(doc, range(1001, 1041))
    assert any("baked to 40 keys" in x for x in write(doc, "aftereffects").report.lines())


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_any_document(doc) -> None:
    first, last = doc.frame_range
    check_look(doc, range(first, min(last, first + 20) + 1))
    text = write(doc, "aftereffects").text
    text.encode("ascii")
    assert json.loads(text.split("var DATA = ")[1].split(";\n")[0]) == data_of(doc)


def test_orientation_and_half_pixel() -> None:
    """Source pixels, y down, from the corner of the first pixel: as in the document."""
    (mask,) = data_of(one_shape(Key(1001, l_points())))["masks"]
    row = mask["points"][0]
    assert list(zip(row[::6], row[1::6], strict=True)) == list(L_CORNERS)
    (mask,) = data_of(one_shape(Key(1001, polygon((0.5, 0.5), (1.5, 0.5)))))["masks"]
    assert mask["points"][0][:2] == [0.5, 0.5]


def test_mask_attributes_and_holds() -> None:
    keys = [
        Key(1001, l_points(), interpolation="hold"),
        Key(1005, l_points(9)),
        Key(1009, l_points()),
    ]
    doc = one_shape(*keys, mode="subtract", feather=[1.0] * 5 + [7.0], color=(1.0, 0.5, 0.0))
    (mask,) = data_of(doc)["masks"]
    assert (mask["hold"], mask["frames"]) == ([0], [1001, 1005, 1009])
    assert (mask["name"], mask["mode"], mask["feather"]) == ("hero main", "subtract", 2)
    assert mask["color"] == [1, 0.5, 0]
    report = write(doc, "aftereffects").report.lines()
    assert any("per-point feather" in line for line in report)
    inwards = one_shape(*keys, closed=False, feather=-3.0)
    text = "\n".join(write(inwards, "aftereffects").report.lines())
    assert "feather inwards" in text
    assert "without area" in text
    cuts = document(layer(moving_blob("a")), layer(moving_blob("b", mode="subtract"), layer_id="2"))
    assert any("also cut" in line for line in write(cuts, "aftereffects").report.lines())


def test_the_script_is_es3() -> None:
    text = write(one_shape(Key(1, l_points()), name='"</x>\u2028\n}'), "aftereffects").text
    body = re.sub(r"var DATA = .*;\n", "", text)
    code = re.sub(r'//.*|"(?:\\.|[^"\\])*"', "", body)
    assert not re.search(
        r"\b(let|const|class|=>|JSON|forEach|map|indexOf|keys|trim|bind)\b|=>|`", code
    )
    assert not re.search(r",\s*[}\]]", code)
    assert not re.search(r"\?[^:;]*\?", code)  # nested conditionals associate the wrong way
    for left, right in ("()", "[]", "{}"):
        assert code.count(left) == code.count(right)
    assert code.count("beginUndoGroup") == code.count("endUndoGroup") == 1


# --- in the emulator


def run(tmp_path: Path, doc, **where):
    if NODE is None:
        pytest.skip("node is not installed")
    script = tmp_path / "masks.jsx"
    script.write_text(write(doc, "aftereffects").text, encoding="utf-8")
    emulator = Path(__file__).with_name("ae_emulator.js")
    command = [NODE, str(emulator), str(script), json.dumps(where)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


def test_the_script_builds_the_masks_in_one_undo_group(tmp_path: Path) -> None:
    keys = [Key(1001, l_points(), interpolation="hold"), Key(1011, l_points(9))]
    low = moving_blob("a", visible=[(1003, 1009)], feather=4.0, motion_blur=True)
    doc = one_shape(*keys, mode="subtract", inverted=True, name='q"\\')
    doc.layers[0].shapes.insert(0, low)
    log = run(tmp_path, doc, layer={"startTime": 2, "source": {"width": 960, "height": 1080}})
    assert log["undo"] == ["Megaton Roto masks", "end"]
    assert log["alerts"] == []
    first, second = log["masks"]
    assert [m["maskMode"] for m in log["masks"]] == ["ADD", "SUBTRACT"]
    assert (first["rotoBezier"], first["maskMotionBlur"], second["inverted"]) == (False, "ON", True)
    assert second["name"] == 'hero q"\\'
    shape = second["properties"]["ADBE Mask Shape"]["keys"]
    assert [round(key["time"] * 24) for key in shape] == [48, 58]
    assert [key["hold"] for key in shape] == [True, False]
    assert shape[0]["value"]["vertices"] == [[x / 2, y] for x, y in L_CORNERS]
    opacity = first["properties"]["ADBE Mask Opacity"]["keys"]
    assert [(round(k["time"] * 24), k["value"], k["hold"]) for k in opacity] == [
        (49, 0, True),
        (50, 100, True),
        (56, 100, True),
        (57, 0, False),
    ]
    assert first["properties"]["ADBE Mask Feather"]["value"] == [2, 4]
    assert second["properties"]["ADBE Mask Opacity"]["value"] == 100


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"noComp": True}, "composition"),
        ({"layers": 0}, "Select one layer"),
        ({"noMasks": True}, "cannot hold masks"),
        ({"layer": {"locked": True}}, "locked"),
        ({"layer": {"timeRemapEnabled": True}}, "time-remapped"),
        ({"layer": {"stretch": 50}}, "time-stretched"),
    ],
)
def test_the_script_says_what_is_wrong(tmp_path: Path, where, words) -> None:
    log = run(tmp_path, one_shape(Key(1, l_points())), **where)
    assert words in log["alerts"][0]
    assert log["masks"] == log["undo"] == []
