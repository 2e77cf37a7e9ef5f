"""From what OpenTimelineIO read to an `EditList`. Runs in the child process only (`child`)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from roto_shapes.timecode import exact_rate

from . import edl, retiming
from .events import MOST_EVENTS, EditList, ListEvent, Remark, too_many_events
from .problems import BadListError

_DROP = "DF"
_MOST_TIME = 1 << 28
"""Frames: more than three days, at 1000 a second."""
_LONGEST_NAME = 1000
_OWN_NUMBER = re.compile(r"\d{6}")
"""What the EDL reader calls a clip without a name: the number `edl` gave its event."""


def edit_list(root: Any, kind: str, sequence: str | None = None) -> EditList:
    """The events of a timeline. ``sequence``: its name, needed where the file holds several.

    Raises `BadListError` for files without picture, with several sequences, or too many events.
    """
    timeline = _timeline_of(root, sequence)
    rate = _record_rate(timeline)
    start = round(timeline.global_start_time.value) if timeline.global_start_time else 0
    drop = _DROP in str(_told(timeline, "fcp_xml", "timecode", "displayformat"))
    left_out: Counter[str] = Counter()
    events: list[ListEvent] = []
    for found in _pieces(timeline, left_out):
        if len(events) == MOST_EVENTS:
            raise too_many_events()
        events.append(_event(found, len(events) + 1, rate, start, drop=drop))
    events.sort(key=lambda event: (event.record_in, event.track))
    return EditList(
        _line(timeline.name), kind, rate, start, drop, tuple(events), dict(sorted(left_out.items()))
    )


@dataclass(frozen=True)
class _Piece:
    """A clip in a video track; ``record`` is its range in the timeline, ``source`` in its media."""

    clip: Any
    track: str
    record: Any
    source: Any
    head: int
    tail: int
    remarks: tuple[Remark, ...]


def _timeline_of(root: Any, sequence: str | None) -> Any:
    if isinstance(root, otio.schema.Timeline):
        return root
    found = list(root.find_children(descended_from_type=otio.schema.Timeline))
    named = [one for one in found if sequence is None or one.name == sequence]
    if len(named) == 1:
        return named[0]
    names = ", ".join(sorted(repr(one.name) for one in found)[:20])
    raise BadListError(
        f"The file holds {len(found)} sequences: {names or 'none'}.",
        hint="Name one of them as 'sequence'.",
        detail={"sequences": [one.name for one in found][:100]},
    )


def _record_rate(timeline: Any) -> Fraction:
    if timeline.global_start_time is not None:
        return exact_rate(timeline.global_start_time.rate)
    base = _told(timeline, "fcp_xml", "rate", "timebase")
    if base is not None:
        ntsc = str(_told(timeline, "fcp_xml", "rate", "ntsc")).upper() == "TRUE"
        return Fraction(int(base) * 1000, 1001) if ntsc else Fraction(int(base))
    for clip in timeline.find_clips():
        return exact_rate(clip.trimmed_range().duration.rate)
    raise BadListError("The list has no clips.")


def _pieces(timeline: Any, left_out: Counter[str]) -> Iterator[_Piece]:
    names: dict[int, str] = {}
    for track in timeline.tracks:
        if track.kind == otio.schema.TrackKind.Video:
            names[id(track)] = f"V{len(names) + 1}"
    for track in timeline.tracks:
        clips = list(track.find_clips())
        if track.kind != otio.schema.TrackKind.Video:
            left_out["audio"] += len(clips)
            continue
        for clip in clips:
            piece = _piece(clip, names[id(track)], timeline.tracks)
            if piece is None:
                left_out["hidden"] += 1
            else:
                yield piece


def _piece(clip: Any, track: str, root: Any) -> _Piece | None:
    """The clip, as much of it as what it is nested in shows; None for nothing."""
    source = clip.trimmed_range()
    record, thing, remarks = source, clip, []
    nested = False
    while thing is not root:
        parent = thing.parent()
        into = record.start_time - thing.trimmed_range().start_time
        start = _start_in(parent, thing) + into
        record = otio.opentime.TimeRange(start, record.duration)
        if parent is not root and not isinstance(parent, otio.schema.Track):
            nested = True
            shown = _shared(record, parent.trimmed_range())
            if shown is None:
                return None
            skipped = shown.start_time - record.start_time
            source = otio.opentime.TimeRange(source.start_time + skipped, shown.duration)
            record = shown
        thing = parent
    if nested:
        remarks.append(Remark("nested", "The clip lies in a nested sequence."))
    head, tail, found = _transitions(clip)
    return _Piece(clip, track, record, source, head, tail, (*remarks, *found))


def _start_in(parent: Any, thing: Any) -> Any:
    """When ``thing`` begins in what it lies in; everything in a stack at its 0."""
    if isinstance(parent, otio.schema.Track):
        return parent.range_of_child(thing).start_time
    return otio.opentime.RationalTime(0, thing.trimmed_range().start_time.rate)


def _shared(one: Any, other: Any) -> Any | None:
    start = max(one.start_time, other.start_time)
    end = min(one.end_time_exclusive(), other.end_time_exclusive())
    return otio.opentime.TimeRange(start, end - start) if end > start else None


def _transitions(clip: Any) -> tuple[int, int, list[Remark]]:
    """Frames that transitions show before and after a clip, and words for people."""
    track = clip.parent()
    at = track.index(clip)
    head = tail = 0
    remarks = []
    before = track[at - 1] if at > 0 else None
    after = track[at + 1] if at + 1 < len(track) else None
    if isinstance(before, otio.schema.Transition):
        head = math.ceil(before.in_offset.value)
        length = math.ceil((before.in_offset + before.out_offset).value)
        remarks.append(_transition_remark(before, "begins", length))
    if isinstance(after, otio.schema.Transition):
        tail = math.ceil(after.out_offset.value)
        length = math.ceil((after.in_offset + after.out_offset).value)
        remarks.append(_transition_remark(after, "ends", length))
    return head, tail, remarks


def _transition_remark(transition: Any, where: str, frames: int) -> Remark:
    kind = "dissolve" if transition.transition_type == "SMPTE_Dissolve" else "wipe"
    return Remark("transition", f"It {where} with a {kind} of {frames} frames.")


def _event(piece: _Piece, index: int, rate: Fraction, start: int, *, drop: bool) -> ListEvent:
    """The event of a clip; what an EDL's own line says goes before what was read of it."""
    clip, media = piece.clip, piece.clip.media_reference
    own = exact_rate(piece.source.start_time.rate)
    remarks = list(piece.remarks)
    if own != rate:
        remarks.append(
            Remark("rate_differs", f"Media of {float(own):g} frames per second are in the list.")
        )
    source_in = math.floor(piece.source.start_time.value + 1e-6)
    duration = max(1, math.ceil(piece.record.duration.rescaled_to(float(own)).value - 1e-6))
    record_in = start + round(piece.record.start_time.rescaled_to(float(rate)).value)
    record = max(1, round(piece.record.duration.rescaled_to(float(rate)).value))
    media_start, media_frames = _extent(media)
    event = ListEvent(
        number=f"{index:03d}",
        track=piece.track,
        clip=_line(clip.name or (media.name if media is not None else "")),
        reel=_line(_reel(clip, media)),
        file=_line(_file(clip, media)),
        rate=own,
        source_in=source_in,
        source_out=source_in + duration,
        record_in=record_in,
        record_out=record_in + record,
        drop_frame=drop,
        head=piece.head,
        tail=piece.tail,
        media_start=media_start,
        media_frames=media_frames,
        no_media=isinstance(media, otio.schema.GeneratorReference),
        enabled=bool(clip.enabled) and _told(clip, "fcp_xml", "enabled") != "FALSE",
        remarks=tuple(remarks),
    )
    marked = _marked(clip)
    if marked:
        return _within_days(_by_the_line(event, marked, rate))
    speed, doubt = retiming.speed_in(clip)
    if _told(clip, "fcp_xml") is not None and event.media_start is not None and speed:
        # Final Cut counts a retimed clip's frames as they play.
        into = math.floor((event.source_in - event.media_start) * abs(speed) + 1e-6)
        event = replace(event, source_in=event.media_start + into)
    return _within_days(retiming.retimed(event, duration, speed, doubt))


def _within_days(event: ListEvent) -> ListEvent:
    """``event``, if all its times are those of lists; raises `BadListError`."""
    told = (event.source_in, event.source_out, event.record_in, event.record_out, event.head,
            event.tail, event.media_start or 0, event.media_frames or 0)  # fmt: skip
    if any(abs(value) > _MOST_TIME for value in told):
        raise BadListError(f"Event {event.number} has times no list has.")
    return event


def _line(text: str | None) -> str:
    """A name as one line: what cannot be printed is replaced, what is too long is cut off."""
    return "".join(each if each.isprintable() else "_" for each in (text or "")[:_LONGEST_NAME])


def _by_the_line(event: ListEvent, marked: list[str], rate: Fraction) -> ListEvent:
    """An EDL's event with the times of its line, exactly as they stand there."""
    written = [line for line in marked if not line.startswith("M2 ")]
    line = edl.read_line(written[-1], rate)
    speeds = [edl.speed_of(text, line, rate) for text in marked if text.startswith("M2 ")]
    known = [speed for speed in speeds if speed is not None]
    event = replace(
        event,
        number=line.number,
        clip="" if _OWN_NUMBER.fullmatch(event.clip) else event.clip,
        reel="" if line.reel in edl.UNKNOWN_REELS else line.reel,
        source_in=line.source_in,
        source_out=line.source_out,
        record_in=line.record_in,
        record_out=line.record_out,
        drop_frame=line.drop_frame,
        media_start=None,
        media_frames=None,
    )
    if known:
        return retiming.retimed(event, event.record_out - event.record_in, known[-1])
    played, lasts = event.source_out - event.source_in, event.record_out - event.record_in
    if played == lasts:
        return event
    told = f"It plays {played} frames of the media in {lasts} frames, and no speed is told."
    remarks = (*event.remarks, Remark("durations_differ", told))
    return replace(event, source_out=event.source_in + max(1, played), remarks=remarks)


def _marked(clip: Any) -> list[str]:
    comments = _told(clip, "cmx_3600", "comments") or []
    texts = [str(comment) for comment in comments]
    return [text[len(edl.MARK) :] for text in texts if text.startswith(edl.MARK)]


def _extent(media: Any) -> tuple[int | None, int | None]:
    """First frame and number of frames of the media, where the list tells them."""
    available = media.available_range if media is not None else None
    if available is None or available.duration.value <= 0:
        return None, None
    return round(available.start_time.value), round(available.duration.value)


def _reel(clip: Any, media: Any) -> str:
    told = _told(clip, "cmx_3600", "reel")
    if not told and media is not None:
        told = _told(media, "fcp_xml", "timecode", "reel", "name")
    if not told and media is not None:
        told = _told(media, "AAF", "UserComments", "Tape")
    return told if isinstance(told, str) else ""


def _file(clip: Any, media: Any) -> str:
    for comment in _told(clip, "cmx_3600", "comments") or []:
        key, _, value = str(comment).partition(":")
        if key.strip().upper() == "SOURCE FILE" and value.strip():
            return value.strip()
    if isinstance(media, otio.schema.ExternalReference):
        return media.target_url or ""
    if isinstance(media, otio.schema.ImageSequenceReference):
        return f"{media.target_url_base}{media.abstract_target_url('#' * 4)}".rsplit("/", 1)[-1]
    return ""


def _told(thing: Any, *path: str) -> Any:
    """What an adapter kept in a thing's metadata under ``path``; None when there is nothing."""
    found: Any = thing.metadata
    for name in path:
        try:
            found = found[name]
        except (KeyError, TypeError, IndexError):
            return None
    return found
