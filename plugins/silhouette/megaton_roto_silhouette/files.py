"""Shapes in and out through Silhouette's own shape files: the way that always works.

Used for Beziers, and wherever the points of a path cannot be had one by one (`paths`). Importing
is one call of the host; which object is which is told from their order.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from roto_shapes.evaluate import interpolated_points
from roto_shapes.formats import silhouette, silhouette_read
from roto_shapes.formats.base import LossyReport
from roto_shapes.geometry import bspline_vertices
from roto_shapes.model import Document

from . import marks
from .errors import SilhouetteError
from .footage import Footage
from .host_shapes import HostLayer, HostShape, read_properties
from .plan import TOLERANCE, flattened

MODULE = "Silhouette Shapes"


def fxs_text(
    document: Document, footage: Footage, bspline: bool, key_offset: int
) -> Tuple[str, LossyReport]:
    """The document as a shape file for this session (pure: for a background thread)."""
    report = LossyReport()
    # The file names the session's own first frame; its keys count from the plate's.
    start = footage.session_start
    offset = start - footage.first + key_offset
    written = silhouette.write(flattened(document, report), start, offset, bspline, TOLERANCE)
    for note in written.report.as_list():
        report.add(note["where"], note["what"])
    return written.text, report


def import_text(fx: Any, node: Any, text: str) -> List[Any]:
    """Bring a shape file into a node, inside an undo group of the caller's; the new layers.

    Raises SilhouetteError when Silhouette takes nothing of it.
    """
    before = {child.id for child in node.children or []}
    path = _temporary(text)
    try:
        fx.activate(node)
        fx.io_modules[MODULE].importFile(path)
    finally:
        os.unlink(path)
    made = [child for child in node.children or [] if child.id not in before]
    if not made:
        raise SilhouetteError(
            "Silhouette imported no shapes.",
            hint="Import the .fxs of the job by hand: File > Import > Shapes.",
        )
    return made


def mark_imported(
    fx: Any, made: Sequence[Any], document: Document, note: Dict[str, Any]
) -> List[str]:
    """Note on imported layers and shapes what they are; labels of those that could not be told."""
    layers = {layer.id: layer for layer in document.layers}
    waiting = list(layers.values())
    lost: List[str] = []
    for thing in _layers(made):
        match = next((each for each in waiting if each.name == str(thing.label)), None)
        shapes = [child for child in thing.children or [] if child.isType("Shape")]
        if match is None or len(shapes) != len(match.shapes):
            if shapes:
                lost.append(str(thing.label))
            continue
        waiting.remove(match)
        marks.write(fx, thing, {**note, "layer": match.id})
        for shape, own in zip(shapes, match.shapes):
            marks.write(fx, shape, {**note, "layer": match.id, "shape": own.id})
    return lost


def _layers(things: Sequence[Any]) -> Iterator[Any]:
    """Layers with shapes in them, innermost first."""
    for thing in things:
        if thing.isType("Layer"):
            yield from _layers(thing.children or [])
            yield thing


def export_layer(fx: Any, node: Any, layer: Any) -> str:
    """The text of a shape file of one layer; the selection stays as it was."""
    path = _temporary("")
    chosen = list(fx.selection())
    try:
        fx.activate(node)
        fx.select([layer, *_below(layer)])
        fx.io_modules[MODULE].export(path)
        with open(path, encoding="utf-8") as file:
            return file.read()
    finally:
        fx.select(chosen)
        os.unlink(path)


def _below(thing: Any) -> List[Any]:
    children = list(thing.children or [])
    return children + [below for child in children for below in _below(child)]


def heads(fx: Any, layer: Any, found: HostLayer) -> None:
    """The shapes of a layer without their keys, in the order of a shape file."""
    for child in layer.children or []:
        if child.isType("Layer"):
            heads(fx, child, found)
        elif child.isType("Shape") and child.shapeType != fx.Shape.Xspline:
            found.shapes.append(read_properties(fx, child))


def fill_keys(found: HostLayer, text: str, footage: Footage, key_offset: int) -> List[str]:
    """Give shapes found by `heads` the keys of the file they were written to; what was lost.

    Raises SilhouetteError when the file holds other shapes (DocumentError when it is none).
    """
    read = silhouette_read.read(text, key_offset, footage.pixel_aspect)
    document = read.document
    shapes = [(layer, shape) for layer in document.layers for shape in layer.shapes]
    if len(shapes) != len(found.shapes):
        raise SilhouetteError(
            f"{found.label}: Silhouette wrote {len(shapes)} of its {len(found.shapes)} shapes.",
            hint="Unlock and show all shapes of the layer and try again.",
        )
    scale = footage.height / document.height
    for host, (layer, shape) in zip(found.shapes, shapes):
        host.kind = shape.kind
        _take(host, flattened_shape(document, layer, shape), footage, scale)
    return read.report.lines()


def flattened_shape(document: Document, layer: Any, shape: Any) -> Any:
    only = Document(
        document.width,
        document.height,
        document.pixel_aspect,
        document.fps,
        document.frame_range,
        [layer],
    )
    flat = flattened(only, LossyReport()).layers[0]
    return flat.shapes[layer.shapes.index(shape)]


def _take(host: HostShape, shape: Any, footage: Footage, scale: float) -> None:
    """The keys in pixels of this session, by session frame."""
    for key in shape.keys:
        points = interpolated_points(shape.keys, key.frame)
        if shape.kind == "bspline":
            points = tuple(bspline_vertices(points, shape.closed))
        if scale != 1:
            points = tuple(
                p._replace(
                    x=p.x * scale,
                    y=p.y * scale,
                    in_dx=p.in_dx * scale,
                    in_dy=p.in_dy * scale,
                    out_dx=p.out_dx * scale,
                    out_dy=p.out_dy * scale,
                )
                for p in points
            )
        host.keys[key.frame - footage.session_start] = points


def _temporary(text: str) -> str:
    handle, path = tempfile.mkstemp(prefix="megaton_roto_", suffix=".fxs")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return path
