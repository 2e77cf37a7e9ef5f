"""Files that are either all there or not there, and a full disk told by its name."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from roto_shapes.errors import RotoError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the name ``path`` when the block ends well, and vanishes else.

    Raises:
        RotoError: ``disk_full``.
        OSError: the file cannot be written for another reason.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file
        os.replace(partial, path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise RotoError(
                f"no space is left to write {path.name}",
                code="disk_full",
                hint="Free space on the storage, then retry the job.",
                detail={"file": path.name},
            ) from error
        raise


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file; errors as `whole_file`."""
    with whole_file(path) as file:
        file.write(data)


def link(source: Path, target: Path) -> None:
    """Share the file; both sides only ever replace files, never write into them.

    Raises:
        FileNotFoundError: there is no ``source``.
    """
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        shutil.copy2(source, target)
