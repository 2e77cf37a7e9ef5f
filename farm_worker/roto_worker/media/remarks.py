"""What a plate's reader is told of a plate that can be used: nothing is guessed in silence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

WARNING, INFO = "warning", "info"
_LISTED = 20
"""Frame numbers in a remark's detail; their count tells how many there are."""


@dataclass(frozen=True)
class Remark:
    """``level``: warning (look at it before you rely on it) or info. ``detail`` is plain JSON."""

    code: str
    level: str
    message: str
    detail: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As the ``report`` of a plate's metadata has it."""
        return {
            "code": self.code,
            "level": self.level,
            "message": self.message,
            "detail": dict(self.detail),
        }


def of_frames(code: str, what: str, frames: list[int], **detail: Any) -> Remark:
    """A warning of some frames: ``frame 1005 (and 2 more) <what>``."""
    more = f" (and {len(frames) - 1} more)" if len(frames) > 1 else ""
    found = {"frames": frames[:_LISTED], "count": len(frames), **detail}
    return Remark(code, WARNING, f"frame {frames[0]}{more} {what}", found)
