"""Handles: frames at the head and tail of a shot's range that are not in its cut. Pure."""

from __future__ import annotations

from typing import Any

from ..db.models import Shot
from ..errors import BadRequestError
from .plates import frames_of

Pair = tuple[int, int]


def check(handles: Pair | None, frames: Pair | None) -> None:
    """Raise `BadRequestError` when ``handles`` leave none of ``frames``; None: nobody knows yet."""
    if handles is None or frames is None or _leave_a_cut(handles, frames):
        return
    raise BadRequestError(
        _told(handles, frames),
        hint="Give fewer handles, or a longer frame_range.",
        detail={"handles": list(handles), "frame_range": list(frames)},
    )


def warnings(shot: Shot) -> list[dict[str, Any]]:
    """``[{code, message, detail}]``: the plate turned out to be too short for the handles."""
    handles, frames = (shot.handle_head, shot.handle_tail), frames_of(shot)
    if frames is None or _leave_a_cut(handles, frames):
        return []
    detail = {"handles": list(handles), "frame_range": list(frames)}
    return [{"code": "no_cut", "message": _told(handles, frames), "detail": detail}]


def _leave_a_cut(handles: Pair, frames: Pair) -> bool:
    return sum(handles) <= frames[1] - frames[0]


def _told(handles: Pair, frames: Pair) -> str:
    return (
        f"Handles of {handles[0]} and {handles[1]} frames leave none of {frames[0]}-{frames[1]} "
        "for the cut."
    )
