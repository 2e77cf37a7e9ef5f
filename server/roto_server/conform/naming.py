"""Names of the shots that events become. Pure."""

from __future__ import annotations

import string
from collections.abc import Collection

from roto_shapes.naming import MAX_NAME, name_from

from .events import ListEvent
from .media import stem
from .problems import BadListError

DEFAULT_TEMPLATE = "{list}_{event:03d}0"
_FIELDS = ("list", "event", "number", "clip", "reel", "track")
_MOST_FORMAT = 3


def check_template(template: str) -> None:
    """Raise `BadListError` unless the template names shots: its fields are `_FIELDS`, of which
    ``event`` counts the events from 1."""
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise _bad(template, str(error)) from error
    for _, field, form, conversion in parts:
        if field is None:
            continue
        if field not in _FIELDS or conversion:
            raise _bad(template, f"there is no field {field!r}")
        number = field == "event" and form and form.endswith("d") and form[:-1].isdecimal()
        if form and not (number and len(form) <= _MOST_FORMAT):
            raise _bad(template, f"{field} cannot be written as {form!r}")
    if not any(field for _, field, _, _ in parts):
        raise _bad(template, "every shot would have the same name")


def shot_name(template: str, title: str, index: int, event: ListEvent) -> str:
    """The name of the ``index``-th event's shot; "" where nothing of it can be in a name."""
    return name_from(
        template.format(
            list=title,
            event=index,
            number=event.number,
            clip=stem(event.clip),
            reel=event.reel,
            track=event.track,
        )
    )


def free_name(name: str, used: Collection[str]) -> str:
    """``name``, or it with the first number that none of ``used`` (casefolded) has."""
    name = name or "shot"
    number, tried = 2, name
    while tried.casefold() in used:
        ending = f"-{number}"
        tried, number = name[: MAX_NAME - len(ending)].rstrip(" .") + ending, number + 1
    return tried


def _bad(template: str, why: str) -> BadListError:
    return BadListError(
        f"The template {template[:100]!r} names no shots: {why}.",
        hint="As {list}_{event:03d}0; the fields are " + ", ".join(_FIELDS) + ".",
    )
