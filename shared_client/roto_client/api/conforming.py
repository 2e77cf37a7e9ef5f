"""Edit lists into shots, and long plates cut: what the server's conform rooms answer."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .answers import given, items, read
from .errors import InputError
from .models import Job, Shot
from .transport import Transport


@dataclass(frozen=True)
class Event:
    """An event of an edit list and how it stands; times as the list writes them.

    ``state``: matched, ambiguous, unmatched, short, no_media or skipped; ``change``: new, same,
    moved or trimmed. ``frames``: plate frames with handles, None where a worker finds them.
    """

    index: int
    number: str
    name: str
    state: str
    change: str
    made: bool
    shot_id: Optional[str]
    clip: str
    reel: str
    record: Tuple[str, str]
    path: Optional[str]
    frames: Optional[Tuple[int, int]]
    candidates: Tuple[str, ...]
    remarks: Tuple[str, ...]
    error: str

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Event:
        """The model of an answer."""
        frames, match = body["frames"], body["match"]
        return cls(
            index=body["index"],
            number=body["number"],
            name=body["name"],
            state=body["state"],
            change=body["change"],
            made=body["made"],
            shot_id=body["shot_id"],
            clip=body["clip"],
            reel=body["reel"],
            record=(body["record"]["in"], body["record"]["out"]),
            path=match["path"] if match else None,
            frames=(frames[0], frames[1]) if frames else None,
            candidates=tuple(one["path"] for one in body["candidates"]),
            remarks=tuple(one["message"] for one in body["remarks"]),
            error=(body["error"] or {}).get("message", ""),
        )


@dataclass(frozen=True)
class Conform:
    """An edit list that was read. ``events``: none in lists of conforms; ``gone``: names of shots
    of an older list of this name that are in no event any more."""

    id: str
    name: str
    kind: str
    state: str
    states: Dict[str, int]
    made: int
    events: Tuple[Event, ...]
    gone: Tuple[str, ...]
    raw: Mapping[str, Any]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Conform:
        """The model of an answer."""
        return cls(
            id=body["id"],
            name=body["name"],
            kind=body["kind"],
            state=body["state"],
            states=dict(body["states"]),
            made=body["made"],
            events=tuple(Event.from_json(one) for one in body.get("entries", ())),
            gone=tuple(one["name"] for one in body.get("gone", ())),
            raw=body,
        )


@dataclass(frozen=True)
class Scenes:
    """What lies between the cuts of a plate: ranges, inclusive, and each cut's score (0 to 1)."""

    ranges: Tuple[Tuple[int, int], ...]
    scores: Dict[int, float]

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Scenes:
        """The model of an answer."""
        return cls(
            tuple((one["first"], one["last"]) for one in body["scenes"]),
            {one["frame"]: one["score"] for one in body["cuts"]},
        )

    def edited(self, merge: Sequence[int], split: Sequence[int]) -> Scenes:
        """Other scenes of the same frames: one that begins at a frame of ``merge`` goes on from the
        one before; at a frame of ``split`` one more begins. Raises InputError."""
        begins = [first for first, _ in self.ranges]
        first, last = begins[0], self.ranges[-1][1]
        for frame in merge:
            if frame not in begins[1:]:
                raise InputError(
                    f"No scene after the first begins at frame {frame}.",
                    hint=f"They begin at {', '.join(str(one) for one in begins[1:]) or 'none'}.",
                )
        for frame in split:
            if frame in begins or not first < frame <= last:
                raise InputError(
                    f"Frame {frame} divides no scene.",
                    hint=f"Name one of {first + 1}-{last} where none begins yet.",
                )
        kept = sorted({*begins, *split} - {*merge})
        ends = [*(following - 1 for following in kept[1:]), last]
        scores = {frame: score for frame, score in self.scores.items() if frame in kept}
        return Scenes(tuple(zip(kept, ends)), scores)


def new(
    transport: Transport, project_id: str, name: str, data: bytes, file_name: str, **options: Any
) -> Conform:
    """Have an edit list read and its media looked for. ``options``: fields of ``ConformIn``."""
    told = {"name": name, "file_name": file_name, "base64": base64.b64encode(data).decode()}
    body = {**told, **given(options)}
    path = f"/projects/{project_id}/conforms"
    return read(Conform, transport.json("POST", path, body=body))


def listed(transport: Transport, project_id: str) -> Iterator[Conform]:
    """The edit lists of a project, newest first."""
    return items(Conform, transport, f"/projects/{project_id}/conforms", {})


def get(transport: Transport, conform_id: str) -> Conform:
    """An edit list with its events."""
    return read(Conform, transport.json("GET", f"/conforms/{conform_id}"))


def match(transport: Transport, conform_id: str, **options: Any) -> Conform:
    """Have the media looked for again. ``options``: fields of ``MatchIn``."""
    path = f"/conforms/{conform_id}/match"
    return read(Conform, transport.json("POST", path, body=given(options)))


def change(transport: Transport, conform_id: str, index: int, **said: Any) -> Conform:
    """Say something of an event. ``said``: fields of ``EventIn``."""
    path = f"/conforms/{conform_id}/events/{index}"
    return read(Conform, transport.json("PATCH", path, body=given(said)))


def apply(transport: Transport, conform_id: str, events: Optional[Sequence[int]] = None) -> Conform:
    """Make shots of the events that match: of those ``events``, or of all."""
    body = given({"events": None if events is None else list(events)})
    return read(Conform, transport.json("POST", f"/conforms/{conform_id}/apply", body=body))


def find_scenes(transport: Transport, shot_id: str) -> Job:
    """The job of a worker that looks for cuts in a shot's plate."""
    return read(Job, transport.json("POST", f"/shots/{shot_id}/scenes"))


def scenes(transport: Transport, shot_id: str, **options: Any) -> Scenes:
    """What the newest look found. ``options``: ``threshold`` (0.01 to 1), ``shortest`` (frames)."""
    path = f"/shots/{shot_id}/scenes"
    return read(Scenes, transport.json("GET", path, params=given(options)))


def cut(
    transport: Transport,
    shot_id: str,
    ranges: Sequence[Tuple[str, int, int]],
    handles: int = 0,
) -> List[Shot]:
    """Shots of ranges of the shot's plate: name, first and last frame of each."""
    told = [{"name": name, "first": first, "last": last} for name, first, last in ranges]
    body = {"ranges": told, "handles": handles}
    made = transport.json("POST", f"/shots/{shot_id}/cut", body=body)
    return [read(Shot, one) for one in made]
