"""Plates and shots by the handful: looking for them, making them, new versions, running again."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

from .answers import given, items, read
from .models import Job, Shot
from .transport import Transport


@dataclass(frozen=True)
class Found:
    """A plate in a folder of the studio. ``frames``: None for a movie; ``missing``: how many lie
    between them and are not there; ``shot_id``: the shot that reads it already. ``beside``: the
    path of the plate whose shot it is the ``view`` right of.
    """

    kind: str
    path: str
    name: str
    frames: tuple[int, int] | None
    count: int
    missing: int
    shot_id: str | None
    view: str
    beside: str | None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Found:
        """The model of an answer."""
        frames = body["frames"]
        return cls(
            body["kind"],
            body["path"],
            body["name"],
            (frames[0], frames[1]) if frames else None,
            body["count"],
            body["missing"],
            body.get("shot_id"),
            body.get("view", "main"),
            body.get("beside"),
        )


@dataclass(frozen=True)
class Scanned:
    """What a folder holds. ``skipped``: path and why; ``ended_by``: the limit that cut it short."""

    found: tuple[Found, ...]
    skipped: tuple[tuple[str, str], ...]
    ended_by: str | None

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Scanned:
        """The model of an answer."""
        return cls(
            tuple(Found.from_json(one) for one in body["found"]),
            tuple((one["path"], one["reason"]) for one in body["skipped"]),
            body.get("ended_by"),
        )


@dataclass(frozen=True)
class PlateVersion:
    """A version of a view of a shot's plate. ``state``: probing, ready or invalid (``error``).

    ``warnings``: sentences on what differs from the version before.
    """

    id: str
    view: str
    version: int
    state: str
    current: bool
    path: str
    size: tuple[int, int] | None
    frames: tuple[int, int] | None
    warnings: tuple[str, ...]
    error: str

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> PlateVersion:
        """The model of an answer."""
        frames = body["frame_range"]
        size = (body["width"], body["height"]) if body["width"] else None
        return cls(
            body["id"],
            body["view"],
            body["version"],
            body["state"],
            body["current"],
            body["plate"]["path"],
            size,
            (frames[0], frames[1]) if frames else None,
            tuple(one["message"] for one in body["warnings"]),
            str((body["error"] or {}).get("message", "")),
        )


@dataclass(frozen=True)
class Made:
    """What became of one shot of many: it, or why it was not made."""

    name: str
    shot: Shot | None
    error: str

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Made:
        """The model of an answer."""
        shot = body.get("shot")
        return cls(
            body["name"],
            None if shot is None else Shot.from_json(shot),
            str((body.get("error") or {}).get("message", "")),
        )


def scan(transport: Transport, project_id: str, path: str, depth: int | None = None) -> Scanned:
    """The plates in a folder that the server can read."""
    body = given({"path": path, "depth": depth})
    return read(Scanned, transport.json("POST", f"/projects/{project_id}/scan", body=body))


def make_shots(
    transport: Transport,
    project_id: str,
    shots: Sequence[Mapping[str, Any]],
    *,
    all_or_none: bool = True,
) -> list[Made]:
    """New shots, each as the body of ``POST projects/{id}/shots``, at most 500.

    Raises the first one's `ApiError` when one is refused, unless ``all_or_none`` is off.
    """
    body = {"shots": list(shots), "all_or_none": all_or_none}
    answer = transport.json("POST", f"/projects/{project_id}/shots/bulk", body=body)
    return [read(Made, one) for one in answer["items"]]


def plates(transport: Transport, shot_id: str) -> Iterator[PlateVersion]:
    """The versions of a shot's plate in all views, newest first."""
    return items(PlateVersion, transport, f"/shots/{shot_id}/plates", {})


def add_plate(
    transport: Transport, shot_id: str, plate: Mapping[str, Any], **more: Any
) -> PlateVersion:
    """A new version. ``plate``: path or upload_id; ``more``: fields of ``POST shots/{id}/plates``,
    those that are None left out."""
    body = {"plate": dict(plate), **given(more)}
    return read(PlateVersion, transport.json("POST", f"/shots/{shot_id}/plates", body=body))


def rerun(transport: Transport, shot_id: str, **wishes: Any) -> Job:
    """The newest roto job again on the newest plate. ``wishes``: fields of ``POST rerun``.

    However often it has to be sent, it makes one job.
    """
    path, key = f"/shots/{shot_id}/rerun", uuid.uuid4().hex
    return read(Job, transport.json("POST", path, body=given(wishes), idempotency_key=key))
