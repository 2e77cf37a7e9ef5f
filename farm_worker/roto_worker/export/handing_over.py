"""Files handed over to the studio: copied beside their places, then shown all together.

Nothing of the studio's is ever overwritten. A file takes its name by a hard link, which fails where
the name is taken, however late somebody takes it. Without hard links an empty file of ours takes it
first; it is never left under the name when an attempt fails or the next one goes on.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from roto_shapes.errors import RotoError

from .permissions import Permissions

CHUNK = 4 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES})


@dataclass(frozen=True)
class Piece:
    """``source`` is to be ``name`` (with ``/``) below the folder. ``sha256`` None: not known."""

    source: Path
    name: str
    size: int
    sha256: str | None


class HandOver:
    """One attempt at handing a set of files over.

    Until every copy lies complete beside its place, none is shown; where one cannot be shown, those
    shown before it are taken back. A process that dies while they are shown (milliseconds) leaves
    some; the next attempt finds them there already and goes on.
    """

    def __init__(
        self,
        folder: Path,
        pieces: Sequence[Piece],
        *,
        task: str,
        attempt: str,
        permissions: Permissions,
        on_file: Callable[[int], None],
    ) -> None:
        """``permissions``: of files and folders that are made here, not of what is there already.
        ``on_file`` is told how many files are copied; what it raises ends and undoes all."""
        self._folder, self._pieces, self._on_file = folder, pieces, on_file
        self._permissions = permissions
        self._mine, self._task = f".roto-{task}-{attempt}-", f".roto-{task}-"
        self._new_folders: list[Path] = []
        self._shown: list[tuple[Path, os.stat_result]] = []

    def run(self) -> set[str]:
        """The names of the files that were there already, to the bit.

        Raises:
            RotoError: ``conflict`` (another file has the name), ``path_refused`` (the folder is not
                there, leads elsewhere or cannot be written), ``disk_full``, ``storage_failed``.
        """
        targets = [self._target(piece) for piece in self._pieces]
        try:
            try:
                already = self._copy_all(targets)
                self._show_all(targets, already)
            except BaseException:
                self._take_back()
                raise
            finally:
                self._sweep(self._mine)
        except OSError as error:
            raise _explained(error, self._folder) from error
        return {self._pieces[number].name for number in already}

    def _target(self, piece: Piece) -> Path:
        parts = PurePosixPath(piece.name).parts
        if piece.name != "/".join(parts) or ".." in parts or "\\" in piece.name or not parts:
            raise _refused(piece.name, "is no name below the folder")
        return self._folder.joinpath(*parts)

    def _copy_all(self, targets: Sequence[Path]) -> set[int]:
        """Returns the numbers of the pieces that are there already."""
        if not self._folder.is_dir():
            raise _refused(str(self._folder), "is no folder on this node")
        already: set[int] = set()
        for number, (piece, target) in enumerate(zip(self._pieces, targets, strict=True)):
            self._make_folder(target.parent)
            if number == 0:
                self._free_held_names(targets)
                self._sweep(self._task)
            if _is_there(target, piece):
                already.add(number)
            elif shutil.disk_usage(target.parent).free < piece.size:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
            else:
                _copy(piece, self._staged(target, number), self._permissions)
            self._on_file(number + 1)
        return already

    def _show_all(self, targets: Sequence[Path], already: set[int]) -> None:
        for number, (piece, target) in enumerate(zip(self._pieces, targets, strict=True)):
            if number in already:
                continue
            if not self._show(self._staged(target, number), target) and _is_there(target, piece):
                already.add(number)
        for parent in {target.parent for target, _ in self._shown}:
            _sync_folder(parent)

    def _show(self, staged: Path, target: Path) -> bool:
        """Give the copy its name; False where the name is taken."""
        ours = staged.stat()
        try:
            os.link(staged, target)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            held = _hold_name(target)
            if held is None:
                return False
            self._shown.append((target, held))
            os.replace(staged, target)
        self._shown.append((target, ours))
        return True

    def _free_held_names(self, targets: Sequence[Path]) -> None:
        """Remove the empty files by which an earlier attempt that died held names (`_hold_name`).

        The copy beside it, which was to take the name, tells that the empty file is ours.
        """
        copies = {
            (path.parent, path.name.rpartition("-")[2]) for path in self._left_over(self._task)
        }
        for number, (piece, target) in enumerate(zip(self._pieces, targets, strict=True)):
            if piece.size and (target.parent, str(number)) in copies and _is_empty_file(target):
                target.unlink()

    def _staged(self, target: Path, number: int) -> Path:
        """Beside the target, so that they are on one file system."""
        return target.with_name(f"{self._mine}{number}")

    def _make_folder(self, folder: Path) -> None:
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            try:
                one.mkdir()
            except FileExistsError:
                continue  # another publishes into it
            self._new_folders.append(one)
            self._permissions.give_folder(one)
        if missing:
            folder = missing[0]
        if not folder.resolve().is_relative_to(self._folder.resolve()):
            raise _refused(str(folder), "leads out of the folder to publish into")

    def _take_back(self) -> None:
        for target, ours in reversed(self._shown):
            try:
                if os.path.samestat(target.lstat(), ours):
                    target.unlink()
            except OSError:
                continue  # gone, or not to be removed any more: the error that led here is told
        self._sweep(self._mine)
        for folder in reversed(self._new_folders):
            try:
                folder.rmdir()
            except OSError:
                continue  # somebody else uses it already

    def _sweep(self, prefix: str) -> None:
        """Remove what this attempt, or earlier ones at its task, copied and did not show."""
        for path in self._left_over(prefix):
            path.unlink(missing_ok=True)

    def _left_over(self, prefix: str) -> list[Path]:
        left: list[Path] = []
        for parent in {self._folder.joinpath(one.name).parent for one in self._pieces}:
            if parent.is_dir():
                with os.scandir(parent) as entries:
                    left += [Path(one.path) for one in entries if one.name.startswith(prefix)]
        return left


def _is_there(target: Path, piece: Piece) -> bool:
    """Whether the very file is there; raises ``conflict`` where another thing has the name."""
    try:
        found = target.lstat()
    except FileNotFoundError:
        return False
    same = stat.S_ISREG(found.st_mode) and found.st_size == piece.size
    if same and _digest(target) == (piece.sha256 or _digest(piece.source)):
        return True
    raise RotoError(
        f"{piece.name} is there already and is another file; nothing was published.",
        code="conflict",
        hint="Published files are never overwritten: move that one away, or publish a new version.",
        detail={"path": str(target)},
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(piece: Piece, staged: Path, permissions: Permissions) -> None:
    """Copy and check; the copy is on the disk when this returns."""
    digest = hashlib.sha256()
    with piece.source.open("rb") as source, staged.open("xb") as copy:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        permissions.give_file(copy.fileno())
        os.fsync(copy.fileno())
    if staged.stat().st_size != piece.size or (
        piece.sha256 is not None and digest.hexdigest() != piece.sha256
    ):
        raise RotoError(
            f"The exported file {piece.source.name} is not what it was.", code="storage_failed"
        )


def _hold_name(target: Path) -> os.stat_result | None:
    """An empty file of our own for the copy to replace, where a file system has no hard links.

    None where the name is taken.
    """
    try:
        descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except FileExistsError:
        return None
    try:
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _is_empty_file(path: Path) -> bool:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass  # network file systems that cannot; the files themselves are on the disk
    finally:
        os.close(descriptor)


def _refused(what: str, why: str) -> RotoError:
    return RotoError(
        f"{what} {why}.",
        code="path_refused",
        hint="The project's publish settings name the folder; the worker must mount it.",
        detail={"path": what},
    )


def _explained(error: OSError, folder: Path) -> RotoError:
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return RotoError(
            "no space is left to publish into",
            code="disk_full",
            hint=f"Free space where {folder} lies, then retry the job.",
            detail={"path": str(error.filename or folder)},
        )
    if error.errno in _FORBIDDEN:
        return _refused(str(error.filename or folder), f"cannot be written: {reason}")
    return RotoError(f"Publishing into {folder} failed: {reason}", code="storage_failed")
