"""Uploads: files sent piece by piece, visible only when all have arrived and verified."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import ConfigDict, Field

from .common import Answer, Line, Request, Sha256
from .projects import Id

Counted = Annotated[int, Path(ge=0, lt=2**31)]
"""A file of an upload, or a piece of a file, by its number from 0."""


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
    """A file of an upload; ``offset`` bytes of its beginning have arrived.

    ``pieces``: the pieces that have arrived, as ranges of numbers, both ends included. A file of
    which ``offset`` is ``size`` needs nothing more: all was sent, or the project had it already.
    """

    name: str
    size: int
    sha256: str
    offset: int
    pieces: list[tuple[int, int]]


class UploadOut(Answer):
    """An upload."""

    id: Id
    project_id: Id
    state: Literal["open", "complete"]
    files: list[UploadFileOut]
    piece_size: int = Field(description="Bytes of each piece; the last one of a file has less.")
    direct: bool = Field(
        description="Pieces may be put straight into the object store: `POST .../urls` says where. "
        "Those who cannot reach it send them here all the same."
    )


class UploadListed(Answer):
    """An upload in a list; `GET uploads/{id}` tells of its files."""

    id: Id
    project_id: Id
    state: Literal["open", "complete"]
    file_count: int
    first_file: str
    created_at: datetime


class PieceIn(Request):
    """A piece of a file, both numbered from 0."""

    file: int = Field(ge=0, lt=2**31)
    number: int = Field(ge=0, lt=2**31)


class UrlsIn(Request):
    """Pieces that will be sent soon."""

    pieces: list[PieceIn] = Field(min_length=1, max_length=1000)


class UrlOut(Answer):
    """Where a piece can be PUT, with these headers."""

    file: int
    number: int
    url: str
    headers: dict[str, str]


class UrlsOut(Answer):
    """Addresses that open for ``expires_in`` seconds; ask again for others."""

    expires_in: int
    urls: list[UrlOut]


class OffsetOut(Answer):
    """Where the next byte of a file goes."""

    offset: int
