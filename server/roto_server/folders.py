"""Folders that settings name, and the refusal when one cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from roto_shapes.errors import RotoError


@contextmanager
def folder_for(setting: str, folder: Path) -> Iterator[None]:
    """Make or open ``folder`` in the block.

    Raises:
        RotoError: ``storage_failed``, naming ``setting``, for what the operating system refuses.
    """
    try:
        yield
    except OSError as error:
        raise RotoError(
            f"{setting}: {folder} cannot be used: {error.strerror or type(error).__name__}.",
            hint="Mount it, or make it writable for the user who runs the server.",
            code="storage_failed",
        ) from error
