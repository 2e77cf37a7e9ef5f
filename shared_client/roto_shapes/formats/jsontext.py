"""JSON text of many numbers, quickly and in a fixed form."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any, Dict, Sequence

_ZEROS = re.compile(r"\.?0+(?=[,\]])")
_MINUS_ZERO = re.compile(r"-0(?=[,\]])")


class Raw(str):
    """Text that is JSON already."""


def rows_text(rows: Sequence[Sequence[float]], decimals: int) -> Raw:
    """Rows of one length as ``[[...],[...]]`` with 1 or more decimals, zeros at ends dropped."""
    if not rows:
        return Raw("[]")
    row = "[" + ",".join([f"%.{decimals}f"] * len(rows[0])) + "]"
    text = "[" + ",".join([row] * len(rows)) % tuple(chain.from_iterable(rows)) + "]"
    return Raw(_MINUS_ZERO.sub("0", _ZEROS.sub("", text)))


def encoded(value: Any) -> str:
    """A JSON text (ASCII) of dicts, lists and plain values, some of them :class:`Raw`."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{encoded(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(encoded, value)) + "]"
    return json.dumps(value, allow_nan=False)


def rounded(value: float, decimals: int = 6) -> float:
    """A number for JSON: no more decimals than it needs, whole ones without a point."""
    result = round(value, decimals) + 0.0
    return int(result) if result == int(result) else result


JsonObject = Dict[str, Any]
