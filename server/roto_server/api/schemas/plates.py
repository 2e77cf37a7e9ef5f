"""Plates: looking for them in folders, shots of many at once, further versions and views."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from .common import Answer, ColorSpace, Fps, FrameRange, FramesOut, IdIn, PathText, Request
from .projects import Id, PlateIn, PlateOut, ShotIn, ShotOut, ShotState
from .segment import View

FrameOffset = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class ScanIn(Request):
    """A folder to look for plates in."""

    path: PathText
    depth: int = Field(default=3, ge=0, le=10, description="Levels of folders below it.")

    model_config = ConfigDict(json_schema_extra={"example": {"path": "/mnt/heist/plates"}})


class FoundOut(Answer):
    """A plate that lies there. ``path`` and ``name`` are good for a new shot.

    ``frames``: first and last on disk, null for a movie. ``gaps``: ranges that are missing between
    them, a hundred at most; ``missing``: frames in all of them. ``shot_id``: the shot that reads
    this plate already. Of a stereo pair the left one is to be ``main``, and the right one names
    that one's path in ``beside``; both have the name of the one shot.
    """

    kind: Literal["sequence", "movie"]
    path: str
    name: str
    frames: FramesOut | None
    count: int
    gaps: list[FramesOut]
    missing: int
    shot_id: Id | None = None
    view: str = "main"
    beside: str | None = None


class SkippedOut(Answer):
    """What was left out; ``path`` has escapes for what cannot be printed."""

    path: str
    reason: str = Field(description="unreadable, outside, bad_name, no_number, too_many.")


class ScanOut(Answer):
    """The plates of a folder. ``ended_by``: the limit that cut it short (null: that is all)."""

    found: list[FoundOut]
    skipped: list[SkippedOut]
    folders: int
    ended_by: Literal["folders", "entries", "plates", "seconds"] | None


class BulkIn(Request):
    """Many new shots."""

    shots: list[ShotIn] = Field(min_length=1, max_length=500)
    all_or_none: bool = Field(
        default=True, description="Nothing is made when one is refused; else those that can be."
    )


class Refused(Answer):
    """Why a shot was not made: an error as it would have been answered alone."""

    code: str
    message: str
    hint: str
    detail: dict[str, Any]


class BulkItem(Answer):
    """What became of one shot of the request: made, or refused."""

    index: int = Field(description="Its place in the request, from 0.")
    name: str
    shot: ShotOut | None = None
    error: Refused | None = None


class BulkOut(Answer):
    """What became of all, in the order of the request."""

    made: int
    items: list[BulkItem]


class PlateVersionIn(Request):
    """A new version of a shot's plate, or its first of another view."""

    plate: PlateIn
    view: View = "main"
    frame_range: FrameRange | None = Field(
        default=None, description="The frames to use, handles among them; null = all there are."
    )
    colorspace: ColorSpace | None = Field(
        default=None,
        description="OCIO name of its colour space; null = what was said of the version before, "
        "else the project's, else by file rules.",
    )
    fps: Fps | None = None
    frame_offset: FrameOffset = Field(
        default=0,
        description="Frame N of the version before is frame N + this of the new one. Versions "
        "that cannot be read are none before it.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"plate": {"path": "/mnt/heist/plates/v2/heist_010.%04d.exr"}}
        }
    )


class PlateWarning(Answer):
    """What differs from the version before (``detail.against``), or that a new reading ended
    without one (``not_read_again``; ``detail.error`` says why)."""

    code: str
    message: str
    detail: dict[str, Any]


class PlateVersionOut(Answer):
    """One version of one view of a shot's plate.

    ``current``: jobs of the view work on it. ``warnings``: what artists must know before they do.
    """

    id: Id
    shot_id: Id
    view: str
    version: int
    current: bool
    state: ShotState
    plate: PlateOut
    colorspace: str | None
    width: int | None
    height: int | None
    pixel_aspect: float | None
    fps: tuple[int, int] | None
    frame_range: FramesOut | None
    frame_offset: FrameOffset = Field(
        description="Frame N of the version before is frame N + this of this one."
    )
    metadata: dict[str, Any]
    warnings: list[PlateWarning]
    error: dict[str, Any] | None
    created_by: str
    created_by_id: Id
    created_at: datetime
    updated_at: datetime


class RerunIn(Request):
    """A job of before once more, on the plate as it is now."""

    job_id: IdIn | None = Field(
        default=None, description="A roto job of the shot; null = the newest of the view."
    )
    view: View | None = Field(default=None, description="null = the job's own.")
    frame_offset: FrameOffset | None = Field(
        default=None, description="Added to every frame; null = as the plates' versions say."
    )
    frame_range: FrameRange | None = Field(
        default=None, description="null = the job's, shifted; of a job of all frames, all."
    )
    scale: Literal["keep", "fit"] | None = Field(
        default=None,
        description="fit: prompts are scaled as the plate's size was; drawn masks cannot be. keep: "
        "their pixels stay. null: refused where the sizes differ.",
    )
    priority: Literal["high", "normal", "low"] | None = None
