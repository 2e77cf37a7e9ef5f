"""What a newer list changed of the shots that an older one made. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .events import ListEvent


@dataclass(frozen=True)
class MadeShot:
    """A shot that came from an event of a list of this name. ``cut``: as `cuts.cut_of` told it."""

    id: str
    name: str
    cut: dict[str, Any]


@dataclass(frozen=True)
class Change:
    """``kind``: new, same, moved (other record times), trimmed (other frames of the same media)."""

    kind: str
    shot: MadeShot | None = None


def compare(
    events: Sequence[tuple[ListEvent, str]], shots: Sequence[MadeShot]
) -> tuple[list[Change], list[MadeShot]]:
    """What each event is to the shots there are, and the shots that no event is any more.

    ``events`` come with the path of their media, "" where it is not known. A shot is one event's
    at most; the nearest goes first: all times equal, then the media's, then those that overlap.
    """
    left = {shot.id: shot for shot in shots}
    changes: list[Change | None] = [None] * len(events)
    for kind, fits in (("same", _is_same), ("moved", _is_moved), ("trimmed", _overlaps)):
        for index, (event, path) in enumerate(events):
            if changes[index] is None:
                shot = _first(left, event, path, fits)
                if shot is not None:
                    changes[index] = Change(kind, left.pop(shot.id))
    return [change or Change("new") for change in changes], list(left.values())


def _first(
    left: dict[str, MadeShot],
    event: ListEvent,
    path: str,
    fits: Callable[[ListEvent, dict[str, Any]], bool],
) -> MadeShot | None:
    for shot in left.values():
        if _of_one_media(event, path, shot.cut) and fits(event, shot.cut):
            return shot
    return None


def _of_one_media(event: ListEvent, path: str, cut: dict[str, Any]) -> bool:
    if path and cut.get("media"):
        return path == str(cut["media"])
    names = (event.reel, event.clip)
    return any(names) and names == (cut.get("reel", ""), cut.get("clip", ""))


def _is_same(event: ListEvent, cut: dict[str, Any]) -> bool:
    return _is_moved(event, cut) and [event.record_in, event.record_out] == cut["record"]


def _is_moved(event: ListEvent, cut: dict[str, Any]) -> bool:
    return list(cut["source"]) == [event.source_in, event.source_out] and _same_edges(event, cut)


def _same_edges(event: ListEvent, cut: dict[str, Any]) -> bool:
    return list(cut.get("transitions", (0, 0))) == [event.head, event.tail]


def _overlaps(event: ListEvent, cut: dict[str, Any]) -> bool:
    first, end = cut["source"]
    return bool(event.source_in < end and first < event.source_out)
