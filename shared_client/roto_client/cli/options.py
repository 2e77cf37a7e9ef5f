"""What several commands take and print alike: options, numbers, times, JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from roto_shapes.frames import FrameRange

from ..api import Shot
from ..api.answers import given
from ..api.errors import InputError

InReview = Annotated[
    str | None,
    typer.Option("--review", help="Only those in this review state: waiting, retake, ..."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the server's answer as JSON.")]
Frames = Annotated[
    str | None,
    typer.Option(
        "--range",
        metavar="FIRST-LAST",
        help="Plate frames, both included; default all of the plate.",
    ),
]
View = Annotated[
    str, typer.Option(metavar="VIEW", help="Which picture of the shot: main, left, right, ...")
]


def changes_of(**wanted: Any) -> dict[str, Any]:
    """What is to be changed: all that was given; raises InputError where that is nothing."""
    changes = given(wanted)
    if not changes:
        raise InputError("Nothing is to be changed.", hint="--help tells what can be.")
    return changes


def frame_span(text: str | None) -> tuple[int, int] | None:
    """FIRST-LAST as first and last frame; raises RotoError ``bad_range``."""
    if text is None:
        return None
    frames = FrameRange.parse(text)
    return frames.first, frames.last


def numbers(option: str, text: str, form: str) -> tuple[float, ...]:
    """Numbers with commas between them, as many as ``form`` (X,Y) has; raises InputError."""
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) != len(form.split(",")):
        raise InputError(f"{option} {text!r} cannot be read.", hint=f"Write it as {form}.")
    return found


def handles_of(text: str) -> tuple[int, int]:
    """``8`` (on both sides) or ``8,12`` (head, tail); raises InputError."""
    parts = text.split(",")
    if len(parts) > 2 or not all(part.strip().isdecimal() for part in parts):
        raise InputError(
            f"--handles {text!r} cannot be read.",
            hint="Write one number of frames for both sides, 8, or two for head and tail, 8,12.",
        )
    return int(parts[0]), int(parts[-1])


def rate_of(text: str) -> tuple[int, int]:
    """``24``, ``24000/1001`` or ``29.97`` as a fraction; raises InputError."""
    whole, slash, part = text.partition("/")
    try:
        if slash:
            return int(whole), int(part)
        rate = float(text)
        near = round(rate)
    except (ValueError, OverflowError):
        raise InputError(
            f"{text!r} is no frame rate.", hint="Write it as 24, 24000/1001 or 29.97."
        ) from None
    return (near, 1) if abs(rate - near) < 0.005 else (round(rate * 1001 / 1000) * 1000, 1001)


def moment(time: datetime | None) -> str:
    """A time by this machine's clock, for people; empty where there is none."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}" if time else ""


def shot_line(shot: Shot, name: str) -> str:
    """A shot in a list, called ``name``."""
    frames = "{}-{}".format(*shot.frame_range) if shot.frame_range else ""
    line = f"{shot.id}  {name:<24}  {shot.state:<8}  {frames:<12}"
    return f"{line}  {shot.raw.get('review', '')}".rstrip()


def print_json(body: Any) -> None:
    """Print an answer of the server's."""
    typer.echo(json.dumps(body, indent=1))
