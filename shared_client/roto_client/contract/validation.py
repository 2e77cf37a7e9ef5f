"""Checks bodies against the JSON Schemas of the contract.

``jsonschema`` is imported on first use: plugins carry the contract but never validate with it.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Mapping

from roto_shapes.errors import RotoError

_HERE = Path(__file__).resolve().parent


class ContractError(RotoError):
    """A body does not fit the contract."""

    code = "bad_request"


def check_task_spec(spec: Mapping[str, Any]) -> None:
    """Raise `ContractError` unless ``spec`` is a valid ``task/1`` document."""
    _check(_validator("task.schema.json", ""), spec, "task spec")


def check_preview_spec(spec: Mapping[str, Any]) -> None:
    """Raise `ContractError` unless ``spec`` is a valid ``preview/1`` document."""
    _check(_validator("task.schema.json", "preview"), spec, "preview spec")


def check_farm_body(name: str, body: Mapping[str, Any]) -> None:
    """Raise `ContractError` unless ``body`` fits ``$defs/<name>`` of the farm schema."""
    _check(_validator("farm.schema.json", name), body, f"farm {name}")


@lru_cache(maxsize=None)
def _schema(filename: str) -> Dict[str, Any]:
    loaded: Dict[str, Any] = json.loads((_HERE / filename).read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=None)
def _validator(filename: str, definition: str) -> Any:
    from jsonschema import Draft202012Validator

    schema = _schema(filename)
    if definition:
        if definition not in schema["$defs"]:
            raise KeyError(f"{filename} defines no {definition!r}")
        schema = {"$ref": f"#/$defs/{definition}", "$defs": schema["$defs"]}
    return Draft202012Validator(schema)


def _check(validator: Any, body: Mapping[str, Any], what: str) -> None:
    error = next(iter(validator.iter_errors(body)), None)
    if error is None:
        return
    where = "/".join(str(part) for part in error.absolute_path) or "(top)"
    raise ContractError(
        f"{what}: {error.message} at {where}",
        hint="Client, server and workers must be of fitting versions; see X-Roto-Version.",
        detail={"at": where},
    )
