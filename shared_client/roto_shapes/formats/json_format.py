"""The ``roto/1`` document itself: the one format that loses nothing."""

from __future__ import annotations

from ..document import dumps, loads
from ..model import Document
from .base import Format, LossyReport, Written


def write(document: Document) -> Written:
    """The document as JSON text, with an empty report. Raises DocumentError."""
    return Written(dumps(document), LossyReport())


FORMAT = Format("json", "json", "Megaton Roto JSON (roto/1)", write, loads)
