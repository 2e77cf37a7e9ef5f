"""There and back: what a version becomes in Nuke, and what of it comes back after an artist."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from artist import Curves

from roto_shapes.edits import changed_frames
from roto_shapes.model import Document, Key, Shape, ValueKey
from shapes import helpers_nk
from shapes.helpers_shapes import (
    SLIDING,
    STILL,
    TURNING,
    blob,
    document,
    l_points,
    layer,
    moving_blob,
)

OFFSET = -900
"""Script frame less plate frame."""


@pytest.fixture
def base() -> Document:
    """Two objects: one under a moving transform with a hole that fades, one with two parts."""
    third = 1 / 3
    hero = layer(
        moving_blob("h1", name="body"),
        Shape(
            "h2",
            "hole",
            mode="subtract",
            opacity=[ValueKey(1001, 1.0), ValueKey(1030, third)],
            keys=[Key(1001, l_points(0.1, 0.7)), Key(1040, l_points(third, 40.0))],
        ),
        layer_id="l-hero",
        name="hero",
        transform=TURNING,
        color=(0.1, 0.2, 0.3),
    )
    other = layer(
        moving_blob("o1", frames=(1001, 1020), name="left", visible=[(1003, 1020)]),
        moving_blob("o2", frames=(1005, 1013, 1033), name="right"),
        layer_id="l-other",
        name="the other one",
        transform=STILL,
    )
    return document(hero, other)


@pytest.fixture
def roto(nuke: Any, base: Document) -> Any:
    """A Roto node with the version, and what was written."""
    from megaton_roto_nuke.written import write_shapes

    written = write_shapes(base, OFFSET, "Roto1")
    node = nuke.createNode("Roto")
    node["curves"].fromScript(written.curves)
    return node, written


def back(roto: Any, base: Document) -> Any:
    from megaton_roto_nuke.readback import read_back

    node, written = roto
    return read_back(node["curves"].toScript(), base, written.names, OFFSET)


def test_untouched_shapes_come_back_to_the_last_bit(roto: Any, base: Document) -> None:
    found = back(roto, base)
    assert found.layers == base.layers
    assert not found.notes
    assert not found.deleted_layers


def test_the_text_is_what_an_independent_reader_expects(roto: Any, base: Document) -> None:
    _, written = roto
    (knob,) = helpers_nk.curves_knobs(written.text)
    helpers_nk.check_strict(knob.root)
    shapes = {shape.name: shape for shape in helpers_nk.shapes_of(knob.root)}
    assert set(shapes) == set(written.names.shapes)
    assert shapes["right"].main.times == [105, 113, 133]
    assert written.names.layers == {"hero": "l-hero", "the other one": "l-other"}


def test_a_moved_key_is_the_artists_and_all_others_stay(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.move("body", 111, 12.0, -5.0)
    curves.done()
    found = back(roto, base)
    hero, other = found.layers
    assert other == base.layers[1]
    body, hole = hero.shapes
    assert hole == base.layers[0].shapes[1]
    was = base.layers[0].shapes[0]
    assert [key.frame for key in body.keys] == [1001, 1011, 1040]
    assert body.keys[0] == was.keys[0]
    assert body.keys[2] == was.keys[2]
    moved = body.keys[1]
    assert moved.origin == "artist"
    for point, before in zip(moved.points, was.keys[1].points, strict=True):
        assert point.x == pytest.approx(before.x + 12.0, abs=1e-3)
        assert point.y == pytest.approx(before.y + 5.0, abs=1e-3)
    assert dataclasses.replace(hero, shapes=base.layers[0].shapes) == base.layers[0]


def test_a_new_key_is_the_artists(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.move("right", 120, 3.0, 0.0, only=2)
    curves.done()
    keys = back(roto, base).layers[1].shapes[1].keys
    assert [(key.frame, key.origin) for key in keys] == [
        (1005, "solved"),
        (1013, "solved"),
        (1020, "artist"),
        (1033, "solved"),
    ]


def test_renamed_shapes_and_layers_keep_their_ids(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.rename("right", "arm")
    curves.rename("hero", "my hero")
    curves.done()
    found = back(roto, base)
    assert [one.id for one in found.layers] == ["l-hero", "l-other"]
    assert found.layers[0].name == "hero"
    right = found.layers[1].shapes[1]
    assert (right.id, right.name, right.keys) == ("o2", "arm", base.layers[1].shapes[1].keys)
    assert any("arm" in note for note in found.notes)


def test_a_renamed_and_moved_shape_is_still_known(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.move("left", 101, 30.0, 0.0)
    curves.move("left", 120, 30.0, 0.0)
    curves.rename("left", "elbow")
    curves.done()
    assert back(roto, base).layers[1].shapes[0].id == "o1"


def test_deleted_shapes_and_layers_are_told(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.remove("right")
    curves.remove("hero")
    curves.done()
    found = back(roto, base)
    assert found.deleted_layers == ["l-hero"]
    (other,) = found.layers
    assert [shape.id for shape in other.shapes] == ["o1"]
    assert other.shapes[0] == base.layers[1].shapes[0]
    assert len(found.notes) == 2


def test_added_shapes_get_ids_of_their_own(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.copy("left", "left copy", 200.0)
    curves.done()
    found = back(roto, base)
    other = found.layers[1]
    ids = [shape.id for shape in other.shapes]
    assert len(ids) == 3
    assert {"o1", "o2"} < set(ids)
    (added,) = (shape for shape in other.shapes if shape.id not in ("o1", "o2"))
    assert added.name == "left copy"
    assert {key.origin for key in added.keys} == {"artist"}
    assert [shape for shape in other.shapes if shape is not added] == base.layers[1].shapes


def test_shapes_in_no_layer_of_ours_are_left_alone(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.add_root_shape("Bezier1")
    curves.done()
    found = back(roto, base)
    assert found.layers == base.layers
    assert found.notes == ["Roto1: not one of the farm's layers, stays in Nuke"]


def test_what_the_artist_drew_beside_stays_in_a_new_version(
    nuke: Any, roto: Any, base: Document
) -> None:
    from megaton_roto_nuke.written import write_shapes

    node, written = roto
    curves = Curves(node)
    curves.add_root_shape("garbage")
    curves.add_root_shape("left")
    curves.done()
    newer = dataclasses.replace(base, layers=base.layers[:1])
    again = write_shapes(newer, OFFSET, "Roto1", node["curves"].toScript(), written.names)
    node["curves"].fromScript(again.curves)
    assert Curves(node).names() == ["left", "garbage", "hole", "body"]
    assert again.curves in again.text


def test_holds_come_back_as_they_were(nuke: Any) -> None:
    from megaton_roto_nuke.readback import read_back
    from megaton_roto_nuke.written import write_shapes

    keys = [
        Key(1001, blob(), interpolation="hold"),
        Key(1011, blob(x=1000.3), interpolation="hold"),
        Key(1040, blob(x=900.1)),
    ]
    base = document(layer(Shape("s1", "held", keys=keys), transform=SLIDING))
    written = write_shapes(base, 0, "Roto1")
    assert read_back(written.curves, base, written.names, 0).layers == base.layers


def test_a_fingerprint_is_of_what_is_drawn(nuke: Any, roto: Any, base: Document) -> None:
    from megaton_roto_nuke.written import Frame, fingerprint

    node, written = roto
    like = Frame.of(base, OFFSET)
    text = node["curves"].toScript()
    assert fingerprint(text, like) == written.mark
    # Selected (flag 64), expanded, other white space: the same picture.
    assert fingerprint(text.replace(" 512 bezier", " 576 bezier"), like) == written.mark
    assert fingerprint("\n" + text.replace("\n", "  "), like) == written.mark
    curves = Curves(node)
    curves.move("body", 101, 0.0, 1.0, only=0)
    curves.done()
    assert fingerprint(node["curves"].toScript(), like) != written.mark


def changed(found: Any, base: Document) -> dict[str, list[int]]:
    was = {layer.id: layer for layer in base.layers}
    return {layer.id: changed_frames(was[layer.id], layer) for layer in found.layers}


def test_where_something_was_changed(roto: Any, base: Document) -> None:
    assert changed(back(roto, base), base) == {"l-hero": [], "l-other": []}
    curves = Curves(roto[0])
    curves.move("body", 111, 12.0, -5.0)
    curves.move("right", 120, 3.0, 0.0, only=2)
    curves.rename("left", "renamed")
    curves.done()
    assert changed(back(roto, base), base) == {"l-hero": [1011], "l-other": [1020]}


def test_shapes_that_came_or_went_count_with_frames_of_theirs(roto: Any, base: Document) -> None:
    curves = Curves(roto[0])
    curves.remove("hole")
    curves.copy("left", "left copy", 200.0)
    curves.done()
    assert changed(back(roto, base), base) == {"l-hero": [1001, 1040], "l-other": [1001, 1020]}
