"""The mattes hosts would draw from our files, by decoders that share nothing with the writers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from roto_shapes.evaluate import flatten, opacity_at, outline_at
from roto_worker.vectorize.outline.raster import fill
from shapes import helpers_ae, helpers_fxs, helpers_nk, helpers_setting

STEPS = np.linspace(0, 1, 24, endpoint=False)[:, None]
Outline = Sequence[Sequence[tuple[float, float]]]
"""Per control point: incoming handle, point, outgoing handle; absolute plate pixels, y down."""


def polygon(points: Outline) -> np.ndarray:
    """The closed cubic Bezier curve, 24 chords per segment."""
    chords = []
    for (_, start, leaving), (arriving, end, _) in zip(
        points, [*points[1:], points[0]], strict=True
    ):
        a, b, c, d = (np.array(point) for point in (start, leaving, arriving, end))
        s = 1 - STEPS
        chords.append(s**3 * a + 3 * s**2 * STEPS * b + 3 * s * STEPS**2 * c + STEPS**3 * d)
    return np.concatenate(chords)


class Canvas:
    """A matte that shapes are laid on, lowest first."""

    def __init__(self, width: int, height: int) -> None:
        self.matte = np.zeros((height, width))

    def lay(self, points: np.ndarray, opacity: float, subtract: bool, inverted: bool) -> None:
        height, width = self.matte.shape
        cover = opacity * (fill([points], width, height) ^ bool(inverted))
        self.matte = self.matte * (1 - cover) + (0 if subtract else cover)


def document_matte(doc, frame) -> np.ndarray:
    """Ours: subtract shapes cut what lies below them in their layer; the lightest layer shows."""
    mattes = [np.zeros((doc.height, doc.width))]
    for layer in doc.layers:
        canvas = Canvas(doc.width, doc.height)
        for shape in layer.shapes:
            points = outline_at(layer, shape, frame)
            if points is not None:
                curve = np.array(flatten(points, True, 0.02))
                value = opacity_at(shape, frame)
                canvas.lay(curve, value, shape.mode == "subtract", shape.inverted)
        mattes.append(canvas.matte)
    return np.maximum.reduce(mattes)


def nuke_matte(text: str, frame: float, width: int, height: int) -> np.ndarray:
    """The alpha of the file's only Roto node: shapes listed first lie on top."""
    (knob,) = helpers_nk.curves_knobs(text)
    canvas = Canvas(width, height)
    for shape in reversed(list(helpers_nk.shapes_of(knob.root))):
        if shape.visible(frame):
            cuts = shape.attribute("a", frame, 1) == 0
            opacity, inverted = shape.attribute("opc", frame, 1), shape.attribute("inv", frame, 0)
            canvas.lay(polygon(shape.outline(frame, height)), opacity, cuts, inverted)
    return canvas.matte


def silhouette_matte(text: str, frame: float, width: int, height: int) -> np.ndarray:
    """The matte of all shapes of an ``.fxs``, lowest first."""
    file = helpers_fxs.read(text)
    assert (file.width, file.height) == (width, height)
    canvas = Canvas(width, height)
    key = frame - file.start
    for shape in helpers_fxs.shapes(file):
        points, kind = shape.path(key), shape.attributes["shape_type"]
        count = helpers_fxs.segment_count(points, kind, shape.closed)
        curve = [
            file.pixel(helpers_fxs.curve_point(points, kind, shape.closed, segment, t))
            for segment in range(count)
            for t in STEPS[:, 0]
        ]
        cuts = shape.properties["mode"].constant == "Subtract"
        inverted = shape.properties["invert"].constant == "true"
        canvas.lay(np.array(curve), shape.number("opacity", key) / 100, cuts, inverted)
    return canvas.matte


def fusion_matte(text: str, frame: float, width: int, height: int) -> np.ndarray:
    """The lightest of the chains of masks, each painted on the one it takes as effect mask."""
    mattes = [np.zeros((height, width))]
    canvas = last = None
    for mask in helpers_setting.masks(text):
        if mask.below is None:
            canvas = Canvas(width, height)
        else:
            assert mask.below == last
        cuts, inverted = mask.mode == "Subtract", mask.constant("Invert", 0)
        level = mask.number("Level", frame, 1.0)
        canvas.lay(polygon(mask.outline(frame)), level, cuts, inverted)
        if mask.below is not None:
            mattes.pop()
        mattes.append(canvas.matte)
        last = mask.name
    return np.maximum.reduce(mattes)


def aftereffects_matte(log, frame: float, width: int, height: int) -> np.ndarray:
    """The layer's alpha: masks from the first on; a first one that subtracts starts from white."""
    canvas = Canvas(width, height)
    masks = [mask for mask in log["masks"] if mask["maskMode"] != "NONE"]
    if masks and masks[0]["maskMode"] == "SUBTRACT":
        canvas.matte += 1
    for mask in masks:
        opacity = helpers_ae.value_at(mask, "ADBE Mask Opacity", frame) / 100
        points = polygon(helpers_ae.outline(mask, frame))
        canvas.lay(points, opacity, mask["maskMode"] == "SUBTRACT", mask["inverted"])
    return canvas.matte


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two mattes, by value."""
    union = np.maximum(one, other).sum()
    return float(np.minimum(one, other).sum() / union) if union else 1.0
