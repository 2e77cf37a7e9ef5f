"""The stages a task can be, looked up by kind and imported on first use."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from roto_shapes.errors import RotoError

from .context import StageResult, TaskContext

Stage = Callable[[TaskContext], StageResult]

KINDS = ("ingest", "track", "vectorize", "export", "publish", "scenes")


def stage_for(kind: str) -> Stage:
    """The ``run`` function of a stage.

    Raises:
        RotoError: ``internal`` for a kind this version does not know.
    """
    if kind not in KINDS:
        raise RotoError(
            f"This worker knows no {kind!r} task.",
            hint="Server and workers must be of fitting versions.",
        )
    stage: Stage = import_module(f"{__name__}.{kind}").run
    return stage
