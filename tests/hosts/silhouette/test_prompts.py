"""What an artist drew becomes prompts: frames, places, objects; and the plate they are about."""

from __future__ import annotations

import pytest
from fake_fx import Application, Color, Point3D, install
from helpers_silhouette import Bench, document, run

from megaton_roto_silhouette.errors import SilhouetteError
from megaton_roto_silhouette.footage import plate_path
from megaton_roto_silhouette.prompts import Prompts, reading
from roto_shapes.prompts import Click, check_prompts

SQUARE = ((-0.25, -0.25), (0.25, -0.25), (0.25, 0.25), (-0.25, 0.25))


class Desk:
    """An artist at the fake: draws in plate pixels of 160 x 120, on plate frames."""

    def __init__(self, application: Application) -> None:
        self.bench = Bench(application)
        self.fx = application.fx

    def layer(self, label: str, inside=None):
        return self._hang(self.fx.Layer(label), inside)

    def shape(self, label: str, corners, frames=(1001,), inside=None, kind: int = 1, closed=True):
        shape = self.fx.Shape(kind, label)
        shape.closed = closed
        moves = frames if isinstance(frames, dict) else dict.fromkeys(frames, 0)
        for frame, moved in moves.items():
            path = shape.createPath()
            rows = [self.unit(x + moved, y) for x, y in corners]
            path._set_rows([(p, p, p) if kind == 0 else (p,) for p in rows])
            shape.setPath(path, frame - 1001)
        return self._hang(shape, inside)

    def tracker(self, label: str, places: dict[int, tuple[float, float]], inside=None):
        tracker = self.fx.Tracker(label)
        prop = next(p for p in tracker.properties.values() if p.type == "Point")
        if len(places) == 1:
            prop.value = Point3D(*self.unit(*next(iter(places.values()))))
        else:
            prop.constant = False
            for frame, place in places.items():
                prop.setValue(Point3D(*self.unit(*place)), frame - 1001)
            if 1001 not in places:
                prop._delete(0)
        return self._hang(tracker, inside)

    def _hang(self, thing, inside):
        with self.bench.application.person():
            (inside or self.bench.node).property("objects").addObjects([thing])
        return thing

    @staticmethod
    def unit(x: float, y: float) -> tuple[float, float]:
        return (x - 80) / 120, (y - 60) / 120

    def read(self, *chosen):
        found = Prompts()
        run(reading(self.fx, self.bench.paths, self.bench.node, self.bench.footage, chosen, found))
        objects = {each.name: each for each in found.objects()}
        for each in objects.values():
            check_prompts(each.prompts, 160, 120, (1001, 1008))
        return objects, found.notes


@pytest.fixture
def desk(silhouette: Application) -> Desk:
    return Desk(silhouette)


BOX = ((20, 30), (90, 30), (90, 80), (20, 80))


@pytest.mark.parametrize("kind", [0, 1], ids=["bezier", "bspline"])
def test_a_shape_in_a_layer_is_an_outline_on_its_keys(desk: Desk, kind: int) -> None:
    hero = desk.layer("hero")
    with desk.bench.application.person():
        hero.property("color").value = Color(0.0, 1.0, 0.0)
    desk.shape("body", BOX, {1002: 0, 1006: 10}, hero, kind)
    objects, notes = desk.read()
    assert (list(objects), notes) == (["hero"], [])
    hero = objects["hero"]
    assert hero.color == (0.0, 1.0, 0.0)
    assert [prompt.frame for prompt in hero.prompts] == [1002, 1006]
    (outline,) = hero.prompts[1].outline
    assert outline.kind == ("bspline" if kind else "bezier")
    xs = [p.x for p in outline.points]
    assert (min(xs), max(xs)) == pytest.approx((30, 100))


def test_points_that_cannot_be_had_are_sampled() -> None:
    application = install(opaque_paths=True)
    application.open_session(160, 120, 1001, 8)
    desk = Desk(application)
    desk.shape("hero", BOX, (1001,))
    (outline,) = desk.read()[0]["hero"].prompts[0].outline
    assert outline.kind == "bezier"
    assert len(outline.points) >= 40
    # A B-spline stays well inside its corners.
    assert 21 < min(p.x for p in outline.points) < 30


def test_all_shapes_of_an_object_are_shown_on_each_of_its_frames(desk: Desk) -> None:
    hero = desk.layer("hero")
    desk.shape("arm", BOX, (1001,), hero)
    hole = desk.shape("hole", ((40, 40), (60, 40), (60, 60)), (1004,), hero)
    gone = desk.shape("gone", BOX, (1001,), hero)
    with desk.bench.application.person():
        hole.property("mode").value = hole.property("mode").items.index("Subtract")
        gone.property("opacity").value = 0.0
    objects, _ = desk.read()
    assert [(p.frame, [o.mode for o in p.outline]) for p in objects["hero"].prompts] == [
        (1001, ["add", "subtract"]), (1004, ["add", "subtract"]),
    ]  # fmt: skip


def test_moved_layers_are_in_the_outline(desk: Desk) -> None:
    outer, inner = desk.layer("hero"), None
    with desk.bench.application.person():
        outer.property("transform.position").value = Point3D(0.1, -0.05)
    inner = desk.layer("part", outer)
    desk.shape("body", BOX, (1001,), inner)
    (outline,) = desk.read()[0]["hero"].prompts[0].outline
    assert min(p.x for p in outline.points) == pytest.approx(32)
    assert min(p.y for p in outline.points) == pytest.approx(24)


def test_a_shape_called_box_is_a_box_inside_the_plate(desk: Desk) -> None:
    desk.shape("hero box", ((-40, 30), (60, 30), (60, 200), (-40, 200)), (1001, 1005), kind=0)
    objects, notes = desk.read()
    assert notes == []
    assert [(p.frame, p.box) for p in objects["hero"].prompts] == [
        (1001, pytest.approx((0, 30, 60, 120))), (1005, pytest.approx((0, 30, 60, 120))),
    ]  # fmt: skip


def test_trackers_are_clicks(desk: Desk) -> None:
    desk.tracker("hero+", {1001: (50, 40)})
    desk.tracker("hero - 2", {1002: (5, 6), 1004: (7, 8)})
    desk.tracker("a helper", {1001: (1, 1)})
    objects, notes = desk.read()
    assert (list(objects), notes) == (["hero"], [])
    assert [(p.frame, p.points) for p in objects["hero"].prompts] == [
        (1001, (Click(pytest.approx(50), pytest.approx(40), True),)),
        (1002, (Click(pytest.approx(5), pytest.approx(6), False),)),
        (1004, (Click(pytest.approx(7), pytest.approx(8), False),)),
    ]


def test_a_tracked_tracker_clicks_on_the_current_frame(silhouette: Application) -> None:
    silhouette._session._duration = 40
    silhouette.player.frame = 3
    desk = Desk(silhouette)
    hero = desk.layer("hero")
    desk.tracker("+", {1001 + i: (10 + i, 20) for i in range(30)}, hero)
    (prompt,) = desk.read()[0]["hero"].prompts
    assert (prompt.frame, prompt.points) == (1004, (Click(pytest.approx(13), 20, True),))


def test_a_tracker_that_does_not_say_where_it_is() -> None:
    application = install(tracker_property="point")
    application.open_session(160, 120, 1001, 8)
    desk = Desk(application)
    desk.tracker("hero+", {1001: (50, 40)})
    assert list(desk.read()[0]) == ["hero"], "the only point it has"
    tracker = desk.tracker("prop+", {1001: (50, 40)})
    tracker._add("other", "Point", Point3D())
    objects, (note,) = desk.read()
    assert list(objects) == ["hero"]
    assert "PROMPT_POS" in note


def test_small_shapes_in_prompt_layers(desk: Desk) -> None:
    dot = ((-2, -2), (2, -2), (2, 2), (-2, 2))
    yes, no = desk.layer("PROMPT_POS"), desk.layer("PROMPT_NEG")
    desk.shape("hero 1", [(x + 50, y + 60) for x, y in dot], (1001, 1003), yes)
    desk.shape("hero 2", [(x + 70, y + 60) for x, y in dot], (1001,), no)
    hand = desk.layer("hand")
    inner = desk.layer("prompt_pos", hand)
    desk.shape("Shape 7", [(x + 20, y + 20) for x, y in dot], (1002,), inner)
    objects, notes = desk.read()
    assert notes == []
    assert {
        name: [
            (p.frame, [(round(c.x), round(c.y), c.positive) for c in p.points])
            for p in each.prompts
        ]
        for name, each in objects.items()
    } == {
        "hand": [(1002, [(20, 20, True)])],
        "hero": [(1001, [(50, 60, True), (70, 60, False)]), (1003, [(50, 60, True)])],
    }


def test_what_says_nothing(desk: Desk) -> None:
    desk.bench.apply(document())
    hidden = desk.layer("hidden")
    desk.shape("a", BOX, (1001,), hidden)
    with desk.bench.application.person():
        hidden.visible = False
    lone = desk.layer("lone")
    desk.shape("hair", BOX, (1001,), lone, closed=False)
    desk.shape("late", BOX, (1001, 1020), desk.layer("late"))
    objects, notes = desk.read()
    assert list(objects) == ["late"]
    assert notes == [
        "lone / hair: is open, so it has no inside.",
        "late: 1 of its keys are outside the plate.",
    ]


def test_only_what_is_chosen(desk: Desk) -> None:
    for name in ("hero", "prop"):
        desk.shape("s", BOX, (1001,), desk.layer(name))
    shape = desk.bench.node.children[1].children[0]
    assert list(desk.read(shape)[0]) == ["prop"]
    assert list(desk.read(desk.bench.node)[0]) == ["hero", "prop"]


# --- the plate


@pytest.mark.parametrize(
    ("text", "pattern", "span"),
    [
        ("/p/a.[1001-1100].exr", "/p/a.%04d.exr", (1001, 1100)),
        ("/p/[v2]/a_[0001-0100].dpx", "/p/[v2]/a_%04d.dpx", (1, 100)),
        ("C:/p/a[1-96].png", "C:/p/a%d.png", (1, 96)),
        ("/p/a.mov", "/p/a.mov", None),
    ],
)
def test_plate_names(text: str, pattern: str, span: tuple[int, int] | None) -> None:
    assert plate_path(text) == (pattern, span)


def test_the_plate_behind_other_nodes(silhouette: Application) -> None:
    bench = Bench(silhouette)
    with silhouette.person() as app:
        grade = bench.fx.Node("ColorNode")
        grade.label = "grade"
        app._session.addNode(grade)
        reader = bench.node.inputs[0].source.node
        reader.outputs[0].connect(grade.inputs[0])
        grade.outputs[0].connect(bench.node.inputs[0])
        reader._add("colorSpace", "String", "ACEScg")
    footage = bench.footage
    assert footage.plate == "/plates/plate.%04d.exr"
    assert (footage.skipped, footage.colorspace) == (("grade",), "ACEScg")
    assert (footage.frame_rate, footage.first) == ((24, 1), 1001)


def test_no_plate(silhouette: Application) -> None:
    bench = Bench(silhouette)
    bench.node.inputs[0]._source = None
    with pytest.raises(SilhouetteError, match="No source leads into RotoNode"):
        _ = bench.footage


def test_clicks_without_a_name_are_about_the_only_object(desk: Desk) -> None:
    desk.tracker("+", {1001: (50, 40)})
    assert list(desk.read()[0]) == ["object"]
    desk.shape("body", BOX, (1001,), desk.layer("hero"))
    objects, notes = desk.read()
    assert ([len(p.points) for p in objects["hero"].prompts], notes) == ([1], [])
    desk.shape("body", BOX, (1001,), desk.layer("prop"))
    objects, (note,) = desk.read()
    assert [p.points for each in objects.values() for p in each.prompts] == [(), ()]
    assert "not clear" in note
