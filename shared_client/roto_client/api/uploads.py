"""The uploads one has on a server: what they are, and giving them up. Sending is in upload.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Iterator, Mapping

from .answers import items
from .models import time_of
from .transport import Transport


@dataclass(frozen=True)
class OwnUpload:
    """An upload of one's own. ``state``: open or complete; ``first_file``: the name of one file."""

    id: str
    project_id: str
    state: str
    file_count: int
    first_file: str
    created_at: datetime | None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> OwnUpload:
        """The model of an answer."""
        return cls(
            body["id"],
            body["project_id"],
            body["state"],
            int(body["file_count"]),
            body["first_file"],
            time_of(body["created_at"]),
        )


def uploads(transport: Transport) -> Iterator[OwnUpload]:
    """One's own uploads, newest first."""
    return items(OwnUpload, transport, "/uploads", {})


def delete_upload(transport: Transport, upload_id: str) -> None:
    """Give an upload up: its room is free soon after. Shots that were made of it keep its files."""
    transport.send("DELETE", f"/uploads/{upload_id}").close()
