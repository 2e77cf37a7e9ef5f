"""Blender masks, as data for the add-on: a mask for every layer, a mask layer for every shape.

Blender's mask space is a square on the frame's centre, as wide as the longer side of the frame in
display pixels, y up; handles are absolute. Topology must not change within a mask layer, so every
shape has its own; its opacity, constant keys included, is the mask layer's alpha.
"""

from __future__ import annotations

from typing import List, NamedTuple, Sequence

from ..model import ControlPoint, Document, Key, Layer, Shape
from .base import Format, LossyReport, Written, note_document_losses, shape_place
from .jsontext import JsonObject, encoded, rounded, rows_text
from .lowering import gated_opacity, keys_in_plate, linear_keys

SCHEMA = "megaton-roto/blender/1"
_DECIMALS = 8


class _Space(NamedTuple):
    """``u = (x - W/2) * pixel aspect / S + 1/2``, ``v = (H/2 - y) / S + 1/2``."""

    width: int
    height: int
    pixel_aspect: float

    @property
    def side(self) -> float:
        return max(self.width * self.pixel_aspect, self.height)

    def row(self, points: Sequence[ControlPoint]) -> List[float]:
        """u, v of each point, then of its left and right handle."""
        sx, sy = self.pixel_aspect / self.side, -1 / self.side
        x0, y0 = 0.5 - self.width / 2 * sx, 0.5 - self.height / 2 * sy
        row: List[float] = []
        for x, y, in_dx, in_dy, out_dx, out_dy, _ in points:
            u, v = x0 + x * sx, y0 + y * sy
            row += (u, v, u + in_dx * sx, v + in_dy * sy, u + out_dx * sx, v + out_dy * sy)
        return row


def write(document: Document) -> Written:
    """The masks as JSON: lowest mask layer first; frames are plate frames.

    Shape keys are linear: ``keys`` has a row per frame, for each point u, v of the point, its left
    (incoming) and its right handle. Exact on frames, and between where no hold or turn is baked.
    """
    report = LossyReport()
    note_document_losses(document, report)
    space = _Space(document.width, document.height, document.pixel_aspect)
    data = {
        "schema": SCHEMA,
        "width": document.width,
        "height": document.height,
        "pixel_aspect": rounded(document.pixel_aspect),
        "fps": list(document.fps),
        "frame_range": list(document.frame_range),
        "masks": [
            {
                "name": layer.name,
                "group": layer.group,
                "color": [rounded(value) for value in layer.color],
                "layers": [_mask_layer(document, layer, s, space, report) for s in layer.shapes],
            }
            for layer in document.layers
        ],
    }
    return Written(encoded(data) + "\n", report)


def _mask_layer(
    document: Document, layer: Layer, shape: Shape, space: _Space, report: LossyReport
) -> JsonObject:
    place = shape_place(layer, shape)
    keys: List[Key] = linear_keys(keys_in_plate(document, layer, shape, report), report, place)
    _note_losses(shape, place, report)
    return {
        "name": shape.name,
        "blend": "MERGE_SUBTRACT" if shape.mode == "subtract" else "MERGE_ADD",
        "invert": shape.inverted,
        "cyclic": shape.closed,
        "alpha": _alpha(document, shape),
        "frames": [key.frame for key in keys],
        "keys": rows_text([space.row(key.points) for key in keys], _DECIMALS),
    }


def _alpha(document: Document, shape: Shape) -> object:
    """A number, or keys (frame, value, CONSTANT or LINEAR)."""
    opacity = gated_opacity(shape, document.frame_range)
    if not isinstance(opacity, list):
        return rounded(opacity)
    return [
        [key.frame, rounded(key.value), "CONSTANT" if key.interpolation == "hold" else "LINEAR"]
        for key in opacity
    ]


def _note_losses(shape: Shape, place: str, report: LossyReport) -> None:
    feather = shape.feather if isinstance(shape.feather, list) else [shape.feather]
    if any(feather):
        report.add(place, "feather: left out")
    if shape.color is not None:
        report.add(place, "its colour: masks have none")
    if shape.motion_blur:
        report.add(place, "motion blur: that of the whole mask node in Blender")
    if not shape.closed:
        report.add(place, "open shape: Blender fills closed splines only")


FORMAT = Format("blender", "blender.json", "Blender mask data", write)
