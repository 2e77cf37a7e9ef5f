"""One line of what the doctor found."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Finding:
    """``fix`` is empty exactly when there is nothing to fix."""

    area: str
    text: str
    fix: str = ""

    @property
    def problem(self) -> bool:
        """Whether something must be done."""
        return bool(self.fix)

    def as_json(self) -> dict[str, object]:
        """For ``--json``."""
        return {**asdict(self), "problem": self.problem}
