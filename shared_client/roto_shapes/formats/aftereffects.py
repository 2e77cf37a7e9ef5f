"""After Effects masks: a script that builds them on the selected layer, and the data it holds.

After Effects' space is ours: pixels of the layer's source, origin at the top-left corner, y down,
tangents as offsets, whatever the pixel aspect. Masks know no layer transform, so it is baked.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, Tuple, Union

from ..model import Animated, ControlPoint, Document, Key, Layer, Shape, ValueKey
from .aftereffects_script import script
from .base import Format, LossyReport, Written, note_document_losses, shape_place
from .jsontext import JsonObject, encoded, rounded, rows_text
from .lowering import gated_opacity, keys_in_plate, mean_feather, note_cuts
from .reading import ungated, with_corners

SCHEMA = "megaton-roto/aftereffects/1"
_DECIMALS = 4


def write(document: Document) -> Written:
    """The document as a ``.jsx``: select a layer whose source is the plate, and run it.

    ES3, no libraries, one undo group. Keys are exact on 1/10000 pixel; the first frame of the
    document lies at the layer's start.
    """
    data, report = mask_data(document)
    return Written(script(encoded(data)), report)


def write_data(document: Document) -> Written:
    """The same masks as JSON, for a panel that builds them itself."""
    data, report = mask_data(document)
    return Written(encoded(data) + "\n", report)


def mask_data(document: Document) -> Tuple[JsonObject, LossyReport]:
    """The masks from the first to the last, frames being plate frames.

    A mask's ``mode`` is add, subtract or none; its ``points`` have one row a key: x, y, in_x,
    in_y, out_x, out_y of every vertex; ``hold`` lists the indices of the keys that hold.
    ``opacity`` is 0..100, or keys. ``layer_id`` and ``shape_id`` are the document's.
    """
    report = LossyReport()
    note_document_losses(document, report, lacking=("groups",))
    note_cuts(document, report)
    masks: List[JsonObject] = []
    for layer in document.layers:
        cuttable = False
        for shape in layer.shapes:
            cuttable = cuttable or shape.mode == "add"
            masks.append(_mask(document, layer, shape, cuttable, report))
    data = {
        "schema": SCHEMA,
        "width": document.width,
        "height": document.height,
        "fps": list(document.fps),
        "first_frame": document.frame_range[0],
        "last_frame": document.frame_range[1],
        "masks": masks,
    }
    return data, report


def _mask(
    document: Document, layer: Layer, shape: Shape, cuttable: bool, report: LossyReport
) -> JsonObject:
    """``cuttable``: something of the layer lies below, or is this shape.

    A first mask that subtracts would show all of the picture but itself.
    """
    place = shape_place(layer, shape)
    if not cuttable:
        report.add(place, "nothing below it to cut: a mask of mode None")
    keys = keys_in_plate(document, layer, shape, report)
    if not shape.closed:
        report.add(place, "open shape: After Effects draws it as a path without area")
    feather = mean_feather(shape, report, place)
    if feather < 0:
        report.add(place, "feather inwards: left out")
    return {
        "name": f"{layer.name} {shape.name}".strip(),
        "layer": layer.name,
        "layer_id": layer.id,
        "shape_id": shape.id,
        "mode": shape.mode if cuttable else "none",
        "inverted": shape.inverted,
        "closed": shape.closed,
        "color": [rounded(value) for value in shape.color or layer.color],
        "motion_blur": shape.motion_blur,
        "feather": rounded(max(0.0, feather)),
        "opacity": _opacity(gated_opacity(shape, document.frame_range)),
        "frames": [key.frame for key in keys],
        "hold": [i for i, key in enumerate(keys[:-1]) if key.interpolation == "hold"],
        "points": rows_text([[v for p in key.points for v in p[:6]] for key in keys], _DECIMALS),
    }


def _opacity(opacity: Animated) -> object:
    if not isinstance(opacity, list):
        return rounded(100 * opacity)
    held: List[int] = [i for i, key in enumerate(opacity[:-1]) if key.interpolation == "hold"]
    return {
        "frames": [key.frame for key in opacity],
        "values": [rounded(100 * key.value) for key in opacity],
        "hold": held,
    }


def from_data(data: JsonObject) -> Document:
    """What masks as data show, as a document: Beziers without layer transforms, on the frames and
    with the ids the data has. Raises KeyError, IndexError or TypeError for what is no such data.
    """
    rate = data["fps"][0], data["fps"][1]
    frame_range = data["first_frame"], data["last_frame"]
    layers: Dict[str, Layer] = {}
    for mask in data["masks"]:
        layer = layers.setdefault(mask["layer_id"], Layer(mask["layer_id"], mask["layer"]))
        layer.shapes.append(_shape(mask, frame_range))
    return Document(
        data["width"],
        data["height"],
        fps=rate,
        frame_range=frame_range,
        layers=list(layers.values()),
    )


def project(document: Document) -> Document:
    """What reading the masks back out of After Effects gives (`from_data`), ids included.

    After Effects keeps 64-bit floats, so only the data's decimals are lost.
    """
    return from_data(json.loads(write_data(document).text))


def _shape(mask: JsonObject, frame_range: Tuple[int, int]) -> Shape:
    opacity, visible = ungated(_read_opacity(mask["opacity"]), frame_range)
    held = set(mask["hold"])
    keys = [
        Key(frame, _points(row), interpolation="hold" if i in held else "linear")
        for i, (frame, row) in enumerate(zip(mask["frames"], mask["points"]))
    ]
    red, green, blue = mask["color"]
    return Shape(
        mask["shape_id"],
        mask["name"],
        closed=mask["closed"],
        mode="subtract" if mask["mode"] == "subtract" else "add",
        inverted=mask["inverted"],
        visible=visible,
        opacity=opacity,
        feather=mask["feather"],
        motion_blur=mask["motion_blur"],
        color=(red, green, blue),
        keys=with_corners(keys),
    )


def _points(row: List[float]) -> Tuple[ControlPoint, ...]:
    points: List[ControlPoint] = []
    for i in range(0, len(row), 6):
        x, y, in_dx, in_dy, out_dx, out_dy = row[i : i + 6]
        points.append(ControlPoint(x, y, in_dx, in_dy, out_dx, out_dy))
    return tuple(points)


def _read_opacity(opacity: Union[float, Dict[str, Any]]) -> Animated:
    if not isinstance(opacity, dict):
        return opacity / 100
    held = set(opacity["hold"])
    return [
        ValueKey(frame, value / 100, "hold" if i in held else "linear")
        for i, (frame, value) in enumerate(zip(opacity["frames"], opacity["values"]))
    ]


FORMAT = Format("aftereffects", "jsx", "After Effects mask script", write)
DATA_FORMAT = Format(
    "aftereffects-data", "ae.json", "After Effects mask data", write_data, project=project
)
