"""Documents made simpler for hosts that know only Beziers, and no holds or layer transforms."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, List, Optional, Tuple

from ..baking import baked_keys, merged_spans, turns, without_holds
from ..evaluate import opacity_at
from ..geometry import bspline_to_bezier
from ..model import Animated, Document, Key, Layer, Shape, ValueKey
from .base import LossyReport, shape_place

Span = Tuple[int, int]


def gated_opacity(shape: Shape, frame_range: Span) -> Animated:
    """Opacity with keys that hold 0 before and after each visible range."""
    first, last = frame_range
    spans = merged_spans(shape.visible)
    if not spans or (spans[0][0] <= first and spans[0][1] >= last):
        return shape.opacity
    gated: Dict[int, ValueKey] = {}
    for begin, end in spans:
        gated.setdefault(begin - 1, ValueKey(begin - 1, 0.0, "hold"))
        gated.update(_opacity_within(shape, begin, end))
        gated[end + 1] = ValueKey(end + 1, 0.0, "hold")
    return [key for _, key in sorted(gated.items())]


def _opacity_within(shape: Shape, begin: int, end: int) -> Dict[int, ValueKey]:
    keys = {begin: ValueKey(begin, opacity_at(shape, begin), "hold")}
    if isinstance(shape.opacity, list):
        before = [key for key in shape.opacity if key.frame <= begin]
        kind = before[-1].interpolation if before else "hold"
        keys[begin] = replace(keys[begin], interpolation=kind)
        for key in shape.opacity:
            if begin < key.frame < end:
                keys[key.frame] = key
    keys[end] = ValueKey(end, opacity_at(shape, end), "hold")
    return keys


def bezier_keys(shape: Shape, report: LossyReport, place: str) -> List[Key]:
    """The shape's keys as those of a Bezier; a B-spline becomes the same curve."""
    if shape.kind == "bezier":
        return shape.keys
    report.add(place, "B-spline: written as the Bezier that is the same curve")
    return [replace(key, points=bspline_to_bezier(key.points, shape.closed)) for key in shape.keys]


def linear_keys(keys: List[Key], report: LossyReport, place: str) -> List[Key]:
    """The same without holds, and a note where there were some."""
    if any(key.interpolation == "hold" for key in keys[:-1]):
        report.add(place, "held keys: a second key one frame before each change (exact on frames)")
    return without_holds(keys)


def keys_in_plate(document: Document, layer: Layer, shape: Shape, report: LossyReport) -> List[Key]:
    """Bezier keys with the layer's transform in them; holds stay where nothing is baked."""
    place = shape_place(layer, shape)
    keys = bezier_keys(shape, report, place)
    transform = layer.transform
    if transform is None:
        return keys
    if len(transform.keys) == 1:
        return baked_keys(keys, transform, None)
    span: Optional[Span] = document.frame_range
    if shape.visible:
        span = shape.visible[0][0], shape.visible[-1][1]
    baked = baked_keys(linear_keys(keys, report, place), transform, span)
    turning = any(turns(a, b) for a, b in zip(transform.keys, transform.keys[1:]))
    how = "exact on frames" if turning else "exact"
    report.add(place, f"layer transform: baked to {len(baked)} keys ({how})")
    return baked


def mean_feather(shape: Shape, report: LossyReport, place: str) -> float:
    """One feather for the shape, the mean of its points' where they differ."""
    if not isinstance(shape.feather, list):
        return shape.feather
    if len(set(shape.feather)) > 1:
        report.add(place, "per-point feather: one number, the mean")
    return sum(shape.feather) / len(shape.feather)


def note_cuts(document: Document, report: LossyReport) -> None:
    """For hosts whose subtract shapes cut everything below them, not their own layer only."""
    below: List[str] = []
    for layer in document.layers:
        if below and any(shape.mode == "subtract" for shape in layer.shapes):
            what = f"subtract shapes also cut the layers below it ({', '.join(below)})"
            report.add(layer.name, what)
        if layer.shapes:
            below.append(layer.name)
