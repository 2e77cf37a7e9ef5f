"""What an artist corrects in a version of a shot's shapes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from .common import FrameNumber, Line, Once, Request
from .segment import TEMPLATE, MatteFormat, Output, Priority, PromptIn, Template


class EditIn(Request):
    """What was corrected of one object: its shapes, what is said about it, or both.

    On each of ``frames`` the object is where ``layer`` shows it. ``prompts`` say it themselves: one
    on a frame takes the place of what was said there before, of the layer's shapes too.
    """

    object: str = Field(description="The object's name.")
    frames: Annotated[list[FrameNumber], Once] = Field(
        default_factory=list,
        description="Where the shapes were corrected; at least one with a layer.",
        max_length=10_000,
    )
    layer: dict[str, Any] | None = Field(
        default=None,
        description="The object's roto/1 layer as the artist left it, all keys included: what is "
        "missing in it was deleted.",
    )
    prompts: list[PromptIn] = Field(default_factory=list, max_length=10_000)


class CorrectionIn(Request):
    """A correction: what is left out stays as it was asked for in the corrected job."""

    base_version: int = Field(
        ge=1, le=2**31 - 1, description="The version of the shapes that is corrected: the latest."
    )
    edits: list[EditIn] = Field(min_length=1, max_length=100)
    outputs: Annotated[list[Output], Once] | None = None
    exports: Annotated[list[Line], Once] | None = Field(
        default=None, description="Shape formats, as in a job.", max_length=20
    )
    mattes: MatteFormat | None = None
    tolerance: float | None = Field(
        default=None, gt=0, le=100, description="Allowed outline error in plate pixels."
    )
    template: Template | None = Field(default=None, description=TEMPLATE)
    priority: Priority | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "base_version": 3,
                "edits": [
                    {
                        "object": "hero",
                        "prompts": [
                            {"frame": 1040, "points": [{"x": 410.5, "y": 220, "positive": False}]}
                        ],
                    }
                ],
                "priority": "high",
            }
        }
    )
