"""Pieces every body is made of."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Item = TypeVar("Item")


def _ascending(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] > value[1]:
        raise ValueError("a frame range is [first, last] with first <= last")
    return value


# PostgreSQL's integer; far beyond any plate.
FrameNumber = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
FrameRange = Annotated[
    tuple[FrameNumber, FrameNumber],
    AfterValidator(_ascending),
    Field(description="First and last plate frame number, both included."),
]
# No control characters: a NUL is refused by PostgreSQL, a newline forges log lines.
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
PathText = Annotated[
    str, StringConstraints(min_length=1, max_length=4000, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Color = Annotated[
    list[Annotated[float, Field(ge=0, le=1)]],
    Field(min_length=3, max_length=3, description="Red, green, blue, 0 to 1: a display colour."),
]
Fps = Annotated[
    tuple[Annotated[int, Field(ge=1, le=2**31 - 1)], Annotated[int, Field(ge=1, le=2**31 - 1)]],
    Field(description="Frames per second as a fraction, e.g. [24000, 1001]."),
]


def _once(values: list[Item]) -> list[Item]:
    return list(dict.fromkeys(values))


Once = AfterValidator(_once)
"""Each entry of a list counts once, in the order given."""


class Request(BaseModel):
    """A body a client sends: an unknown field is a mistake, and said so."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """A body the server sends."""


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
