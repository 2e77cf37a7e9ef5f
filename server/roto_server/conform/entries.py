"""Events of a conform as they are kept: what the list says, what was found, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from .events import ListEvent, Remark
from .matching import Match
from .media import Media

SKIPPED = "skipped"


@dataclass(frozen=True)
class Candidate:
    """Media that an event means or may mean. ``frames``: those on disk, None when not read.

    ``first_frame``: of a movie, the plate frame number of its first picture; None for 1.
    """

    path: str
    kind: str
    frames: tuple[int, int] | None
    first_frame: int | None = None

    @classmethod
    def of(cls, media: Media) -> Self:
        """``media`` as it is kept."""
        known = media.first is not None and media.last is not None
        frames = (media.first or 0, media.last or 0) if known else None
        return cls(media.path, media.kind, frames, media.first_frame)

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        frames = None if self.frames is None else list(self.frames)
        first = self.first_frame
        return {"path": self.path, "kind": self.kind, "frames": frames, "first_frame": first}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(data["path"], data["kind"], _pair(data["frames"]), data["first_frame"])


@dataclass(frozen=True)
class Entry:
    """An event and how it stands.

    ``state``: as `matching.Match`, or skipped, by somebody's word. ``match``, ``by`` and
    ``placed_by``: the media, and by what it and its frames were found; ``frames`` include the
    ``handles``.
    ``remarks`` are of the match, besides the event's own. ``change`` and ``shot_id``: as
    `comparing.Change`; the shot that it is, also once it was made. ``media_start``: when its media
    begins, by somebody's word. ``chosen``: its media was chosen by somebody. ``error``: why no shot
    could be made.
    """

    event: ListEvent
    name: str
    state: str = "unmatched"
    by: str = ""
    match: Candidate | None = None
    placed_by: str = ""
    frames: tuple[int, int] | None = None
    handles: tuple[int, int] = (0, 0)
    candidates: tuple[Candidate, ...] = ()
    remarks: tuple[Remark, ...] = ()
    change: str = "new"
    shot_id: str | None = None
    made: bool = False
    media_start: int | None = None
    chosen: bool = False
    error: dict[str, Any] | None = None

    def matched(self, match: Match, *, chosen: bool = False) -> Self:
        """The same entry with another match."""
        placed = match.placed
        return replace(
            self,
            state=match.state,
            by=match.by,
            match=None if match.media is None else Candidate.of(match.media),
            placed_by=placed.by if placed else "",
            frames=placed.frames if placed else None,
            handles=placed.handles if placed else (0, 0),
            candidates=tuple(map(Candidate.of, match.candidates)),
            remarks=placed.remarks if placed else (),
            chosen=chosen,
            error=None,
        )

    def to_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "event": self.event.to_json(),
            "name": self.name,
            "state": self.state,
            "by": self.by,
            "match": self.match.to_json() if self.match else None,
            "placed_by": self.placed_by,
            "frames": None if self.frames is None else list(self.frames),
            "handles": list(self.handles),
            "candidates": [candidate.to_json() for candidate in self.candidates],
            "remarks": [remark.told() for remark in self.remarks],
            "change": self.change,
            "shot_id": self.shot_id,
            "made": self.made,
            "media_start": self.media_start,
            "chosen": self.chosen,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            **{
                **data,
                "event": ListEvent.from_json(data["event"]),
                "match": Candidate.from_json(data["match"]) if data["match"] else None,
                "frames": _pair(data["frames"]),
                "handles": _pair(data["handles"]) or (0, 0),
                "candidates": tuple(map(Candidate.from_json, data["candidates"])),
                "remarks": tuple(Remark(**remark) for remark in data["remarks"]),
            }
        )


def _pair(value: list[int] | None) -> tuple[int, int] | None:
    return None if value is None else (value[0], value[1])
