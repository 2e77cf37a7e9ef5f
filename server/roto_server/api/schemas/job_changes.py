"""What is asked of jobs: a change of one, or the same of many."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .common import Answer, Once, Request
from .projects import Id
from .segment import Priority

_JobId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class JobPatch(Request):
    """What to change of a job."""

    priority: Priority


class JobsBulkIn(Request):
    """The same for many jobs; ``priority`` belongs to the action of that name."""

    action: Literal["cancel", "retry", "priority", "delete"]
    job_ids: Annotated[list[_JobId], Field(min_length=1, max_length=500), Once]
    priority: Priority | None = None

    @model_validator(mode="after")
    def _priority_belongs(self) -> JobsBulkIn:
        if (self.priority is not None) != (self.action == "priority"):
            raise ValueError("`priority` goes with the action priority, and only with it")
        return self


class JobRefused(Answer):
    """A job to which it was not done, and why: what asking for it alone would have answered."""

    id: Id
    code: str
    message: str
    hint: str


class JobsBulkOut(Answer):
    """What became of each, in the order asked."""

    done: list[Id]
    refused: list[JobRefused]
