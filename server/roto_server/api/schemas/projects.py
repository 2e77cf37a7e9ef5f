"""Projects and shots."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from .common import Answer, Color, Fps, FrameNumber, FrameRange, Line, PathText, Request

ShotState = Literal["probing", "ready", "invalid"]
Id = Annotated[str, Field(examples=["0b8f6c1de2f34c7f8e2a7d0c5b9a4e13"])]


class ProjectIn(Request):
    """A new project."""

    name: str
    allowed_roots: list[PathText] = Field(
        default_factory=list,
        max_length=50,
        description="Folders plates may be read from in place, besides the server's own list.",
    )

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "heist", "allowed_roots": ["/mnt/heist/plates"]}}
    )


class ProjectOut(Answer):
    """A project."""

    id: Id
    name: str
    allowed_roots: list[str]
    created_at: datetime
    updated_at: datetime


class PlateIn(Request):
    """Where a shot's plate is: a path the server can read in place, or a completed upload."""

    path: PathText | None = Field(
        default=None,
        description="A movie, or a sequence as plate.%04d.exr, plate.####.exr or plate.*.exr.",
    )
    upload_id: Annotated[str, StringConstraints(max_length=32)] | None = None
    first_frame: FrameNumber | None = Field(
        default=None, description="Movies: the plate frame number of the first picture (default 1)."
    )

    @model_validator(mode="after")
    def _one_source(self) -> PlateIn:
        if (self.path is None) == (self.upload_id is None):
            raise ValueError("give either path or upload_id")
        return self


class ShotIn(Request):
    """A new shot."""

    name: str
    plate: PlateIn
    frame_range: FrameRange | None = Field(
        default=None, description="The frames to use; null = all there are."
    )
    colorspace: Line | None = Field(
        default=None, description="OCIO name of the plate's colour space; null = by file rules."
    )
    fps: Fps | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "heist_010",
                "plate": {"path": "/mnt/heist/plates/heist_010.%04d.exr"},
                "frame_range": [1001, 1096],
                "colorspace": "ACEScg",
                "fps": [24000, 1001],
            }
        }
    )


class PlateOut(Answer):
    """A shot's plate. ``path``: movie file, or sequence with one printf frame field."""

    kind: Literal["sequence", "movie"]
    path: str
    first_frame: int | None = None


class ShotOut(Answer):
    """A shot. Sizes, fps and range are null until the ingest job has read the plate.

    ``state``: ``probing``, then ``ready``, or ``invalid`` with ``error``.
    """

    id: Id
    project_id: Id
    name: str
    state: ShotState
    plate: PlateOut
    colorspace: str | None
    width: int | None
    height: int | None
    pixel_aspect: float | None
    fps: tuple[int, int] | None
    frame_range: tuple[int, int] | None
    metadata: dict[str, Any]
    error: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


class ObjectIn(Request):
    """A new object of a shot."""

    name: str
    label: Line = Field(default="", description="What the thing is, for people: 'lead actor'.")
    color: Color | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "hero", "label": "lead actor", "color": [1.0, 0.35, 0.1]}
        }
    )


class ObjectOut(Answer):
    """One thing to be isolated in a shot."""

    id: Id
    shot_id: Id
    name: str
    label: str
    color: list[float]
    created_at: datetime
    updated_at: datetime
