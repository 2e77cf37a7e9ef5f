"""Plates sent to a server that cannot read them in place: in pieces, checked, resumable.

The server counts what has arrived; this side only asks it where to go on. A cut connection is
taken up again after a pause, a new start of the program finds the unfinished upload through a
small note (`UploadNotes`) kept in the user's cache folder. Pieces go several at a time
(`api.pieces`); to servers that know none, one after the other.
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Callable, Sequence

from .download import sha256_of
from .errors import (
    ConflictError,
    NotFoundError,
    ServerUnavailableError,
    StoppedError,
    TransferError,
)
from .local_file import LocalFile
from .models import Progress, Upload, UploadFile
from .pieces import Clock, PieceSender
from .transport import Retry, Transport
from .upload_notes import UploadNotes

__all__ = ("LocalFile", "UploadNotes", "Uploader", "Watcher")

PIECE = 8 << 20

Watcher = Callable[[Progress], None]
"""Called with a `Progress` whose ``stage`` is hashing or uploading, counted in bytes."""

_VERIFYING_SECONDS = 3600.0
"""For how long a server may read what it was sent before it says that all is well."""

_PATIENCE = Retry(tries=10, first_pause=0.5, longest_pause=20.0)


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
        """The files with their sizes and SHA-256, which are remembered while they look the same.

        FileNotFoundError if one is missing.
        """
        stats = [path.stat() for path in paths]
        looks = [(p, s.st_size, s.st_mtime_ns) for p, s in zip(paths, stats)]
        known = self.notes.hashes(looks)
        total, done, found = sum(stat.st_size for stat in stats), 0, []
        for index, (path, size, modified) in enumerate(looks):
            sha256 = known[index] if known else sha256_of(path)
            found.append(LocalFile(path, size, modified, sha256))
            done += size
            self._tell("hashing", done, total, path.name)
        if not known:
            self.notes.put_hashes(looks, [file.sha256 for file in found])
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
                # Perhaps a file changed without looking so: it is hashed anew the next time.
                self.notes.forget_hashes([(f.path, f.size, f.modified_ns) for f in files])
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
        until = time.monotonic() + _VERIFYING_SECONDS
        failures = 0
        while True:
            try:
                answer = self.transport.json("POST", path, idempotent=True)
                break
            except ConflictError as error:
                # It is being verified already, for a request that ran out of patience.
                if "missing" in error.detail or time.monotonic() > until:
                    raise
            except ServerUnavailableError:
                if failures >= self.patience.tries:
                    raise
            failures += 1
            self._check_going()
            self.transport.sleep(self.patience.pause(min(failures, 8)))
        if "files" in answer:
            return Upload.from_json(answer)
        return replace(upload, state="complete")

    def _send_all(self, upload: Upload, files: Sequence[LocalFile]) -> None:
        if upload.piece_size:
            self._send_pieces(upload, files)
        else:
            self._send_in_order(upload, files)

    def _send_pieces(self, upload: Upload, files: Sequence[LocalFile]) -> None:
        """Several pieces at a time."""
        sender = PieceSender(self.transport, upload, files, self.patience, self.stop)
        clock = Clock(sum(file.size for file in files), sender.arrived)
        for done, name in sender.send():
            self._check_going()
            self.watcher(clock.progress(done, name))
        for file in files:
            file.check_unchanged()

    def _send_in_order(self, upload: Upload, files: Sequence[LocalFile]) -> None:
        """To a server that takes no pieces."""
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

    def _check_going(self) -> None:
        if self.stop.is_set():
            raise StoppedError("Stopped while sending the plate.")

    def _tell(self, stage: str, done: int, total: int, message: str) -> None:
        self._check_going()
        self.watcher(Progress(stage, done, total, done / total if total else 1.0, message=message))


def _pairs(
    files: Sequence[LocalFile], there: Sequence[UploadFile]
) -> list[tuple[LocalFile, UploadFile]]:
    if len(files) != len(there):
        raise TransferError("The server's upload has another number of files than were sent.")
    return [(file, there[index]) for index, file in enumerate(files)]


def _silent(progress: Progress) -> None:
    """For callers who do not watch."""
