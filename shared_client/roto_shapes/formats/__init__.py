"""Shape formats by name: pure writers from a ``roto/1`` document to a host's text, and readers."""

from __future__ import annotations

from typing import Any, Dict

from ..document import validate
from ..errors import RotoError
from ..model import Document
from . import aftereffects, blender, fusion, json_format, lottie, nuke, silhouette, svg
from .base import Format, LossyReport, Note, Read, Written

__all__ = [
    "FORMATS",
    "Format",
    "LossyReport",
    "Note",
    "Read",
    "Written",
    "format_named",
    "read",
    "write",
]

# The last of those with one extension is the one a file's name stands for.
_ALL = (
    nuke.FORMAT,
    silhouette.FORMAT,
    fusion.FORMAT,
    aftereffects.FORMAT,
    aftereffects.DATA_FORMAT,
    lottie.FORMAT,
    svg.FORMAT,
    blender.FORMAT,
    json_format.FORMAT,
)
FORMATS: Dict[str, Format] = {entry.name: entry for entry in _ALL}


def format_named(name: str) -> Format:
    """The format of that name. Raises RotoError (``unknown_format``)."""
    try:
        return FORMATS[name]
    except KeyError:
        raise RotoError(
            f"there is no shape format {name!r}",
            code="unknown_format",
            hint=f"Formats: {', '.join(FORMATS)}.",
        ) from None


def write(document: Document, format: str, **options: Any) -> Written:
    """The document in a host's format, with the report of what that format cannot carry.

    ``options`` are those of the format's own writer. Raises DocumentError for an unsound document
    and RotoError (``unknown_format``).
    """
    entry = format_named(format)
    validate(document)
    return entry.write(document, **options)


def read(text: str, format: str, **options: Any) -> Read:
    """The document in a host's text, with the report of what it could not take over.

    ``options`` are those of the format's own reader. Raises DocumentError for a text that is not of
    the format, and RotoError (``unknown_format``) also where we only write.
    """
    entry = format_named(format)
    if entry.read is None:
        readable = ", ".join(name for name, other in FORMATS.items() if other.read)
        raise RotoError(
            f"{format} shapes can be written but not read",
            code="unknown_format",
            hint=f"Formats that can be read: {readable}.",
        )
    result = entry.read(text, **options)
    validate(result.document)
    return result
