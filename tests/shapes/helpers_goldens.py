"""The rich document whose form in every format is kept under goldens/."""

from __future__ import annotations

import json
from pathlib import Path

from roto_shapes.document import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
)
from roto_shapes.evaluate import outline_at
from roto_shapes.formats import FORMATS, write

GOLDENS = Path(__file__).parent / "goldens"
# On keys and between them, before the first and after the last, held, and where nothing is visible.
OUTLINED = (-9, 1001, 1006, 1010, 1012, 1015, 1021, 1025, 1030, 1031, 1040, 1055)


def rich_document() -> Document:
    """Every feature once, with numbers that are exact in every format's decimals or nearly so.

    Not here: what is not exact (drawn documents), and pixels that are not square (they change every
    number of a file; each format's own tests have them).
    """
    smooth = (
        ControlPoint(400.0, 300.0, -40.0, 0.0, 60.0, 0.0),
        ControlPoint(600.0, 420.5, 0.0, -50.0, 0.0, 30.0),
        ControlPoint(420.25, 600.0, 30.0, 20.0, -30.0, -20.0),
        ControlPoint(250.0, 410.0, corner=True),
    )
    moved = tuple(p._replace(x=p.x + 37.5, y=p.y - 12.25) for p in smooth)
    hole = tuple(ControlPoint(x, y, corner=True) for x, y in ((380, 380), (440, 380), (410, 450)))
    spline = tuple(
        ControlPoint(900.0 + 80 * i, 200.0 + 70 * (i % 3), corner=i == 2) for i in range(6)
    )
    body = Shape(
        "s1",
        'body "é漢" <1>',
        visible=[(1001, 1012), (1020, 1040)],
        opacity=[ValueKey(1001, 0.5), ValueKey(1010, 1.0, "hold"), ValueKey(1030, 0.75)],
        feather=[0.0, 2.0, 4.0, 0.0],
        motion_blur=True,
        keys=[Key(1001, smooth), Key(1012, moved, "artist", True), Key(1040, smooth)],
    )
    cut = Shape(
        "s2",
        "hole",
        mode="subtract",
        color=(1.0, 0.0, 0.5),
        keys=[Key(1001, hole, interpolation="hold"), Key(1021, hole[::-1])],
    )
    limb = Shape("s3", "limb", "bspline", inverted=True, feather=3.0, keys=[Key(1001, spline)])
    string = Shape("s4", "string", closed=False, keys=[Key(-3, smooth[:3]), Key(1040, moved[:3])])
    overscan = tuple(
        ControlPoint(-120.5 + 31 * i, 1110.0 - 25 * i * i, corner=i == 3) for i in range(5)
    )
    adrift = tuple(p._replace(x=p.x - 64.25, y=p.y + 8.5) for p in overscan)
    fin = Shape(
        "s5",
        "}} \\ [exit] $x; 'a' ]]> \t漢",
        "bspline",
        closed=False,
        opacity=0.25,
        feather=[0.0, 1.5, 3.0, 1.5, 0.0],
        keys=[Key(1003, overscan, host={"app": "nuke"}), Key(1031, adrift, extra={"x-new": [1]})],
        host={"app": "nuke", "knob": "label"},
        extra={"x-note": "kept"},
    )
    twin = Shape("s6", "hole", feather=-2.0, visible=[(1040, 1040)], keys=[Key(1040, hole)])
    still = Transform((100.0, 50.0), [TransformKey(1001, -8.0, 4.5, 90.0, 0.5)])
    turning = Transform(
        (420.0, 440.0),
        [
            TransformKey(1001),
            TransformKey(1010, 30.0, -8.0, 15.0, 1.25),
            TransformKey(1040, 60.0, 4.0, 0.0, 1.0),
        ],
    )
    layers = [
        Layer("l1", "hero", ["cast", "people"], (0.0, 0.75, 1.0), turning, None, [body, cut]),
        Layer("l2", "arm", ["cast"], (1.0, 0.5, 0.0), None, None, [limb]),
        Layer("l3", "rope", shapes=[string]),
        Layer("l4", "nothing yet"),
        Layer("l5", 'hero "}{"', ["cast", "<&>\n"], (0.0, 0.0, 0.0), still, [1003], [fin, twin]),
    ]
    return Document(
        1920,
        1080,
        1.0,
        (24000, 1001),
        (1001, 1040),
        layers,
        prompts=[{"frame": 1001}],
        confidence={"l1": {1001: 0.5}},
        provenance={"model": "test"},
        extra={"x-later": True},
    )


def golden_files() -> dict[Path, str]:
    """What each format writes now, and what it reports."""
    files = {}
    document = rich_document()
    for name, entry in FORMATS.items():
        text, report = write(document, name)
        files[GOLDENS / f"rich.{entry.extension}"] = text
        files[GOLDENS / f"rich.{name}.report.txt"] = "".join(f"{x}\n" for x in report.lines())
    files[GOLDENS / "rich.frame1025.svg"] = write(document, "svg", frame=1025).text
    files[GOLDENS / "rich.clipboard.nk"] = write(document, "nuke", clipboard=True).text
    files[GOLDENS / "rich.outlines.json"] = outlines(document)
    return files


def outlines(document: Document) -> str:
    """The Bezier points of every visible shape by frame and shape: what the dashboard must draw."""
    found = {
        str(frame): {
            shape.id: [[round(value, 6) for value in point[:6]] for point in points]
            for layer in document.layers
            for shape in layer.shapes
            if (points := outline_at(layer, shape, frame)) is not None
        }
        for frame in OUTLINED
    }
    lines = (f"{json.dumps(frame)}: {json.dumps(shapes)}" for frame, shapes in found.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
