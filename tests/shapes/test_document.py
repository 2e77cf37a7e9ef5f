"""The roto/1 document: lossless round trip, rules with their place, upgrades, atomic saves."""

from __future__ import annotations

import json
import os
import stat

import pytest
from hypothesis import HealthCheck, given, settings

from roto_shapes import upgrade
from roto_shapes.document import (
    ControlPoint,
    Key,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
    dumps,
    load,
    loads,
    save,
    validate,
)
from roto_shapes.errors import DocumentError
from shapes.helpers_shapes import (
    TURNING,
    document,
    drawn_documents,
    l_points,
    layer,
    moving_blob,
    one_shape,
    polygon,
)


def sample():
    shape = moving_blob(
        opacity=[ValueKey(1001, 0.0), ValueKey(1010, 1.0, "hold")], visible=[(1001, 1044)]
    )
    return document(
        layer(shape, transform=TURNING, key_only_at=[1001, 1010]),
        prompts=[{"frame": 1001, "points": []}],
        confidence={"l1": {1001: 0.5, 1002: 1.0}},
        provenance={"model": "x"},
    )


def broken(change):
    """The sample's JSON after ``change``."""
    value = json.loads(dumps(sample()))
    change(value)
    return json.dumps(value)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(drawn_documents())
def test_round_trip_is_lossless(doc) -> None:
    text = dumps(doc)
    assert loads(text) == doc
    assert dumps(loads(text)) == text


def test_unknown_fields_survive_everywhere() -> None:
    value = json.loads(dumps(sample()))
    la = value["layers"][0]
    shape = la["shapes"][0]
    places = [
        value,
        la,
        la["transform"],
        la["transform"]["keys"][0],
        shape,
        shape["keys"][1],
        shape["opacity"][0],
    ]
    for i, place in enumerate(places):
        place["later"] = {"n": i}
    assert json.loads(dumps(loads(json.dumps(value)))) == value


def test_defaults_may_be_left_out() -> None:
    doc = loads(
        '{"schema":"roto/1","width":8,"height":4,"frame_range":[1,2],"layers":[{"id":"l","name":"n","shapes":'
        '[{"id":"s","name":"s","keys":[{"frame":1,"points":[[0,0,0,0,0,0],[1,1,0,0,0,0,1]]}]}]}]}'
    )
    shape = doc.layers[0].shapes[0]
    assert (doc.fps, doc.pixel_aspect, doc.layers[0].group) == ((24, 1), 1.0, [])
    assert (shape.kind, shape.closed, shape.mode, shape.opacity, shape.visible) == (
        "bezier",
        True,
        "add",
        1.0,
        [],
    )
    assert shape.keys[0] == Key(1, (ControlPoint(0, 0), ControlPoint(1, 1, corner=True)))


def test_host_data_survives_on_keys_and_shapes() -> None:
    doc = one_shape(Key(1, l_points(), host={"nuke": [1]}), host={"uuid": "a"})
    assert loads(dumps(doc)) == doc


NOT_TEXT = {
    "not JSON": "{",
    "a list": "[]",
    "NaN": '{"schema":"roto/1","width":NaN}',
    "too deep": "[" * 200_000,
    "no schema": "{}",
    "newer schema": '{"schema":"roto/2"}',
    "schema of another type": '{"schema":["roto/1"]}',
}


@pytest.mark.parametrize("text", NOT_TEXT.values(), ids=NOT_TEXT.keys())
def test_text_that_is_no_document(text) -> None:
    with pytest.raises(DocumentError):
        loads(text)


def at(*path):
    """A function that sets the value at ``path`` (the last item is the value)."""

    def change(value):
        *steps, name, new = path
        for step in steps:
            value = value[step]
        if new is KeyError:
            del value[name]
        else:
            value[name] = new

    return change


SHAPE = ("layers", 0, "shapes", 0)
KEY = (*SHAPE, "keys", 1)
FAULTS = [
    (at("width", KeyError), "width"),
    (at("width", 0), "width"),
    (at("height", 1.5), "height"),
    (at("width", True), "width"),
    (at("pixel_aspect", 0), "pixel_aspect"),
    (at("pixel_aspect", "1"), "pixel_aspect"),
    (at("pixel_aspect", 10**400), "pixel_aspect"),
    (at("fps", [24]), "fps"),
    (at("fps", [24, 0]), "fps"),
    (at("frame_range", [2, 1]), "frame_range"),
    (at("frame_range", [1, 2**24]), "frame_range"),
    (at("layers", {}), "layers"),
    (at("layers", [3]), "layers[0]"),
    (at("prompts", [3]), "prompts[0]"),
    (at("provenance", []), "provenance"),
    (at("confidence", {"l1": {"one": 1}}), "confidence.l1.one"),
    (at("confidence", {"l1": {"1": 1.5}}), "confidence.l1.1"),
    (at("layers", 0, "id", ""), "layers[0].id"),
    (at("layers", 0, "id", "s1"), "layers[0].shapes[0].id"),
    (at("layers", 0, "name", 3), "layers[0].name"),
    (at("layers", 0, "color", [1, 1]), "layers[0].color"),
    (at("layers", 0, "color", [1, 1, 1.5]), "layers[0].color"),
    (at("layers", 0, "key_only_at", [3, 3]), "layers[0].key_only_at[1]"),
    (at("layers", 0, "transform", "keys", []), "layers[0].transform.keys"),
    (at("layers", 0, "transform", "keys", 0, "scale", 0), "layers[0].transform.keys[0].scale"),
    (at("layers", 0, "transform", "keys", 0, "frame", 1010), "layers[0].transform.keys[1]"),
    (at("layers", 0, "transform", "keys", 0, "tx", 1e10), "layers[0].transform.keys[0]"),
    (at("layers", 0, "transform", "pivot", [1, 2, 3]), "layers[0].transform.pivot"),
    (at(*SHAPE, "kind", "nurbs"), "layers[0].shapes[0].kind"),
    (at(*SHAPE, "mode", "over"), "layers[0].shapes[0].mode"),
    (at(*SHAPE, "closed", 1), "layers[0].shapes[0].closed"),
    (at(*SHAPE, "visible", [[1, 3], [3, 4]]), "layers[0].shapes[0].visible"),
    (at(*SHAPE, "visible", [[3, 1]]), "layers[0].shapes[0].visible"),
    (at(*SHAPE, "opacity", 1.1), "layers[0].shapes[0].opacity"),
    (at(*SHAPE, "opacity", []), "layers[0].shapes[0].opacity"),
    (at(*SHAPE, "opacity", 0, "value", -1), "layers[0].shapes[0].opacity[0].value"),
    (
        at(*SHAPE, "opacity", 0, "interpolation", "ease"),
        "layers[0].shapes[0].opacity[0].interpolation",
    ),
    (at(*SHAPE, "opacity", 0, "frame", 1010), "layers[0].shapes[0].opacity[1]"),
    (at(*SHAPE, "feather", [1.0]), "layers[0].shapes[0].feather"),
    (at(*SHAPE, "feather", 1e12), "layers[0].shapes[0].feather"),
    (at(*SHAPE, "color", [0, 0, -1]), "layers[0].shapes[0].color"),
    (at(*SHAPE, "keys", []), "layers[0].shapes[0].keys"),
    (at(*KEY, "frame", 1001), "layers[0].shapes[0].keys[1]"),
    (at(*KEY, "frame", 1e3), "layers[0].shapes[0].keys[1].frame"),
    (at(*KEY, "origin", "me"), "layers[0].shapes[0].keys[1].origin"),
    (at(*KEY, "interpolation", "ease"), "layers[0].shapes[0].keys[1].interpolation"),
    (at(*KEY, "host", []), "layers[0].shapes[0].keys[1].host"),
    (at(*KEY, "points", []), "layers[0].shapes[0].keys[1].points"),
    (at(*KEY, "points", 0, [1, 2]), "layers[0].shapes[0].keys[1].points[0]"),
    (at(*KEY, "points", 0, [1, 2, 0, 0, 0, 0, 2]), "layers[0].shapes[0].keys[1].points[0]"),
    (at(*KEY, "points", 0, [1, None, 0, 0, 0, 0]), "layers[0].shapes[0].keys[1].points[0]"),
    (at(*KEY, "points", 0, [1, 1e99, 0, 0, 0, 0]), "layers[0].shapes[0].keys[1].points[0]"),
]


@pytest.mark.parametrize(
    ("change", "where"), FAULTS, ids=[f"{i}-{where}" for i, (_, where) in enumerate(FAULTS)]
)
def test_faults_are_named_by_their_place(change, where) -> None:
    with pytest.raises(DocumentError) as caught:
        loads(broken(change))
    assert caught.value.detail["where"].startswith(where)
    assert where in caught.value.message
    assert caught.value.code == "bad_document"


def test_too_few_points() -> None:
    two = polygon((0, 0), (1, 1))
    validate(one_shape(Key(1, two)))
    validate(one_shape(Key(1, two), kind="bspline", closed=False))
    for shape in (
        Shape("s", "s", keys=[Key(1, two)], kind="bspline"),
        Shape("s", "s", keys=[Key(1, two[:1])]),
    ):
        with pytest.raises(DocumentError, match="points"):
            validate(document(layer(shape)))


def test_a_bspline_keeps_its_corners() -> None:
    round_, sharp = l_points(), tuple(p._replace(corner=False) for p in l_points())
    validate(one_shape(Key(1, round_), Key(2, sharp)))
    with pytest.raises(DocumentError, match="corners"):
        validate(one_shape(Key(1, round_), Key(2, sharp), kind="bspline"))


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_are_finite(number) -> None:
    for doc in (
        one_shape(Key(1, (ControlPoint(0, number), ControlPoint(1, 1)))),
        one_shape(Key(1, l_points()), opacity=number),
        document(layer(transform=Transform((0, 0), [TransformKey(1, number)]))),
        document(pixel_aspect=number),
    ):
        with pytest.raises(DocumentError):
            dumps(doc)


def test_unknown_fields_may_not_hide_known_ones() -> None:
    for doc in (document(extra={"schema": "x"}), one_shape(Key(1, l_points(), extra={"frame": 3}))):
        with pytest.raises(DocumentError, match="known field"):
            dumps(doc)


@pytest.mark.parametrize("value", [object(), float("nan")])
def test_values_json_cannot_carry(value) -> None:
    with pytest.raises(DocumentError, match="JSON cannot carry"):
        dumps(document(extra={"x": value}))


def test_older_schemas_are_upgraded_step_by_step(monkeypatch) -> None:
    monkeypatch.setitem(
        upgrade.STEPS, "roto/0", lambda v: {**v, "schema": "roto/0.5", "width": v["w"]}
    )
    monkeypatch.setitem(
        upgrade.STEPS, "roto/0.5", lambda v: {**v, "schema": "roto/1", "height": v["width"]}
    )
    doc = loads('{"schema":"roto/0","w":7,"frame_range":[1,1],"layers":[]}')
    assert (doc.width, doc.height) == (7, 7)


def test_save_and_load(tmp_path) -> None:
    path = tmp_path / "shapes.json"
    path.write_text("old")
    os.chmod(path, 0o600)
    save(sample(), path)
    assert load(path) == load(str(path)) == sample()
    assert [p.name for p in tmp_path.iterdir()] == ["shapes.json"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o600 == 0o600


def test_a_failed_save_leaves_the_old_file_alone(tmp_path, monkeypatch) -> None:
    path = tmp_path / "shapes.json"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        save(sample(), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["shapes.json"]
    with pytest.raises(DocumentError):
        save(document(extra={"schema": 1}), path)


def test_load_names_the_file(tmp_path) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DocumentError, match=r"x\.json: is not UTF-8"):
        load(path)
    path.write_text(broken(at("width", 0)))
    with pytest.raises(DocumentError, match=r"x\.json: width") as caught:
        load(path)
    assert caught.value.detail == {"where": "width"}
