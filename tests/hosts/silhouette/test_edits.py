"""What an artist changed in Silhouette, told from what was put there; a newer version laid in."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from fake_fx import Application, install
from helpers_silhouette import Bench, document, drag, everything, named, ring

from megaton_roto_silhouette.choices import BEZIER, Choices
from megaton_roto_silhouette.edits import Edited, edited_layer
from megaton_roto_silhouette.errors import SilhouetteError
from megaton_roto_silhouette.outgoing import correction
from roto_shapes.document import (
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    validate,
)
from shapes.helpers_draw import document_matte, overlap

ROUTES = pytest.mark.parametrize("opaque", [False, True])


def bench_with(doc: Document, opaque: bool = False, **choices: str) -> Bench:
    application = install(opaque_paths=opaque)
    application.open_session(160, 120, 1001, 8)
    bench = Bench(application)
    bench.apply(doc, choices=Choices(**choices))
    return bench


def edited(bench: Bench, doc: Document, label: str = "hero") -> Edited:
    (one,) = [each for each in bench.stand() if each.host.label == label]
    found = edited_layer(doc, one.host, bench.footage.first)
    validate(replace(doc, layers=[found.layer]))
    return found


def with_layer(doc: Document, layer) -> Document:
    layers = [layer if each.id == layer.id else each for each in doc.layers]
    return replace(doc, layers=layers)


@ROUTES
@pytest.mark.parametrize("kind", ["bspline", "bezier"])
def test_untouched_is_the_document_to_the_last_bit(opaque: bool, kind: str) -> None:
    doc = document()
    bench = bench_with(doc, opaque, kind=kind)
    for own in doc.layers:
        found = edited(bench, doc, own.name)
        assert not found.changed
        assert found.layer == own
        assert found.ids == tuple(shape.id for shape in own.shapes)


def float32(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


@ROUTES
@pytest.mark.parametrize("kind", ["bspline", "bezier"])
@pytest.mark.parametrize(
    "stored", [float32, lambda value: round(value, 6)], ids=["float32", "6 decimals"]
)
def test_what_a_host_rounds_is_no_edit(stored, opaque: bool, kind: str) -> None:
    """On an 8K plate, through a new version in place and a correction of it."""
    doc = document()
    big = replace(doc, width=8192, height=4320, layers=[enlarged(each) for each in doc.layers])
    application = install(opaque_paths=opaque, stored=stored)
    application.open_session(8192, 4320, 1001, 8)
    bench = Bench(application)
    bench.apply(big, choices=Choices(kind=kind))
    for own in big.layers:
        found = edited(bench, big, own.name)
        assert (found.changed, found.layer) == (False, own)
    if kind == "bezier" or opaque:
        return
    drag(bench, "body", 1004, 2, 40.0, 3.0)
    found = edited(bench, big)
    assert found.touched == (1004,)
    bench.apply(with_layer(big, found.layer), "job2", olds={"job1": big}, sent=found.own)
    again = edited(bench, with_layer(big, found.layer))
    assert (again.changed, again.layer) == (False, found.layer)


def enlarged(layer: Layer, factor: float = 8192 / 160) -> Layer:
    shapes = [
        replace(
            shape,
            keys=[
                replace(
                    key,
                    points=tuple(
                        p._replace(**{n: factor * getattr(p, n) for n in p._fields[:6]})
                        for p in key.points
                    ),
                )
                for key in shape.keys
            ],
        )
        for shape in layer.shapes
    ]
    return replace(layer, shapes=shapes)


def test_one_dragged_vertex(silhouette: Application, tmp_path: Path) -> None:
    doc = document()
    bench = Bench(silhouette)
    bench.apply(doc)
    drag(bench, "body", 1004, 2, 0.0, 30.0)
    found = edited(bench, doc)
    assert (found.touched, found.thinned, found.added, found.deleted) == ((1004,), (), (), ())
    assert found.altered == ()
    body, own = found.layer.shapes[0], doc.layers[0].shapes[0]
    assert [key.origin for key in body.keys] == ["solved", "artist", "solved"]
    assert body.keys[0] == own.keys[0]
    assert body.keys[2] == own.keys[2]
    assert found.layer.shapes[1] == doc.layers[0].shapes[1]
    # The Bezier that goes back comes nearer to what the artist sees; the outline is just that.
    seen = bench.matte(tmp_path, 1004)
    assert overlap(document_matte(with_layer(doc, found.layer), 1004), seen) > overlap(
        document_matte(doc, 1004), seen
    )
    (hero,) = [each.host for each in bench.stand() if each.host.label == "hero"]
    drawn = [Shape(str(i), str(i), each.kind, mode=each.mode, keys=[Key(1, each.points)])
             for i, each in enumerate(hero.outlines(3))]  # fmt: skip
    outlined = Document(160, 120, layers=[Layer("l", "l", shapes=drawn), doc.layers[1]])
    assert overlap(document_matte(outlined, 1004), seen) > 0.998


def test_a_whole_shape_moved_comes_back_moved() -> None:
    """A move is something a Bezier of the same points can hold: it comes back exactly."""
    doc = document()
    bench = bench_with(doc)
    count = len(named(bench, "body").evalPath(3))
    for index in range(count):
        drag(bench, "body", 1004, index, 7.5, -3.25)
    found = edited(bench, doc).layer.shapes[0].keys[1].points
    for p, q in zip(found, doc.layers[0].shapes[0].keys[1].points, strict=True):
        assert p[:6] == pytest.approx((q.x + 7.5, q.y - 3.25, *q[2:6]), abs=1e-6)


@ROUTES
def test_new_key_between(opaque: bool) -> None:
    doc = document()
    bench = bench_with(doc, opaque)
    with bench.application.person():
        shape = named(bench, "body")
        shape.setPath(shape.evalPath(5), 5)
    found = edited(bench, doc)
    assert found.touched == (1006,)
    assert [key.frame for key in found.layer.shapes[0].keys] == [1001, 1004, 1006, 1008]


def test_key_taken_away() -> None:
    doc = document()
    bench = bench_with(doc)
    with bench.application.person():
        editor = bench.fx.PropertyEditor(named(bench, "body").property("path"))
        editor.deleteKey(1)
        editor.execute()
    found = edited(bench, doc)
    assert (found.touched, found.thinned) == ((), (1004,))
    assert [key.frame for key in found.layer.shapes[0].keys] == [1001, 1008]


@ROUTES
def test_renamed_deleted_added_and_copied(opaque: bool) -> None:
    doc = document()
    bench = bench_with(doc, opaque)
    fx, node = bench.fx, bench.node
    layer = named(bench, "hero")
    with bench.application.person():
        named(bench, "body").label = "torso"
        layer.label = "the hero"
        hole = named(bench, "hole")
        layer.property("objects").removeObjects([hole])
        text = bench.fx.Shape(fx.Shape.Bezier, "cap")
        text._closed = True
        path = text.createPath()
        path._set_rows([((x, y), (x, y), (x, y)) for x, y in ((0, 0), (0.1, 0), (0.1, 0.2))])
        text.setPath(path, 2)
        layer.property("objects").addObjects([text])
    found = edited(bench, doc, "the hero")
    assert (found.added, found.deleted) == (("cap",), ("hole",))
    torso, cap = found.layer.shapes
    assert (found.layer.id, found.layer.name) == ("l-hero", "the hero")
    assert (torso.id, torso.name) == ("s-body", "torso")
    assert torso.keys == doc.layers[0].shapes[0].keys
    assert cap.id.startswith("host-")
    assert [(key.frame, key.origin) for key in cap.keys] == [(1003, "artist")]
    assert (cap.keys[0].points[1].x, cap.keys[0].points[1].y) == pytest.approx((92.0, 60.0))
    assert found.touched == (1003,)
    assert node.children[0].label == "the hero"


def test_a_copied_shape_is_an_added_one() -> None:
    """Its note is copied with it; only the first keeps the id."""
    doc = document()
    bench = bench_with(doc)
    layer, body = named(bench, "hero"), named(bench, "body")
    copy = bench.paths.new_bspline("body copy", True)
    for frame in body.property("path").keys:
        copy.setPath(body.evalPath(frame), frame)
    copy.addProperty(_same_note(bench, body))
    with bench.application.person():
        layer.property("objects").addObjects([copy])
    found = edited(bench, doc)
    assert found.added == ("body copy",)
    assert len({shape.id for shape in found.layer.shapes}) == 3


def _same_note(bench: Bench, shape):
    made = bench.fx.Property("megatonRoto", "megatonRoto", shape.property("megatonRoto").value)
    made.hidden = True
    return made


def test_a_point_inserted_redraws_the_shape() -> None:
    """Same id, a B-spline of its own from now on; only a changed outline is a correction."""
    doc = document()
    bench = bench_with(doc)
    body = named(bench, "body")
    before = body.evalPath(0)
    for path in body.property("path")._values:
        # Knot insertion into a uniform cubic B-spline is not possible; this is as near as it gets.
        path._points.insert(1, path[0])
    found = edited(bench, doc)
    assert (found.added, found.deleted, found.altered) == ((), (), ("body",))
    shape = found.layer.shapes[0]
    assert (shape.id, shape.kind, len(shape.keys[0].points)) == (
        "s-body", "bspline", len(before) + 1,
    )  # fmt: skip
    assert {key.origin for key in shape.keys} == {"artist"}
    validate(with_layer(doc, found.layer))


def test_a_shape_drawn_again_under_its_name() -> None:
    doc = document()
    bench = bench_with(doc)
    layer, hole = named(bench, "hero"), named(bench, "hole")
    again = bench.paths.new_bspline("hole", True)
    for frame in hole.property("path").keys:
        again.setPath(hole.evalPath(frame), frame)
    again.property("mode").value = 1
    with bench.application.person():
        layer.property("objects").removeObjects([hole])
        layer.property("objects").addObjects([again])
    found = edited(bench, doc)
    assert not found.changed
    assert found.ids == ("s-body", "s-hole")
    assert found.layer.shapes[1].keys == doc.layers[0].shapes[1].keys


def test_edits_in_a_layer_that_moves(tmp_path: Path) -> None:
    """Its motion is in the keys here, and taken out again on the way back."""
    doc = document()
    hero = doc.layers[0]
    hero.transform = Transform(
        (60.0, 60.0), [TransformKey(1001), TransformKey(1008, 12.0, -5.0, 30.0, 1.2)]
    )
    bench = bench_with(doc)
    found = edited(bench, doc)
    assert not found.changed
    assert found.layer == hero
    for index in range(len(named(bench, "body").evalPath(3))):
        drag(bench, "body", 1004, index, 6.0, -4.0)
    found = edited(bench, doc)
    assert found.touched == (1004,)
    assert found.layer.transform == hero.transform
    keys = found.layer.shapes[0].keys
    assert [key.frame for key in keys] == [1001, 1004, 1008]
    assert keys[0] == hero.shapes[0].keys[0]
    moved = with_layer(doc, found.layer)
    assert overlap(document_matte(moved, 1004), bench.matte(tmp_path, 1004)) > 0.98
    assert overlap(document_matte(doc, 1004), bench.matte(tmp_path, 1004)) < 0.9


def test_visibility_changed() -> None:
    doc = document()
    bench = bench_with(doc)
    with bench.application.person():
        opacity = named(bench, "part").property("opacity")
        opacity.setValue(100.0, 6)
        opacity.setValue(0.0, 7)
    found = edited(bench, doc, "prop")
    assert found.changed
    assert found.altered == ("part",)
    assert found.layer.shapes[0].visible == [(1003, 1007)]
    assert found.layer.shapes[0].keys == doc.layers[1].shapes[0].keys


def test_layer_moved_by_hand_moves_every_key() -> None:
    doc = document()
    bench = bench_with(doc)
    layer = named(bench, "prop")
    with bench.application.person():
        layer.property("transform.position").value = bench.fx.Point3D(0.1, 0.0)
    found = edited(bench, doc, "prop")
    assert found.touched == (1003, 1006)
    moved = found.layer.shapes[0].keys[0].points[0]
    assert moved.x == pytest.approx(doc.layers[1].shapes[0].keys[0].points[0].x + 12.0)


def test_a_layer_of_another_result_is_refused() -> None:
    bench = bench_with(document())
    with pytest.raises(SilhouetteError, match="no layer of the result"):
        edited(bench, document(layers=[]))


# --- a newer version laid into it


def newer(doc: Document, layer, frame: int, points) -> Document:
    """The farm's answer: the edited layer, and the key on ``frame`` solved again."""
    body = layer.shapes[0]
    keys = [replace(key, points=points) if key.frame == frame else key for key in body.keys]
    layer = replace(layer, shapes=[replace(body, keys=keys), *layer.shapes[1:]])
    return with_layer(doc, layer)


def test_update_changes_only_what_differs() -> None:
    doc = document()
    bench = bench_with(doc)
    drag(bench, "body", 1001, 3, -6.0, 2.0)
    with bench.application.person():
        named(bench, "body").property("feather").value = 4.0
    found = edited(bench, doc)
    answer = newer(doc, found.layer, 1008, ring(85, 61, 28))
    shape, ids = named(bench, "body"), [each.id for each in everything(bench.node)]
    before = [_numbers(shape, frame) for frame in (0, 3)]
    bench.apply(answer, "job2", olds={"job1": doc}, sent=found.own)
    assert bench.application.undo == ["Megaton Roto: job1", "Megaton Roto: job2"]
    assert [each.id for each in everything(bench.node)] == ids, "nothing was made anew"
    assert [_numbers(shape, frame) for frame in (0, 3)] == before, "hand-made and untouched keys"
    assert shape.property("feather").value == 4.0
    assert max(p[0] for p in _numbers(shape, 7)) == pytest.approx((85 + 28 - 80) / 120, abs=0.02)
    # The farm has the artist's key now: it is nobody's edit any more.
    again = edited(bench, answer)
    assert not again.changed
    assert again.layer == answer.layers[0]
    # A second round: the same key stays, whatever else comes.
    third = newer(answer, again.layer, 1008, ring(70, 61, 28))
    bench.apply(third, "job3", olds={"job2": answer})
    assert [_numbers(shape, frame) for frame in (0, 3)] == before
    assert not edited(bench, third).changed


def _numbers(shape, frame: int) -> list[tuple[float, float]]:
    path = shape.evalPath(frame)
    return [(path[i].x, path[i].y) for i in range(len(path))]


def test_edits_made_after_sending_are_not_lost() -> None:
    """Neither overwritten by the answer nor taken for what the farm already knows."""
    doc = document()
    bench = bench_with(doc)
    drag(bench, "body", 1001, 3, -6.0, 2.0)
    found = edited(bench, doc)
    drag(bench, "body", 1008, 1, 5.0, 5.0)
    mine = _numbers(named(bench, "body"), 7)
    answer = newer(doc, found.layer, 1008, ring(85, 61, 28))
    bench.apply(answer, "job2", olds={"job1": doc}, sent=found.own)
    assert _numbers(named(bench, "body"), 7) == mine
    assert edited(bench, answer).touched == (1008,)


def test_edits_made_while_shapes_come_are_spared() -> None:
    """Between reading the node and changing it, seconds may pass."""
    doc = document()
    bench = bench_with(doc)
    hole = doc.layers[0].shapes[1]
    answer = newer(doc, doc.layers[0], 1008, ring(85, 61, 28))
    answer = newer(answer, answer.layers[0], 1004, ring(75, 61, 28))
    extra = replace(hole, id="s-extra", name="extra")
    answer.layers[0].shapes.append(extra)

    def meanwhile() -> None:
        drag(bench, "body", 1008, 1, 9.0, 9.0)
        with bench.application.person():
            named(bench, "hero").property("objects").removeObjects([named(bench, "hole")])
            bench.node.property("objects").removeObjects([named(bench, "prop")])

    remarks = bench.apply(answer, "job2", olds={"job1": doc}, meanwhile=meanwhile)
    assert remarks == ["1 keys you changed meanwhile stay as they are."]
    assert edited(bench, answer).touched == (1008,)
    assert [each.label for each in bench.node.children] == ["hero"]
    assert [each.label for each in named(bench, "hero").children] == ["body", "extra"]


def test_update_with_shapes_that_came_and_went() -> None:
    doc = document()
    bench = bench_with(doc)
    body, hole = doc.layers[0].shapes
    extra = replace(hole, id="s-extra", name="extra", mode="add", keys=[Key(1002, ring(40, 40, 6))])
    rounder = [replace(key, points=key.points[::2]) for key in hole.keys]
    layer = replace(doc.layers[0], shapes=[replace(body, visible=[(1001, 1005)]),
                                           replace(hole, keys=rounder), extra])  # fmt: skip
    bench.apply(with_layer(doc, layer), "job2", olds={"job1": doc})
    assert sorted(each.label for each in named(bench, "hero").children) == ["body", "extra", "hole"]
    opacity = named(bench, "body").property("opacity")
    assert [opacity.getValue(frame) for frame in (0, 4, 5, 7)] == [100, 100, 0, 0]
    assert not edited(bench, with_layer(doc, layer)).touched


def test_update_through_shape_files_replaces() -> None:
    doc = document()
    bench = bench_with(doc, opaque=True)
    found = edited(bench, doc)
    answer = newer(doc, found.layer, 1008, ring(85, 61, 28))
    bench.apply(answer, "job2", olds={"job1": doc}, choices=Choices(kind=BEZIER))
    assert bench.application.undo == ["Megaton Roto: job1", "Megaton Roto: job2"]
    assert [each.label for each in bench.node.children] == ["hero", "prop"]
    assert not edited(bench, answer).changed


# --- what goes off


def sent(bench: Bench, doc: Document, here: int = 1005):
    return correction(doc, bench.stand(), bench.footage, here, 0)


def test_a_correction_prompts_where_keys_were_touched() -> None:
    doc = document()
    bench = bench_with(doc)
    drag(bench, "body", 1001, 3, -6.0, 2.0)
    drag(bench, "hole", 1008, 1, 3.0, 0.0)
    made = sent(bench, doc)
    (edit,) = made.edits
    assert (edit.object, edit.frames, edit.layer.id) == ("hero", (1001, 1008), "l-hero")
    assert [(p.frame, [o.mode for o in p.outline]) for p in edit.prompts] == [
        (1001, ["add", "subtract"]), (1008, ["add", "subtract"]),
    ]  # fmt: skip
    assert {shape: sorted(keys) for shape, keys in made.sent.items()} == {
        "s-body": ["0"], "s-hole": ["7"],
    }  # fmt: skip


def test_a_shape_taken_away_is_told_on_the_current_frame() -> None:
    doc = document()
    bench = bench_with(doc)
    with bench.application.person():
        named(bench, "hero").property("objects").removeObjects([named(bench, "hole")])
    (edit,) = sent(bench, doc).edits
    assert (edit.frames, [len(p.outline) for p in edit.prompts]) == ((1005,), [1])
    (edit,) = sent(bench, doc, here=2000).edits
    assert edit.frames == (1008,)


def test_a_renamed_layer_is_still_its_object_and_no_correction() -> None:
    doc = document()
    bench = bench_with(doc)
    with bench.application.person():
        named(bench, "hero").label = "the hero"
    with pytest.raises(SilhouetteError, match="Nothing was changed"):
        sent(bench, doc)
    drag(bench, "body", 1001, 3, -6.0, 2.0)
    (edit,) = sent(bench, doc).edits
    assert edit.object == "hero"
