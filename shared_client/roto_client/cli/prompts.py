"""Prompts as they are written on a command line: ``[OBJECT@]FRAME:VALUES``.

``1001:640,360`` is a click on frame 1001, pixels of the full-size plate from its top-left corner;
``hero@1001:640,360`` says which object, needed only when there are several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Sequence

import typer

from roto_shapes.frames import FrameRange
from roto_shapes.prompts import Click, FramePrompt

from ..api import ObjectPrompts
from ..api.errors import InputError

ONLY_OBJECT = "object"

Points = Annotated[
    list[str] | None,
    typer.Option("--point", metavar="[OBJ@]FRAME:X,Y", help="A click on the object."),
]
Negatives = Annotated[
    list[str] | None,
    typer.Option("--negative", metavar="[OBJ@]FRAME:X,Y", help="A click beside the object."),
]
Boxes = Annotated[
    list[str] | None,
    typer.Option("--box", metavar="[OBJ@]FRAME:X0,Y0,X1,Y1", help="A box around the object."),
]
Masks = Annotated[
    list[str] | None,
    typer.Option(
        "--mask",
        metavar="[OBJ@]FRAME:FILE.png",
        help="A grey PNG of the plate's size, white on the object.",
    ),
]
Absences = Annotated[
    list[str] | None,
    typer.Option("--absent", metavar="[OBJ@]FRAME", help="The object is not in this frame."),
]

_RANGE = re.compile(r"(?:(?P<object>[^@]+)@)?(?P<frames>.+)", re.DOTALL)
_PLACE = re.compile(r"(?:(?P<object>[^@:]+)@)?(?P<frame>-?\d+)(?::(?P<values>.*))?", re.DOTALL)


@dataclass
class PromptOptions:
    """The options of a command that say something about objects, as given."""

    objects: Sequence[str] = ()
    points: Sequence[str] = ()
    negatives: Sequence[str] = ()
    boxes: Sequence[str] = ()
    masks: Sequence[str] = ()
    absent: Sequence[str] = ()
    ranges: Sequence[str] = ()

    @property
    def say_nothing(self) -> bool:
        """Whether there is no prompt at all."""
        return not any((self.points, self.negatives, self.boxes, self.masks, self.absent))


@dataclass
class _Said:
    """What has been said about one object on one frame so far."""

    points: list[Click] = field(default_factory=list)
    box: tuple[float, float, float, float] | None = None
    mask_png: bytes | None = None
    absent: bool = False


class _Collector:
    def __init__(self, objects: Sequence[str]) -> None:
        self.declared = list(dict.fromkeys(objects))
        self.said: dict[str, dict[int, _Said]] = {name: {} for name in self.declared}

    def place(self, option: str, text: str) -> tuple[_Said, str]:
        """What ``text`` is about, and its values."""
        match = _PLACE.fullmatch(text)
        if match is None:
            raise _unreadable(option, text)
        name = self._object(option, text, match["object"])
        frames = self.said.setdefault(name, {})
        return frames.setdefault(int(match["frame"]), _Said()), match["values"] or ""

    def range_of(self, text: str) -> tuple[str, tuple[int, int]]:
        """The object ``text`` is about, and its in and out frame."""
        match = _RANGE.fullmatch(text)
        if match is None:
            raise _unreadable("--object-range", text)
        name = self._object("--object-range", text, match["object"])
        if name not in self.said:
            raise InputError(
                f"--object-range {text}: nothing is said of {name}.", code="bad_prompt"
            )
        frames = FrameRange.parse(match["frames"])
        return name, (frames.first, frames.last)

    def _object(self, option: str, text: str, named: str | None) -> str:
        if named is None and len(self.declared) > 1:
            raise InputError(
                f"{option} {text}: which object?",
                code="bad_prompt",
                hint=f"There are several: write {option} {self.declared[0]}@{text}.",
            )
        if named is None:
            return self.declared[0] if self.declared else ONLY_OBJECT
        if self.declared and named not in self.declared:
            raise InputError(
                f"{option} {text}: there is no --object {named}.",
                code="bad_prompt",
                hint=f"Objects: {', '.join(self.declared)}.",
            )
        return named


def parse_prompts(options: PromptOptions) -> tuple[ObjectPrompts, ...]:
    """The objects and their prompts. Raises InputError (``bad_prompt``) naming the option."""
    collector = _Collector(options.objects)
    for option, texts, positive in (
        ("--point", options.points, True),
        ("--negative", options.negatives, False),
    ):
        for text in texts:
            said, values = collector.place(option, text)
            x, y = _numbers(option, text, values, 2)
            said.points.append(Click(x, y, positive))
    for text in options.boxes:
        said, values = collector.place("--box", text)
        x0, y0, x1, y1 = _numbers("--box", text, values, 4)
        said.box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    for text in options.masks:
        said, values = collector.place("--mask", text)
        if not values:
            raise _unreadable("--mask", text)
        said.mask_png = Path(values).expanduser().read_bytes()
    for text in options.absent:
        collector.place("--absent", text)[0].absent = True
    ranges = dict(collector.range_of(text) for text in options.ranges)
    return tuple(
        ObjectPrompts(
            name,
            tuple(_prompt(frame, frames[frame]) for frame in sorted(frames)),
            frame_range=ranges.get(name),
        )
        for name, frames in collector.said.items()
    )


def _prompt(frame: int, said: _Said) -> FramePrompt:
    return FramePrompt(frame, tuple(said.points), said.box, said.mask_png, said.absent)


def _numbers(option: str, text: str, values: str, count: int) -> list[float]:
    try:
        numbers = [float(value) for value in values.split(",")]
    except ValueError:
        raise _unreadable(option, text) from None
    if len(numbers) != count:
        raise _unreadable(option, text)
    return numbers


def _unreadable(option: str, text: str) -> InputError:
    example = {
        "--box": "1001:500,200,800,600",
        "--mask": "1001:mask.png",
        "--absent": "1044",
    }.get(option, "1001:640,360")
    return InputError(
        f"{option} {text!r} cannot be read.",
        code="bad_prompt",
        hint=f"Write {option} {example} or {option} hero@{example}: plate frame, then pixels of "
        "the full-size plate.",
    )
