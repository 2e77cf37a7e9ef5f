"""Documents made by hand or solved, and what an update must leave as it was."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from helpers_vectorize import HEIGHT, WIDTH, Paths, draw, iou, solve

from roto_shapes.document import ControlPoint, Document, Key, Layer, Shape, dumps, loads
from roto_worker.vectorize.outline.outlines import rasterize_layer
from roto_worker.vectorize.outline.raster import fill
from roto_worker.vectorize.update.document import UpdateResult, update

FRAMES = list(range(1001, 1025))
STRETCH = (1007, 1018)


@cache
def solved(scene: Paths) -> Document:
    """Once for all tests: no update may change it."""
    layer = solve(scene, FRAMES).layer
    return Document(WIDTH, HEIGHT, frame_range=(FRAMES[0], FRAMES[-1]), layers=[layer])


def bump(frame: int, stretch: tuple[int, int] = STRETCH) -> float:
    """0 up to the stretch's ends, 1 in its middle."""
    return float(np.sin(np.pi * np.clip((frame - stretch[0]) / (stretch[1] - stretch[0]), 0, 1)))


def pushed(scene: Paths, by: tuple[float, float], stretch: tuple[int, int] = STRETCH) -> Paths:
    """The scene carried away inside the stretch."""
    return lambda f: [path + bump(f, stretch) * np.array(by) for path in scene(f)]


def updated(
    document: Document, scene: Paths, stretch: tuple[int, int] = STRETCH, **options
) -> UpdateResult:
    """Updated from mattes that exist on the stretch alone, and checked outside."""
    first, last = stretch

    def matte(frame: int) -> np.ndarray:
        assert first <= frame <= last, "a matte outside the stretch was asked for"
        return draw(scene(frame))

    text = dumps(document)
    result = update(document, matte, stretch, **options)
    assert dumps(document) == text, "the given document was changed"
    assert loads(dumps(result.document)) == result.document
    untouched_outside(document, result.document, stretch)
    return result


def untouched_outside(old: Document, new: Document, stretch: tuple[int, int]) -> None:
    first, last = stretch
    for name in ("width", "height", "pixel_aspect", "fps", "frame_range", "prompts", "confidence"):
        assert getattr(old, name) == getattr(new, name)
    assert (old.provenance, old.extra) == (new.provenance, new.extra)
    for before, after in zip(old.layers, new.layers, strict=True):
        assert before.transform == after.transform
        kept = {shape.id: shape for shape in after.shapes}
        for shape in before.shapes:
            outer = [key for key in shape.keys if not first <= key.frame <= last]
            if shape.id not in kept:
                assert not outer
                continue
            other = kept[shape.id]
            assert outer == [key for key in other.keys if not first <= key.frame <= last]
            assert {len(k.points) for k in other.keys} == {len(shape.keys[0].points)}
            same = ("name", "kind", "closed", "mode", "inverted", "feather", "opacity", "color")
            assert all(getattr(shape, n) == getattr(other, n) for n in same)
            assert (shape.host, shape.extra) == (other.host, other.extra)
        low, high = old.frame_range
        # A frame's own in-betweens, up to the next one, belong to it.
        halves = [f / 2 for f in range(2 * low, 2 * high + 1) if not first <= f // 2 <= last]
        for frame in halves:
            masks = [rasterize_layer(d, x, frame) for d, x in ((old, before), (new, after))]
            assert (masks[0] == masks[1]).all(), frame


def fit(document: Document, scene: Paths, frames, layer: int = 0) -> list[float]:
    """IoU of a layer with the scene drawn exactly."""
    return [
        iou(rasterize_layer(document, document.layers[layer], f), fill(scene(f), WIDTH, HEIGHT))
        for f in frames
    ]


def inside(stretch: tuple[int, int] = STRETCH) -> range:
    """The frames between the stretch's ends."""
    return range(stretch[0] + 1, stretch[1])


def ring(cx: float, cy: float, rx: float, ry: float, points: int = 8) -> tuple[ControlPoint, ...]:
    """An ellipse as near as so many smooth points come."""
    reach = 4 / 3 * np.tan(np.pi / (2 * points))
    made = []
    for a in 2 * np.pi * np.arange(points) / points:
        x, y = cx + rx * np.cos(a), cy + ry * np.sin(a)
        tx, ty = -rx * np.sin(a) * reach, ry * np.cos(a) * reach
        made.append(ControlPoint(*map(float, (x, y, -tx, -ty, tx, ty))))
    return tuple(made)


def drawn(*shapes: Shape, frames: tuple[int, int] = (FRAMES[0], FRAMES[-1]), **layer) -> Document:
    """A document of one layer of shapes made by hand."""
    made = Layer("hero", "hero", shapes=list(shapes), **layer)
    return Document(WIDTH, HEIGHT, frame_range=frames, layers=[made])


def shape_of(
    points: Callable[[int], tuple[ControlPoint, ...]], keyed: list[int], **options
) -> Shape:
    options.setdefault("id", "hero.1")
    options.setdefault("name", "hero 1")
    return Shape(keys=[Key(frame, points(frame)) for frame in keyed], **options)
