"""Older schema versions into the current one, one step at a time."""

from __future__ import annotations

from typing import Any, Callable, Dict

from .errors import DocumentError
from .model import SCHEMA

Step = Callable[[Dict[str, Any]], Dict[str, Any]]

# schema -> function that returns the object in the next schema (with its "schema" field set).
# roto/1 is the first, so there is nothing to upgrade from yet.
STEPS: Dict[str, Step] = {}


def upgrade(value: Dict[str, Any]) -> Dict[str, Any]:
    """The JSON object of a document in the current schema.

    Raises DocumentError when its schema is missing, unknown, or newer than this version's.
    """
    while value.get("schema") != SCHEMA:
        schema = value.get("schema")
        step = STEPS.get(schema) if isinstance(schema, str) else None
        if step is None:
            raise DocumentError(
                f"schema: is {schema!r}, and this version reads {SCHEMA}",
                hint="The file is not a roto document, or a newer Megaton Roto wrote it.",
                detail={"where": "schema", "schema": schema},
            )
        value = step(value)
    return value
