"""What every object of the fake shares: no unknown attribute, no other thread, types checked."""

from __future__ import annotations

import threading
from typing import Any


class HostMisuseError(AttributeError):
    """The plugin did something the host is not known to allow."""


class Guard:
    """Whose thread it is, and how often the host was touched."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.touches = 0

    def check(self, what: str) -> None:
        if threading.get_ident() != self.thread:
            raise HostMisuseError(f"{what} off the main thread")
        self.touches += 1


class Strict:
    """Names that begin with ``_`` are the fake's own; all others are the host's."""

    _guard: Guard

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_"):
            kind = object.__getattribute__(self, "__class__").__name__
            object.__getattribute__(self, "_guard").check(f"{kind}.{name}")
        return object.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        raise HostMisuseError(f"{type(self).__name__} has no {name}")

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            self._guard.check(f"{type(self).__name__}.{name} =")
            found = getattr(type(self), name, None)
            if not isinstance(found, property) or found.fset is None:
                raise HostMisuseError(f"{type(self).__name__}.{name} cannot be set")
        object.__setattr__(self, name, value)


def need(value: Any, kinds: Any, what: str) -> Any:
    """``value``, if it is one of ``kinds`` (a bool is no number)."""
    wrong = isinstance(value, bool) and bool not in (
        kinds if isinstance(kinds, tuple) else (kinds,)
    )
    if wrong or not isinstance(value, kinds):
        raise TypeError(f"{what}: {value!r} is a {type(value).__name__}")
    return value


def number(value: Any, what: str) -> float:
    return float(need(value, (int, float), what))
