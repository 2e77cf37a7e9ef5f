"""Folders of the studio by the names they have on Windows, macOS and Linux."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator
from pydantic_settings import BaseSettings, NoDecode

from roto_client.contract.places import Place, Places

_MOST = 200


def parse_places(value: Any) -> Any:
    """Places of JSON, or of the lists and objects that JSON stands for; checked. Raises ValueError.

    Each is ``{"name", "linux", "windows": [...], "macos": [...]}``; one root may stand without its
    list.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except ValueError:
            raise ValueError("places are written as JSON: a list of objects") from None
    if not isinstance(value, list | tuple) or len(value) > _MOST:
        raise ValueError(f"places are a list of at most {_MOST} objects")
    places = tuple(one if isinstance(one, Place) else _place(one) for one in value)
    Places(places).check()
    return places


def place_as_json(place: Place) -> dict[str, Any]:
    """What `parse_places` reads."""
    return {
        "name": place.name,
        "linux": place.linux,
        "windows": list(place.windows),
        "macos": list(place.macos),
    }


def _place(row: Any) -> Place:
    if not isinstance(row, Mapping) or not {"name", "linux"} <= row.keys():
        raise ValueError(f"a place has a name and a linux root: {str(row)[:200]}")
    unknown = row.keys() - {"name", "linux", "windows", "macos"}
    if unknown:
        raise ValueError(f"a place has no {', '.join(map(str, sorted(unknown)))}")
    texts = [row["name"], row["linux"], *_roots(row, "windows"), *_roots(row, "macos")]
    if not all(isinstance(text, str) and text and text.isprintable() for text in texts):
        raise ValueError(f"names and roots of a place are plain text: {str(row)[:200]}")
    return Place(row["name"], row["linux"], _roots(row, "windows"), _roots(row, "macos"))


def _roots(row: Mapping[Any, Any], system: str) -> tuple[Any, ...]:
    value = row.get(system) or ()
    return (value,) if isinstance(value, str) else tuple(value)


StudioPlaces = Annotated[tuple[Place, ...], NoDecode, BeforeValidator(parse_places)]


class PlaceSettings(BaseSettings):
    """``places``: of every project, which may have more of its own (see `roto_server.places`)."""

    places: StudioPlaces = ()
