"""What projects take up in the storage, by what it is for: counted where it lies.

Hard links of the same bytes count once in a project, where they are met first.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db.models import Job, Shot, Task
from ..jobs.folders import PUBLISHED
from ..jobs.sources import SHARED
from ..storage import Storage

PARTS = ("uploads", "sources", "proxies", "masks", "shapes", "exports", "attempts", "logs", "other")
"""What files are for. ``attempts``: work that is under way or was given up."""

_PART_OF_FOLDER = {
    "source": "sources",
    **{folder: folder if folder in PARTS else "exports" for folder in PUBLISHED.values()},
    "attempts": "attempts",
    "logs": "logs",
}
_CLOCK_EVERY = 256
"""Files between two looks at the clock."""


@dataclass
class Amount:
    """Of files: how many, and their bytes."""

    files: int = 0
    bytes: int = 0


@dataclass
class Figures:
    """What one project takes up. ``complete``: False when the time was over before the end."""

    parts: dict[str, Amount] = field(default_factory=lambda: {part: Amount() for part in PARTS})
    complete: bool = True

    @property
    def files(self) -> int:
        """All files."""
        return sum(part.files for part in self.parts.values())

    @property
    def bytes(self) -> int:
        """All bytes."""
        return sum(part.bytes for part in self.parts.values())


def measure(
    storage: Storage, project_id: str, published: Mapping[str, str], until: float = float("inf")
) -> Figures:
    """Walk the project's folder, no longer than ``until`` (of `time.monotonic`).

    ``published``: see `published_attempts`. No transaction should be open: it may take long.
    """
    figures = Figures()
    seen: set[int] = set()
    for number, file in enumerate(storage.walk(f"projects/{project_id}")):
        if number % _CLOCK_EVERY == 0 and time.monotonic() >= until:
            figures.complete = False
            break
        part = figures.parts[_part_of(file.name, published)]
        part.files += 1
        if file.shared is None or file.shared not in seen:
            part.bytes += file.size
        if file.shared is not None:
            seen.add(file.shared)
    return figures


def published_attempts(session: Session, project_ids: Iterable[str]) -> dict[str, str]:
    """Attempt -> the kind of the task it is the result of, where results stay in its folder.

    That is how an object store publishes; in a directory they are renamed and this is empty.
    """
    rows = session.execute(
        select(Task.kind, Task.published_dir)
        .join(Job, Job.id == Task.job_id)
        .join(Shot, Shot.id == Job.shot_id)
        .where(Shot.project_id.in_(list(project_ids)), Task.published_dir.contains("/attempts/"))
    )
    return {str(key).rpartition("/")[2]: kind for kind, key in rows}


def _part_of(name: str, published: Mapping[str, str]) -> str:
    """``name``: a file's, from the project's folder."""
    first, *rest = name.split("/")
    if first in ("uploads", SHARED):
        return first
    folder = rest[0] if len(rest) > 1 else ""
    if folder == "attempts" and rest[1] in published:
        folder = PUBLISHED[published[rest[1]]]
    return _PART_OF_FOLDER.get(folder, "other")
