"""The secrets that a server is told: what no log line may hold, whatever it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from ..settings import Settings


def secrets_of(settings: Settings) -> list[str]:
    """Every secret of ``settings``, those inside of addresses too; the longest first."""
    return sorted(set(_secrets(settings)), key=len, reverse=True)


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        secret = value.get_secret_value()
        yield secret
        yield from _inside(secret)
        # "name=value" headers: the value alone is as secret.
        for part in secret.split(","):
            yield part.partition("=")[2].strip()
    elif isinstance(value, str):
        yield from _inside(value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name))
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _secrets(inner)


def _inside(address: str) -> Iterator[str]:
    """The password of a URL; of a DSN, which has none, the user is the key."""
    if "://" not in address:
        return
    parts = urlsplit(address)
    for part in (parts.password, parts.username if parts.password is None else None):
        if part:
            yield part
            yield unquote(part)
