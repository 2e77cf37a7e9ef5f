"""Projects and shots."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import ConfigDict, Field, StringConstraints, model_validator

from ...reviewing import ReviewState
from .common import (
    Answer,
    Color,
    ColorSpace,
    Fps,
    FrameNumber,
    FrameRange,
    FramesOut,
    Line,
    PathText,
    Request,
    Told,
)
from .project_settings import ProjectSettings
from .segment import View

ShotState = Literal["probing", "ready", "invalid"]
Id = Annotated[str, Field(examples=["0b8f6c1de2f34c7f8e2a7d0c5b9a4e13"])]


_Handle = Annotated[int, Field(ge=0, le=1000)]
Handles = Annotated[
    tuple[_Handle, _Handle],
    Field(description="Frames at the head and tail of `frame_range` that are not in the cut."),
]


May = Annotated[
    list[str] | None,
    Field(description="What who asks may do with it; null where it is not said."),
]


Archived = Annotated[
    Literal["no", "only", "all"] | None,
    Query(description="Whether what is archived is among them: no, or, asked for by name, all."),
]


def which(archived: str | None, name: str | None) -> str:
    """What is meant where nothing is said: who asks by name is to learn that it is archived."""
    return archived or ("no" if name is None else "all")


class ProjectIn(Request):
    """A new project."""

    name: str
    allowed_roots: list[PathText] = Field(
        default_factory=list,
        max_length=50,
        description="Folders plates may be read from in place, besides the server's own list.",
    )
    client: Line = Field(default="", description="Whom the work is for.")
    settings: ProjectSettings = Field(default_factory=ProjectSettings)

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "heist", "allowed_roots": ["/mnt/heist/plates"]}}
    )


class ProjectOut(Answer):
    """A project."""

    id: Id
    name: str
    allowed_roots: list[str]
    artists_see_all: bool = Field(
        default=True, description="Whether artists see shots that are not theirs."
    )
    client: str = ""
    settings: ProjectSettings = Field(default_factory=ProjectSettings)
    archived_at: datetime | None = Field(
        default=None, description="Since when it can only be looked at."
    )
    may: May = None
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
        default=None, description="The frames to use, handles among them; null = all there are."
    )
    colorspace: ColorSpace | None = Field(
        default=None, description="OCIO name of the plate's colour space; null = by file rules."
    )
    fps: Fps | None = None
    handles: Handles | None = None
    views: dict[View, PlateIn] = Field(
        default_factory=dict,
        max_length=8,
        description="Plates of further views by name: right. `plate` is the view main.",
    )

    @model_validator(mode="after")
    def _one_main(self) -> ShotIn:
        if "main" in self.views:
            raise ValueError("plate is the view main: views are the others")
        return self

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


class SentOut(Answer):
    """When a shot was sent to review.

    ``job_id``: the version that was named, else the newest that was done by then; null when there
    was none.
    """

    job_id: Id | None
    version: int | None
    by: str
    at: datetime


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
    frame_range: FramesOut | None
    metadata: dict[str, Any]
    handles: Handles = (0, 0)
    cut: dict[str, Any] | None = Field(
        default=None, description="Where it is in an edit, as the edit list writes it."
    )
    archived_at: datetime | None = None
    error: dict[str, Any] | None
    review: ReviewState = Field(
        default=ReviewState.WAITING, description="What people say of it; says nothing of jobs."
    )
    sent: SentOut | None = Field(
        default=None, description="When it was last sent to review; null when it never was."
    )
    warnings: list[Told] = Field(
        default_factory=list,
        description="What of it does not fit: no_cut, the handles are as long as the plate.",
    )
    thumbnail_url: str | None = Field(
        default=None, description="A small picture of it; null until the plate has been read."
    )
    may: May = None
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
    position: int = 0
    created_at: datetime
    updated_at: datetime
