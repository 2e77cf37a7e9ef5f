"""What an artist asks about one frame, and the masks that come back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, FiniteFloat, StringConstraints

from .common import Answer, FrameNumber, Line, Request
from .projects import Id
from .segment import ClickIn, MaskIn, Outlines, View

Key = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]
PreviewState = Literal["waiting", "running", "done"]
Box = tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]


class PreviewObject(Request):
    """One object, as on a prompted frame of a job: clicks, a box, a drawn mask or a roto shape."""

    name: str = "object"
    points: list[ClickIn] = Field(default_factory=list, max_length=1000)
    box: Box | None = Field(default=None, description="x0, y0, x1, y1 in plate pixels.")
    mask: MaskIn | None = None
    outline: Outlines | None = None


class PreviewIn(Request):
    """One frame of a shot, and what is said about objects on it."""

    view: View = "main"
    frame: FrameNumber
    objects: list[PreviewObject] = Field(max_length=10)
    engine: Line = Field(default="auto", description="auto, flow or sam2.")
    model: Line = Field(default="auto", description="auto, or a model's name.")
    image_size: int | None = Field(
        default=None,
        ge=64,
        le=4096,
        multiple_of=32,
        description="Side of the engine's input; null = any.",
    )
    client_key: Key | None = Field(
        default=None,
        description="Of a view that shows one preview at a time: a newer request under the same "
        "key supersedes the older one.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "frame": 1001,
                "objects": [
                    {"name": "hero", "points": [{"x": 640.5, "y": 360.5, "positive": True}]}
                ],
                "client_key": "nuke-4711-MegatonRoto1",
            }
        }
    )


class CandidateOut(Answer):
    """A mask that could be meant."""

    png: str = Field(description="base64 of an 8-bit grey PNG: the soft matte, 255 inside.")
    score: float = Field(description="0 to 1: how good the engine takes it to be.")
    box: Box | None = Field(
        description="x0, y0, x1, y1 of what is at least half covered, in plate pixels."
    )


class PreviewedObject(Answer):
    """One to three candidates for an object, best first."""

    name: str
    candidates: list[CandidateOut]


class PreviewOut(Answer):
    """A preview. ``waiting`` or ``running``: ask ``url`` again. ``done``: here are the masks.

    ``width`` and ``height`` are the masks' own: of a large plate they are smaller than the plate,
    and cover all of it. ``engine`` says what made them.
    """

    id: Id
    shot_id: Id
    state: PreviewState
    frame: int
    url: str
    message: str = Field(description="What an unanswered preview waits for, for people.")
    engine: dict[str, Any] | None = None
    width: int | None = None
    height: int | None = None
    objects: list[PreviewedObject] = Field(default_factory=list)
    created_at: datetime
    expires_at: datetime
