"""Documents for players to draw, what they must look like, and how like it a picture is.

What is due comes from our own rasteriser. A picture is coverage 0..1, ``[height, width]``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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
from roto_shapes.evaluate import flatten, opacity_at, outline_at
from roto_worker.vectorize.outline.raster import fill_coverage
from shapes.helpers_shapes import blob, l_points, polygon

WIDTH, HEIGHT = 960, 540
FIRST, LAST = 1001, 1041
SAMPLES = 4
LEVELS = (0.25, 0.5, 0.75)


class Drawn(NamedTuple):
    """A document and the frames to look at: keys, whole frames between, instants between frames."""

    document: Document
    frames: list[int]
    instants: list[float]


def coverage(document, frame):
    """The document's matte: shapes over one another in their layer, layers over one another."""
    size = (document.height, document.width)
    matte = np.zeros(size, np.float32)
    for layer in document.layers:
        own = np.zeros(size, np.float32)
        for shape in layer.shapes:
            points = outline_at(layer, shape, frame)
            if points is None:
                continue
            corners = np.array(flatten(points, shape.closed, 0.005))
            inside = fill_coverage([corners], document.width, document.height, SAMPLES)
            share = opacity_at(shape, frame) * (1 - inside if shape.inverted else inside)
            own = own * (1 - share) if shape.mode == "subtract" else own + share * (1 - own)
        matte += own * (1 - matte)
    return matte


def iou(ours, theirs):
    """The least IoU of the areas covered by more than each of three levels, which no opacity of
    the documents is near."""
    found = []
    for level in LEVELS:
        a, b = ours > level, theirs > level
        found.append((a & b).sum() / max((a | b).sum(), 1) if a.any() or b.any() else 1.0)
    return min(found)


def difference(ours, theirs):
    """The mean difference of coverage where either has any."""
    covered = (ours > 0) | (theirs > 0)
    return np.abs(ours - theirs)[covered].mean() if covered.any() else 0.0


def _document(*layers):
    return Document(WIDTH, HEIGHT, frame_range=(FIRST, LAST), layers=list(layers))


def _shape(name, *keys, **fields):
    return Shape(name, name, keys=list(keys), **fields)


def _body(**fields):
    return _shape(
        "body",
        Key(1001, blob(12, 400, 270, 165)),
        Key(1013, blob(12, 500, 280, 150, 0.5)),
        Key(1041, blob(12, 420, 250, 180, 1.0)),
        **fields,
    )


def _hole(**fields):
    """Wholly inside the body."""
    first, last = blob(8, 420, 270, 45), blob(8, 480, 285, 60, 0.4)
    return _shape("hole", Key(1001, first), Key(1021, last), mode="subtract", **fields)


def _bite(**fields):
    """Over the body's edge."""
    first, last = blob(8, 560, 300, 90), blob(8, 440, 420, 100, 0.4)
    return _shape("bite", Key(1001, first), Key(1041, last), mode="subtract", **fields)


def _top():
    """Over the hole and the bite."""
    return _shape("top", Key(1001, blob(8, 430, 280, 30)), Key(1041, blob(8, 540, 310, 60, 0.4)))


def _beside():
    return Layer("l2", "beside", shapes=[_shape("far", Key(1001, blob(8, 700, 200, 110)))])


def _turning():
    poses = [(1001, 0, 0, 0, 1), (1016, 60, -30, 50, 1.2), (1041, -40, 25, -35, 0.7)]
    return Transform((480.0, 270.0), [TransformKey(*pose) for pose in poses])


def _cuts():
    """A cut is of its own layer, and of what is below it there only."""
    hero = Layer("l1", "hero", shapes=[_body(), _hole(), _bite(opacity=0.4), _top()])
    return _document(_beside(), hero)


def _transformed():
    shapes = [_body(), _hole(), _top(), _bite()]
    return _document(Layer("l1", "hero", shapes=shapes, transform=_turning()), _beside())


def _visible():
    body = _body(visible=[(1001, 1006), (1013, 1030)])
    hole = _hole(visible=[(1004, 1020)])
    keys = [Key(f, blob(7, 150 + 20 * i, 120, 70, i / 2), interpolation="hold")
            for i, f in enumerate((1001, 1010, 1020))]  # fmt: skip
    end = _shape("end", Key(1001, blob(8, 800, 400, 80)), visible=[(LAST, LAST)])
    return _document(Layer("l1", "hero", shapes=[body, hole, _shape("held", *keys), end]))


def _bsplines():
    def ring(x, y, radius, phase):
        rows = blob(9, x, y, radius, phase)
        return tuple(ControlPoint(p.x, p.y, corner=i == 3) for i, p in enumerate(rows))

    body = Key(1001, ring(450, 270, 200, 0)), Key(1031, ring(520, 250, 170, 1))
    hole = Key(1001, ring(450, 270, 80, 1)), Key(1031, ring(560, 250, 90, 0))
    return _document(
        Layer(
            "l1",
            "hero",
            shapes=[
                _shape("body", *body, kind="bspline"),
                _shape("hole", *hole, kind="bspline", mode="subtract"),
            ],
            transform=_turning(),
        )
    )


def _fades():
    fade = [ValueKey(1001, 0.4), ValueKey(1013, 1.0, "hold"), ValueKey(1021, 0.6)]
    cut = [ValueKey(1001, 1.0), ValueKey(1021, 0.4)]
    return _document(Layer("l1", "hero", shapes=[_body(opacity=fade), _bite(opacity=cut)]))


def _inverted():
    """Everything but the body, of which only the hole's inside is left: a hole in a window."""
    window = _hole(inverted=True)
    window.keys = [Key(1001, blob(8, 560, 300, 150)), Key(1021, blob(8, 500, 330, 160, 0.4))]
    hero = Layer("l1", "hero", shapes=[_body(inverted=True), window], transform=_turning())
    return _document(hero)


def _around_the_range():
    """Keys before and after the frame range, shapes over the frame's border, an open outline."""
    keys = [Key(-40, blob(9, 0, 100, 200)), Key(1021, blob(9, 100, 60, 160)),
            Key(2000, blob(9, 3000, 200, 90))]  # fmt: skip
    opened = _shape("string", Key(1001, blob(9, 700, 400, 120)[:6]), closed=False)
    alone = _shape("alone", Key(900, blob(8, 940, 500, 100)))
    transform = Transform((0.0, 0.0), [TransformKey(980), TransformKey(1061, 80.0, 40.0)])
    edge = Layer("l1", "edge", shapes=[_shape("edge", *keys), alone], transform=transform)
    return _document(edge, Layer("l2", "rope", shapes=[opened]))


def _turns():
    """Adds and cuts in turn, as deep as the Lottie writer vouches for."""
    shapes = []
    for i in range(10):
        shapes.append(_shape(f"add {i}", Key(1001, blob(8, 150 + 65 * i, 270, 120, i))))
        cut = Key(1001, blob(8, 190 + 65 * i, 230, 60, i))
        shapes.append(_shape(f"cut {i}", cut, mode="subtract"))
    return _document(Layer("l1", "hero", shapes=shapes))


def _l():
    return _document(Layer("l1", "l", shapes=[_shape("l", Key(1001, l_points()))]))


DRAWN = {
    "add, hole, bite, add": Drawn(_cuts(), [1001, 1007, 1013, 1021, 1041], [1016.5]),
    "turning layer": Drawn(_transformed(), [1001, 1008, 1016, 1030, 1041], [1010.25]),
    "visibility, holds": Drawn(
        _visible(),
        [1001, 1003, 1004, 1006, 1007, 1012, 1013, 1020, 1021, 1030, 1031, 1040, 1041],
        [1009.5],
    ),
    "B-splines": Drawn(_bsplines(), [1001, 1012, 1031, 1041], [1020.5]),
    "opacity": Drawn(_fades(), [1001, 1005, 1013, 1020, 1021, 1041], [1009.5]),
    "inverted": Drawn(_inverted(), [1001, 1009, 1021, 1041], [1030.5]),
    "around the range": Drawn(_around_the_range(), [1001, 1021, 1033, 1041], [1033.5]),
    "ten turns": Drawn(_turns(), [1001], []),
    "L": Drawn(_l(), [1001], []),
}


def box(left, top, right, bottom):
    """A still rectangle, and the coverage due: exact, for every pixel."""
    corners = polygon((left, top), (right, top), (right, bottom), (left, bottom))
    document = _document(Layer("l1", "box", shapes=[_shape("box", Key(1001, corners))]))

    def shares(low, high, count):
        pixels = np.arange(count)
        return np.clip(np.minimum(high, pixels + 1) - np.maximum(low, pixels), 0, 1)

    return document, shares(top, bottom, HEIGHT)[:, None] * shares(left, right, WIDTH)


BOXES = {
    "one pixel": (100, 50, 101, 51),
    "whole pixels": (100, 50, 300, 200),
    "one further": (101, 51, 301, 201),
    "half pixels": (100.5, 50.5, 300.5, 200.5),
    "quarters": (100.25, 50.75, 300.75, 200.25),
}
