"""Edit lists and what becomes of their events."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from .common import (
    Answer,
    ColorSpace,
    Fps,
    FrameNumber,
    FrameRange,
    FramesOut,
    IdIn,
    Line,
    PathText,
    Request,
)
from .projects import Id

MOST_TEXT = 32 << 20
_MOST_FRAME = 1 << 30
Folders = Annotated[list[PathText], Field(max_length=20)]
Depth = Annotated[int, Field(ge=0, le=10, description="Levels of folders below each.")]
Handles = Annotated[int, Field(ge=0, le=1000, description="Frames wanted before and after a cut.")]
EventIndex = Annotated[int, Field(ge=0, le=10_000)]
Timecode = Annotated[str, StringConstraints(pattern=r"^\d{1,2}:\d{2}:\d{2}[:;.,]\d{2,3}$")]
EntryState = Literal["matched", "ambiguous", "unmatched", "short", "no_media", "skipped"]
Change = Literal["new", "same", "moved", "trimmed"]


class ConformIn(Request):
    """An edit list, and where its media may lie. The list is ``text`` or, if it is not, ``base64``.

    A list of a ``name`` that shots were made of before is compared with them. With
    ``movie_shot_id`` that shot's movie is the whole edit, cut by the list's record times, and no
    media is looked for.
    """

    name: Line = Field(min_length=1, description="Of the edit: 'reel2'; goes into shots' names.")
    file_name: Line = ""
    text: Annotated[str, StringConstraints(max_length=MOST_TEXT)] | None = None
    base64: Annotated[str, StringConstraints(max_length=MOST_TEXT * 3 // 2)] | None = None
    fps: Fps | None = Field(
        default=None, description="EDLs tell no rate; null = that of the project's settings."
    )
    sequence: Line | None = Field(
        default=None, description="Name of the one to use, of a file that holds several."
    )
    folders: Folders = Field(default_factory=list)
    depth: Depth = 4
    handles: Handles | None = Field(
        default=None, description="null = as the project's settings say."
    )
    template: Line = "{list}_{event:03d}0"
    colorspace: ColorSpace | None = None
    movie_shot_id: IdIn | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "reel2",
                "file_name": "reel2_v4.edl",
                "text": "TITLE: reel2\n001  A001C003 V  C  01:00:04:00 01:00:06:00 ...",
                "fps": [24, 1],
                "folders": ["/mnt/heist/plates"],
                "handles": 8,
            }
        }
    )

    @model_validator(mode="after")
    def _one_list(self) -> ConformIn:
        if (self.text is None) == (self.base64 is None):
            raise ValueError("give either text or base64")
        return self


class MatchIn(Request):
    """Where media are looked for from now on; what is not said stays."""

    folders: Folders | None = None
    depth: Depth | None = None
    handles: Handles | None = None


class EventIn(Request):
    """What somebody says of an event; what is not said stays.

    ``path``: its media, one of the candidates or any other that may be read. ``media_start``: the
    timecode of the media's first frame. ``frames``: the cut in plate frames, without handles.
    """

    name: Line | None = None
    skip: bool | None = None
    path: PathText | None = None
    media_start: Timecode | None = None
    frames: FrameRange | None = None
    handles: Handles | None = None

    @model_validator(mode="after")
    def _room_for_handles(self) -> EventIn:
        if self.frames is not None and max(map(abs, self.frames)) > _MOST_FRAME:
            raise ValueError(f"frames are numbers up to {_MOST_FRAME}")
        return self


class ApplyIn(Request):
    """Which events become shots, by their index; null = all that can."""

    events: Annotated[list[EventIndex], Field(max_length=2000)] | None = None


class RemarkOut(Answer):
    """Something a person should know. ``code`` is stable."""

    code: str
    message: str


class MediaOut(Answer):
    """A plate that an event means or may mean. ``frames``: null where nobody has read them."""

    path: str
    kind: Literal["sequence", "movie"]
    frames: FramesOut | None


class TimesOut(Answer):
    """A range as the list writes it; ``out`` is the first frame that is not in it any more."""

    in_: str = Field(alias="in")
    out: str
    rate: tuple[int, int]

    model_config = ConfigDict(populate_by_name=True)


class ConformEvent(Answer):
    """An event of the list, and how it stands.

    ``state``: matched; ambiguous (choose one of ``candidates``); unmatched; short (the media lacks
    frames of the cut); no_media (black, titles, switched off); skipped. ``by``: what the media was
    found by. ``placed_by``: what its ``frames`` were found by: timecode, numbers, list, length,
    record, hand; ``ingest``: the worker that reads the plate will find them. ``frames`` include the
    ``handles``. ``change``: what it is to the shots of an older list of this name.
    """

    index: int
    number: str
    track: str
    name: str
    state: EntryState
    change: Change
    shot_id: str | None
    made: bool
    clip: str
    reel: str
    file: str
    source: TimesOut
    record: TimesOut
    speed: float
    transitions: tuple[int, int] = Field(description="Frames that transitions show beyond the cut.")
    by: str
    match: MediaOut | None
    placed_by: str
    frames: FramesOut | None
    handles: tuple[int, int] = Field(
        description="Frames at the head and tail of `frames` that are not in the cut."
    )
    candidates: list[MediaOut]
    remarks: list[RemarkOut]
    error: dict[str, Any] | None


class GoneOut(Answer):
    """A shot of an older list of this name that is in no event any more. It is left as it is."""

    shot_id: Id
    name: str


class FolderOut(Answer):
    """A folder media were looked for in. ``ended_by``: the limit that ended it early."""

    path: str
    plates: int
    ended_by: str | None


class ConformSummary(Answer):
    """An edit list that was read, in figures. ``state``: open, applied."""

    id: Id
    project_id: Id
    name: str
    kind: Literal["edl", "fcp_xml", "aaf", "otio"]
    state: Literal["open", "applied"]
    fps: tuple[int, int]
    events: int
    states: dict[str, int] = Field(description="Events in each state.")
    changes: dict[str, int] = Field(description="Events that can be shots, by what they change.")
    made: int = Field(description="Events that were made into shots.")
    created_at: datetime
    updated_at: datetime


class ConformOut(ConformSummary):
    """An edit list with its events, in the order of the edit.

    ``left_out``: what is in the list and is no event, by kind.
    """

    title: str
    handles: int
    template: str
    folders: list[FolderOut]
    movie_shot_id: str | None
    movie_start: str | None = Field(
        default=None, description="The record time of the movie's first frame."
    )
    left_out: dict[str, int]
    gone: list[GoneOut]
    entries: list[ConformEvent]


class SceneCut(Answer):
    """``frame``: the first of a new shot. ``score``: 0 to 1."""

    frame: int
    score: float
    picture_url: str = Field(description="The frame's picture, relative to the server.")
    before_url: str = Field(description="The picture of the frame before, of the scene that ends.")


class SceneRange(Answer):
    """What lies between two cuts: first and last frame, both included."""

    first: int
    last: int


class ScenesOut(Answer):
    """The cuts in a shot's plate at one threshold."""

    job_id: Id
    threshold: float
    shortest: int
    cuts: list[SceneCut]
    scenes: list[SceneRange]


class CutRange(Request):
    """A shot to be cut out of another: first and last frame, both included, without handles."""

    name: str
    first: FrameNumber
    last: FrameNumber

    @model_validator(mode="after")
    def _forward(self) -> CutRange:
        if self.last < self.first:
            raise ValueError("first comes after last")
        return self


class CutIn(Request):
    """Ranges of a shot's plate that become shots of their own."""

    ranges: Annotated[list[CutRange], Field(min_length=1, max_length=500)]
    handles: Handles = 0
