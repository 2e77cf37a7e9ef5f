"""Layers and shapes made through Silhouette's calls, a few at a time.

Objects are built while they belong to no project, which nothing sees and nothing has to undo; then
all of them are hung into the node in one undo group. So the host is never held for long, and one
undo takes the whole result away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from . import marks
from .paths import Paths
from .plan import BuildPlan, LayerPlan, Level, ShapePlan


@dataclass
class Built:
    """Layers ready to be hung in, lowest first, with how many shapes and keys they hold."""

    tops: List[Any] = field(default_factory=list)
    shapes: int = 0
    keys: int = 0


def building(
    fx: Any, paths: Paths, plan: BuildPlan, note: Dict[str, Any], built: Built
) -> Iterator[None]:
    """Build the plan's layers into ``built``; every step (one key at most) is short.

    ``note`` goes on every layer and shape, with its id in the document.
    """
    open_groups: List[Tuple[str, Any]] = []
    for layer_plan in plan.layers:
        holder = _holder(fx, layer_plan.group, open_groups, built)
        layer = new_layer(fx, layer_plan, note)
        for shape_plan in layer_plan.shapes:
            shape = paths.new_bspline(shape_plan.label, shape_plan.closed)
            yield from shaping(fx, paths, shape, shape_plan)
            marks.write(fx, shape, {**note, "layer": layer_plan.id, **shape_plan.note()})
            layer.property("objects").addObjects([shape])
            built.shapes += 1
            built.keys += len(shape_plan.rows)
            yield
        if holder is None:
            built.tops.append(layer)
        else:
            holder.property("objects").addObjects([layer])
        yield


def new_layer(fx: Any, plan: LayerPlan, note: Dict[str, Any]) -> Any:
    layer = fx.Layer(plan.label)
    layer.property("color").value = fx.Color(*plan.color)
    marks.write(fx, layer, {**note, "layer": plan.id})
    return layer


def shaping(fx: Any, paths: Paths, shape: Any, plan: ShapePlan) -> Iterator[None]:
    """Give a new shape its keys and properties."""
    for frame, points in plan.rows:
        shape.setPath(paths.filled(shape, points), frame)
        yield
    mode = shape.property("mode")
    mode.value = mode.items.index(plan.mode)
    shape.property("invert").value = plan.inverted
    shape.property("motionBlur").value = plan.motion_blur
    shape.property("outlineColor").value = fx.Color(*plan.color)
    shape.property("feather").value = plan.feather
    set_levels(fx, shape.property("opacity"), plan.levels)


def set_levels(fx: Any, prop: Any, levels: Sequence[Level]) -> None:
    """Opacity: a constant, or keys. Keys that were there go."""
    if prop.numKeys:
        editor = fx.PropertyEditor(prop)
        for index in reversed(range(prop.numKeys)):
            editor.deleteKey(index)
        editor.execute()
        prop.constant = True
    if len(levels) == 1:
        prop.value = levels[0][1]
        return
    prop.constant = False
    wanted = {frame for frame, _ in levels}
    for frame, value in levels:
        prop.setValue(value, frame)
    # Silhouette keys the old value on frame 0 when animation is switched on.
    if 0 not in wanted and 0 in prop.keys:
        editor = fx.PropertyEditor(prop)
        editor.deleteKey(list(prop.keys).index(0))
        editor.execute()


def _holder(fx: Any, group: Sequence[str], open_groups: List[Tuple[str, Any]], built: Built) -> Any:
    """The innermost layer of a group; neighbours of the same group share it."""
    depth = 0
    while depth < min(len(group), len(open_groups)) and group[depth] == open_groups[depth][0]:
        depth += 1
    del open_groups[depth:]
    for label in group[depth:]:
        made = fx.Layer(label)
        if open_groups:
            open_groups[-1][1].property("objects").addObjects([made])
        else:
            built.tops.append(made)
        open_groups.append((label, made))
    return open_groups[-1][1] if open_groups else None
