"""Uploads nobody asks for any more are taken away, unfinished and complete ones alike.

What was made of a complete one has names (or copies) of its own for the files. To mark them takes
a moment; to remove them may take a while, in a bucket, and is left to `roto_server.trash.purger`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, select

from roto_shapes.errors import RotoError

from .. import audit
from ..db.media import UploadPiece
from ..db.models import Upload
from ..db.session import Database
from ..settings import Settings
from ..storage import Storage
from .files import UploadFiles

EXPIRED = "expired"
_AT_ONCE = 20
"""How many are marked per sweep, of which there is one a minute."""

log = structlog.get_logger(__name__)


class Expiry:
    """Of one server; ``settings`` are asked anew each time."""

    def __init__(
        self, database: Database, storage: Storage, settings: Callable[[], Settings]
    ) -> None:
        self.database = database
        self.storage = storage
        self.settings = settings

    def mark(self, now: datetime) -> None:
        """Say which are over, so that whoever dies while removing them leaves it to the next."""
        before = now - timedelta(days=self.settings().upload_days)
        with self.database.session() as session:
            query = select(Upload).where(Upload.state != EXPIRED, Upload.updated_at < before)
            # Locked, so that none of them is used again or completed meanwhile.
            old = query.order_by(Upload.updated_at).limit(_AT_ONCE).with_for_update()
            for upload in session.scalars(old):
                upload.state = EXPIRED
                audit.record(
                    session,
                    audit.SERVER,
                    "upload.expired",
                    "upload",
                    upload.id,
                    project_id=upload.project_id,
                )

    def marked(self) -> Sequence[str]:
        """Ids of those that are over and still there; of all, for some may resist for ever."""
        query = select(Upload.id).where(Upload.state == EXPIRED).order_by(Upload.updated_at)
        with self.database.reading() as session:
            return session.scalars(query).all()

    def remove(self, upload_id: str) -> None:
        """Remove one that is over. What cannot be removed now is found again by `marked`."""
        with self.database.reading() as session:
            upload = session.get(Upload, upload_id)
        if upload is None:
            return
        try:
            UploadFiles(upload, self.storage).remove()
        except RotoError as error:
            log.warning("expired_upload_stays", upload=upload_id, error=str(error))
        else:
            self._forget(upload_id)

    def _forget(self, upload_id: str) -> None:
        with self.database.session() as session:
            session.execute(delete(UploadPiece).where(UploadPiece.upload_id == upload_id))
            session.execute(delete(Upload).where(Upload.id == upload_id))
