"""What a person with a seat needs to know first: how this Silhouette takes our shapes.

Builds one small shape in a group of its own in the open roto node, reads it back in every way the
plugin uses, and takes it out again. One undo group.
"""

from __future__ import annotations

import sys
from typing import Any, Dict, List

from roto_shapes.model import ControlPoint, Document, Key, Layer, Shape

from . import files
from .errors import SilhouetteError
from .flows import Flows
from .footage import Footage, footage_of

_KEY = 2
"""Session frames: neither the first, nor the second, so that counting from 1 would show."""
_CORNERS = ((-0.3, -0.2), (0.1, -0.2), (0.1, 0.05), (-0.05, 0.3))


def run(fx: Any, flows: Flows) -> str:
    """The report, in lines. Raises SilhouetteError where there is no roto node or plate."""
    node = flows.node()
    footage = footage_of(fx, node)
    paths = flows.paths
    lines = [
        f"Python {sys.version.split()[0]}",
        f"plate {footage.plate}, frames {footage.frame_range[0]}-{footage.frame_range[1]}",
        f"session frame 0 is plate frame {footage.first}",
        "points one by one: " + ("yes" if paths.direct else f"no ({paths.reason})"),
    ]
    lines += _by_file(fx, node, footage)
    return "Megaton Roto self-test: " + "; ".join(lines)


def _by_file(fx: Any, node: Any, footage: Footage) -> List[str]:
    """Import a shape file with one key and look where the key came to lie."""
    text, _ = files.fxs_text(_calibration(footage), footage, False, 0)
    fx.beginUndo("Megaton Roto: self-test")
    try:
        made = files.import_text(fx, node, text)
        (shape,) = (child for layer in made for child in layer.children or [])
        keys = [int(frame) for frame in shape.property("path").keys]
        export = _exported(fx, node, made[0])
        node.property("objects").removeObjects(made)
    except SilhouetteError as error:
        return [f"shape files: {error.message}"]
    finally:
        fx.endUndo()
    offset = keys[0] - _KEY if keys else None
    found = [
        f"a key written for session frame {_KEY} came in on {keys}"
        + ("" if offset == 0 else f": set the key offset to {-(offset or 0)}")
    ]
    return found + [f"exported again: {name} {value}" for name, value in sorted(export.items())]


def _exported(fx: Any, node: Any, layer: Any) -> Dict[str, str]:
    from roto_shapes.formats import silhouette_read

    document = silhouette_read.read(files.export_layer(fx, node, layer)).document
    shape = document.layers[0].shapes[0]
    first = shape.keys[0].points[0]
    return {
        "size": f"{document.width} x {document.height}",
        "first point": f"({first.x:.2f}, {first.y:.2f}) px",
        "points": str(len(shape.keys[0].points)),
    }


def _calibration(footage: Footage) -> Document:
    """An asymmetric outline with lopsided handles on one frame."""
    pixel = footage.space.pixel
    points = tuple(ControlPoint(*pixel(corner), -4.0, -2.0, 12.0, 6.0, True) for corner in _CORNERS)
    shape = Shape("probe", "megaton probe", keys=[Key(footage.plate_frame(_KEY), points)])
    layer = Layer("probe-layer", "megaton probe", shapes=[shape])
    return Document(
        footage.width,
        footage.height,
        footage.pixel_aspect,
        frame_range=footage.frame_range,
        layers=[layer],
    )
