"""A result of the farm laid into a node: new layers built, older ones brought up to date.

Three parts, each where it belongs: what is to be done is worked out in any thread (`work_out`),
paths and shapes are made piece by piece on the main thread (`making`), and the project is changed
in one go, which one undo takes back (`finish`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from roto_shapes.formats.base import LossyReport
from roto_shapes.formats.silhouette_lower import Space
from roto_shapes.model import Document

from . import files, marks
from .build import Built, building
from .choices import BEZIER, BSPLINE, UPDATE, Choices
from .fit import Fit
from .footage import Footage
from .paths import Paths
from .plan import BuildPlan, build_plan, find_layer
from .standing import Standing
from .update import LayerUpdate, Own, Prepared, apply_update, layer_update, preparing


@dataclass
class Todo:
    """What `finish` does: layers changed in place, layers taken out, layers put in.

    ``text``: the shape file to import instead of building.
    """

    note: Dict[str, Any]
    document: Document
    space: Space
    updates: List[Tuple[Standing, LayerUpdate, Prepared]] = field(default_factory=list)
    replaced: List[Standing] = field(default_factory=list)
    fresh: Optional[BuildPlan] = None
    built: Built = field(default_factory=Built)
    text: str = ""
    report: LossyReport = field(default_factory=LossyReport)


def work_out(
    document: Document,
    note: Dict[str, Any],
    footage: Footage,
    stand: Sequence[Standing],
    olds: Mapping[str, Document],
    sent: Own,
    choices: Choices,
    direct: bool,
) -> Todo:
    """What has to be done (pure). ``stand``: layers of ours in the node; ``olds``: the documents
    they came from, by job id; ``sent``: see `update.layer_update`."""
    todo = Todo(note, document, footage.space)
    ids = {layer.id for layer in document.layers}
    same = [each for each in stand if each.host.note.get("layer") in ids]
    if choices.existing != UPDATE:
        same = []
    for each in same:
        each.complete(footage, choices.key_offset)
    if choices.kind == BEZIER or not direct:
        todo.replaced = same
        bspline = choices.kind == BSPLINE
        todo.text, todo.report = files.fxs_text(document, footage, bspline, choices.key_offset)
        return todo
    fits = _fits(same)
    plan = build_plan(document, footage.first, fits=fits)
    todo.report = plan.report
    old_plans = {
        job: build_plan(olds[job], footage.first, fits=fits)
        for job in {each.job for each in same}
        if job in olds
    }
    done = set()
    for each in same:
        old = old_plans.get(each.job)
        layer_id = str(each.host.note.get("layer"))
        new = find_layer(plan, layer_id)
        before = find_layer(old, layer_id) if old else None
        if before is None or new is None or layer_id in done:
            todo.replaced.append(each)
            continue
        done.add(layer_id)
        update = layer_update(each.host, before, new, footage.space, sent)
        todo.updates.append((each, update, Prepared()))
    left = tuple(layer for layer in plan.layers if layer.id not in done)
    todo.fresh = BuildPlan(left, plan.report)
    return todo


def _fits(stand: Sequence[Standing]) -> Dict[str, Fit]:
    """How the shapes that stand there were fitted, by their ids."""
    found: Dict[str, Fit] = {}
    for each in stand:
        for shape in each.host.shapes:
            fit = Fit.from_note(shape.note)
            if fit is not None:
                found.setdefault(str(shape.note.get("shape")), fit)
    return found


def making(fx: Any, paths: Paths, todo: Todo) -> Iterator[None]:
    """Make everything that can be made beforehand, in short steps."""
    for each, update, ready in todo.updates:
        yield from preparing(fx, paths, each.shapes, update, todo.note, ready)
    if todo.fresh is not None:
        yield from building(fx, paths, todo.fresh, todo.note, todo.built)


def finish(
    fx: Any, paths: Paths, node: Any, todo: Todo, label: str, node_note: Dict[str, Any]
) -> List[str]:
    """Change the project, in one undo group. Returns remarks for the artist."""
    spared = 0
    remarks: List[str] = []
    chosen = list(fx.selection())
    fx.beginUndo(label)
    try:
        for each in todo.replaced:
            holder = each.layer.parent
            if holder is not None:
                holder.property("objects").removeObjects([each.layer])
        for each, update, ready in todo.updates:
            if each.layer.parent is not None:
                spared += apply_update(fx, paths, todo.space, each, update, todo.note, ready)
        made = todo.built.tops
        if todo.text:
            made = files.import_text(fx, node, todo.text)
            lost = files.mark_imported(fx, made, todo.document, todo.note)
            remarks += [f"{each}: not known again, it cannot be corrected from." for each in lost]
        elif made:
            node.property("objects").addObjects(made)
        marks.set_node_note(node, node_note)
    finally:
        fx.endUndo()
    fx.select([each for each in chosen if each.parent is not None])
    if spared:
        remarks.append(f"{spared} keys you changed meanwhile stay as they are.")
    if _eased(fx, made):
        remarks.append(
            "New keys are not linear here: set Preferences > Keyframe interpolation to Linear, "
            "or shapes will drift between keys."
        )
    return remarks


def _eased(fx: Any, made: Sequence[Any]) -> bool:
    """Whether this Silhouette gave the keys we set another interpolation than linear."""
    for layer in made:
        for child in layer.children or []:
            if child.isType("Shape") and child.property("path").numKeys > 1:
                return bool(child.property("path").interpolation(0) != fx.Property.Linear)
    return False
