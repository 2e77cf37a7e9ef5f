"""What is remembered of uploads between two starts of a program."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from pathlib import Path
from typing import Mapping, Sequence

_log = logging.getLogger("roto_client")


class UploadNotes:
    """Remembers which upload (and shot) a set of files belongs to, per server and project.

    One small JSON file per set in ``folder``. Losing them costs sending the files again. SHA-256
    of files are remembered too, by path, size and time of their last change.
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

    def hashes(self, looks: Sequence[tuple[Path, int, int]]) -> Sequence[str] | None:
        """SHA-256 of files as they were noted; ``looks``: path, size and time (ns) of each."""
        told = self.get(_looks_key(looks)).get("sha256", "").split()
        return told if len(told) == len(looks) else None

    def put_hashes(self, looks: Sequence[tuple[Path, int, int]], hashes: Sequence[str]) -> None:
        """Note the SHA-256 of files that look so."""
        self.put(_looks_key(looks), sha256=" ".join(hashes))

    def forget_hashes(self, looks: Sequence[tuple[Path, int, int]]) -> None:
        """Drop them: the files are not what they look like."""
        self.forget(_looks_key(looks))

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _looks_key(looks: Sequence[tuple[Path, int, int]]) -> str:
    told = [[os.path.abspath(path), size, modified] for path, size, modified in looks]
    return "looks-" + hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _default_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("megaton-roto") / "uploads"
