"""Who may read what is published: the node's setting says so, and not the umask of its service."""

from __future__ import annotations

import errno
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from roto_shapes.errors import RotoError

SETTING = "ROTO_WORKER_PUBLISH_MODE"
_MODE = re.compile(r"0?[67][0-7][0-7]")
_NOT_OURS = frozenset({errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.ENOSYS})


@dataclass(frozen=True)
class Permissions:
    """``files``: the permission bits of published files. Folders made for them have the same, and
    who may read one may enter it."""

    files: int = 0o644

    @classmethod
    def from_environment(cls) -> Permissions:
        """What this node's setting says; raises RotoError ``bad_request`` where it says no mode."""
        value = os.environ.get(SETTING, "").strip()
        if not value:
            return cls()
        if not _MODE.fullmatch(value) or int(value, 8) & 0o111:
            raise RotoError(
                f"{SETTING} is {value!r}, not a file mode that its owner may read and write",
                code="bad_request",
                hint=f"Correct {SETTING} on the worker's node (0640, 0664, 0644), or unset it.",
            )
        return cls(int(value, 8))

    @property
    def folders(self) -> int:
        """The permission bits of folders."""
        return self.files | (self.files & 0o444) >> 2

    def give_file(self, descriptor: int) -> None:
        """Give them to an open file of ours; errors as of a disk."""
        _change(descriptor, self.files)

    def give_folder(self, folder: Path) -> None:
        """Give them to a folder of ours, which goes on handing its group down if it did."""
        _change(folder, self.folders | folder.stat().st_mode & stat.S_ISGID)


def _change(what: int | Path, mode: int) -> None:
    try:
        os.chmod(what, mode)
    except OSError as error:
        if error.errno not in _NOT_OURS:
            raise
        # A share that gives permissions by rules of its own (NTFS, say) takes none from us.
