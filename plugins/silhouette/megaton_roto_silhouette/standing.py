"""Layers of ours that stand in a node: found by their notes, and read as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Iterator, List, Sequence

from . import files, marks
from .errors import SilhouetteError
from .footage import Footage
from .host_shapes import HostLayer, all_bsplines, head, reading
from .paths import Paths


@dataclass
class Standing:
    """A layer in the project. ``shapes``: its host objects, in the order of ``host.shapes``;
    ``text``: the shape file its keys are still to be taken from, by `complete`.
    """

    layer: Any
    host: HostLayer
    shapes: List[Any] = field(default_factory=list)
    text: str = ""

    @property
    def job(self) -> str:
        return str(self.host.note.get("job", ""))

    def complete(self, footage: Footage, key_offset: int) -> List[str]:
        """Take the keys out of the shape file, if that is how it was read (any thread)."""
        if not self.text:
            return []
        lost = files.fill_keys(self.host, self.text, footage, key_offset)
        self.text = ""
        return lost


def our_layers(node: Any) -> List[Any]:
    """The node's layers that came from the farm, lowest first."""
    return list(_ours(node.children or []))


def _ours(things: Sequence[Any]) -> Iterator[Any]:
    for thing in things:
        if not thing.isType("Layer"):
            continue
        if marks.layer_id(marks.read(thing)):
            yield thing
        else:
            yield from _ours(thing.children or [])


def layer_of(thing: Any) -> Any:
    """The layer of ours that an object is or lies in. Raises SilhouetteError if there is none."""
    here = thing
    while here is not None:
        if here.isType("Layer") and marks.layer_id(marks.read(here)):
            return here
        here = here.parent
    raise SilhouetteError(
        f"{thing.label} is no result of Megaton Roto.",
        hint="Select a layer (or a shape in it) that came from the farm.",
    )


def standing(
    fx: Any, paths: Paths, node: Any, footage: Footage, layers: Sequence[Any], found: List[Standing]
) -> Iterator[None]:
    """Read layers into ``found``, one key per step; through a shape file where points are closed
    to us."""
    for layer in layers:
        one = Standing(layer, head(layer))
        if paths.direct and all_bsplines(fx, layer):
            yield from reading(fx, paths, layer, footage.space, one.host)
        else:
            files.heads(fx, layer, one.host)
            one.text = files.export_layer(fx, node, layer)
        one.shapes = [shape for shape in _shapes(layer) if _counts(fx, shape)]
        found.append(one)
        yield


def _shapes(layer: Any) -> Iterator[Any]:
    for child in layer.children or []:
        if child.isType("Layer"):
            yield from _shapes(child)
        elif child.isType("Shape"):
            yield child


def _counts(fx: Any, shape: Any) -> bool:
    return bool(shape.shapeType != fx.Shape.Xspline)
