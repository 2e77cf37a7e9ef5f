"""Where this node may read and write, whatever a task says.

``ROTO_WORKER_ROOTS`` is a list of directories joined by the system's path separator. Unset means
no restriction (a developer's machine); the embedded server always sets it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from roto_client.contract.stored import stored_key
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

    def also(self, root: Path) -> AllowedRoots:
        """These, and ``root``, which is this worker's own."""
        return AllowedRoots(None if self._roots is None else [*self._roots, root])

    def check_task(self, spec: Mapping[str, Any]) -> None:
        """Check every path a task names, a sequence frame by frame.

        Raises:
            PathRefusedError: a path resolves outside the roots, the plate into what the storage has
                of another project, or the folder to publish into into the storage. Whether it
                exists is not told.
        """
        _check_project(spec)
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
        if stored_key(spec["log_path"]) is not None:
            return None
        return path if self.allow(path) else None

    def check(self, path: Path) -> None:
        """Check one path, links followed. Raises PathRefusedError as `check_task` does."""
        if not self.allow(path):
            raise PathRefusedError(
                f"{path} is outside the directories this worker may touch.",
                hint=f"Add its directory to {ENVIRONMENT} on the worker's node.",
                detail={"path": str(path)},
            )


def _check_project(spec: Mapping[str, Any]) -> None:
    """The server refuses such paths; but a link may have been led elsewhere since."""
    # <storage>/projects/<project>/<shot>/attempts/<attempt>
    attempts, _, project, projects, *_ = [*Path(spec["output_dir"]).parents, *[Path()] * 4]
    if attempts.name != "attempts" or projects.name != "projects":
        return
    plates = _plate_paths(spec["shot"]["plate"])
    for path in (plate.resolve() for plate in plates):
        if path.is_relative_to(projects.resolve()) and not path.is_relative_to(project.resolve()):
            raise PathRefusedError(
                f"{path.name} lies in the storage of another project.", detail={"path": str(path)}
            )
    if spec["kind"] == "publish":
        _check_delivery(Path(spec["params"]["folder"]), projects)


def _check_delivery(folder: Path, projects: Path) -> None:
    if folder.resolve().is_relative_to(projects.resolve()):
        raise PathRefusedError(
            f"{folder} leads into the server's own storage.",
            hint="Publish into a folder of the studio's.",
            detail={"path": str(folder)},
        )


def _paths(spec: Mapping[str, Any]) -> Iterator[Path]:
    yield Path(spec["output_dir"])
    yield Path(spec["log_path"])
    yield from map(Path, spec["resume_dirs"])
    yield from map(Path, spec["inputs"].values())
    if spec["kind"] == "publish":
        yield Path(spec["params"]["folder"])
    model = str(spec["params"].get("model") or "")
    if os.sep in model:
        yield Path(model)
    yield from _plate_paths(spec["shot"]["plate"])


def _plate_paths(plate: Mapping[str, Any]) -> Iterator[Path]:
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
