# SPDX-License-Identifier: GPL-3.0-or-later
"""The text in which a plate's objects and prompts are kept: one custom property, as JSON.

So it is saved, appended, copied and undone with the data-block, and a person can read it. What
cannot be read is never written over: it is told (`damaged`) until somebody clears it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from roto_shapes.prompts import FramePrompt

    from .errors import BlenderError

KEY = "megaton_roto"
SCHEMA = 1
MOST_STEPS = 50
"""Steps that can be taken back; older ones are forgotten."""

Color = tuple[float, float, float]
Pair = tuple[int, int]
Json = dict[str, Any]
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What broken text can raise while it is read."""


class Said(NamedTuple):
    """How much is said about an object on one frame."""

    positive: int = 0
    negative: int = 0
    box: bool = False
    outline: bool = False
    absent: bool = False


@dataclass(frozen=True)
class Object:
    """An object and its prompts by plate frame, in the contract's JSON form without ``frame``.

    ``frame_range``: the plate frames on which it may be, inclusive; None = all. JSON rather than
    `FramePrompt`, since panels read it at every redraw.
    """

    name: str
    color: Color
    frame_range: Pair | None = None
    on: bool = True
    prompts: Mapping[int, Json] = field(default_factory=dict)

    def said(self, frame: int) -> Said:
        """How much is said on a plate frame."""
        prompt = self.prompts.get(frame, {})
        points = prompt.get("points", ())
        positive = sum(bool(point["positive"]) for point in points)
        return Said(
            positive,
            len(points) - positive,
            "box" in prompt,
            "outline" in prompt,
            bool(prompt.get("absent")),
        )

    def prompt(self, frame: int) -> FramePrompt | None:
        """What is said on a plate frame, None if nothing is."""
        from roto_shapes.prompts import FramePrompt

        prompt = self.prompts.get(frame)
        return None if prompt is None else FramePrompt.from_json({"frame": frame, **prompt})


def prompted(block: Any, name: str, frame: int, change: Callable[[Json], None]) -> None:
    """Change what is said on one frame, as a step that can be taken back."""

    def changed(store: Json) -> None:
        prompts, key = entry_of(store, name)["prompts"], str(int(frame))
        before = prompts.get(key)
        prompt = json.loads(json.dumps(before or {}))
        change(prompt)
        prompt = {what: said for what, said in prompt.items() if said}
        if prompt == (before or {}):
            return
        prompts.pop(key, None)
        if prompt:
            prompts[key] = prompt
        store["steps"].append({"object": name, "frame": int(frame), "before": before})
        del store["steps"][:-MOST_STEPS]

    changed_store(block, changed)


def changed_store(block: Any, change: Callable[[Json], Any]) -> Any:
    """Have ``change`` alter the store, and keep it; returns its answer. Raises BlenderError."""
    check_writable(block)
    try:
        store = load(block)
        for one in store["objects"]:
            parsed(one)
    except DAMAGE as error:
        raise damaged(block, error) from error
    answer = change(store)
    block[KEY] = json.dumps(store, ensure_ascii=False, separators=(",", ":"))
    touch(block)
    return answer


def load(block: Any) -> Json:
    """The store, a new one where there is none. Raises one of `DAMAGE`."""
    text = block.get(KEY)
    if text is None:
        return {"schema": SCHEMA, "active": "", "objects": [], "steps": []}
    return loaded(text)


def loaded(text: str) -> Json:
    """The store in a text. Raises one of `DAMAGE`."""
    store = json.loads(text)
    if store["schema"] != SCHEMA:
        raise ValueError(f"it is of version {store['schema']!r}, not {SCHEMA}")
    if not isinstance(store["objects"], list) or not isinstance(store["steps"], list):
        raise TypeError("objects and steps are not lists")
    return dict(store)


def parsed(entry: Mapping[str, Any]) -> Object:
    """An object of the store. Raises one of `DAMAGE`."""
    red, green, blue = (float(part) for part in entry["color"])
    span = entry.get("range")
    return Object(
        str(entry["name"]),
        (red, green, blue),
        None if span is None else (int(span[0]), int(span[1])),
        bool(entry.get("on", True)),
        {int(frame): dict(prompt) for frame, prompt in entry["prompts"].items()},
    )


class Kept(NamedTuple):
    """All objects, and the name of the one that was chosen."""

    objects: tuple[Object, ...] = ()
    active: str = ""


def kept(block: Any) -> Kept:
    """What is kept. Raises one of `DAMAGE`. Cheap: panels ask several times in every redraw."""
    text = block.get(KEY)
    return Kept() if text is None else _kept_in(text)


@lru_cache(maxsize=16)
def _kept_in(text: str) -> Kept:
    store = loaded(text)
    objects = tuple(parsed(one) for one in store["objects"])
    return Kept(objects, str(store.get("active", "")))


def all_of(block: Any) -> tuple[Object, ...]:
    """All objects. Raises BlenderError if what is kept cannot be read."""
    try:
        return kept(block).objects
    except DAMAGE as error:
        raise damaged(block, error) from error


def entry_of(store: Json, name: str) -> Json:
    """The very entry of an object, to be altered. Raises BlenderError if there is none."""
    from .errors import BlenderError

    entries: list[Json] = store["objects"]
    for one in entries:
        if one["name"] == name:
            return one
    raise BlenderError(f"There is no object {name!r}.", hint="Add one in the Roto panel.")


def damaged(block: Any, error: Exception) -> BlenderError:
    """What to tell where something of `DAMAGE` was raised."""
    from .errors import BlenderError

    return BlenderError(
        f"The prompts kept on {block.name!r} cannot be read: {error}.",
        hint=f"Take back what changed the custom property {KEY!r}, or clear all prompts.",
    )


def check_writable(block: Any) -> None:
    """Raise BlenderError for a data-block of a linked file."""
    from .errors import BlenderError

    if getattr(block, "library", None) is not None:
        raise BlenderError(
            f"{block.name!r} belongs to a linked file, so nothing can be kept on it.",
            hint="Make it local (Object data > Make Local), or open the plate in this file.",
        )


def touch(block: Any) -> None:
    """Editors redraw, and the change becomes part of the next undo step."""
    block.update_tag()
