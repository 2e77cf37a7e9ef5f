"""CSV as spreadsheets read it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from .db.types import plain

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# The last four are the first four in full width, which spreadsheets of East Asia read as those.


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Lines of a CSV file, UTF-8; None is an empty cell."""
    text = io.StringIO()
    csv.writer(text).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    """One cell; a spreadsheet must not take somebody's name for a formula."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    text = str(plain(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
