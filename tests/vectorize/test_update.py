"""One stretch solved again: right inside, untouched outside."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from helpers_update import (
    FRAMES,
    STRETCH,
    bump,
    drawn,
    fit,
    inside,
    pushed,
    ring,
    shape_of,
    solved,
    untouched_outside,
    updated,
)
from helpers_vectorize import HEIGHT, WIDTH, circle, draw, lobed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roto_shapes.document import (
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
    dumps,
    validate,
)
from roto_shapes.errors import RotoError
from roto_shapes.evaluate import interpolated_points, points_at
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.settings import Settings
from roto_worker.vectorize.update.document import update

FIRST, LAST = STRETCH


def turning(f: int) -> list[np.ndarray]:
    return [lobed(100 + 1.5 * (f - 1001), 80, 45, 0.03 * (f - 1001))]


def holed(f: int) -> list[np.ndarray]:
    return [circle(100, 80, 50), circle(90 + f - 1001, 80, 20)[::-1]]


def island(f: int) -> list[np.ndarray]:
    return [circle(100, 80, 60), circle(100, 80, 40)[::-1], circle(88 + f - 1001, 80, 15)]


def pair(f: int) -> list[np.ndarray]:
    return [circle(60, 80, 30 - 0.3 * (f - 1001)), lobed(170, 80, 40, 0.02 * f, lobes=3)]


def leaving(f: int) -> list[np.ndarray]:
    return [circle(120 + 7 * (f - 1001), 80, 40)]


@pytest.mark.parametrize("scene", [turning, holed, island, pair, leaving])
def test_what_the_document_had_wrong_is_put_right_and_the_rest_stays(scene):
    document = solved(scene)
    truth = pushed(scene, (8, 12))
    assert min(fit(document, truth, inside())) < 0.75
    result = updated(document, truth)
    assert min(fit(result.document, truth, inside())) >= 0.97
    assert result.report["frames"] == [FIRST, LAST]
    assert result.report["iou_min"] >= 0.96
    assert {entry["state"] for entry in result.report["shapes"]} == {"solved"}
    assert result.report["opened"] == result.report["gaps"] == []


@pytest.mark.parametrize("scene", [turning, holed, island, pair, leaving])
@pytest.mark.parametrize("stretch", [STRETCH, (FRAMES[0], FRAMES[-1])])
def test_mattes_that_made_the_document_leave_it_alone(scene, stretch):
    document = solved(scene)
    result = updated(document, scene, stretch)
    assert result.document == document
    assert all(entry["state"] == "kept" for entry in result.report["shapes"])


@pytest.mark.parametrize("stretch", [(FRAMES[0], 1012), (1012, FRAMES[-1])])
def test_an_end_of_the_document_is_free(stretch):
    """The new mattes differ most there, where nothing outside has to be kept."""
    document = solved(turning)
    fixed = stretch[1] if stretch[0] == FRAMES[0] else stretch[0]

    def truth(f: int) -> list[np.ndarray]:
        return [path + np.array([0, 1.2 * abs(f - fixed)]) for path in turning(f)]

    result = updated(document, truth, stretch)
    frames = range(stretch[0], stretch[1] + 1)
    assert min(fit(document, truth, frames)) < 0.8
    assert min(fit(result.document, truth, frames)) >= 0.97


@pytest.mark.parametrize("end", [FRAMES[0], FRAMES[-1]])
def test_an_end_of_the_document_can_be_kept(end):
    document = solved(turning)
    stretch = (end, 1012) if end == FRAMES[0] else (1012, end)

    def truth(f: int) -> list[np.ndarray]:
        return [path + np.array([0, 6.0 * (f != end)]) for path in turning(f)]

    free = updated(document, truth, stretch)
    result = updated(document, truth, stretch, kept=[end])
    before, kept, moved = (
        rasterize_layer(d, d.layers[0], end) for d in (document, result.document, free.document)
    )
    assert (kept == before).all()
    assert (moved != before).any()
    middle = range(1004, 1010) if end == FRAMES[0] else range(1015, 1021)
    assert min(fit(result.document, truth, middle)) >= 0.97


def test_only_the_shape_that_is_wrong_is_touched():
    document = solved(pair)

    def truth(f: int) -> list[np.ndarray]:
        left, right = pair(f)
        return [left + bump(f) * np.array([0, 20]), right]

    result = updated(document, truth)
    states = {e["id"]: e["state"] for e in result.report["shapes"]}
    (wrong,) = [key for key, state in states.items() if state == "solved"]
    before, after = document.layers[0].shapes, result.document.layers[0].shapes
    assert all(a is b for a, b in zip(before, after, strict=True) if a.id != wrong)
    assert min(fit(result.document, truth, inside())) >= 0.97


def ellipse(cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
    return circle(0, 0, 1) * np.array([rx, ry]) + np.array([cx, cy])


def gliding(f: int) -> tuple[ControlPoint, ...]:
    return ring(60 + 4 * (f - 1001), 80, 30, 40)


def glide(off: float = 0.0):
    return lambda f: [ellipse(60 + 4 * (f - 1001), 80 + off * bump(f), 30, 40)]


KEYED = [1001, 1005, 1009, 1013, 1017, 1021, 1024]


def test_keys_that_fit_stay_beside_a_short_fault():
    document = drawn(shape_of(gliding, KEYED))

    def truth(f: int) -> list[np.ndarray]:
        return [ellipse(60 + 4 * (f - 1001), 80 + 15 * bump(f, (1009, 1017)), 30, 40)]

    result = updated(document, truth, (1003, 1022))
    (shape,) = result.document.layers[0].shapes
    kept = [key for key in document.layers[0].shapes[0].keys if key.frame != 1013]
    assert [key for key in shape.keys if not 1009 < key.frame < 1017] == kept
    assert min(fit(result.document, truth, range(1003, 1023))) >= 0.97


def with_key(document: Document, frame: int, **changes) -> Document:
    """The key of the first shape on ``frame`` replaced."""
    layer = document.layers[0]
    shape = layer.shapes[0]
    keys = [replace(key, **changes) if key.frame == frame else key for key in shape.keys]
    shapes = [replace(shape, keys=keys), *layer.shapes[1:]]
    return replace(document, layers=[replace(layer, shapes=shapes)])


def odd(points: tuple[ControlPoint, ...]) -> tuple[ControlPoint, ...]:
    """As an artist may set it: a point pulled out, handles broken and of any length."""
    first, second, *rest = points
    pulled = first._replace(x=first.x + 9, in_dx=4.0, in_dy=-9.0, out_dx=1.0, out_dy=2.0)
    return (pulled, second._replace(in_dx=second.in_dx * 2.5, corner=True), *rest)


def test_an_artists_key_is_met_exactly():
    plain = drawn(shape_of(gliding, KEYED))
    document = with_key(plain, 1013, points=odd(gliding(1013)), origin="artist", extra={"by": "me"})
    truth = glide(15)
    result = updated(document, truth)
    before, after = document.layers[0].shapes[0], result.document.layers[0].shapes[0]
    mine = next(key for key in before.keys if key.frame == 1013)
    assert any(key is mine for key in after.keys)
    assert points_at(after, 1013) == mine.points
    others = [f for f in inside() if f != 1013]
    assert min(fit(result.document, truth, others)) >= 0.9
    assert np.mean(fit(result.document, truth, others)) >= 0.97


@pytest.mark.parametrize("changes", [{"locked": True}, {"origin": "artist"}])
def test_a_key_that_is_locked_or_an_artists_stays_where_the_object_is_not(changes):
    document = with_key(drawn(shape_of(gliding, KEYED)), 1013, **changes)

    def truth(f: int) -> list[np.ndarray]:
        return [] if 1010 <= f <= 1016 else glide()(f)

    result = updated(document, truth)
    shape = result.document.layers[0].shapes[0]
    assert next(k for k in document.layers[0].shapes[0].keys if k.frame == 1013) in shape.keys
    shown = [f for f in range(FIRST, LAST + 1) if points_at(shape, f) is not None]
    assert shown == [*range(FIRST, 1010), 1013, 1017, 1018]
    empty = [f for f in range(1010, 1017) if f != 1013]
    assert fit(result.document, truth, empty) == [1.0] * len(empty)
    assert fit(result.document, truth, [*range(FIRST, 1010), 1017, 1018]) == fit(
        document, truth, [*range(FIRST, 1010), 1017, 1018]
    )


def test_ends_without_a_key_get_one_that_shows_what_was_shown():
    document = drawn(shape_of(gliding, [1001, 1024]))
    result = updated(document, glide(15))
    old, new = document.layers[0].shapes[0], result.document.layers[0].shapes[0]
    for frame in STRETCH:
        key = next(key for key in new.keys if key.frame == frame)
        assert key.origin == "solved"
        assert np.allclose(key.points, interpolated_points(old.keys, frame), atol=1e-9)
    ends = [FIRST, LAST]
    document = drawn(shape_of(gliding, [1001, *ends, 1024]))
    kept = updated(document, glide(15)).document.layers[0].shapes[0].keys
    assert all(key in kept for key in document.layers[0].shapes[0].keys)


def test_a_region_without_a_shape_opens_one_that_is_seen_only_there():
    document = solved(turning)

    def truth(f: int) -> list[np.ndarray]:
        there = 1009 <= f <= 1014
        return [*turning(f), *([circle(200, 30 + f - 1001, 14)] if there else [])]

    result = updated(document, truth)
    (opened,) = result.report["opened"]
    layer = result.document.layers[0]
    new = next(shape for shape in layer.shapes if shape.id == opened["id"])
    assert new.visible == [(1009, 1014)] == [tuple(span) for span in opened["visible"]]
    assert all(1009 <= key.frame <= 1014 for key in new.keys)
    assert new.mode == "add"
    assert [s for s in layer.shapes if s is not new] == document.layers[0].shapes
    assert min(fit(result.document, truth, inside())) >= 0.97


def test_a_hole_that_opens_is_cut_and_one_that_closes_is_not():
    document = solved(island)

    def closed(f: int) -> list[np.ndarray]:
        return [circle(100, 80, 60)] if 1010 <= f <= 1015 else island(f)

    result = updated(document, closed)
    assert min(fit(result.document, closed, inside())) >= 0.97
    assert {tuple(gap["frames"]) for gap in result.report["gaps"]} == {(1010, 1015)}
    full = solved(closed)
    again = updated(full, island)
    assert min(fit(again.document, island, inside())) >= 0.97
    assert {e["mode"] for e in again.report["opened"]} <= {"add", "subtract"}


def test_a_region_that_is_gone_hides_its_shape():
    document = solved(pair)

    def truth(f: int) -> list[np.ndarray]:
        return pair(f)[:1] if 1010 <= f <= 1014 else pair(f)

    result = updated(document, truth)
    (gap,) = result.report["gaps"]
    assert gap["frames"] == [1010, 1014]
    assert min(fit(result.document, truth, inside())) >= 0.97
    again = updated(result.document, pair)
    assert min(fit(again.document, pair, inside())) >= 0.97


def test_nothing_at_all_in_the_mattes_hides_everything():
    result = updated(solved(turning), lambda _f: [])
    assert result.report["iou_min"] == 1.0
    assert result.report["gaps"] == [{"shape": "object.1", "frames": [FIRST, LAST]}]


def test_a_shape_that_only_lived_there_goes():
    def flash(f: int) -> list[np.ndarray]:
        return [*turning(f), *([circle(210, 130, 14)] if 1009 <= f <= 1014 else [])]

    document = solved(flash)
    result = updated(document, turning)
    assert len(document.layers[0].shapes) == 2
    assert len(result.document.layers[0].shapes) == 1
    assert "gone" in {entry["state"] for entry in result.report["shapes"]}


def test_the_layers_motion_is_kept_and_solved_under():
    def transform(f: int) -> TransformKey:
        return TransformKey(f, 3.0 * (f - 1001), 0.0, 2.0 * (f - 1001), 1 + 0.01 * (f - 1001))

    moving = Transform((80.0, 80.0), [transform(f) for f in (1001, 1010, 1024)])
    shape = shape_of(lambda _f: ring(80, 80, 40, 30), [1001])
    document = drawn(shape, transform=moving)

    def truth(f: int) -> list[np.ndarray]:
        t = transform(f)
        a = np.radians(t.rotate)
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        path = ellipse(0, 0, 40, 30 + 12 * bump(f)) * t.scale @ turn.T
        return [path + np.array([80 + t.tx, 80 + t.ty])]

    assert min(fit(document, truth, inside())) < 0.8
    result = updated(document, truth)
    assert result.document.layers[0].transform is moving
    assert min(fit(result.document, truth, inside())) >= 0.97


def test_everything_else_about_a_shape_survives():
    shape = shape_of(
        gliding,
        KEYED,
        feather=[1.0, 2, 3, 4, 5, 6, 7, 8],
        opacity=[ValueKey(1001, 1.0), ValueKey(1024, 0.5)],
        host={"nuke": {"a": 1}},
        extra={"note": "x"},
        color=(0.1, 0.2, 0.3),
        visible=[(1001, 1024)],
        motion_blur=True,
    )
    document = replace(
        drawn(shape, extra={"grade": 1}),
        prompts=[{"object": "hero", "frame": 1003, "kind": "point"}],
        provenance={"engine": "flow"},
        confidence={"hero": {1001: 0.5}},
    )
    document = with_key(document, 1013, host={"ae": 1}, extra={"tag": 2})
    result = updated(document, glide(15))
    (new,) = result.document.layers[0].shapes
    assert replace(new, keys=shape.keys) == shape
    assert result.document.layers[0].extra == {"grade": 1}
    tagged = [key for key in new.keys if key.frame == 1013]
    assert all(key.host == {"ae": 1} and key.extra == {"tag": 2} for key in tagged)


def test_hold_keys_hold():
    """The shape stands on a hold key; it cannot follow there, and goes on right after."""
    document = with_key(drawn(shape_of(gliding, KEYED)), 1009, interpolation="hold")
    result = updated(document, glide(15))
    old, new = document.layers[0].shapes[0], result.document.layers[0].shapes[0]
    assert old.keys[2] in new.keys
    for frame in range(1009, 1013):
        assert points_at(new, frame) == old.keys[2].points
    assert min(fit(result.document, glide(15), [1008, *range(1013, 1018)])) >= 0.96


def test_only_the_frames_an_artist_allows_are_keyed():
    document = drawn(shape_of(gliding, [1001, 1024]), key_only_at=[1010, 1012, 1014])
    result = updated(document, glide(15))
    keys = {key.frame for key in result.document.layers[0].shapes[0].keys}
    assert keys <= {1001, FIRST, 1010, 1012, 1014, LAST, 1024}
    assert keys & {1010, 1012, 1014}


def test_the_most_keys_are_kept_to():
    document = drawn(shape_of(gliding, [1001, 1024]))
    free, held = (
        updated(document, glide(30), settings=Settings(most_keys=most)) for most in (None, 2)
    )
    counts = [one.report["shapes"][0]["keys"] for one in (free, held)]
    assert counts[0] > 4
    assert counts[1] <= 2 + len(STRETCH)


def test_keys_that_stay_against_the_mattes_are_told():
    document = drawn(shape_of(gliding, KEYED))

    def lower(f: int) -> list[np.ndarray]:
        return [ellipse(60 + 4 * (f - 1001), 95, 30, 40)]

    result = updated(document, lower)
    assert result.report["stuck"] == [{"shape": "hero.1", "frame": frame} for frame in STRETCH]
    assert min(fit(result.document, lower, inside())) >= 0.97


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"kind": "bspline"}, "a B-spline"),
        ({"closed": False}, "an open path"),
        ({"inverted": True}, "inverted"),
        ({"visible": [(1001, 1003)]}, "not seen here"),
        ({"opacity": 0.0}, "not seen here"),
    ],
)
def test_shapes_that_cannot_be_solved_are_left_and_told(options, reason):
    document = drawn(shape_of(gliding, KEYED, **options))
    result = updated(document, glide(15))
    assert document.layers[0].shapes[0] in result.document.layers[0].shapes
    assert result.report["shapes"][0]["state"] == reason


def test_parts_of_one_region_are_solved_each():
    """A body and an arm that overlap; the arm swings out where the document has it at rest."""

    def arm(f: int, lift: float = 0.0) -> tuple[ControlPoint, ...]:
        return ring(150 + 0.5 * (f - 1001), 80 + lift, 45, 10)

    document = drawn(
        shape_of(lambda _f: ring(90, 80, 40, 50), [1001, 1024]),
        shape_of(arm, [1001, 1024], id="hero.2", name="hero 2"),
    )

    def truth(f: int) -> list[np.ndarray]:
        tip = ellipse(150 + 0.5 * (f - 1001), 80 + 12 * bump(f), 45, 10)
        return [ellipse(90, 80, 40, 50), tip]

    result = updated(document, truth)
    body, swung = result.document.layers[0].shapes
    assert body is document.layers[0].shapes[0]
    assert swung is not document.layers[0].shapes[1]
    assert min(fit(document, truth, inside())) < 0.93
    assert min(fit(result.document, truth, inside())) >= 0.97


def test_what_another_shape_cuts_away_is_no_fault():
    """A hold-out over the object's edge: the mattes show less than the object's own shape."""
    cut = shape_of(lambda _f: ring(130, 80, 20, 20), [1001], id="cut", name="cut", mode="subtract")
    document = drawn(shape_of(lambda _f: ring(90, 80, 45, 50), [1001, 1024]), cut)
    result = update(
        document,
        lambda f: rasterize_layer(document, document.layers[0], f).astype(np.float32),
        STRETCH,
    )
    assert result.document == document
    assert [entry["state"] for entry in result.report["shapes"]] == ["kept", "kept"]


def test_one_layer_of_several_is_chosen_by_id_or_name():
    document = drawn(shape_of(gliding, KEYED))
    other = Layer("other", "second", shapes=[replace(document.layers[0].shapes[0], id="x")])
    both = replace(document, layers=[document.layers[0], other])
    result = updated(both, glide(15), layer="second")
    assert result.document.layers[0] is both.layers[0]
    assert result.report["layer"] == "other"
    assert updated(both, glide(15), layer="other").document == result.document


@pytest.mark.parametrize(
    ("stretch", "layer", "code", "says"),
    [
        (STRETCH, "nobody", "bad_request", "no layer 'nobody'"),
        ((990, 1005), None, "bad_range", "outside the document's frames 1001-1024"),
        ((1018, 1007), None, "bad_range", "runs backwards"),
    ],
)
def test_what_cannot_be_asked(stretch, layer, code, says):
    document = drawn(shape_of(gliding, KEYED))
    with pytest.raises(RotoError, match=says) as caught:
        update(document, lambda f: draw(glide()(f)), stretch, layer=layer)
    assert caught.value.code == code


def test_mattes_that_cannot_be_used():
    document = drawn(shape_of(gliding, KEYED))
    with pytest.raises(RotoError, match="240 x 160") as caught:
        update(document, lambda _f: np.zeros((10, 10)), STRETCH)
    assert caught.value.code == "bad_matte"
    with pytest.raises(RotoError, match="not numbers"):
        update(document, lambda _f: np.full((HEIGHT, WIDTH), np.nan), STRETCH)


def test_updates_are_deterministic_and_tell_how_far_they_are():
    document = solved(turning)
    told: list[tuple[int, int]] = []
    truth = pushed(turning, (8, 12))
    results = [
        updated(document, truth, progress=lambda done, total, _m: told.append((done, total)))
        for _ in range(2)
    ]
    assert dumps(results[0].document) == dumps(results[1].document)
    assert results[0].report == results[1].report
    assert told[: len(told) // 2] == [(n, 24) for n in [*range(12), *range(13, 25)]]


@st.composite
def any_documents(draw_one: st.DrawFn) -> Document:
    """Rings that wander, with keys of every kind, visible here and there, under any motion."""
    frames = draw_one(st.lists(st.integers(1, 12), min_size=1, max_size=5, unique=True))
    number = st.integers(-20, 20)

    def key(frame: int) -> Key:
        return Key(
            frame,
            ring(45 + draw_one(number), 35 + draw_one(number), 20, 15, 5),
            origin=draw_one(st.sampled_from(["solved", "solved", "artist"])),
            locked=draw_one(st.sampled_from([False, False, True])),
            interpolation=draw_one(st.sampled_from(["linear", "linear", "hold"])),
        )

    def shape(n: int) -> Shape:
        mode = draw_one(st.sampled_from(["add", "add", "subtract"]))
        visible = draw_one(st.sampled_from([[], [(1, 12)], [(2, 7)], [(1, 4), (8, 12)]]))
        keys = [key(f) for f in sorted(frames)]
        return Shape(f"s{n}", f"s{n}", mode=mode, visible=visible, keys=keys)

    moving = Transform((40.0, 30.0), [TransformKey(1), TransformKey(12, 9.0, -4.0, 25.0, 1.2)])
    layer = Layer(
        "hero",
        "hero",
        transform=draw_one(st.sampled_from([None, moving])),
        key_only_at=draw_one(st.sampled_from([None, [3, 6]])),
        shapes=[shape(n) for n in range(draw_one(st.integers(1, 2)))],
    )
    return Document(96, 72, frame_range=(1, 12), layers=[layer])


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    any_documents(),
    st.tuples(st.integers(1, 12), st.integers(1, 12)).map(sorted),
    st.lists(st.tuples(st.integers(20, 65), st.integers(15, 55), st.integers(4, 24)), max_size=3),
)
def test_no_document_is_changed_outside_or_broken_inside(document, stretch, blobs):
    first, last = stretch

    def matte(frame: int) -> np.ndarray:
        assert first <= frame <= last
        paths = [circle(x + frame, y, r, 40) for x, y, r in blobs]
        return draw(paths, size=(96, 72))

    result = update(document, matte, (first, last), settings=Settings(parts="off"))
    validate(result.document)
    untouched_outside(document, result.document, (first, last))
    for shape in document.layers[0].shapes:
        fixed = [
            key
            for key in shape.keys
            if key.origin == "artist" or key.locked or key.interpolation == "hold"
        ]
        kept = [s for s in result.document.layers[0].shapes if s.id == shape.id]
        assert all(key in s.keys for s in kept for key in fixed)
        assert kept or not any(key.origin == "artist" or key.locked for key in fixed)
