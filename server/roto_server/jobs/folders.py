"""Where a shot's files lie below the storage root.

Rows keep keys: POSIX paths relative to the storage root, so a moved root moves everything.
``projects/<project>/<shot>/{source,proxies,masks,shapes,exports}/v001``, attempts and their logs
beside them. In an object store, which renames nothing, what is published stays in the attempt's
folder and the task's ``published_dir`` says so.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from roto_shapes.errors import RotoError

from ..db.models import Job, Shot, Task
from ..errors import ConflictError, NotFoundError
from ..storage import Storage

PUBLISHED = {
    "ingest": "proxies", "track": "masks", "vectorize": "shapes", "export": "exports",
    "publish": "published", "scenes": "scenes",
}  # fmt: skip
"""The folder each kind of task publishes into."""

log = structlog.get_logger(__name__)


def shot_key(shot: Shot) -> str:
    """Key of the shot's folder."""
    return f"projects/{shot.project_id}/{shot.id}"


def source_key(project_id: str, shot_id: str, name: str) -> str:
    """Key of the folder of an uploaded plate's files: ``v001``, of later ones the plate's id."""
    return f"projects/{project_id}/{shot_id}/source/{name}"


def attempt_key(shot: Shot, attempt_id: str) -> str:
    """Key of the directory one attempt writes to, and nobody else."""
    return f"{shot_key(shot)}/attempts/{attempt_id}"


def log_key(shot: Shot, attempt_id: str) -> str:
    """Key of the log file of one attempt."""
    return f"{shot_key(shot)}/logs/{attempt_id}.log"


def published_key(shot: Shot, job: Job, task: Task) -> str:
    """Key of the directory the task's output becomes, once and for all."""
    # What was published is told by the job: one that does nothing else has versions of its own.
    last = job.id if task.kind == "publish" else f"v{job.version:03d}"
    return f"{shot_key(shot)}/{PUBLISHED[task.kind]}/{last}"


class Folders:
    """The storage as seen by workers that mount it: concrete directories for keys."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def path(self, key: str) -> Path:
        """The concrete path of ``key``, of a shared storage."""
        return Path(self._storage.address(key))

    def prepare_attempt(self, shot: Shot, attempt_id: str) -> None:
        """Make the attempt's empty directory and the folder of its log, where there are folders."""
        if self._storage.is_shared:
            self.path(attempt_key(shot, attempt_id)).mkdir(parents=True)
            self.path(log_key(shot, attempt_id)).parent.mkdir(parents=True, exist_ok=True)

    def publish(self, attempt: str, published: str) -> str:
        """Publish the attempt's folder; returns the key it has now (see `Storage.publish`).

        Raises:
            RotoError: ``conflict`` when there is a published one already, ``not_found`` when the
                output is gone: neither will ever be otherwise. ``storage_failed``, ``disk_full``.
        """
        if not self._storage.is_shared:
            # Not asked while the job is held: its listing was compared with the result before.
            return self._storage.publish(attempt, published)
        made, there = self._storage.has_folder(attempt), self._storage.has_folder(published)
        if made and there:
            raise ConflictError(
                f"{published} exists already; a published version is never overwritten.",
                hint="It is not in the database: move it away (was an old backup restored?).",
            )
        if not made and not there:
            raise NotFoundError("output of attempt", attempt)
        return self._storage.publish(attempt, published)

    def remove(self, key: str) -> None:
        """Remove a folder of an attempt nobody needs; what resists is logged and left."""
        try:
            self._storage.remove_folder(key)
        except RotoError as error:
            log.warning("leftover", key=key, error=str(error))
