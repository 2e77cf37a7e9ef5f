"""The ``roto/1`` document itself: the one format that loses nothing."""

from __future__ import annotations

from ..document import dumps, loads
from ..model import Document
from .base import Format, LossyReport, Read, Written


def write(document: Document) -> Written:
    """The document as JSON text, with an empty report. Raises DocumentError."""
    return Written(dumps(document), LossyReport())


def read(text: str) -> Read:
    """The document of JSON text. Raises DocumentError."""
    return Read(loads(text), LossyReport())


def project(document: Document) -> Document:
    """The document itself: nothing is lost."""
    return document


FORMAT = Format("json", "json", "Megaton Roto JSON (roto/1)", write, read, project)
