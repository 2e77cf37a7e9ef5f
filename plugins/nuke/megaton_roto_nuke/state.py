"""What the plugin keeps in hidden knobs: JSON, packed so that no Tcl can touch it.

A script is Tcl text: braces, brackets and dollars in a knob's value are escaped on saving and, in
some knobs, evaluated. ``mr1:`` and base64 of the deflated JSON survives saving, copying, pasting
and a trip through a chat program.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from typing import Any, Dict

from roto_shapes.errors import RotoError

_MARK = "mr1:"
_MOST = 1 << 26
"""Bytes a state may unpack to: a script from elsewhere must not fill the memory."""


class StateError(RotoError):
    """A hidden knob holds what this build cannot read."""

    code = "bad_document"


def pack(value: Dict[str, Any]) -> str:
    """The value as one word of letters, digits and ``:+/=``."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    return _MARK + base64.b64encode(zlib.compress(text.encode("utf-8"), 6)).decode("ascii")


def unpack(text: str) -> Dict[str, Any]:
    """What `pack` packed; an empty text is an empty value. Raises StateError."""
    if not text:
        return {}
    if not text.startswith(_MARK):
        raise _unreadable("is of another build")
    try:
        engine = zlib.decompressobj()
        plain = engine.decompress(base64.b64decode(text[len(_MARK) :], validate=True), _MOST)
        value = json.loads(plain.decode("utf-8"))
    except (binascii.Error, zlib.error, ValueError) as error:
        raise _unreadable(f"is damaged ({error})") from error
    if engine.unconsumed_tail or not isinstance(value, dict):
        raise _unreadable("is not one of ours")
    return value


def _unreadable(what: str) -> StateError:
    return StateError(
        f"The hidden data of this node {what}.",
        hint="Update the plugin, or make a new MegatonRoto node.",
    )
