"""Backup and restore: the rows of every table and a manifest of the storage's files.

A backup is a ``.tar.gz`` with ``manifest.json`` (version, schema revision, row counts, size and
sha256 of every file of the storage) and ``tables/<name>.jsonl``. It is the same for SQLite and
PostgreSQL, so it also moves a server from one to the other. The files themselves are backed up by
the studio's own means; restore tells which are missing or changed.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table, func, insert, select, text

from roto_client.contract import PRODUCT_VERSION
from roto_shapes.errors import RotoError

from .. import migrations
from ..db.models import Base
from ..db.session import Database
from ..db.types import UtcDateTime, json_default, utc_now

FORMAT = "roto-backup/1"
PASSING = frozenset({"attempts", "logs"})
"""Folders of a shot that hold nothing published."""
_BATCH = 1000


@dataclass
class Checked:
    """Files of the manifest that are not in the storage as they were."""

    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    files: int = 0


def backup(database: Database, storage_root: Path, target: Path) -> dict[str, Any]:
    """Write a backup of one moment of the database to ``target``; returns the manifest.

    Raises:
        RotoError: ``conflict`` when ``target`` exists or the schema is not this version's.
    """
    if target.exists():
        raise RotoError(f"{target} exists already.", code="conflict")
    migrations.check_current(database)
    partial = target.with_name(target.name + ".partial")
    try:
        with tarfile.open(partial, "w:gz") as archive, _snapshot(database) as connection:
            rows = {
                table.name: _add_table(archive, connection, table)
                for table in Base.metadata.sorted_tables
            }
            manifest = {
                "format": FORMAT,
                "product_version": PRODUCT_VERSION,
                "revision": migrations.wanted_revision(),
                "created_at": utc_now().isoformat(),
                "rows": rows,
                "files": list(_describe_files(storage_root)),
            }
            _add(archive, "manifest.json", json.dumps(manifest, indent=1).encode())
        partial.chmod(0o600)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def restore(database: Database, storage_root: Path, source: Path) -> Checked:
    """Fill an empty database from a backup, then check the storage against its manifest.

    All rows come in one transaction, or none.

    Raises:
        RotoError: ``bad_request`` for a file that is no backup or one of another schema,
            ``conflict`` for a database that holds rows.
    """
    with _open_backup(source) as archive:
        manifest = json.loads(_member(archive, "manifest.json").read())
        if manifest.get("format") != FORMAT:
            raise _not_a_backup(source)
        if manifest["revision"] != migrations.wanted_revision():
            raise RotoError(
                f"The backup's schema is {manifest['revision']}, this version's is "
                f"{migrations.wanted_revision()}.",
                hint=f"Restore with version {manifest['product_version']}, then migrate.",
                code="bad_request",
            )
        migrations.upgrade(database)
        with database.engine.begin() as connection:
            _refuse_filled(connection)
            for table in Base.metadata.sorted_tables:
                _fill(connection, table, _member(archive, f"tables/{table.name}.jsonl"))
    return check_files(storage_root, manifest["files"])


def check_files(storage_root: Path, files: Iterable[dict[str, Any]]) -> Checked:
    """Compare the storage with a manifest's file list."""
    checked = Checked()
    for entry in files:
        checked.files += 1
        path = storage_root / entry["path"]
        if not path.is_file():
            checked.missing.append(entry["path"])
        elif path.stat().st_size != entry["size"] or _sha256(path) != entry["sha256"]:
            checked.changed.append(entry["path"])
    return checked


def _snapshot(database: Database) -> Connection:
    """A transaction that sees one moment, whatever is written meanwhile."""
    if database.is_sqlite:
        engine = database.engine.execution_options(roto_reading=True)
    else:
        engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    return engine.connect()


def _add_table(archive: tarfile.TarFile, connection: Connection, table: Table) -> int:
    buffer = io.BytesIO()
    count = 0
    for row in connection.execute(select(table).order_by(*table.primary_key)).mappings():
        buffer.write(json.dumps(dict(row), default=json_default).encode() + b"\n")
        count += 1
    _add(archive, f"tables/{table.name}.jsonl", buffer.getvalue())
    return count


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o600
    info.mtime = int(utc_now().timestamp())
    archive.addfile(info, io.BytesIO(content))


def _describe_files(storage_root: Path) -> Iterator[dict[str, Any]]:
    for folder, folders, names in os.walk(storage_root):
        place = Path(folder).relative_to(storage_root)
        # projects/<project>/<shot>/<folder>
        if len(place.parts) == 3:
            folders[:] = [name for name in folders if name not in PASSING]
        folders.sort()
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not path.is_symlink():
                yield {
                    "path": (place / name).as_posix(),
                    "size": path.stat().st_size,
                    "sha256": _sha256(path),
                }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open_backup(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:gz")
    except (OSError, tarfile.TarError) as error:
        raise _not_a_backup(source) from error


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        file = archive.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise _not_a_backup(Path(str(archive.name)))
    return file


def _not_a_backup(source: Path) -> RotoError:
    return RotoError(
        f"{source} is not a backup of this product, or it is damaged.",
        hint="Backups are made with `roto admin backup FILE`.",
        code="bad_request",
    )


def _refuse_filled(connection: Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if connection.scalar(select(func.count()).select_from(table)):
            raise RotoError(
                f"The database is not empty: {table.name} has rows.",
                hint="Restore into a new database (ROTO_DATABASE_URL or a new data directory).",
                code="conflict",
            )


def _fill(connection: Connection, table: Table, lines: IO[bytes]) -> None:
    times = [column.name for column in table.columns if isinstance(column.type, UtcDateTime)]
    batch: list[dict[str, Any]] = []
    for line in lines:
        row = json.loads(line)
        for name in times:
            row[name] = datetime.fromisoformat(row[name]) if row[name] else None
        batch.append(row)
        if len(batch) == _BATCH:
            connection.execute(insert(table), batch)
            batch = []
    if batch:
        connection.execute(insert(table), batch)
    _continue_numbers(connection, table)


def _continue_numbers(connection: Connection, table: Table) -> None:
    """PostgreSQL's sequences go on after the restored rows (SQLite does so by itself)."""
    column = table.autoincrement_column
    if column is None or connection.dialect.name != "postgresql":
        return
    last = connection.scalar(select(func.max(column)))
    if last is not None:
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"),
            {"table": table.name, "column": column.name, "last": last},
        )
