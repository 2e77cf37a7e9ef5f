"""Where pixels and documents live: the protocol, a directory, and an object store."""

from .base import PartWriter, PiecedFile, Pieces, Signed, Storage, StoredFile
from .directory import DirectoryStorage
from .opening import open_storage

__all__ = (
    "DirectoryStorage",
    "PartWriter",
    "PiecedFile",
    "Pieces",
    "Signed",
    "Storage",
    "StoredFile",
    "open_storage",
)
