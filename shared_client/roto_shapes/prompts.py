"""What an artist says about an object on one frame, and whether it fits the plate.

Positions are pixels of the full-size plate, origin top-left, y down.
"""

from __future__ import annotations

import base64
import binascii
import math
from dataclasses import dataclass
from typing import Any, Dict, Iterable, NamedTuple, Optional, Tuple

from .errors import PromptError
from .frames import FrameRange
from .outlines import Outline, outlines_from_json

Box = Tuple[float, float, float, float]
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FIELDS = frozenset(("frame", "points", "box", "mask", "outline", "absent"))


class Click(NamedTuple):
    """A point on the object (positive) or beside it (negative)."""

    x: float
    y: float
    positive: bool = True


@dataclass(frozen=True)
class FramePrompt:
    """Everything said about one object on one plate frame.

    ``box`` is (x0, y0, x1, y1) with x0 < x1, y0 < y1. ``mask_png`` holds the bytes of an 8-bit
    grey PNG of the plate's size, inside where >= 128; ``outline`` says the same by closed curves,
    and excludes it. ``absent`` says that the object is not in this frame, and excludes the rest.
    """

    frame: int
    points: Tuple[Click, ...] = ()
    box: Optional[Box] = None
    mask_png: Optional[bytes] = None
    absent: bool = False
    outline: Tuple[Outline, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not (self.points or self.is_shown or self.absent)

    @property
    def is_shown(self) -> bool:
        """Whether a box, a mask or an outline says where the whole object is."""
        return self.box is not None or self.mask_png is not None or bool(self.outline)

    @property
    def mask_size(self) -> Optional[Tuple[int, int]]:
        """Width and height that the mask says it has: it may be far more than its bytes."""
        if self.mask_png is None:
            return None
        # A PNG begins with its signature and the IHDR chunk: width and height are bytes 16-24.
        width, height = (int.from_bytes(self.mask_png[at : at + 4], "big") for at in (16, 20))
        return width, height

    @classmethod
    def from_json(cls, value: Any) -> FramePrompt:
        """The prompt in the contract's JSON form. Raises PromptError (``bad_prompt``)."""
        if not isinstance(value, dict):
            raise PromptError("a prompt is not an object")
        unknown = sorted(set(value) - _FIELDS)
        if unknown:
            raise PromptError(f"a prompt has an unknown field {unknown[0]!r}")
        frame = value.get("frame")
        if not isinstance(frame, int) or isinstance(frame, bool):
            raise PromptError(f"a prompt's frame is {frame!r}, not a whole number")
        prompt = cls(
            frame=frame,
            points=_points(value.get("points") or [], frame),
            box=_box(value.get("box"), frame),
            mask_png=_mask(value.get("mask"), frame),
            absent=_flag(value.get("absent", False), frame, "absent"),
            outline=outlines_from_json(value.get("outline"), frame),
        )
        _check_consistent(prompt)
        return prompt

    def to_json(self) -> Dict[str, Any]:
        """The contract's JSON form, with only the fields that say something."""
        value: Dict[str, Any] = {"frame": self.frame}
        if self.points:
            value["points"] = [point._asdict() for point in self.points]
        if self.box is not None:
            value["box"] = list(self.box)
        if self.mask_png is not None:
            value["mask"] = {"png": base64.b64encode(self.mask_png).decode("ascii")}
        if self.outline:
            value["outline"] = [outline.to_json() for outline in self.outline]
        if self.absent:
            value["absent"] = True
        return value


def check_prompts(
    prompts: Iterable[FramePrompt],
    width: int,
    height: int,
    frame_range: Tuple[int, int],
) -> None:
    """Raise PromptError unless the prompts of one object fit the plate and the range.

    Codes: ``no_objects`` (nothing shows where the object is), ``bad_prompt``,
    ``prompt_outside_range``, ``prompt_outside_plate``. Edges of the plate belong to it.
    """
    frames = FrameRange(*frame_range)
    seen = set()
    shown = False
    for prompt in prompts:
        _check_consistent(prompt)
        if prompt.frame in seen:
            raise _bad(prompt.frame, "is prompted twice")
        seen.add(prompt.frame)
        _check_place(prompt, width, height, frames)
        _check_clicks_agree(prompt)
        shown = shown or _shows_object(prompt)
    if not shown:
        raise PromptError(
            "no prompt shows where the object is",
            code="no_objects",
            hint="Give at least one positive click, a box, a mask or a shape.",
        )


def object_range(
    frame_range: Tuple[int, int], own: Optional[Iterable[int]] = None
) -> Tuple[int, int]:
    """The frames of ``frame_range`` on which an object may be: those of its in/out range ``own``.

    Both are inclusive. Raises PromptError (``bad_prompt``) when none are left.
    """
    if own is None:
        return frame_range
    first, last = own
    within = max(first, frame_range[0]), min(last, frame_range[1])
    if within[0] > within[1]:
        raise PromptError(
            f"an object's range {first}-{last} has no frame of {frame_range[0]}-{frame_range[1]}",
            hint="Its first frame comes before its last, and some of them are to be tracked.",
            detail={"frame_range": [first, last]},
        )
    return within


def _shows_object(prompt: FramePrompt) -> bool:
    return prompt.is_shown or any(point.positive for point in prompt.points)


def _check_place(prompt: FramePrompt, width: int, height: int, frames: FrameRange) -> None:
    if prompt.frame not in frames:
        raise PromptError(
            f"frame {prompt.frame} is prompted, but the range is {frames}",
            code="prompt_outside_range",
            detail={"frame": prompt.frame, "frame_range": [frames.first, frames.last]},
        )
    places = [(point.x, point.y) for point in prompt.points]
    if prompt.box is not None:
        places += [prompt.box[:2], prompt.box[2:]]
    for x, y in places:
        if not (0 <= x <= width and 0 <= y <= height):
            raise PromptError(
                f"frame {prompt.frame}: ({x:g}, {y:g}) lies outside the {width} x {height} plate",
                code="prompt_outside_plate",
                hint="Positions are pixels of the full-size plate, from its top-left corner.",
                detail={"frame": prompt.frame, "x": x, "y": y, "width": width, "height": height},
            )


def _check_consistent(prompt: FramePrompt) -> None:
    if prompt.is_empty:
        raise _bad(prompt.frame, "has a prompt that says nothing")
    if prompt.absent and (prompt.points or prompt.is_shown):
        raise _bad(prompt.frame, "is marked absent and prompted as well")
    if prompt.outline and prompt.mask_png is not None:
        raise _bad(prompt.frame, "has both a mask and an outline")
    numbers = [n for point in prompt.points for n in point[:2]] + list(prompt.box or ())
    if not all(map(math.isfinite, numbers)):
        raise _bad(prompt.frame, "has a position that is not finite")
    if prompt.box is not None:
        x0, y0, x1, y1 = prompt.box
        if x0 >= x1 or y0 >= y1:
            raise _bad(prompt.frame, "has a box that is not x0 < x1, y0 < y1")


def _check_clicks_agree(prompt: FramePrompt) -> None:
    """No pixel is both on the object and beside it, and the object is in its box."""
    on = {(math.floor(c.x), math.floor(c.y)) for c in prompt.points if c.positive}
    beside = {(math.floor(c.x), math.floor(c.y)) for c in prompt.points if not c.positive}
    if on & beside:
        x, y = min(on & beside)
        raise _bad(
            prompt.frame, f"has a positive and a negative click on the same pixel ({x}, {y})"
        )
    if prompt.box is None:
        return
    x0, y0, x1, y1 = prompt.box
    for click in prompt.points:
        if click.positive and not (x0 <= click.x <= x1 and y0 <= click.y <= y1):
            raise PromptError(
                f"frame {prompt.frame} has a positive click ({click.x:g}, {click.y:g}) outside "
                "its box",
                hint="A box goes around the whole object: make it larger, or take the click away.",
                detail={"frame": prompt.frame, "x": click.x, "y": click.y},
            )


def _points(value: Any, frame: int) -> Tuple[Click, ...]:
    if not isinstance(value, list):
        raise _bad(frame, "has points that are not a list")
    return tuple(_click(point, frame) for point in value)


def _click(value: Any, frame: int) -> Click:
    if not isinstance(value, dict) or set(value) != {"x", "y", "positive"}:
        raise _bad(frame, "has a point that is not {x, y, positive}")
    return Click(
        _number(value["x"], frame),
        _number(value["y"], frame),
        _flag(value["positive"], frame, "positive"),
    )


def _box(value: Any, frame: int) -> Optional[Box]:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 4:
        raise _bad(frame, "has a box that is not [x0, y0, x1, y1]")
    x0, y0, x1, y1 = (_number(number, frame) for number in value)
    return x0, y0, x1, y1


def _mask(value: Any, frame: int) -> Optional[bytes]:
    if value is None:
        return None
    text = value.get("png") if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(text, str):
        raise _bad(frame, 'has a mask that is not {"png": base64}')
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad(frame, "has a mask that is not base64") from error
    if not content.startswith(_PNG_SIGNATURE):
        raise _bad(frame, "has a mask that is not a PNG")
    return content


def _number(value: Any, frame: int) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise _bad(frame, f"has a position {value!r} that is not a number")
    try:
        return float(value)
    except OverflowError as error:
        raise _bad(frame, "has a position that is not finite") from error


def _flag(value: Any, frame: int, name: str) -> bool:
    if not isinstance(value, bool):
        raise _bad(frame, f"has {name} = {value!r}, neither true nor false")
    return value


def _bad(frame: int, problem: str) -> PromptError:
    return PromptError(f"frame {frame} {problem}", detail={"frame": frame})
