"""Pieces every body is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from roto_client.contract.colorspaces import find_colorspace

Item = TypeVar("Item")


def _ascending(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] > value[1]:
        raise ValueError("a frame range is [first, last] with first <= last")
    return value


def _fraction(value: object) -> object:
    """Frames per second as people write them (24, "24", "24000/1001") as numerator, denominator."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, 1)
    if isinstance(value, str):
        # Not \d, which other scripts' digits are too, nor longer than an int is read quickly.
        told = re.fullmatch(r"([0-9]{1,10})(?:/([0-9]{1,10}))?", value.strip())
        if told is None:
            raise ValueError('frames per second are [24000, 1001], or "24000/1001"')
        return (int(told[1]), int(told[2] or 1))
    return value


def _rate(fps: tuple[int, int]) -> tuple[int, int]:
    """A rate that every encoder takes."""
    if not fps[1] <= fps[0] <= 1000 * fps[1]:
        raise ValueError("frames per second are from 1 to 1000")
    return fps


def _counted(number: int) -> int:
    if number >= 2**31:
        raise ValueError("no version has a number as high")
    return number


def _colorspace(name: str) -> str:
    """``name``, as it was given; raises ``bad_colorspace``."""
    if name:
        find_colorspace(name)
    return name


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is before the first year or after the last") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
# PostgreSQL's integer; far beyond any plate.
FrameNumber = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
_BOTH = Field(description="First and last plate frame number, both included.")
FrameRange = Annotated[tuple[FrameNumber, FrameNumber], AfterValidator(_ascending), _BOTH]
FramesOut = Annotated[tuple[int, int], _BOTH]
"""As `FrameRange`, in answers."""
# No control characters: a NUL is refused by PostgreSQL, a newline forges log lines.
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
ColorSpace = Annotated[Line, AfterValidator(_colorspace)]
PathText = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
IdIn = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# What was released tells no maximum, and a schema may only grow.
Version = Annotated[int, Field(ge=1), AfterValidator(_counted)]
Color = Annotated[
    list[Annotated[float, Field(ge=0, le=1)]],
    Field(min_length=3, max_length=3, description="Red, green, blue, 0 to 1: a display colour."),
]
Fps = Annotated[
    tuple[Annotated[int, Field(ge=1, le=2**31 - 1)], Annotated[int, Field(ge=1, le=2**31 - 1)]],
    BeforeValidator(_fraction),
    AfterValidator(_rate),
    Field(
        description="Frames per second, 1 to 1000, as a fraction, e.g. [24000, 1001]; "
        '"24000/1001" is read.'
    ),
]


def _once(values: list[Item]) -> list[Item]:
    return list(dict.fromkeys(values))


Once = AfterValidator(_once)
"""Each entry of a list counts once, in the order given."""


def _texts(data: object) -> Iterator[str]:
    """Every text in ``data``, which came as JSON; names of fields are among them."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        yield from data
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


class Request(BaseModel):
    """A body a client sends: an unknown field is a mistake, and said so."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, data: object) -> object:
        """JSON can write half a surrogate pair, which no database, file or answer can hold."""
        try:
            for text in _texts(data):
                text.encode()
        except UnicodeEncodeError as error:
            raise ValueError("text holds half a surrogate pair, which is no character") from error
        return data


class Answer(BaseModel):
    """A body the server sends."""


class Told(Answer):
    """Something people should know of; ``code`` is stable, ``message`` is for them."""

    code: str
    message: str
    detail: dict[str, Any]


class Page(Answer, Generic[Item]):
    """Part of a list. ``next`` is the cursor of the following part, null at the end."""

    items: list[Item]
    next: str | None = None


class ErrorBody(Answer):
    """The shape of every refusal. ``code`` is stable; ``message`` and ``hint`` are for people."""

    code: str
    message: str
    hint: str
    detail: dict[str, Any]
    request_id: str

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "prompt_outside_plate",
                "message": "Point (2100, 540) on frame 1001 lies outside the 1920x1080 plate.",
                "hint": "Prompts are in pixels of the full-size plate, origin top-left.",
                "detail": {"frame": 1001},
                "request_id": "5f0c9a63c6e04c0f9f2f4f0f3f1b7f11",
            }
        }
    )
