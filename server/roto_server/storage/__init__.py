"""Where pixels and documents live: the protocol and its directory implementation.

An object store is a second implementation of `Storage` in its own module here.
"""

from .base import PartWriter, Storage
from .directory import DirectoryStorage

__all__ = ("DirectoryStorage", "PartWriter", "Storage")
