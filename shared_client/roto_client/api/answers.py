"""How answers are read: lists part by part, JSON into models."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, Protocol, TypeVar

from .errors import ServerError
from .transport import Transport

T = TypeVar("T")
M_co = TypeVar("M_co", covariant=True)


class Model(Protocol[M_co]):
    """A class of models.py, or the like."""

    def from_json(self, body: Mapping[str, Any]) -> M_co:
        """The model of the server's answer."""


def pages(
    transport: Transport, path: str, params: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    """Every row of a list, asked for part by part as they are used."""
    cursor = None
    while True:
        page = transport.json("GET", path, params={**params, "cursor": cursor})
        yield from page["items"]
        cursor = page.get("next")
        if not cursor:
            return


def items(
    model: Model[T], transport: Transport, path: str, params: Mapping[str, Any]
) -> Iterator[T]:
    """As `pages`, as models; raises ServerError for what cannot be read."""
    return (read(model, item) for item in pages(transport, path, params))


def read(model: Model[T], body: Mapping[str, Any]) -> T:
    """The model of an answer; raises ServerError when it cannot be read."""
    try:
        return model.from_json(body)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ServerError(
            f"The server's answer could not be read: {type(error).__name__} {error}",
            hint="Client and server may be of different builds; please report this.",
        ) from error


def given(body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` without what was left at None."""
    return {name: value for name, value in body.items() if value is not None}
