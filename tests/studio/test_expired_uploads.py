"""Uploads that are over: marked in the reconciler's thread, removed in the purger's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from roto_server import migrations
from roto_server.db.models import Project, Upload
from roto_server.db.session import Database
from roto_server.db.types import utc_now
from roto_server.jobs.leading import Leadership
from roto_server.settings import load_settings
from roto_server.storage import DirectoryStorage
from roto_server.trash.purger import Purger
from roto_server.uploading.expiring import Expiry
from roto_shapes.errors import RotoError

MANY = 25
"""More than are marked at once."""


class Share(DirectoryStorage):
    """A share where folders of the names in ``locked`` cannot be removed."""

    locked: frozenset[str] = frozenset()

    def remove_folder(self, key: str) -> None:
        if Path(key).name.partition(".")[0] in self.locked:
            raise RotoError(f"{key} is read-only.", code="storage_failed")
        super().remove_folder(key)


@pytest.fixture
def database(empty_database: str) -> Iterator[Database]:
    database = Database(empty_database)
    migrations.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def share(tmp_path: Path) -> Share:
    return Share(tmp_path / "storage")


@pytest.fixture
def expiry(database: Database, share: Share, monkeypatch: pytest.MonkeyPatch) -> Expiry:
    monkeypatch.setenv("ROTO_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("ROTO_STORAGE_ROOT", str(share.root))
    return Expiry(database, share, load_settings)


def old_uploads(database: Database, share: Share) -> list[str]:
    """Ids of uploads that nobody asked for in a year, the oldest first, each with a file."""
    last = utc_now() - timedelta(days=365)
    with database.session() as session:
        project = Project(name="heist", created_by="ann")
        session.add(project)
        session.flush()
        uploads = [
            Upload(
                project_id=project.id, files=[{"name": "a.mov", "size": 4, "sha256": None}],
                created_by="ann", updated_at=last + timedelta(minutes=number),
            )
            for number in range(MANY)
        ]  # fmt: skip
        session.add_all(uploads)
    for upload in uploads:
        path = Path(share.address(f"projects/{project.id}/uploads/{upload.id}.incoming/a.mov"))
        path.parent.mkdir(parents=True)
        path.write_bytes(b"half")
    return [upload.id for upload in uploads]


def left(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Upload.id)))


def files(share: Share) -> set[str]:
    """Ids of the uploads that have files."""
    return {Path(name).parent.name.partition(".")[0] for name in share.listing("projects")}


def mark(expiry: Expiry) -> None:
    for _ in range(2):
        expiry.mark(utc_now())


def test_one_that_cannot_be_removed_keeps_no_other_from_going(
    database: Database, share: Share, expiry: Expiry
) -> None:
    ids = old_uploads(database, share)
    mark(expiry)
    assert files(share) == set(ids)  # to mark them takes nothing away
    share.locked = frozenset(ids[:-1])
    purger = Purger(database, share, expiry, 15)
    purger.run_once()
    assert left(database) == files(share) == share.locked
    share.locked = frozenset()
    purger.run_once()
    assert left(database) == files(share) == set()


@pytest.mark.postgresql
def test_who_does_not_lead_leaves_them(database: Database, share: Share, expiry: Expiry) -> None:
    ids = old_uploads(database, share)
    mark(expiry)
    other = Leadership(database, 60, name="purger", holder="another server")
    assert other.hold()
    purger = Purger(database, share, expiry, 15)
    purger.run_once()
    assert left(database) == files(share) == set(ids)
    other.release()
    purger.run_once()
    assert left(database) == files(share) == set()
