"""A document becomes layers and shapes through fx calls, and shows what it should."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fake_fx import Application, install
from helpers_silhouette import Bench, document, everything, named

from megaton_roto_silhouette.choices import BEZIER, Choices
from roto_shapes.document import Transform, TransformKey
from roto_shapes.model import Key
from shapes.helpers_draw import document_matte, overlap


def check_shown(bench: Bench, doc, tmp_path: Path, least: float = 0.97) -> None:
    for frame in range(doc.frame_range[0], doc.frame_range[1] + 1):
        assert overlap(bench.matte(tmp_path, frame), document_matte(doc, frame)) >= least, frame


def test_built_by_calls(silhouette: Application, tmp_path: Path) -> None:
    bench, doc = Bench(silhouette), document()
    assert bench.paths.direct, bench.paths.reason
    assert bench.apply(doc) == []
    check_shown(bench, doc, tmp_path)
    assert silhouette.undo == ["Megaton Roto: job1"]
    labels = [(each.type, each.label) for each in everything(bench.node)]
    assert labels == [
        ("Layer", "hero"), ("Shape", "body"), ("Shape", "hole"),
        ("Layer", "prop"), ("Shape", "part"),
    ]  # fmt: skip
    body = named(bench, "body")
    assert body.shapeType == bench.fx.Shape.Bspline
    assert list(body.property("path").keys) == [0, 3, 7]
    assert named(bench, "hole").property("mode").item == "Subtract"
    assert body.property("outlineColor").value == bench.fx.Color(1, 0, 0)
    part = named(bench, "part").property("opacity")
    assert [part.getValue(frame) for frame in range(8)] == [0, 0, 100, 100, 100, 100, 0, 0]


@pytest.mark.parametrize(
    ("opaque", "kind"), [(True, "bspline"), (True, "bezier"), (False, "bezier")]
)
def test_built_through_a_shape_file(tmp_path: Path, opaque: bool, kind: str) -> None:
    application = install(opaque_paths=opaque)
    application.open_session(160, 120, 1001, 8)
    bench, doc = Bench(application), document()
    assert bench.paths.direct is not opaque
    assert bench.apply(doc, choices=Choices(kind=kind)) == []
    assert application.undo == ["Megaton Roto: job1"]
    check_shown(bench, doc, tmp_path, 0.99 if kind == BEZIER else 0.97)
    kinds = {each.shapeType for each in everything(bench.node) if each.type == "Shape"}
    assert kinds == {getattr(bench.fx.Shape, "Bezier" if kind == BEZIER else "Bspline")}
    again = bench.stand()
    assert [one.host.note["layer"] for one in again] == ["l-hero", "l-prop"]
    assert [shape.note["shape"] for one in again for shape in one.host.shapes] == [
        "s-body", "s-hole", "s-part",
    ]  # fmt: skip


@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize(("first", "offset"), [(1001, 0), (1, 0), (1, 3), (1001, 4)])
def test_session_that_counts_otherwise(
    tmp_path: Path, opaque: bool, first: int, offset: int
) -> None:
    """Keys lie on the pictures they were made for, whatever the session calls its frames."""
    application = install(opaque_paths=opaque)
    application.open_session(160, 120, first, 12)
    bench, doc = Bench(application, offset=offset), document()
    assert bench.footage.frame_range == (1001, min(1008, 1012 - offset))
    bench.apply(doc)
    assert list(named(bench, "body").property("path").keys) == [offset, offset + 3, offset + 7]
    check_shown(bench, doc, tmp_path)


def test_wide_pixels(silhouette: Application, tmp_path: Path) -> None:
    silhouette._session._pixel_aspect = 2.0
    bench, doc = Bench(silhouette), document(pixel_aspect=2.0)
    bench.apply(doc)
    (x,) = {p.x for p in [named(bench, "body").evalPath(0)[0]]}
    assert x > 0.1  # 36 px right of 60 would be 0.13 at aspect 1: wider here
    text = bench.file(tmp_path).replace("<Silhouette ", '<Silhouette pixelAspect="2.0" ')
    from shapes.helpers_draw import silhouette_matte

    assert overlap(silhouette_matte(text, 1004, 160, 120), document_matte(doc, 1004)) > 0.97


def test_layer_motion_and_held_keys_are_baked(silhouette: Application, tmp_path: Path) -> None:
    doc = document()
    hero = doc.layers[0]
    hero.transform = Transform(
        (60.0, 60.0), [TransformKey(1001), TransformKey(1008, 12.0, -5.0, 30.0, 1.2)]
    )
    hero.shapes[1].keys[0] = replace(hero.shapes[1].keys[0], interpolation="hold")
    bench = Bench(silhouette)
    bench.apply(doc)
    check_shown(bench, doc, tmp_path)


def test_groups_and_corners(silhouette: Application, tmp_path: Path) -> None:
    doc = document()
    square = tuple(p._replace(in_dx=0.0, in_dy=0.0, out_dx=0.0, out_dy=0.0, corner=True)
                   for p in doc.layers[1].shapes[0].keys[0].points[::2])  # fmt: skip
    doc.layers[1].shapes[0].keys = [Key(1003, square)]
    for layer in doc.layers:
        layer.group = ["set", layer.name]
    bench = Bench(silhouette)
    bench.apply(doc)
    (top,) = bench.node.children
    assert (top.label, [each.label for each in top.children]) == ("set", ["hero", "prop"])
    assert len(named(bench, "part").evalPath(0)) == 3 * len(square)
    check_shown(bench, doc, tmp_path)


def test_keys_that_are_not_linear_are_remarked(
    silhouette: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(silhouette)
    monkeypatch.setattr(bench.fx.Property, "_default_interpolation", bench.fx.Property.EaseInOut)
    (remark,) = bench.apply(document())
    assert "Linear" in remark


def test_new_version_beside(silhouette: Application) -> None:
    bench = Bench(silhouette)
    bench.apply(document())
    bench.apply(document(), "job2", choices=Choices(existing="beside"))
    assert [each.label for each in bench.node.children] == ["hero", "prop", "hero", "prop"]
    assert silhouette.undo == ["Megaton Roto: job1", "Megaton Roto: job2"]


def test_replaced_when_nobody_knows_the_old_version(silhouette: Application) -> None:
    bench = Bench(silhouette)
    bench.apply(document())
    before = {each.id for each in bench.node.children}
    bench.apply(document(), "job2")
    assert [each.label for each in bench.node.children] == ["hero", "prop"]
    assert not before & {each.id for each in bench.node.children}
    assert np.all([one.job == "job2" for one in bench.stand()])
