"""Takes secrets out of what is logged or told to others: by their shape, and by their name.

Every secret this product makes begins with ``roto`` and a word of its kind (``roto_``,
``rotofarm_``, ``rototask_``, ...), so that it can be told from an id wherever it turns up.
"""

from __future__ import annotations

import re
from typing import Any, Callable, FrozenSet, Mapping, Match, Sequence, Tuple, Union

HIDDEN = "[hidden]"

_SHORTEST = 8
"""A word of fewer letters would be taken out of everything that happens to hold it."""

_NAMES: FrozenSet[str] = frozenset(
    {
        "access_token",
        "api_key",
        "authorization",
        "client_secret",
        "code_verifier",
        "cookie",
        "device_code",
        "farm_token",
        "id_token",
        "new_password",
        "old_password",
        "passphrase",
        "password",
        "private_key",
        "proxy_authorization",
        "refresh_token",
        "secret",
        "secret_key",
        "set_cookie",
        "ticket",
        "token",
        "user_code",
        "x_api_key",
    }
)
_SHAPES: Tuple[Tuple["re.Pattern[str]", Union[str, Callable[[Match[str]], str]]], ...] = (
    # Secrets of ours; a few letters are left, so that two can be told apart.
    (re.compile(r"\b(roto[a-z]*_)[A-Za-z0-9_-]{20,}"), r"\1" + HIDDEN),
    # JSON web tokens.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}"), HIDDEN),
    # Headers.
    (re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"), r"\1 " + HIDDEN),
    # scheme://user:password@host
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://[^\s:/@?#]*):[^\s/@]+@"), r"\1:" + HIDDEN + "@"),
    # Addresses that carry one, JSON and reprs that do.
    (
        re.compile(
            r"(?i)([?&#;](?:[a-z_]*token|ticket|code|state|password|[a-z_]*key)=)[^&\s\"'#]+"
        ),
        r"\1" + HIDDEN,
    ),
    (
        re.compile(
            r"(?i)([\"'](?:[a-z_]*token|[a-z_]*password|[a-z_]*secret|device_code|user_code|api_key"
            r"|ticket)[\"']\s*:\s*)([\"'])(?:\\.|(?!\2).)*\2"
        ),
        r"\1\2" + HIDDEN + r"\2",
    ),
)
_SIGNS = re.compile(r"(?i)roto[a-z]*_|eyJ|bearer|basic|://|[?&#;][a-z_]*=|[\"']\s*:")
"""What no secret of a known shape goes without: most lines hold none of it and are left at once."""


def redact_text(text: str, known: Sequence[str] = ()) -> str:
    """``text`` without anything that looks like a secret, nor any of ``known``."""
    for secret in known:
        if len(secret) >= _SHORTEST and secret in text:
            text = text.replace(secret, HIDDEN)
    if _SIGNS.search(text) is None:
        return text
    for pattern, instead in _SHAPES:
        text = pattern.sub(instead, text)
    return text


def redact(value: Any, known: Sequence[str] = ()) -> Any:
    """``value``, a document of dicts, lists and texts, with the secrets taken out.

    What lies under a name that says it is secret is hidden whole; bytes are hidden, other objects
    that are not numbers become their redacted text.
    """
    if isinstance(value, str):
        return redact_text(value, known)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if is_secret_name(name) and _says(inner) else redact(inner, known)
            for name, inner in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redact(inner, known) for inner in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return HIDDEN
    return redact_text(str(value), known)


def is_secret_name(name: Any) -> bool:
    """Whether a field or header of this name holds a secret."""
    return isinstance(name, str) and name.lower().replace("-", "_") in _NAMES


def _says(value: Any) -> bool:
    """An empty or absent secret is worth knowing."""
    return value is not None and value != "" and not isinstance(value, bool)
