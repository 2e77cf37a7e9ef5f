"""Engines and models, as those see them who choose one."""

from __future__ import annotations

from pydantic import Field

from .common import Answer


class EngineOut(Answer):
    """A model that may be named, and who has it."""

    engine: str
    model: str
    workers: int = Field(
        description="That have it and are given work now; 0: a job waits until one has."
    )
    previews: bool = Field(description="Whether one of them answers previews.")


class EnginesOut(Answer):
    """Every model that may be named, by engine."""

    engines: list[EngineOut]
