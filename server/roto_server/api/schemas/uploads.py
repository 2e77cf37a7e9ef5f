"""Uploads: files sent piece by piece, visible only when all have arrived and verified."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from .common import Answer, Line, Request, Sha256
from .projects import Id


class UploadFileIn(Request):
    """A file that will be sent. ``name`` is a plain file name."""

    name: Line = Field(min_length=1)
    size: int = Field(ge=0, lt=2**53)
    sha256: Sha256


class UploadIn(Request):
    """A set of files that belong together: one movie, or the frames of one sequence."""

    project_id: str
    files: list[UploadFileIn] = Field(min_length=1, max_length=20_000)

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "project_id": "0b8f6c1de2f34c7f8e2a7d0c5b9a4e13",
                "files": [
                    {
                        "name": "heist_010.1001.exr",
                        "size": 3145728,
                        "sha256": "9f86d081" * 8,
                    }
                ],
            }
        }
    )


class UploadFileOut(Answer):
    """A file of an upload; ``offset`` bytes have arrived."""

    name: str
    size: int
    sha256: str
    offset: int


class UploadOut(Answer):
    """An upload."""

    id: Id
    project_id: Id
    state: Literal["open", "complete"]
    files: list[UploadFileOut]


class OffsetOut(Answer):
    """Where the next byte of a file goes."""

    offset: int
