"""What lies in the trash."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from ...trash.things import Kind
from .common import Answer
from .projects import Id


class TrashOut(Answer):
    """Something in the trash. A version's ``id`` is that of the job that made it.

    ``shot_id`` and ``shot_name`` are null for a project. ``purge_at``: when it is purged by itself,
    null for an object that versions show, which goes after the last of them.
    """

    kind: Kind
    id: Id
    name: str
    project_id: Id
    project_name: str
    shot_id: Id | None
    shot_name: str | None
    trashed_at: datetime
    trashed_by: str = Field(description="The name of who put it there.")
    purge_at: datetime | None
    purging: bool = Field(default=False, description="It is being removed: no way back.")

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "version",
                "id": "0b8f6c1de2f34c7f8e2a7d0c5b9a4e13",
                "name": "v003",
                "project_id": "5f0c9a63c6e04c0f9f2f4f0f3f1b7f11",
                "project_name": "heist",
                "shot_id": "9a1b6c1de2f34c7f8e2a7d0c5b9a4e13",
                "shot_name": "heist_010",
                "trashed_at": "2026-03-02T10:00:00Z",
                "trashed_by": "Ann",
                "purge_at": "2026-04-01T10:00:00Z",
                "purging": False,
            }
        }
    )


class TrashedOut(TrashOut):
    """What was put into the trash, and the jobs that were cancelled for it."""

    cancelled_jobs: list[Id]
