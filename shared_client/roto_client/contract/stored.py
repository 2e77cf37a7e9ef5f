"""How a task's spec names what lies in the server's storage to a node that does not mount it."""

from __future__ import annotations

from typing import Optional

_SCHEME = "storage:"


def stored(key: str) -> str:
    """The location of a spec that stands for the file, folder or sequence ``key``."""
    return _SCHEME + key


def stored_key(location: str) -> Optional[str]:
    """The key that a location of a spec stands for; None for a path of the node."""
    return location[len(_SCHEME) :] if location.startswith(_SCHEME) else None
