# SPDX-License-Identifier: GPL-3.0-or-later
"""What the artist says about the objects of a plate: kept on its MovieClip or Image (`store`).

Positions are plate pixels, origin top-left, y down; frames are plate frame numbers, which a shift
of the clip in the scene does not touch.

Whatever writes raises BlenderError for a data-block of a linked file and for text somebody broke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import plate
from .store import (
    DAMAGE,
    KEY,
    Color,
    Json,
    Object,
    Pair,
    Said,
    all_of,
    changed_store,
    check_writable,
    damaged,
    entry_of,
    kept,
    prompted,
    touch,
)

if TYPE_CHECKING:
    from roto_client.api.request import ObjectPrompts
    from roto_shapes.outlines import Outline


COLORS = (
    (0.98, 0.45, 0.20),
    (0.25, 0.70, 1.00),
    (0.45, 0.85, 0.35),
    (0.95, 0.80, 0.25),
    (0.80, 0.50, 1.00),
    (0.20, 0.85, 0.80),
    (1.00, 0.50, 0.65),
    (0.65, 0.65, 0.65),
)


# -- reading


def objects(block: Any) -> tuple[Object, ...]:
    """All objects in the order they were added; none if what is kept cannot be read (`problem`)."""
    try:
        return kept(block).objects
    except DAMAGE:
        return ()


def problem(block: Any) -> str:
    """Why what is kept cannot be read; empty if it can."""
    try:
        kept(block)
    except DAMAGE as error:
        return damaged(block, error).message
    return ""


def find(block: Any, name: str) -> Object | None:
    """The object of a name, if there is one."""
    return next((one for one in objects(block) if one.name == name), None)


def active(block: Any) -> str:
    """The object that clicks go to; the first one if none was chosen, empty if there is none."""
    names = [one.name for one in objects(block)]
    chosen = kept(block).active if names else ""
    return chosen if chosen in names else (names[0] if names else "")


def frames(block: Any, name: str) -> list[int]:
    """The plate frames on which something is said about an object, ascending."""
    found = find(block, name)
    return sorted(found.prompts) if found else []


def lines(block: Any, name: str, scene: Any, most: int = 12) -> list[str]:
    """What is said about an object, one line per scene frame, for a panel: ``1012: 3+ 1- box``."""
    found = find(block, name)
    if found is None:
        return []
    to_scene = plate.frames_of(block, scene).to_scene
    prompted = sorted(found.prompts)
    shown = [f"{to_scene(frame)}: {described(found.said(frame))}" for frame in prompted[:most]]
    if len(prompted) > most:
        shown.append(f"... and {len(prompted) - most} more frames")
    return shown


def described(said: Said) -> str:
    """``3+ 1- box outline``, or ``absent``."""
    parts = (
        f"{said.positive}+" if said.positive else "",
        f"{said.negative}-" if said.negative else "",
        "box" if said.box else "",
        "outline" if said.outline else "",
        "absent" if said.absent else "",
    )
    return " ".join(part for part in parts if part)


def object_prompts(block: Any, frame_range: Pair | None = None) -> tuple[ObjectPrompts, ...]:
    """What to hand over: every object that takes part, with its prompts in a range of plate frames.

    Objects of which nothing is said there are left out. Raises BlenderError if what is kept cannot
    be read, PromptError for a prompt that is none.
    """
    from roto_client.api.request import ObjectPrompts

    found = []
    for one in all_of(block):
        chosen = tuple(
            prompt
            for frame in sorted(one.prompts)
            if frame_range is None or frame_range[0] <= frame <= frame_range[1]
            for prompt in (one.prompt(frame),)
            if prompt is not None
        )
        if one.on and chosen:
            found.append(
                ObjectPrompts(one.name, chosen, color=one.color, frame_range=one.frame_range)
            )
    return tuple(found)


def text_of(block: Any) -> str:
    """All that is kept, to tell whether it changed."""
    return str(block.get(KEY, ""))


# -- objects


def add_object(block: Any, name: str = "object") -> str:
    """A new object, which clicks then go to; returns its name, made unique. Raises RotoError for a
    name the farm does not take."""
    from roto_shapes.naming import check_name

    def change(store: Json) -> str:
        known = {one["name"] for one in store["objects"]}
        unique, number = check_name(name.strip()), 2
        while unique in known:
            unique, number = f"{name.strip()} {number}", number + 1
        color = COLORS[len(known) % len(COLORS)]
        store["objects"].append({"name": unique, "color": list(color), "prompts": {}})
        store["active"] = unique
        return unique

    return str(changed_store(block, change))


def remove_object(block: Any, name: str) -> None:
    """An object and all that was said about it."""

    def change(store: Json) -> None:
        entry = entry_of(store, name)
        store["objects"].remove(entry)
        store["steps"] = [step for step in store["steps"] if step["object"] != name]
        if store.get("active") == name:
            store["active"] = ""

    changed_store(block, change)


def rename_object(block: Any, old: str, new: str) -> str:
    """Give an object another name; returns it. Raises RotoError if it is taken or none."""
    from roto_shapes.naming import check_name

    from .errors import BlenderError

    def change(store: Json) -> str:
        entry, name = entry_of(store, old), check_name(new.strip())
        if name != old and any(one["name"] == name for one in store["objects"]):
            raise BlenderError(f"There is another object called {name!r}.", hint="Choose a name.")
        entry["name"] = name
        for step in store["steps"]:
            step["object"] = name if step["object"] == old else step["object"]
        if store.get("active") == old:
            store["active"] = name
        return name

    return str(changed_store(block, change))


def set_active(block: Any, name: str) -> None:
    """Have clicks go to an object."""

    def change(store: Json) -> None:
        store["active"] = entry_of(store, name)["name"]

    changed_store(block, change)


def set_on(block: Any, name: str, on: bool) -> None:
    """Whether an object takes part in the next job."""
    changed_store(block, lambda store: entry_of(store, name).__setitem__("on", bool(on)))


def set_color(block: Any, name: str, color: Color) -> None:
    """Red, green and blue, 0..1."""
    parts = [min(1.0, max(0.0, float(part))) for part in color]
    changed_store(block, lambda store: entry_of(store, name).__setitem__("color", parts))


def set_range(block: Any, name: str, frame_range: Pair | None) -> None:
    """The plate frames on which an object may be, inclusive; None = all."""
    pair = None if frame_range is None else [int(frame) for frame in frame_range]
    changed_store(block, lambda store: entry_of(store, name).__setitem__("range", pair))


# -- prompts


def add_click(block: Any, name: str, frame: int, x: float, y: float, positive: bool = True) -> None:
    """A point on the object, or beside it. What said that it is absent is taken back."""
    point = {"x": float(x), "y": float(y), "positive": bool(positive)}

    def change(prompt: Json) -> None:
        prompt.pop("absent", None)
        prompt["points"] = [*prompt.get("points", ()), point]

    prompted(block, name, frame, change)


def remove_click(block: Any, name: str, frame: int, index: int) -> None:
    """Take back one click, by its place among those of the frame."""

    def change(prompt: Json) -> None:
        points = list(prompt.get("points", ()))
        del points[index]
        prompt["points"] = points

    prompted(block, name, frame, change)


def set_box(
    block: Any, name: str, frame: int, box: tuple[float, float, float, float] | None
) -> None:
    """The box around the whole object, any two opposite corners; None takes it away."""

    def change(prompt: Json) -> None:
        prompt.pop("box", None)
        if box is not None:
            (x0, x1), (y0, y1) = sorted((box[0], box[2])), sorted((box[1], box[3]))
            prompt.pop("absent", None)
            prompt["box"] = [float(x0), float(y0), float(x1), float(y1)]

    prompted(block, name, frame, change)


def set_outline(block: Any, name: str, frame: int, outlines: tuple[Outline, ...]) -> None:
    """Closed curves that show the object; none takes them away."""
    curves = [outline.to_json() for outline in outlines]

    def change(prompt: Json) -> None:
        prompt.pop("outline", None)
        if curves:
            prompt.pop("absent", None)
            prompt["outline"] = curves

    prompted(block, name, frame, change)


def set_absent(block: Any, name: str, frame: int, absent: bool = True) -> None:
    """Say that the object is not in this frame, which takes the place of all else; or no longer."""

    def change(prompt: Json) -> None:
        if absent:
            prompt.clear()
            prompt["absent"] = True
        else:
            prompt.pop("absent", None)

    prompted(block, name, frame, change)


def clear(block: Any, name: str = "", frame: int | None = None) -> None:
    """Take away what is said: about an object on a frame, about an object, or everything there is,
    damaged text included."""
    if not name:
        check_writable(block)
        if KEY in block:
            del block[KEY]
            touch(block)
        return
    found = find(block, name)
    for each in sorted(found.prompts) if found and frame is None else [frame]:
        if each is not None:
            prompted(block, name, each, lambda prompt: prompt.clear())


def undo_last(block: Any) -> tuple[str, int] | None:
    """Take back the last change of a prompt; returns the object and the plate frame it was on, or
    None if there is no more."""

    def change(store: Json) -> tuple[str, int] | None:
        if not store["steps"]:
            return None
        step = store["steps"].pop()
        prompts = entry_of(store, step["object"])["prompts"]
        prompts.pop(str(step["frame"]), None)
        if step["before"]:
            prompts[str(step["frame"])] = step["before"]
        return str(step["object"]), int(step["frame"])

    found = changed_store(block, change)
    return None if found is None else (found[0], found[1])
