"""A job frame by frame."""

from __future__ import annotations

from pydantic import Field

from .common import Answer, Color


class ObjectFrames(Answer):
    """What is known of an object; lists have one entry a frame, null where nothing is known.

    ``confidence`` is the engine's, 0 to 1; ``area`` of the matte's inside, in pixels of the plate.
    ``prompts`` and ``keys`` are plate frames with prompts, and with keys of its shapes.
    """

    id: str = Field(description="Empty until it was tracked.")
    name: str
    color: Color | None
    confidence: list[float | None]
    area: list[float | None]
    prompts: list[int]
    keys: list[int]


class JobFrames(Answer):
    """The frames of a job, ``first`` to ``last``, by object in the order they were asked for.

    ``attempt``: the try of its track stage whose mattes it has, null before there was one: another
    try makes other mattes.
    """

    first: int
    last: int
    attempt: str | None
    objects: list[ObjectFrames]
