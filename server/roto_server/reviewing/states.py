"""The review states and who moves a shot from which to which: one pure table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from ..access.roles import Permission
from ..errors import BadRequestError, ConflictError


class ReviewState(StrEnum):
    """``waiting``: nobody has begun. ``retake``: sent back, with a reason. ``final``: delivered."""

    WAITING = "waiting"
    IN_PROGRESS = "in_progress"
    PENDING_REVIEW = "pending_review"
    APPROVED = "approved"
    RETAKE = "retake"
    FINAL = "final"


_S = ReviewState
_WORK, _REVIEW = Permission.EDIT_SHOT, Permission.REVIEW

MOVES: Mapping[tuple[ReviewState, ReviewState], Permission] = {
    (_S.WAITING, _S.IN_PROGRESS): _WORK,
    (_S.WAITING, _S.PENDING_REVIEW): _WORK,
    (_S.IN_PROGRESS, _S.PENDING_REVIEW): _WORK,
    (_S.PENDING_REVIEW, _S.IN_PROGRESS): _WORK,
    (_S.RETAKE, _S.IN_PROGRESS): _WORK,
    (_S.RETAKE, _S.PENDING_REVIEW): _WORK,
    (_S.IN_PROGRESS, _S.WAITING): _REVIEW,
    (_S.IN_PROGRESS, _S.APPROVED): _REVIEW,
    (_S.IN_PROGRESS, _S.RETAKE): _REVIEW,
    (_S.PENDING_REVIEW, _S.APPROVED): _REVIEW,
    (_S.PENDING_REVIEW, _S.RETAKE): _REVIEW,
    (_S.RETAKE, _S.APPROVED): _REVIEW,
    (_S.APPROVED, _S.FINAL): _REVIEW,
    (_S.APPROVED, _S.RETAKE): _REVIEW,
    (_S.APPROVED, _S.IN_PROGRESS): _REVIEW,
    # Taken back by who decided: it waits as before.
    (_S.APPROVED, _S.PENDING_REVIEW): _REVIEW,
    (_S.FINAL, _S.RETAKE): _REVIEW,
    (_S.FINAL, _S.IN_PROGRESS): _REVIEW,
}
"""Before and after -> what one must be allowed to do with the shot. There are no other moves."""

NEEDS_REASON = frozenset({ReviewState.RETAKE})
"""Nobody is sent back to work without being told why."""

NEEDS_RESULT = frozenset({ReviewState.PENDING_REVIEW, ReviewState.APPROVED, ReviewState.FINAL})
"""Nobody is asked to look at a version that is not done, and nobody approves one."""

BEGUN_BY_A_JOB = frozenset({ReviewState.WAITING, ReviewState.RETAKE})
"""What a submitted job takes to ``in_progress`` by itself."""


def permission_for(before: ReviewState, after: ReviewState) -> Permission:
    """What the move takes; raises ``conflict`` when there is no such move."""
    permission = MOVES.get((before, after))
    if permission is None:
        possible = [str(one) for start, one in MOVES if start is before]
        raise ConflictError(
            f"A shot that is {before} cannot become {after}.",
            hint=f"It can become {', '.join(possible)}.",
            detail={"before": str(before), "after": str(after), "possible": possible},
        )
    return permission


def check_reason(after: ReviewState, reason: str) -> None:
    """Raise ``bad_request`` when the move needs a reason and has none."""
    if after in NEEDS_REASON and not reason.strip():
        raise BadRequestError(
            "A retake needs a reason.",
            hint="Say what is to be done again.",
            detail={"after": str(after)},
        )
