"""Why a sign-in at a provider came to nothing, in words our own page has texts for."""

from __future__ import annotations

from enum import StrEnum

from roto_shapes.errors import RotoError


class Problem(StrEnum):
    """What the sign-in page is told in its address; the details are in the log."""

    CANCELLED = "cancelled"
    EXPIRED = "expired"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    DOMAIN = "domain"
    UNKNOWN = "unknown"
    DISABLED = "disabled"


_CODES = {
    Problem.CANCELLED: "access_denied",
    Problem.EXPIRED: "link_expired",
    Problem.UNAVAILABLE: "server_unavailable",
    Problem.REFUSED: "access_denied",
    Problem.UNVERIFIED: "email_unconfirmed",
    Problem.DOMAIN: "forbidden",
    Problem.UNKNOWN: "forbidden",
    Problem.DISABLED: "account_disabled",
}


class OidcError(RotoError):
    """A sign-in that failed. Its message is for the log: it may name addresses and claims."""

    def __init__(self, problem: Problem, message: str, hint: str = "") -> None:
        super().__init__(message, hint=hint, code=_CODES[problem])
        self.problem = problem
