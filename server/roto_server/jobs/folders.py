"""Where a shot's files lie below the storage root.

Rows keep keys: POSIX paths relative to the storage root, so a moved root moves everything.
``projects/<project>/<shot>/{source,proxies,masks,shapes,exports}/v001``, attempts and their logs
beside them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import structlog

from ..db.models import Job, Shot, Task
from ..storage import DirectoryStorage

PUBLISHED = {"ingest": "proxies", "track": "masks", "vectorize": "shapes", "export": "exports"}
"""The folder each kind of task publishes into."""

log = structlog.get_logger(__name__)


def shot_key(shot: Shot) -> str:
    """Key of the shot's folder."""
    return f"projects/{shot.project_id}/{shot.id}"


def attempt_key(shot: Shot, attempt_id: str) -> str:
    """Key of the directory one attempt writes to, and nobody else."""
    return f"{shot_key(shot)}/attempts/{attempt_id}"


def log_key(shot: Shot, attempt_id: str) -> str:
    """Key of the log file of one attempt."""
    return f"{shot_key(shot)}/logs/{attempt_id}.log"


def published_key(shot: Shot, job: Job, task: Task) -> str:
    """Key of the directory the task's output becomes, once and for all."""
    return f"{shot_key(shot)}/{PUBLISHED[task.kind]}/v{job.version:03d}"


class Folders:
    """The storage as seen by workers that mount it: concrete directories for keys."""

    def __init__(self, root: Path) -> None:
        self._storage = DirectoryStorage(root)
        self.root = self._storage.root

    def path(self, key: str) -> Path:
        """The concrete path of ``key``."""
        return self.root / key

    def prepare_attempt(self, shot: Shot, attempt_id: str) -> None:
        """Make the attempt's empty directory and the folder of its log."""
        self.path(attempt_key(shot, attempt_id)).mkdir(parents=True)
        self.path(log_key(shot, attempt_id)).parent.mkdir(parents=True, exist_ok=True)

    def publish(self, attempt: str, published: str) -> None:
        """Rename the attempt's directory to the published one; done twice, a no-op.

        Raises:
            RotoError: ``storage_failed``, ``disk_full``.
        """
        self._storage.publish(attempt, published)

    def remove(self, key: str) -> None:
        """Remove a directory of an attempt nobody needs; what resists is logged and left."""

        def note(_function: object, path: str, error: BaseException) -> None:
            if not isinstance(error, FileNotFoundError):
                log.warning("leftover", path=path, error=str(error))

        # onerror's successor (onexc) came with Python 3.12.
        shutil.rmtree(
            self.path(key), onerror=lambda function, path, info: note(function, path, info[1])
        )
