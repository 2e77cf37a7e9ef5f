"""What every format has in common: the text, and the list of what it could not carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Dict, List, NamedTuple, Optional

from ..model import Document, Layer, Shape


class Note(NamedTuple):
    """One loss: ``where`` names the layer or shape ("document" for the whole)."""

    where: str
    what: str


class LossyReport:
    """What a format could not carry, or carries in another way, in order and without repeats."""

    def __init__(self) -> None:
        self._notes: Dict[Note, None] = {}

    def add(self, where: str, what: str) -> None:
        self._notes[Note(where, what)] = None

    def __len__(self) -> int:
        return len(self._notes)

    def as_list(self) -> List[Dict[str, str]]:
        """The notes as JSON objects ``{where, what}``."""
        return [note._asdict() for note in self._notes]

    def lines(self) -> List[str]:
        """The notes as ``where: what``, for people."""
        return [f"{note.where}: {note.what}" for note in self._notes]


class Written(NamedTuple):
    """A file's text (to be stored as UTF-8) and what it lost."""

    text: str
    report: LossyReport


class Read(NamedTuple):
    """A file's document, and what the file held that it does not."""

    document: Document
    report: LossyReport


@dataclass(frozen=True)
class Format:
    """A shape format: ``write(document, **options)`` is pure, and so is ``read(text, **options)``.

    ``read`` is None where we only write. ``project(document)`` is what reading back what was
    written gives. ``extension`` has no dot.
    """

    name: str
    extension: str
    label: str
    write: Callable[..., Written]
    read: Optional[Callable[..., Read]] = None
    project: Optional[Callable[[Document], Document]] = None


def shape_place(layer: Layer, shape: Shape) -> str:
    """How a report names a shape."""
    return f"{layer.name} / {shape.name}"


def note_document_losses(document: Document, report: LossyReport) -> None:
    """The losses of any host format: what only a ``roto/1`` document can hold."""
    held = {
        "prompts": document.prompts,
        "confidence": document.confidence,
        "provenance": document.provenance,
        "unknown fields": document.extra,
    }
    lost = [name for name, value in held.items() if value]
    if lost:
        report.add("document", f"{', '.join(lost)}: kept in the JSON document only")
    for layer in document.layers:
        for shape in layer.shapes:
            if any(key.locked or key.origin == "artist" or key.host for key in shape.keys):
                place = shape_place(layer, shape)
                report.add(place, "origin, lock and host data of keys: kept in the JSON only")
