"""Review of shots: states, notes, versions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, FiniteFloat, StringConstraints
from pydantic import model_validator as checks

from ...reviewing import ReviewState
from .common import Answer, FrameNumber, IdIn, Request
from .jobs import JobState
from .projects import Id


def _plain_newlines(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


Words = Annotated[
    str,
    BeforeValidator(_plain_newlines),
    StringConstraints(
        strip_whitespace=True, max_length=10_000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
    ),
    Field(description="Text for people; lines are parted by newlines."),
]
Said = Annotated[Words, Field(min_length=1)]


class ReviewIn(Request):
    """A move of a shot's review state. ``before``: the state it was seen in; 409 when it is not."""

    before: ReviewState
    after: ReviewState
    reason: Words = ""
    job_id: IdIn | None = Field(default=None, description="The version that was looked at.")

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "before": "pending_review",
                "after": "retake",
                "reason": "The hair flickers from 1031 on.",
            }
        }
    )


class ReviewOut(Answer):
    """A move that was made: by whom, why, and with which version before their eyes."""

    id: Id
    shot_id: Id
    job_id: Id | None
    before: ReviewState
    after: ReviewState
    reason: str
    created_by: str
    created_by_id: Id
    created_at: datetime


class NoteIn(Request):
    """A note about a shot, pinned to a frame, a place on it, an object or a version; or a reply.

    ``x`` and ``y``: pixels of the full-size plate, origin top-left, y down; with a ``frame`` only.
    A reply stands where the note it answers does.
    """

    text: Said
    frame: FrameNumber | None = None
    x: FiniteFloat | None = None
    y: FiniteFloat | None = None
    object_id: IdIn | None = None
    job_id: IdIn | None = Field(default=None, description="The version (a roto or export job).")
    reply_to: IdIn | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"text": "The hand slips off here.", "frame": 1042, "x": 811, "y": 402.5}
        }
    )

    @checks(mode="after")
    def _pins_fit(self) -> NoteIn:
        if (self.x is None) != (self.y is None):
            raise ValueError("a place has x and y")
        if self.x is not None and self.frame is None:
            raise ValueError("a place is on a frame")
        pins = (self.frame, self.object_id, self.job_id)
        if self.reply_to is not None and any(pin is not None for pin in pins):
            raise ValueError("a reply stands where the note it answers does")
        return self


class NotePatch(Request):
    """What is to be changed: the words (by who wrote them), or whether it is dealt with."""

    text: Said | None = None
    resolved: bool | None = None


class NoteOut(Answer):
    """A note. ``reply_to``: the note it answers, whose pins are its own."""

    id: Id
    shot_id: Id
    text: str
    frame: int | None
    x: float | None
    y: float | None
    object_id: Id | None
    job_id: Id | None
    reply_to: Id | None
    resolved_at: datetime | None
    resolved_by: str | None
    created_by: str
    created_by_id: Id
    created_at: datetime
    updated_at: datetime


class VersionPlate(Answer):
    """The plate a version was made of."""

    id: Id
    view: str
    version: int


class VersionObject(Answer):
    """An object of a version."""

    id: Id
    name: str


class VersionFiles(Answer):
    """Files of one kind: how many, and their bytes together."""

    role: str
    format: str | None
    files: int
    bytes: int


class VersionConfidence(Answer):
    """The tracking's confidence over all objects and frames, 0 to 1.

    ``needs_you``: mattes more likely bad than good.
    """

    frames: int
    mean: float
    lowest: float
    needs_you: int


class VersionOut(Answer):
    """A roto or export job as a version of the shot's results. ``id`` is the job's.

    ``shapes_version``: of the shapes it made (roto) or wrote (export); ``source_job_id``: of an
    export, the version it was made of. ``review``: the last move that names this version.
    ``open_notes``: threads about it that nobody has resolved.
    """

    id: Id
    shot_id: Id
    kind: Literal["roto", "export"]
    version: int
    state: JobState
    shapes_version: int | None
    base_version: int | None
    source_job_id: Id | None
    plate: VersionPlate | None
    objects: list[VersionObject]
    files: list[VersionFiles]
    published: int
    confidence: VersionConfidence | None
    notes: int
    open_notes: int
    review: ReviewOut | None
    engine: str | None
    model: str | None
    error: dict[str, Any] | None
    created_by: str
    created_by_id: Id
    created_at: datetime
    finished_at: datetime | None
