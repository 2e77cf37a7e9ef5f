"""What the storage holds, in figures."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from .common import Answer
from .projects import Id


class AmountOut(Answer):
    """Of files: how many, and their bytes."""

    files: int
    bytes: int


class ProjectStorageOut(Answer):
    """What a project takes up. Hard links of the same bytes count once.

    ``parts``: by what it is for: uploads, sources, proxies, masks, shapes, exports, attempts
    (under way, or given up), logs, other. ``complete``: false when not all of it was counted.
    """

    project_id: Id
    name: str
    trashed_at: datetime | None
    files: int
    bytes: int
    parts: dict[str, AmountOut] = Field(examples=[{"masks": {"files": 96, "bytes": 40_000_000}}])
    complete: bool
