"""What every format has in common: the text, and the list of what it could not carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ..model import Document, Layer, Shape

_NOT_PRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


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
        """The notes as ``where: what``, for people: what no terminal should get shows as U+FFFD."""
        texts = (f"{note.where}: {note.what}" for note in self._notes)
        return [_NOT_PRINTED.sub("\ufffd", text) for text in texts]


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


def note_document_losses(
    document: Document, report: LossyReport, lacking: Sequence[str] = ()
) -> None:
    """The losses of any host format: what only a ``roto/1`` document can hold.

    ``lacking`` names what the format has no place for besides: ``groups``, ``colours``.
    """
    whole = {
        "prompts": document.prompts,
        "confidence": document.confidence,
        "provenance": document.provenance,
        "unknown fields": document.extra,
    }
    _note_held("document", whole, report)
    for layer in document.layers:
        extras = [layer.extra]
        if layer.transform is not None:
            extras += [layer.transform.extra, *(key.extra for key in layer.transform.keys)]
        held = {"frames that may be keyed": layer.key_only_at, "unknown fields": any(extras)}
        _note_held(layer.name, held, report)
        if "groups" in lacking and layer.group:
            report.add(layer.name, f"nested in {' / '.join(layer.group)}: not nested in the file")
        if "colours" in lacking and any(_colors(layer)):
            report.add(layer.name, "colours: not in the file")
        for shape in layer.shapes:
            _note_shape_losses(shape, shape_place(layer, shape), report)


def _note_shape_losses(shape: Shape, place: str, report: LossyReport) -> None:
    if any(key.locked or key.origin == "artist" or key.host for key in shape.keys):
        report.add(place, "origin, lock and host data of keys: kept in the JSON only")
    values = shape.opacity if isinstance(shape.opacity, list) else []
    extras = [shape.extra, *(key.extra for key in shape.keys), *(key.extra for key in values)]
    _note_held(place, {"host data": shape.host, "unknown fields": any(extras)}, report)


def _note_held(where: str, held: Mapping[str, object], report: LossyReport) -> None:
    lost = [name for name, value in held.items() if value]
    if lost:
        report.add(where, f"{', '.join(lost)}: kept in the JSON document only")


def _colors(layer: Layer) -> Iterator[bool]:
    """Whether each colour says anything: white is what shapes without one are drawn in."""
    yield layer.color != (1.0, 1.0, 1.0)
    yield from (shape.color is not None for shape in layer.shapes)
