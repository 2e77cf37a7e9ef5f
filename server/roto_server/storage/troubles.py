"""The operating system's refusals as errors of the contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from roto_shapes.errors import RotoError

from ..errors import disk_full, is_no_space


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turn the operating system's refusals of ``what`` (a key) into `RotoError`."""
    try:
        yield
    except OSError as error:
        name = PurePosixPath(what).name
        if is_no_space(error):
            raise disk_full(name) from error
        raise RotoError(
            f"The storage refused {name}: {error.strerror or type(error).__name__}.",
            code="storage_failed",
            hint="The server's storage must be mounted and writable; see /readyz.",
        ) from error
