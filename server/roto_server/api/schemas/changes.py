"""Bodies that change shots and objects; what is left out of one stays as it is."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from .common import Color, ColorSpace, Fps, Line, Request
from .members import GivenId
from .projects import Handles

MOST_OBJECTS = 10_000


class ShotChange(Request):
    """What is to become of a shot.

    ``colorspace`` and ``fps`` are those of its current plate.
    """

    name: str | None = None
    handles: Handles | None = None
    colorspace: ColorSpace | None = Field(
        default=None, description="OCIO name; null, when it is given: by file rules."
    )
    fps: Fps | None = None
    archived: bool | None = Field(
        default=None, description="Archived shots can be looked at, not worked on."
    )

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "heist_020", "handles": [8, 8]}}
    )


class ShotMove(Request):
    """Where a shot is to go."""

    project_id: GivenId


class ObjectChange(Request):
    """What is to become of an object."""

    name: str | None = None
    label: Line | None = None
    color: Color | None = None

    model_config = ConfigDict(json_schema_extra={"example": {"label": "lead actor"}})


class ObjectOrder(Request):
    """Ids of all objects of a shot, the first one first."""

    object_ids: list[GivenId] = Field(max_length=MOST_OBJECTS)
