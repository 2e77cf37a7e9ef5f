"""CPU seconds to write a heavy shot in every format, against a budget of 5 s each.

4K, 500 frames, 50 shapes of 12 points: keyed on every fifth frame; the same under a turning layer
(baked to every frame for hosts without layer transforms); keyed on every frame; and that with all
that costs: B-splines, a feather per point, wide pixels, a turn.
"""

from __future__ import annotations

import math
import time

from common import save, show
from roto_shapes.document import ControlPoint, Document, Key, Layer, Shape, Transform, TransformKey
from roto_shapes.formats import FORMATS, write

WIDTH, HEIGHT = 4096, 2160
FRAMES, SHAPES, POINTS = 500, 50, 12
BUDGET = 5.0


def outline(shape: int, frame: int) -> tuple[ControlPoint, ...]:
    """A wobbling blob, no two numbers alike."""
    points = []
    for i in range(POINTS):
        angle = 2 * math.pi * i / POINTS + 0.002 * frame
        radius = 100 + 20 * math.sin(3 * angle + 0.1 * frame + shape)
        c, s = math.cos(angle), math.sin(angle)
        x, y = 300 + 70 * shape + 1.7 * frame + radius * c, 300 + 30 * shape + radius * s
        points.append(ControlPoint(x, y, 30 * s, -30 * c, -33 * s, 33 * c))
    return tuple(points)


def shot(every: int, transform: Transform | None = None) -> Document:
    layers = []
    for number in range(10):
        shapes = []
        for i in range(SHAPES // 10):
            index = 5 * number + i
            keys = [Key(1001 + f, outline(index, f)) for f in range(0, FRAMES, every)]
            mode = "subtract" if i == 4 else "add"
            shapes.append(Shape(f"s{index}", f"shape {index}", mode=mode, keys=keys))
        layers.append(Layer(f"l{number}", f"layer {number}", transform=transform, shapes=shapes))
    return Document(WIDTH, HEIGHT, frame_range=(1001, 1000 + FRAMES), layers=layers)


def hardest() -> Document:
    document = shot(1, turning())
    document.pixel_aspect = 2.0
    for layer in document.layers:
        for shape in layer.shapes:
            shape.kind, shape.feather = "bspline", [float(i) for i in range(POINTS)]
    return document


def turning() -> Transform:
    keys = [TransformKey(1001 + f, f, -0.3 * f, 0.1 * f, 1 + f / 5000) for f in range(0, 500, 20)]
    return Transform((WIDTH / 2, HEIGHT / 2), keys)


def main() -> None:
    shots = {
        "100 keys": shot(5),
        "100 keys, turning": shot(5, turning()),
        "every frame": shot(1),
        "all that costs": hardest(),
    }
    figures: dict[str, dict[str, float]] = {}
    rows = []
    cases: list[tuple[str, str, dict[str, bool]]] = [(name, name, {}) for name in FORMATS]
    cases.append(("silhouette as B-splines", "silhouette", {"bspline": True}))
    for label, name, options in cases:
        figures[label] = {}
        row: list[object] = [label]
        for title, document in shots.items():
            begun = time.process_time()
            text = write(document, name, **options).text
            seconds = time.process_time() - begun
            figures[label][title] = round(seconds, 2)
            row += [round(seconds, 2), f"{len(text) / 2**20:.1f}"]
        worst = max(figures[label].values())
        rows.append([*row, "ok" if worst < BUDGET else "TOO SLOW"])
    columns = [cell for title in shots for cell in (f"{title}: s", "MiB")]
    show(f"{SHAPES} shapes x {POINTS} points, {FRAMES} frames", ["format", *columns, "< 5 s"], rows)
    save("formats", figures)


if __name__ == "__main__":
    main()
