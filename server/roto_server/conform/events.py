"""What an edit list says, whatever its format."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any, Self

from .problems import BadListError

MOST_EVENTS = 2000
"""Events of one list; a feature film's reel has some hundreds."""


def too_many_events() -> BadListError:
    """The refusal of a list that is too long."""
    return BadListError(
        f"The list has more than {MOST_EVENTS} events.", hint="Split it, by reels for example."
    )


@dataclass(frozen=True)
class Remark:
    """Something about an event that a person should know. ``code`` is stable."""

    code: str
    message: str

    def told(self) -> dict[str, str]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True)
class ListEvent:
    """A piece of picture in an edit. See `conform` for times.

    ``source_*``: of the media, in frames at ``rate``; None when the list tells none. They are what
    the piece shows, in the order of time; ``speed`` -1 shows it backwards, 0 is one frame that
    stands. ``head``, ``tail``: frames beyond, which transitions show. ``media_start`` and
    ``media_frames``: of the whole media, as far as the list knows them. ``no_media``: what is shown
    there is made, not read (black, a title).
    """

    number: str
    track: str
    clip: str
    reel: str
    file: str
    rate: Fraction
    source_in: int
    source_out: int
    record_in: int
    record_out: int
    drop_frame: bool = False
    speed: float = 1.0
    head: int = 0
    tail: int = 0
    media_start: int | None = None
    media_frames: int | None = None
    no_media: bool = False
    enabled: bool = True
    remarks: tuple[Remark, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it is kept and sent between processes."""
        data = asdict(self)
        data["rate"] = [self.rate.numerator, self.rate.denominator]
        data["remarks"] = [remark.told() for remark in self.remarks]
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`; what it does not know is left."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        known["rate"] = Fraction(*data["rate"])
        known["remarks"] = tuple(Remark(**remark) for remark in data["remarks"])
        return cls(**known)


@dataclass(frozen=True)
class EditList:
    """An edit: ``rate`` and ``start`` (its first frame's timecode) are the record side's.

    ``left_out``: what is in the list and no event, by kind: audio, gaps.
    """

    title: str
    kind: str
    rate: Fraction
    start: int
    drop_frame: bool
    events: tuple[ListEvent, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is sent between processes."""
        return {
            "title": self.title,
            "kind": self.kind,
            "rate": [self.rate.numerator, self.rate.denominator],
            "start": self.start,
            "drop_frame": self.drop_frame,
            "events": [event.to_json() for event in self.events],
            "left_out": self.left_out,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(
            title=str(data["title"]),
            kind=str(data["kind"]),
            rate=Fraction(*data["rate"]),
            start=int(data["start"]),
            drop_frame=bool(data["drop_frame"]),
            events=tuple(ListEvent.from_json(event) for event in data["events"]),
            left_out=dict(data["left_out"]),
        )
