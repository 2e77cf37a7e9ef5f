"""Where this node may read and write, whatever a task says.

``ROTO_WORKER_ROOTS`` is a list of directories joined by the system's path separator. Unset means
no restriction (a developer's machine); the embedded server always sets it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roto_shapes.errors import RotoError
from roto_shapes.frames import SequencePattern

ENVIRONMENT = "ROTO_WORKER_ROOTS"


class PathRefusedError(RotoError):
    """A path leads outside the roots of this node."""

    code = "path_refused"


class AllowedRoots:
    """The node's roots; a path counts by its resolved target, since studios live on symlinks."""

    def __init__(self, roots: list[Path] | None) -> None:
        self._roots = None if roots is None else [root.resolve() for root in roots]

    @classmethod
    def from_environment(cls) -> AllowedRoots:
        """The roots of ``ROTO_WORKER_ROOTS``."""
        value = os.environ.get(ENVIRONMENT, "")
        if not value:
            return cls(None)
        return cls([Path(part) for part in value.split(os.pathsep) if part])

    def check_task(self, spec: Mapping[str, Any]) -> None:
        """Check every path a task names, a sequence frame by frame.

        Raises:
            PathRefusedError: a path resolves outside the roots. Whether it exists is not told.
        """
        if self._roots is None:
            return
        for path in _paths(spec):
            self.check(path)

    def allow(self, path: Path) -> bool:
        """Whether ``path`` resolves into one of the roots."""
        if self._roots is None:
            return True
        resolved = path.resolve()
        return any(resolved.is_relative_to(root) for root in self._roots)

    def log_path(self, spec: Mapping[str, Any]) -> Path | None:
        """Where an attempt's log lies; None when that is no place to write to."""
        path = Path(spec["log_path"])
        return path if self.allow(path) else None

    def check(self, path: Path) -> None:
        """Check one path, links followed. Raises PathRefusedError as `check_task` does."""
        if not self.allow(path):
            raise PathRefusedError(
                f"{path} is outside the directories this worker may touch.",
                hint=f"Add its directory to {ENVIRONMENT} on the worker's node.",
                detail={"path": str(path)},
            )


def _paths(spec: Mapping[str, Any]) -> Iterator[Path]:
    yield Path(spec["output_dir"])
    yield Path(spec["log_path"])
    yield from map(Path, spec["resume_dirs"])
    yield from map(Path, spec["inputs"].values())
    model = str(spec["params"].get("model") or "")
    if os.sep in model:
        yield Path(model)
    plate = spec["shot"]["plate"]
    if plate["kind"] == "movie":
        yield Path(plate["path"])
    else:
        yield from _sequence_paths(plate["path"])


def _sequence_paths(pattern: str) -> Iterator[Path]:
    """The folder, and each frame that is a symlink: those lead anywhere, one by one."""
    sequence = SequencePattern.parse(pattern)
    yield Path(pattern).parent
    for frame in sequence.frames_on_disk():
        path = Path(sequence.path(frame))
        if path.is_symlink():
            yield path
