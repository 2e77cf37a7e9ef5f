"""The root of every error the product raises on purpose.

``code`` is the stable name a program can act on (the table is
``roto_client.contract.errors``), ``message`` says what happened, ``hint`` how to fix it, ``detail``
carries machine-readable facts. A traceback never takes the place of a message.
"""

from __future__ import annotations

from typing import Any, Dict, Optional


class RotoError(Exception):
    """Something the user or the studio can act on."""

    code: str = "internal"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: Optional[str] = None,
        detail: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail: Dict[str, Any] = detail or {}
        if code is not None:
            self.code = code

    def as_dict(self) -> Dict[str, Any]:
        """The error as it travels: ``{code, message, hint, detail}``."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "detail": self.detail,
        }


class DocumentError(RotoError):
    """A ``roto/1`` document (or a file read into one) breaks a rule of the schema."""

    code = "bad_document"


class PromptError(RotoError):
    """A prompt is malformed or lies outside the plate."""

    code = "bad_prompt"


class RangeError(RotoError):
    """A frame range or sequence pattern is malformed."""

    code = "bad_range"


class TimecodeError(RotoError):
    """A timecode, or the rate it counts at, is none."""

    code = "bad_request"
