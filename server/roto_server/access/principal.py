"""Who sends a request, once its token has been believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from .roles import Role

Kind = Literal["user", "farm", "task"]


@dataclass(frozen=True)
class Principal:
    """``kind`` user: a person or service, by session or API key; farm: a farm node; task: the
    attempt ``user_id`` of a task.

    ``token_id`` names the key, ``session_id`` the sign-in; one of them is set for a user.
    ``address`` is where the request came from. ``project_id`` is set for a task, ``until``, when
    their access token ends, for a session.
    """

    kind: Kind
    user_id: str
    name: str
    role: Role = Role.VIEWER
    scopes: frozenset[str] = frozenset()
    token_id: str | None = None
    session_id: str | None = None
    address: str = ""
    project_id: str | None = None
    until: datetime | None = None

    @property
    def via(self) -> str:
        """For the audit log: through what they came."""
        if self.session_id:
            return f"session {self.session_id}"
        return f"token {self.token_id}" if self.token_id else ""
