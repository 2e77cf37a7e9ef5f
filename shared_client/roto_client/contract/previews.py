"""How a preview finds its worker: lists in Redis, one per engine and model asked for.

An entry is ``{"preview_id", "image_size"}`` in JSON and decides nothing: the worker claims the
preview at the server, whose clock alone says whether it is too late. (An entry with a deadline in
it would be thrown away by every worker whose clock is ahead.)
"""

from __future__ import annotations

import json
import re
from typing import List, NamedTuple, Optional

LARGEST_PREVIEW_BYTES = 16 * 2**20
"""Of a preview's answer, all masks together, as JSON."""

_ID = re.compile(r"[0-9a-f]{32}")


class PreviewRing(NamedTuple):
    """An entry of a list. ``image_size``: asked for, in pixels; None = whatever is loaded."""

    preview_id: str
    image_size: Optional[int] = None

    def to_text(self) -> str:
        """As it lies in the list; equal rings are equal texts."""
        return json.dumps(self._asdict(), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> PreviewRing:
        """The opposite of `to_text`. Raises ValueError for anything else: Redis is not trusted."""
        value = json.loads(text)
        if not isinstance(value, dict) or set(value) != set(cls._fields):
            raise ValueError("not a preview's ring")
        ring = cls(**value)
        if not isinstance(ring.preview_id, str) or not _ID.fullmatch(ring.preview_id):
            raise ValueError("not a preview's id")
        if ring.image_size is not None and type(ring.image_size) is not int:
            raise ValueError("not an image size")
        return ring


def preview_list(engine: str, model: str) -> str:
    """The list of previews that ask for this engine and model, each of them maybe ``auto``."""
    return f"roto-preview:{engine}:{model}"


def lists_answered_by(engine: str, model: str) -> List[str]:
    """The lists that a process with this engine and model may take from, choosiest first."""
    return [
        preview_list(engine, model),
        preview_list(engine, "auto"),
        preview_list("auto", model),
        preview_list("auto", "auto"),
    ]
