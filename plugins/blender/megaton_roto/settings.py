# SPDX-License-Identifier: GPL-3.0-or-later
"""What is chosen in the panels: for jobs in the scene, so that it is saved with the file; what is
only looked at, in the window manager.

No ``from __future__ import annotations`` where properties are declared: Blender wants the calls
themselves in the annotations.
"""

from typing import Any, NamedTuple, Optional

import bpy
from bpy.props import (
    BoolProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)
from bpy.types import PropertyGroup, Scene, WindowManager

from . import session

ENGINES = (
    ("auto", "Best there is", "The best engine the farm has"),
    ("sam2", "SAM 2", "Segment Anything 2"),
    ("flow", "Flow", "Optical flow: needs no GPU"),
)
PRIORITIES = (
    ("high", "High", "Before what others wait for"),
    ("normal", "Normal", "In turn"),
    ("low", "Low", "When nobody else needs the farm"),
)
OUTPUTS = (
    ("shapes", "Shapes", "Masks that can be edited"),
    ("mattes", "Mattes", "An image sequence for every object"),
    ("cryptomatte", "Cryptomatte", "All objects in one image sequence"),
    ("overlay", "Overlay", "A movie of the mattes over the plate, to be looked at"),
    ("contact_sheet", "Contact Sheet", "A page of frames, to be looked at"),
)


class MegatonRotoJobSettings(PropertyGroup):
    """Of the next job."""

    project: StringProperty(
        name="Project", description="The show, as the farm calls it", default="default"
    )
    shot: StringProperty(name="Shot", description="Name of the shot. Empty: as the plate is called")
    use_range: BoolProperty(
        name="Some Frames", description="Track some frames of the plate, not all of them"
    )
    first: IntProperty(name="First", description="First frame to track, as the timeline counts")
    last: IntProperty(name="Last", description="Last frame to track, as the timeline counts")
    engine: EnumProperty(name="Engine", items=ENGINES, default="auto")
    priority: EnumProperty(name="Priority", items=PRIORITIES, default="normal")
    outputs: EnumProperty(
        name="Results",
        description="What is to come back; shift-click for several",
        items=OUTPUTS,
        options={"ENUM_FLAG"},
        default={"shapes", "mattes"},
    )
    tolerance: FloatProperty(
        name="Tolerance",
        description="How far shapes may be from the mattes, in pixels of the plate. "
        "0: the farm's own choice; less makes more points and keys",
        min=0.0,
        soft_max=5.0,
        precision=2,
    )


class MegatonRotoView(PropertyGroup):
    """What the panels show; not saved."""

    job: StringProperty(name="Job", description="The job that is chosen in the list")
    all_jobs: BoolProperty(
        name="Jobs of All Plates", description="Also show jobs that were not sent from this plate"
    )


class JobSettings(NamedTuple):
    """As they stand. ``scene_range``: timeline frames, inclusive; None: all of the plate;
    ``tolerance``: plate pixels, None: the farm's."""

    project: str
    shot: Optional[str]
    scene_range: Optional[tuple[int, int]]
    engine: str
    priority: str
    outputs: tuple[str, ...]
    tolerance: Optional[float]


def job_settings(scene: Scene) -> JobSettings:
    """What is chosen in a scene. Raises RotoError where that is nothing to ask for."""
    from roto_shapes.errors import RotoError

    kept = scene.megaton_roto
    outputs = tuple(name for name, *_ in OUTPUTS if name in kept.outputs)
    if not outputs:
        raise RotoError("Nothing is asked for.", hint="Choose shapes, mattes or both as results.")
    if kept.use_range and kept.first > kept.last:
        raise RotoError(
            f"Frames {kept.first} to {kept.last} are none.",
            hint="The first frame comes before the last.",
        )
    return JobSettings(
        project=kept.project.strip() or "default",
        shot=kept.shot.strip() or None,
        scene_range=(kept.first, kept.last) if kept.use_range else None,
        engine=kept.engine,
        priority=kept.priority,
        outputs=outputs,
        tolerance=kept.tolerance or None,
    )


def to_memory(chosen: JobSettings) -> dict[str, Any]:
    """What is kept for the next file, by project: not what belongs to one plate."""
    return {
        "engine": chosen.engine,
        "priority": chosen.priority,
        "outputs": list(chosen.outputs),
    }


def recall(scene: Scene, kept: dict[str, Any]) -> None:
    """Fill in what was chosen last, where nothing was chosen in this scene yet."""
    here = scene.megaton_roto
    known = {
        "engine": {name for name, *_ in ENGINES},
        "priority": {name for name, *_ in PRIORITIES},
    }
    if isinstance(kept.get("project"), str) and not here.is_property_set("project"):
        here.project = kept["project"]
    for name, values in known.items():
        if kept.get(name) in values and not here.is_property_set(name):
            setattr(here, name, kept[name])
    listed = kept.get("outputs")
    outputs = {name for name, *_ in OUTPUTS if isinstance(listed, list) and name in listed}
    if outputs and not here.is_property_set("outputs"):
        here.outputs = outputs


def _made(desk: Any) -> None:
    """The desk is there: what was chosen last is read on a thread, since it is a file."""

    def done(kept: dict[str, Any]) -> None:
        for scene in bpy.data.scenes:
            if scene.library is None:
                recall(scene, kept)

    desk.runner.run(lambda stop: desk.memory.recall(), done, session.tell)


def register() -> None:
    """Where Blender keeps them."""
    session.on_made.append(_made)
    Scene.megaton_roto = PointerProperty(type=MegatonRotoJobSettings)
    WindowManager.megaton_roto = PointerProperty(type=MegatonRotoView)


def unregister() -> None:
    """What a file holds of them stays in it, for whoever has the extension."""
    while _made in session.on_made:
        session.on_made.remove(_made)
    for owner in (Scene, WindowManager):
        if hasattr(owner, "megaton_roto"):
            del owner.megaton_roto


CLASSES = (MegatonRotoJobSettings, MegatonRotoView)
