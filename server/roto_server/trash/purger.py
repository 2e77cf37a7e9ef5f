"""A thread that removes what is purged and expired uploads, while this process is the one to."""

from __future__ import annotations

import threading

import structlog
from sqlalchemy import event, exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from roto_shapes.errors import RotoError

from ..background import Background
from ..db.models import Job, Task
from ..db.session import Database
from ..jobs.leading import Leadership
from ..storage import Storage
from ..uploading.expiring import Expiry
from .purging import PURGED
from .removing import Remover, StillInUseError
from .things import MODELS, Kind

AGAIN_SECONDS = 1.0
"""How soon it looks again for what a worker had not let go of."""

LOOK_SECONDS = 15.0
"""How often it looks by itself: for what another process, or one that died, has left to do."""

log = structlog.get_logger("roto.trash")


class Purger:
    """Thread-safe. Not the reconciler's thread: to remove a terabyte takes longer than a lease.

    A process that does not hold the lead leaves it to the one that does, which looks now and then.
    """

    def __init__(
        self, database: Database, storage: Storage, uploads: Expiry, leader_seconds: float
    ) -> None:
        self._database = database
        self._uploads = uploads
        self._remover = Remover(database, storage)
        self._leadership = Leadership(database, leader_seconds, name="purger")
        self._woken = threading.Event()
        self._stop = threading.Event()
        self.thread = Background("purger", self._run)

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._stop.clear()
        # Every session that commits a purge has it looked for at once.
        event.listen(self._database.sessions, "after_commit", self._after_commit)
        self.thread.start()

    def tell_to_end(self) -> None:
        """Have the thread end after the thing it removes."""
        self._stop.set()
        self._woken.set()

    def stop(self, seconds: float = 5.0) -> None:
        """End the thread after the thing it removes, or leave that to the next process."""
        self.tell_to_end()
        self.thread.join(seconds)
        try:
            self._leadership.release()
        except SQLAlchemyError as error:
            log.warning("lead_not_released", error=str(error))

    def run_once(self) -> bool:
        """Remove what is purged; whether something is still in use and waits for its turn."""
        waits = False
        for kind, ident in self._purged():
            if self._stop.is_set() or not self._leadership.hold():
                return False
            waits |= self._is_in_use(kind, ident)
        for upload_id in self._uploads.marked():
            if self._stop.is_set() or not self._leadership.hold():
                return False
            self._uploads.remove(upload_id)
        return waits

    def _run(self) -> None:
        while not self._stop.is_set():
            waits = False
            try:
                waits = self.run_once()
            except Exception as error:
                # The database is away: it is asked again.
                log.error("purge_failed", error=repr(error))
            self._woken.wait(AGAIN_SECONDS if waits else LOOK_SECONDS)
            self._woken.clear()

    def _after_commit(self, session: Session) -> None:
        if not session.in_nested_transaction() and session.info.pop(PURGED, False):
            self._woken.set()

    def _is_in_use(self, kind: Kind, ident: str) -> bool:
        """Remove it, unless it is in use."""
        try:
            self._remover.remove(kind, ident)
        except StillInUseError:
            log.debug("purge_waits", kind=kind, id=ident)
            return True
        except RotoError as error:
            log.warning("purge_refused", kind=kind, id=ident, code=error.code, error=error.message)
        except Exception as error:
            # Whatever it is: it must not keep the rest from going.
            log.error("purge_failed", kind=kind, id=ident, error=repr(error), exc_info=True)
        else:
            log.info("purged", kind=kind, id=ident)
        return False

    def _purged(self) -> list[tuple[Kind, str]]:
        found: list[tuple[Kind, str]] = []
        with self._database.reading() as session:
            for kind, model in MODELS.items():
                query = select(model.id).where(
                    model.trashed_at.is_not(None), model.purging_at.is_not(None)
                )
                if model is Job:
                    # Of a version that is removed, the row alone is left.
                    query = query.where(exists().where(Task.job_id == Job.id))
                found += [(kind, ident) for ident in session.scalars(query)]
        return found
