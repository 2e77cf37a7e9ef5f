"""Bodies of project settings, members and assignments."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from .accounts import Email
from .common import Answer, Line, Once, PathText, Request
from .project_settings import ProjectSettings
from .projects import Id

MOST_SHOTS, MOST_PEOPLE, MOST_PAIRS = 1000, 100, 20_000

MemberRole = Literal["supervisor", "artist", "viewer"]
GivenId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class ProjectChange(Request):
    """What is to become of a project; what is left out stays."""

    name: str | None = None
    artists_see_all: bool | None = Field(
        default=None, description="Whether artists see shots that are neither theirs nor assigned."
    )
    allowed_roots: list[PathText] | None = Field(default=None, max_length=50)
    client: Line | None = None
    settings: ProjectSettings | None = Field(
        default=None, description="All of them; those left out become their defaults again."
    )
    archived: bool | None = Field(
        default=None, description="Archived projects can be looked at, not worked on."
    )

    model_config = ConfigDict(json_schema_extra={"example": {"artists_see_all": False}})


class MemberIn(Request):
    """Somebody with an account to work in a project."""

    email: Email
    role: MemberRole

    model_config = ConfigDict(
        json_schema_extra={"example": {"email": "ann@studio.example", "role": "artist"}}
    )


class MemberChange(Request):
    """A member's new role."""

    role: MemberRole


class MemberOut(Answer):
    """A member. ``email`` is for those who manage the project, null for others."""

    user_id: Id
    name: str
    email: str | None
    role: str
    created_at: datetime


class AssignmentsIn(Request):
    """Who is to work on what.

    ``add`` and ``remove`` change only the people named; after ``set`` each shot has exactly them.
    """

    shot_ids: Annotated[list[GivenId], Once, Field(min_length=1, max_length=MOST_SHOTS)]
    user_ids: Annotated[list[GivenId], Once, Field(max_length=MOST_PEOPLE)]
    mode: Literal["add", "remove", "set"]

    @model_validator(mode="after")
    def _few_enough(self) -> AssignmentsIn:
        if len(self.shot_ids) * len(self.user_ids) > MOST_PAIRS:
            raise ValueError(f"at most {MOST_PAIRS} assignments at once")
        return self


class AssignmentsOut(Answer):
    """How many assignments there are now that were not, and the other way round."""

    added: int
    removed: int
    shots_changed: int


class AssigneeOut(Answer):
    """Somebody who works on a shot."""

    user_id: Id
    name: str
    assigned_at: datetime
