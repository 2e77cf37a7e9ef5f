"""Every error code of the product: its HTTP status and whether trying again can help.

Server, worker and client read this one table. ``permanent`` decides retries on the farm: a
permanent error fails the task at once, a transient one costs an attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict


@dataclass(frozen=True)
class ErrorKind:
    """What a code means to HTTP and to the scheduler."""

    status: int
    permanent: bool
    meaning: str


ERRORS: Dict[str, ErrorKind] = {
    # the request
    "bad_request": ErrorKind(422, True, "the request does not fit the schema"),
    "bad_document": ErrorKind(422, True, "a shapes document breaks the roto/1 schema"),
    "bad_prompt": ErrorKind(422, True, "a prompt is malformed"),
    "bad_range": ErrorKind(422, True, "a frame range or sequence pattern is malformed"),
    "bad_matte": ErrorKind(422, True, "a matte has another size than the plate or is not numbers"),
    "bad_template": ErrorKind(422, True, "an output name template is malformed"),
    "no_objects": ErrorKind(422, True, "a job was submitted without objects or prompts"),
    "prompt_outside_plate": ErrorKind(422, True, "a click or box lies outside the plate"),
    "prompt_outside_range": ErrorKind(422, True, "a prompt's frame is outside the job's range"),
    "range_outside_plate": ErrorKind(422, True, "the range asks for frames the plate lacks"),
    "unknown_model": ErrorKind(422, True, "no such engine or model"),
    "unknown_format": ErrorKind(422, True, "no such export format"),
    "version_mismatch": ErrorKind(426, True, "client and server versions do not fit"),
    "not_found": ErrorKind(404, True, "no such thing, or it is not yours to see"),
    "method_not_allowed": ErrorKind(405, True, "this address does not take that method"),
    "conflict": ErrorKind(409, True, "the state of the thing does not allow it"),
    "not_claimable": ErrorKind(409, True, "the task is taken, done or not ready"),
    "stale_attempt": ErrorKind(409, True, "this attempt is no longer the task's current one"),
    "superseded": ErrorKind(409, True, "a newer preview was asked for in this one's place"),
    "unauthorized": ErrorKind(401, True, "no token, or a wrong one"),
    "forbidden": ErrorKind(403, True, "the token, or its holder, is not good for this"),
    "bad_credentials": ErrorKind(401, True, "the e-mail address or the password is wrong"),
    "email_unconfirmed": ErrorKind(403, True, "the e-mail address was never confirmed"),
    "account_disabled": ErrorKind(403, True, "the account is disabled or gone"),
    "weak_password": ErrorKind(422, True, "the password is too short or too common"),
    "link_expired": ErrorKind(410, True, "the link or code was used, or is too old"),
    "authorization_pending": ErrorKind(400, False, "nobody has approved the code yet"),
    "slow_down": ErrorKind(400, False, "asked for the code's state too often"),
    "access_denied": ErrorKind(403, True, "the sign-in was refused"),
    "rate_limited": ErrorKind(429, False, "too many requests; Retry-After says when"),
    "maintenance": ErrorKind(503, False, "the server is being looked after"),
    "path_refused": ErrorKind(403, True, "the path is outside the allowed roots or unreadable"),
    "too_large": ErrorKind(413, True, "the request body is too large"),
    "checksum_mismatch": ErrorKind(422, True, "uploaded bytes do not match their sha256"),
    # the plate
    "missing_frame": ErrorKind(422, True, "a frame of the range is not on disk"),
    "bad_plate": ErrorKind(422, True, "the plate cannot be decoded"),
    "unsupported_plate": ErrorKind(422, True, "the plate's format is not supported"),
    "plate_not_ready": ErrorKind(409, True, "the shot is invalid or was never probed"),
    "bad_colorspace": ErrorKind(422, True, "the colour space is unknown to the colour config"),
    # the farm
    "disk_full": ErrorKind(507, False, "no space left where the results are written"),
    "out_of_memory": ErrorKind(503, False, "the worker ran out of memory"),
    "worker_lost": ErrorKind(503, False, "the worker died or stopped answering"),
    "preview_expired": ErrorKind(504, False, "no worker answered the preview in time"),
    "engine_failed": ErrorKind(500, False, "the engine broke while tracking"),
    "empty_result": ErrorKind(422, True, "the engine found nothing to track"),
    "checkpoint_invalid": ErrorKind(422, True, "a model checkpoint is missing or damaged"),
    "storage_failed": ErrorKind(503, False, "reading or writing the storage failed"),
    "server_unavailable": ErrorKind(503, False, "the server or its database cannot be reached"),
    "internal": ErrorKind(500, False, "a bug: please report it with the request id"),
}


def status_of(code: str) -> int:
    """The HTTP status of ``code``; 500 for a code this version does not know."""
    kind = ERRORS.get(code)
    return kind.status if kind else 500


def is_permanent(code: str) -> bool:
    """Whether another attempt is pointless. An unknown code counts as transient."""
    kind = ERRORS.get(code)
    return kind.permanent if kind else False
