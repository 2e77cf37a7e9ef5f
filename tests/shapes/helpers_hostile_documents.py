"""Documents at the edge of what is allowed: names, frames, degenerate shapes, odd plates."""

from __future__ import annotations

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
from roto_shapes.validate import MAX_FRAME

NAMES = [
    "a{b",
    "}}}",
    'say "hi"',
    "back\\slash\\",
    "$var [exec rm]",
    "semi;colon #c",
    "tab\tnew\r\nline",
    " lead and trail ",
    "é漢字 🎬",
    "<&>'\"]]>--",
    "a\u2028b\x85",
    "\x00\x1b",
    "\ud800",
    "%s{0}%n",
    "nil",
    "=expr",
    "idem",
    "Root",
    "../../x.y",
    "\ufeffbom",
]

names = st.sampled_from(NAMES) | st.text(max_size=8)
places = st.floats(-500, 2500, width=32) | st.sampled_from(
    [0.0, -0.0, 1e-9, 1e-30, 3e4, -3e4, 9999.125, 0.5, 1 / 3]
)
handles = st.floats(-300, 300, width=32) | st.sampled_from([0.0, -0.0, 1e-9, 1e-30, 5e3])
frames = st.integers(-50, 50) | st.sampled_from([-MAX_FRAME, MAX_FRAME, -100001, 100001, 0, -1])
near_frames = st.integers(-50, 50)
control_points = st.builds(ControlPoint, places, places, handles, handles, handles, handles)


def ascending(one: st.SearchStrategy[int], most: int = 4) -> st.SearchStrategy[list[int]]:
    return st.lists(one, min_size=1, max_size=most, unique=True).map(sorted)


@st.composite
def hostile_keys(draw, kind, closed):
    """2 to 4 points, perhaps all in one place; frames as far as there are any."""
    count = draw(st.integers(3 if closed and kind == "bspline" else 2, 4))
    corners = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    coincide = draw(st.booleans())
    keys = []
    for frame in draw(ascending(frames)):
        drawn = [draw(control_points)] * count
        if not coincide:
            drawn = [draw(control_points) for _ in range(count)]
        points = tuple(p._replace(corner=c) for p, c in zip(drawn, corners, strict=True))
        keys.append(Key(frame, points, interpolation=draw(st.sampled_from(("linear", "hold")))))
    return keys


@st.composite
def visible_ranges(draw, far):
    bounds = draw(st.lists(frames if far else near_frames, unique=True, max_size=4).map(sorted))
    if draw(st.booleans()):
        return [(frame, frame) for frame in bounds]
    return list(zip(bounds[::2], bounds[1::2], strict=False))


def keyed_opacity(at: list[int]) -> list[ValueKey]:
    values, kinds = (0.0, 1.0, 0.0, 0.5), ("linear", "hold")
    return [ValueKey(frame, values[i % 4], kinds[i % 2]) for i, frame in enumerate(at)]


@st.composite
def hostile_shapes(draw, shape_id, far):
    kind, closed = draw(st.sampled_from(("bezier", "bspline"))), draw(st.booleans())
    keys = draw(hostile_keys(kind, closed))
    count = len(keys[0].points)
    widths = st.lists(st.floats(-9, 9), min_size=count, max_size=count)
    return Shape(
        shape_id,
        draw(names),
        kind,
        closed,
        draw(st.sampled_from(("add", "subtract"))),
        draw(st.booleans()),
        draw(visible_ranges(far)),
        draw(st.sampled_from([1.0, 0.0, 1e-12, 0.3]) | ascending(frames).map(keyed_opacity)),
        draw(st.sampled_from([0.0, -3.0, 7.5, 1e-9]) | widths),
        draw(st.booleans()),
        draw(st.none() | st.just((0.1, 1 / 3, 1.0))),
        keys,
    )


transform_keys = st.builds(
    TransformKey,
    near_frames,
    handles,
    handles,
    st.sampled_from([0.0, 0.0, 33.0, -720.5]),
    st.sampled_from([1.0, 1.0, 0.01, 10.0]),
)
transforms = st.builds(
    Transform,
    st.tuples(places, places),
    st.lists(transform_keys, min_size=1, max_size=3, unique_by=lambda key: key.frame).map(
        lambda keys: sorted(keys, key=lambda key: key.frame)
    ),
)


@st.composite
def hostile_documents(draw):
    """A moving layer's shapes are seen near by: it may have to be baked on every frame."""
    layers = []
    for i in range(draw(st.integers(0, 3))):
        transform = draw(st.none() | transforms)
        shapes = [
            draw(hostile_shapes(f"s{i}.{j}", far=transform is None))
            for j in range(draw(st.integers(0, 2)))
        ]
        groups = draw(st.lists(names, max_size=2))
        layers.append(Layer(f"l{i}", draw(names), groups, (1.0, 0.5, 0.0), transform, None, shapes))
    first = draw(st.integers(-60, 60))
    return Document(
        draw(st.sampled_from([1, 2, 17, 1920, 1921, 4096])),
        draw(st.sampled_from([1, 3, 1080, 1081])),
        draw(st.sampled_from([1.0, 2.0, 0.5, 1 / 3, 1.09])),
        frame_range=(first, first + draw(st.integers(0, 40))),
        layers=layers,
    )
