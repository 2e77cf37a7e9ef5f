"""Reading and writing the ``roto/1`` document, the product's one lossless shape format.

The classes are those of :mod:`roto_shapes.model`; import them from here.
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any, Union

from .decode import document_from_json
from .encode import document_to_json
from .errors import DocumentError
from .model import (
    SCHEMA,
    Animated,
    Color,
    ControlPoint,
    Document,
    Key,
    Layer,
    Shape,
    Transform,
    TransformKey,
    ValueKey,
)
from .upgrade import upgrade
from .validate import validate

__all__ = [
    "SCHEMA",
    "Animated",
    "Color",
    "ControlPoint",
    "Document",
    "Key",
    "Layer",
    "Shape",
    "Transform",
    "TransformKey",
    "ValueKey",
    "dumps",
    "load",
    "loads",
    "save",
    "validate",
]


def _refuse_constant(token: str) -> Any:
    raise DocumentError(f"document: holds {token}, which is not a number of JSON")


def loads(text: str) -> Document:
    """The document in ``text``, upgraded to the current schema and validated.

    Raises DocumentError naming the place (``detail["where"]``) of the first fault.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"document: is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise DocumentError("document: is not a JSON object")
    document = document_from_json(upgrade(value))
    validate(document)
    return document


def dumps(document: Document) -> str:
    """The document as one line of ASCII JSON. Raises DocumentError if it breaks a rule."""
    validate(document)
    try:
        text = json.dumps(document_to_json(document), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise DocumentError(f"document: holds a value JSON cannot carry ({error})") from error
    return text + "\n"


def load(path: Union[str, Path]) -> Document:
    """The document in a UTF-8 file. Raises DocumentError naming the file, or OSError."""
    try:
        return loads(Path(path).read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise DocumentError(f"{path}: is not UTF-8 text") from error
    except DocumentError as error:
        raise DocumentError(
            f"{path}: {error.message}", hint=error.hint, detail=error.detail
        ) from error


def save(document: Document, path: Union[str, Path]) -> None:
    """Write the document so that ``path`` holds either the old or the whole new file."""
    write_atomically(Path(path), dumps(document).encode("utf-8"))


def write_atomically(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` in one step; nothing is left behind on failure."""
    temporary = path.parent / f".{uuid.uuid4().hex}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
