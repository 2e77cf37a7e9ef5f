"""A file on this machine that is sent somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .errors import TransferError


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

    def read(self, offset: int, length: int) -> bytes:
        """The bytes from ``offset`` on; TransferError when there are fewer."""
        with open(self.path, "rb") as source:
            source.seek(offset)
            data = source.read(length)
        if len(data) != length:
            self.check_unchanged()
            raise TransferError(f"{self.path.name} could not be read in full.")
        return data
