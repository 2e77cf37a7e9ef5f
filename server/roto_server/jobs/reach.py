"""What a node can see of the storage and of the studio's folders, and what it calls them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from roto_client.contract.places import LINUX, Places
from roto_client.contract.stored import stored
from roto_shapes.errors import RotoError

from ..db.media import MAIN_VIEW, Plate
from ..db.models import JsonObject, Shot, Task, Worker
from ..storage import Storage
from .farm import Farm

_PROJECTS = "projects"
VIEWS_SINCE = (0, 2)
"""Workers of before read the first view of a file, whichever was asked for."""


class UnreachableError(RotoError):
    """The node mounts no folder that holds the path, or cannot read what is in it."""

    code = "storage_failed"


@dataclass(frozen=True)
class Reach:
    """Names for one node, which mounts ``mounts`` (by name of place), and the storage unless it is
    ``remote``. Where a place lies is told by the node, else by what its platform calls the place.
    ``views``: its worker finds a view in a file of several.

    ``places`` are the studio's alone. A project's are written by its supervisors: by a name or a
    root of theirs a node would be led to folders that the server has not allowed.
    """

    storage: Storage
    places: Places
    platform: str = LINUX
    remote: bool = False
    mounts: Mapping[str, str] = field(default_factory=dict)
    views: bool = True

    @classmethod
    def of(cls, farm: Farm, worker: Worker) -> Reach:
        """What ``worker`` said when it registered."""
        told: JsonObject = worker.reach or {}
        major, minor = worker.version.split(".")[:2]
        return cls(
            farm.storage,
            Places(farm.settings.places),
            told.get("platform", LINUX),
            told.get("storage") == "remote",
            told.get("mounts", {}),
            (int(major), int(minor)) >= VIEWS_SINCE,
        )

    def stored(self, key: str) -> str:
        """The node's name of what the storage has under ``key``."""
        if self.remote:
            return stored(key)
        return self.studio(self.storage.address(key))

    def studio(self, path: str) -> str:
        """The node's name of a path of the server.

        Raises:
            UnreachableError: it is not mounted there, as far as the node has said.
        """
        there = self.places.at(path, self.mounts, self.platform)
        if there is None and (self.remote or self.platform != LINUX):
            raise UnreachableError(
                f"The node does not mount the folder of {path}.",
                hint="Name its place in ROTO_WORKER_PLACES on the node, or upload the plate.",
            )
        return path if there is None else there

    def plate(self, row: Plate | Shot) -> JsonObject:
        """The contract's ``plate``; raises `UnreachableError`."""
        known_as: str = row.plate["path"]
        key = self.key_of(row)
        path = self.studio(known_as) if key is None else self.stored(key)
        plate: dict[str, Any] = {"kind": row.plate["kind"], "path": path}
        if path != known_as:
            plate["known_as"] = known_as
        if row.plate.get("first_frame") is not None:
            plate["first_frame"] = row.plate["first_frame"]
        if isinstance(row, Plate) and row.view != MAIN_VIEW and path.lower().endswith(".exr"):
            if not self.views:
                raise UnreachableError(
                    f"The node's worker cannot look for the view {row.view} in a file.",
                    hint="Update the node.",
                )
            plate["view"] = row.view
        return plate

    def key_of(self, row: Plate | Shot) -> str | None:
        """The storage's key of an uploaded plate (of a sequence: its pattern); None for one that
        is read where it lies."""
        path: str = row.plate["path"]
        if isinstance(row, Plate) and row.source is not None:
            return f"{row.source}/{PurePosixPath(path).name}"
        # Plates of before there were versions say no folder.
        home = self.storage.address(_PROJECTS)
        return _PROJECTS + path[len(home) :] if path.startswith(f"{home}/") else None


def reaches(farm: Farm, worker: Worker, task: Task) -> bool:
    """Whether ``worker`` can see everything that ``task`` reads and writes."""
    job = task.job
    reach = Reach.of(farm, worker)
    if not (reach.remote or farm.storage.is_shared):
        return False
    try:
        reach.plate(job.plate or job.shot)
        if task.params.get("folder"):
            reach.studio(task.params["folder"])
    except UnreachableError:
        return False
    return True
