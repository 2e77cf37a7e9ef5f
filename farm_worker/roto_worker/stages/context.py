"""What a stage gets to do its work with. Stages know nothing of HTTP, RQ or heartbeats."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

TaskSpec = dict[str, Any]
"""A validated ``task/1`` document (roto_client/contract/task.schema.json)."""

StageResult = dict[str, Any]
"""A ``result`` of roto_client/contract/farm.schema.json."""


class TaskStopped(Exception):  # noqa: N818 (a request, not an error)
    """The server told this attempt to stop (cancelled, drained, reassigned); not an error."""


class TaskContext(Protocol):
    """One attempt, seen from inside a stage."""

    @property
    def spec(self) -> TaskSpec: ...

    @property
    def output_dir(self) -> Path:
        """Where everything this attempt publishes goes. Exists and is this attempt's alone."""
        ...

    @property
    def scratch_dir(self) -> Path:
        """Local, private, removed when the attempt ends however it ends."""
        ...

    @property
    def resume_dirs(self) -> list[Path]:
        """Output directories of earlier attempts, newest first; read-only."""
        ...

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Report progress in frames; cheap, call it every frame. Also checks for a stop.

        Raises:
            TaskStopped: the server wants this attempt to end.
        """
        ...

    def log(self, event: str, **fields: object) -> None:
        """One structured line in the attempt's log."""
        ...
