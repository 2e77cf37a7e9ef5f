"""Plates sent to a server that cannot read them in place: in pieces, checked, resumable.

The server counts what has arrived; this side only asks it where to go on. A cut connection is
taken up again after a pause, a new start of the program finds the unfinished upload through a
small note (`UploadNotes`) kept in the user's cache folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any, Callable, Mapping, Sequence

from .download import sha256_of
from .errors import (
    ConflictError,
    NotFoundError,
    ServerUnavailableError,
    StoppedError,
    TransferError,
)
from .models import Progress, Upload, UploadFile
from .transport import Retry, Transport

_log = logging.getLogger("roto_client")

PIECE = 8 << 20

Watcher = Callable[[Progress], None]
"""Called with a `Progress` whose ``stage`` is hashing or uploading, counted in bytes."""

_PATIENCE = Retry(tries=10, first_pause=0.5, longest_pause=20.0)


@dataclass(frozen=True)
class LocalFile:
    """A file to send, as it was when its SHA-256 was taken."""

    path: Path
    size: int
    modified_ns: int
    sha256: str

    def check_unchanged(self) -> None:
        """Raise TransferError when somebody wrote to the file since."""
        stat = self.path.stat()
        if (stat.st_size, stat.st_mtime_ns) != (self.size, self.modified_ns):
            raise TransferError(
                f"{self.path.name} changed while it was being sent.",
                hint="Submit again when the render that writes the plate is finished.",
                detail={"name": self.path.name},
            )


class UploadNotes:
    """Remembers which upload (and shot) a set of files belongs to, per server and project.

    One small JSON file per set in ``folder``. Losing them costs sending the files again.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder()

    def get(self, key: str) -> Mapping[str, str]:
        """The note under ``key``; empty when there is none that can be read."""
        try:
            note = json.loads(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def put(self, key: str, **facts: str) -> None:
        """Add ``facts`` to the note under ``key``, if the folder can be written."""
        path = self._path(key)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps({**self.get(key), **facts}), encoding="utf-8")
            os.replace(draft, path)
        except OSError as error:
            _log.warning("the upload could not be noted in %s: %s", self.folder, error)

    def forget(self, key: str) -> None:
        """Drop the note under ``key``."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


class Uploader:
    """Sends sets of files to one project.

    ``piece``: bytes per request. Setting ``stop`` ends a call with StoppedError; what has arrived
    stays there for the next one.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        notes: UploadNotes | None = None,
        watcher: Watcher | None = None,
        stop: Event | None = None,
        piece: int = PIECE,
        patience: Retry = _PATIENCE,
    ) -> None:
        self.transport = transport
        self.notes = notes or UploadNotes()
        self.watcher = watcher or _silent
        self.stop = stop or Event()
        self.piece = piece
        self.patience = patience

    def look_at(self, paths: Sequence[Path]) -> list[LocalFile]:
        """The files with their sizes and SHA-256. FileNotFoundError if one is missing."""
        total, done, found = sum(path.stat().st_size for path in paths), 0, []
        for path in paths:
            stat = path.stat()
            found.append(LocalFile(path, stat.st_size, stat.st_mtime_ns, sha256_of(path)))
            done += stat.st_size
            self._tell("hashing", done, total, path.name)
        return found

    def key(self, project_id: str, files: Sequence[LocalFile]) -> str:
        """What the notes call this set of files in this project of this server."""
        told = [self.transport.server, project_id, *((f.path.name, f.sha256) for f in files)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()

    def send(self, project_id: str, files: Sequence[LocalFile]) -> Upload:
        """Upload ``files`` completely; the upload is then ``complete``.

        Goes on where an earlier call or program stopped. Raises TransferError when the bytes
        arrive damaged twice or a file changes meanwhile, ServerUnavailableError when the server
        stays away for minutes.
        """
        key = self.key(project_id, files)
        upload = self._known(key, files) or self._create(project_id, files, key)
        for last_chance in (False, True):
            if upload.state == "complete":
                return upload
            try:
                self._send_all(upload, files)
                return self._complete(upload)
            except (TransferError, ConflictError) as error:
                # Damaged files were thrown away over there: their offset is 0 again. A conflict
                # means that bytes thought to be there are not.
                if last_chance or error.status == 0:
                    raise
                upload = self._fetch(upload.id)
        return upload

    def _known(self, key: str, files: Sequence[LocalFile]) -> Upload | None:
        upload_id = self.notes.get(key).get("upload_id")
        if not upload_id:
            return None
        try:
            upload = self._fetch(upload_id)
        except NotFoundError:
            self.notes.forget(key)
            return None
        same = [(f.name, f.sha256) for f in upload.files] == [
            (f.path.name, f.sha256) for f in files
        ]
        return upload if same else None

    def _create(self, project_id: str, files: Sequence[LocalFile], key: str) -> Upload:
        told = [{"name": f.path.name, "size": f.size, "sha256": f.sha256} for f in files]
        answer = self.transport.json(
            "POST", "/uploads", body={"project_id": project_id, "files": told}, idempotent=True
        )
        upload = Upload.from_json(answer)
        self.notes.put(key, upload_id=upload.id)
        return upload

    def _fetch(self, upload_id: str) -> Upload:
        return Upload.from_json(self.transport.json("GET", f"/uploads/{upload_id}"))

    def _complete(self, upload: Upload) -> Upload:
        path = f"/uploads/{upload.id}/complete"
        answer = self.transport.json("POST", path, idempotent=True)
        if "files" in answer:
            return Upload.from_json(answer)
        return replace(upload, state="complete")

    def _send_all(self, upload: Upload, files: Sequence[LocalFile]) -> None:
        total = sum(file.size for file in files)
        sent = sum(there.offset for there in upload.files)
        for index, (file, there) in enumerate(_pairs(files, upload.files)):
            sent -= there.offset
            for offset in self._send_file(upload.id, index, file, there.offset):
                self._tell("uploading", sent + offset, total, file.path.name)
            sent += file.size
            file.check_unchanged()

    def _send_file(self, upload_id: str, index: int, file: LocalFile, offset: int) -> Any:
        """Send one file from ``offset`` on; yields how much of it has arrived."""
        failures = 0
        with open(file.path, "rb") as source:
            while offset < file.size:
                source.seek(offset)
                before = offset
                try:
                    offset = self._send_piece(
                        upload_id, index, offset, source.read(self.piece), file
                    )
                except ServerUnavailableError:
                    failures += 1
                    if failures >= self.patience.tries:
                        raise
                    self.transport.sleep(self.patience.pause(failures))
                    offset = self._offset(upload_id, index, offset)
                if offset > before:
                    failures = 0
                yield offset

    def _send_piece(
        self, upload_id: str, index: int, offset: int, piece: bytes, file: LocalFile
    ) -> int:
        if not piece:
            file.check_unchanged()
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
        path = f"/uploads/{upload_id}/files/{index}"
        try:
            answer = self.transport.send("PATCH", path, headers=headers, data=piece)
            return int(answer.json()["offset"])
        except ConflictError as error:
            # The piece before arrived, only its answer did not; or another process sends too.
            if "offset" not in error.detail:
                raise
            return int(error.detail["offset"])

    def _offset(self, upload_id: str, index: int, otherwise: int) -> int:
        try:
            return self._fetch(upload_id).files[index].offset
        except ServerUnavailableError:
            return otherwise

    def _tell(self, stage: str, done: int, total: int, message: str) -> None:
        if self.stop.is_set():
            raise StoppedError("Stopped while sending the plate.")
        self.watcher(Progress(stage, done, total, done / total if total else 1.0, message=message))


def _pairs(
    files: Sequence[LocalFile], there: Sequence[UploadFile]
) -> list[tuple[LocalFile, UploadFile]]:
    if len(files) != len(there):
        raise TransferError("The server's upload has another number of files than were sent.")
    return [(file, there[index]) for index, file in enumerate(files)]


def _default_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("megaton-roto") / "uploads"


def _silent(progress: Progress) -> None:
    """For callers who do not watch."""
