"""Documents for tests: by hand, and drawn by hypothesis."""

from __future__ import annotations

import dataclasses
import math

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
)

WIDTH, HEIGHT = 1920, 1080
FRAMES = (1001, 1040)

# An asymmetric "L" near the top-left corner: no flip or turn maps it to itself.
L_CORNERS = (
    (100.0, 50.0),
    (130.0, 50.0),
    (130.0, 200.0),
    (220.0, 200.0),
    (220.0, 230.0),
    (100.0, 230.0),
)


def polygon(*corners):
    return tuple(ControlPoint(x, y, corner=True) for x, y in corners)


def l_points(dx=0.0, dy=0.0):
    return polygon(*((x + dx, y + dy) for x, y in L_CORNERS))


def blob(count=8, x=960.0, y=540.0, radius=200.0, phase=0.0):
    """A wobbly closed Bezier with handles along its tangents, clockwise on screen."""
    points = []
    for i in range(count):
        a = 2 * math.pi * i / count
        r = radius * (1 + 0.2 * math.sin(3 * a + phase))
        h = radius * 0.3
        tx, ty = -math.sin(a) * h, math.cos(a) * h
        points.append(
            ControlPoint(x + r * math.cos(a), y + r * math.sin(a), -tx, -ty, tx * 0.8, ty * 0.8)
        )
    return tuple(points)


def moving_blob(shape_id="s1", frames=(1001, 1011, 1040), **fields):
    keys = [
        Key(f, blob(x=900 + 4.3 * (f - 1001), phase=0.1 * (f - 1001)), interpolation="linear")
        for f in frames
    ]
    return Shape(shape_id, fields.pop("name", f"blob {shape_id}"), keys=keys, **fields)


def document(*layers, **fields):
    return Document(
        fields.pop("width", WIDTH),
        fields.pop("height", HEIGHT),
        frame_range=fields.pop("frame_range", FRAMES),
        layers=list(layers),
        **fields,
    )


def layer(*shapes, layer_id="l1", name="hero", **fields):
    return Layer(layer_id, name, shapes=list(shapes), **fields)


def one_shape(*keys, **fields):
    return document(layer(Shape("s1", fields.pop("name", "main"), keys=list(keys), **fields)))


TURNING = Transform(
    (900.0, 500.0),
    [
        TransformKey(1001),
        TransformKey(1010, 50.0, -20.0, 30.0, 1.2),
        TransformKey(1040, -80.0, 66.0, -45.0, 0.7),
    ],
)
SLIDING = Transform((0.0, 0.0), [TransformKey(1001), TransformKey(1040, 120.0, -64.0)])
STILL = Transform((300.0, 200.0), [TransformKey(1001, 10.0, 20.0, 33.0, 1.5)])


def at_whole_and_between(first, last):
    """Whole frames, and three instants between each two."""
    return [first + i / 4 for i in range(4 * (last - first) + 1)]


# --- hypothesis

coordinates = st.floats(-500, 2500, width=32)
handles = st.floats(-300, 300, width=32)
HOSTILE = (
    *(
        "}}{",
        '"',
        "'",
        "\\",
        "$x [exit 1]",
        "<a>&amp;]]>",
        "--><!--",
        "a;b#c",
        "nl\nx\ty",
        "\x00\x1f",
    ),
    *("\ud800", "\u2028", "é漢 🎬", "\u202egnp", " ", "1", "Root", "same", "same", "x" * 300),
)
names = st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=20)
# Where a document lies in time: about 0, far before it, far beyond 100000. All its keys are near,
# so the frames looked at lie between them.
epochs = st.sampled_from((0, 1001, -120_000, 250_000))
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
# Prefixed, so that a drawn name is never one the schema knows.
unknown_fields = st.dictionaries(st.text(max_size=6).map("x-".__add__), json_values, max_size=2)


@st.composite
def frame_lists(draw, least=1, most=5, epoch=0):
    start = epoch + draw(st.integers(-40, 30))
    steps = draw(st.lists(st.integers(1, 20), min_size=least - 1, max_size=most - 1))
    frames = [start]
    for step in steps:
        frames.append(frames[-1] + step)
    return frames


@st.composite
def visible_ranges(draw, keyed):
    """Anywhere, or on a single frame, often one that is keyed."""
    if draw(st.integers(0, 4)) == 0:
        return [(keyed[0], keyed[0])]
    near = st.integers(keyed[0] - 20, keyed[0] + 60)
    bounds = draw(st.lists(near, unique=True, max_size=6).map(sorted))
    return [(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=False)]


@st.composite
def drawn_shapes(draw, shape_id, epoch):
    kind = draw(st.sampled_from(("bezier", "bspline")))
    closed = draw(st.booleans())
    count = draw(st.integers(3 if closed and kind == "bspline" else 2, 6))
    corners = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    keys = []
    frames = draw(frame_lists(epoch=epoch))
    for frame in frames:
        points = tuple(
            ControlPoint(
                draw(coordinates),
                draw(coordinates),
                draw(handles),
                draw(handles),
                draw(handles),
                draw(handles),
                corner,
            )
            for corner in corners
        )
        keys.append(
            Key(
                frame,
                points,
                draw(st.sampled_from(("solved", "artist"))),
                draw(st.booleans()),
                draw(st.sampled_from(("linear", "hold"))),
                draw(st.none() | st.just({"app": "nuke"})),
                draw(unknown_fields),
            )
        )
    opacity = draw(
        st.floats(0, 1)
        | frame_lists(epoch=epoch).map(
            lambda frames: [
                ValueKey(f, (i % 3) / 2, ("linear", "hold")[i % 2]) for i, f in enumerate(frames)
            ]
        )
    )
    return Shape(
        shape_id,
        draw(names),
        kind,
        closed,
        draw(st.sampled_from(("add", "subtract"))),
        draw(st.booleans()),
        draw(visible_ranges(frames)),
        opacity,
        draw(st.floats(-20, 20) | st.lists(st.floats(0, 20), min_size=count, max_size=count)),
        draw(st.booleans()),
        draw(st.none() | st.just((0.25, 0.5, 1.0))),
        keys,
        draw(unknown_fields),
    )


@st.composite
def drawn_transforms(draw, epoch):
    keys = [
        TransformKey(
            frame,
            draw(st.floats(-300, 300)),
            draw(st.floats(-300, 300)),
            draw(st.floats(-180, 180)),
            draw(st.floats(0.5, 1.5)),
            draw(unknown_fields),
        )
        for frame in draw(frame_lists(most=3, epoch=epoch))
    ]
    return Transform((draw(coordinates), draw(coordinates)), keys, draw(unknown_fields))


@st.composite
def drawn_documents(draw):
    epoch = draw(epochs)
    layers = []
    for i in range(draw(st.integers(0, 3))):
        shapes = [draw(drawn_shapes(f"s{i}.{j}", epoch)) for j in range(draw(st.integers(0, 2)))]
        layers.append(
            Layer(
                f"l{i}",
                draw(names),
                draw(st.lists(st.sampled_from(("outer", "inner")) | names, max_size=2)),
                draw(st.tuples(*[st.floats(0, 1)] * 3)),
                draw(st.none() | drawn_transforms(epoch)),
                draw(st.none() | frame_lists()),
                shapes,
                draw(unknown_fields),
            )
        )
    first = epoch + draw(st.integers(-40, 20))
    return Document(
        draw(st.integers(16, 4096)),
        draw(st.integers(16, 2160)),
        draw(st.sampled_from((1.0, 2.0, 0.5, 1.3333))),
        draw(st.sampled_from(((24, 1), (24000, 1001)))),
        (first, first + draw(st.integers(0, 200))),
        layers,
        draw(st.lists(unknown_fields, max_size=2)),
        draw(
            st.dictionaries(
                names,
                st.dictionaries(st.integers(-9, 2000), st.floats(0, 1), max_size=2),
                max_size=1,
            )
        ),
        draw(unknown_fields),
        draw(unknown_fields),
    )


# --- comparing


def numbers_of(document):
    """Everything a document holds, numbers apart from the rest, for comparing within decimals."""
    numbers, rest = [], []

    def walk(value):
        if isinstance(value, bool) or value is None or isinstance(value, str):
            rest.append(value)
        elif isinstance(value, int | float):
            numbers.append(value)
        elif dataclasses.is_dataclass(value):
            for field in dataclasses.fields(value):
                walk(getattr(value, field.name))
        else:
            rest.append(len(value))
            for item in value.items() if isinstance(value, dict) else value:
                walk(item)

    walk(document)
    return numbers, rest


def assert_same(got, due, tolerance):
    (a, rest_a), (b, rest_b) = numbers_of(got), numbers_of(due)
    assert rest_a == rest_b
    assert len(a) == len(b)
    worst = max((abs(p - q) for p, q in zip(a, b, strict=True)), default=0.0)
    assert worst <= tolerance
