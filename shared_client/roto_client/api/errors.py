"""Everything the client raises on purpose, and which class each code of the product becomes.

::

    RotoError                        roto_shapes.errors: message, hint, code, detail
    |-- ApiError                     an answer of the server, or none; carries request_id and status
    |   |-- InputError               what was asked cannot be done as asked: change it
    |   |   |-- PlateError           the plate itself: frames missing, unreadable, not ready
    |   |   `-- TransferError        bytes arrived damaged, or are too many
    |   |-- AccessError              the token, or what it may touch
    |   |   |-- SignInError          no key, or one the server does not accept (any more)
    |   |   |-- DeniedError          whoever was asked in the browser said no
    |   |   `-- PathRefusedError     the plate's folder is not open to this project: upload instead
    |   |-- PendingError             nobody has answered in the browser yet: ask again, not too soon
    |   |-- LinkExpiredError         the link or code is too old, or was used: begin again
    |   |-- NotFoundError
    |   |-- ConflictError            the state of the thing does not allow it
    |   |   `-- SupersededError      a newer preview took this one's place
    |   |-- VersionMismatchError     client and server are too far apart
    |   |-- FarmError                something broke on a worker
    |   |-- ServerError              a bug over there: report it with the request id
    |   `-- ServerUnavailableError   nothing answers, or not now: try again later
    |       |-- MaintenanceError     the server answers, but takes no changes for a while
    |       `-- RateLimitedError     too much was asked in too short a time
    |-- JobError                     the job ended without a result; carries the job's own code
    `-- StoppedError                 the caller gave up waiting or sending

Several codes share a class; ``code`` keeps them apart. A code this build does not know (a newer
server's) falls into a class by its HTTP status.
"""

from __future__ import annotations

from typing import Any, Mapping

from roto_shapes.errors import RotoError


class ApiError(RotoError):
    """An answer that is not the wanted one. ``status`` is 0 when nothing answered."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str | None = None,
        detail: dict[str, Any] | None = None,
        status: int = 0,
        request_id: str = "",
    ) -> None:
        super().__init__(message, hint=hint, code=code, detail=detail)
        self.status = status
        self.request_id = request_id


class InputError(ApiError):
    """The request cannot be done as asked."""

    code = "bad_request"


class PlateError(InputError):
    """The plate cannot be used as it is."""

    code = "bad_plate"


class TransferError(InputError):
    """Bytes sent or received are not the ones that were meant."""

    code = "checksum_mismatch"


class AccessError(ApiError):
    """The token is not good for this."""

    code = "forbidden"


class SignInError(AccessError):
    """There is no API key, or the server does not accept it."""

    code = "unauthorized"


class DeniedError(AccessError):
    """Whoever was asked in the browser said no."""

    code = "access_denied"


class PathRefusedError(AccessError):
    """The server may not read that path (it does not say whether it exists)."""

    code = "path_refused"


class PendingError(ApiError):
    """Nobody has answered in the browser yet. Code ``slow_down``: and it is asked too often."""

    code = "authorization_pending"


class LinkExpiredError(ApiError):
    """A link or a code that is too old, or was used."""

    code = "link_expired"


class NotFoundError(ApiError):
    """No such thing, or it is not yours to see."""

    code = "not_found"


class ConflictError(ApiError):
    """The state of the thing does not allow it."""

    code = "conflict"


class SupersededError(ConflictError):
    """A newer preview was asked for under the same key: this one's answer is of no use."""

    code = "superseded"


class VersionMismatchError(ApiError):
    """Client and server are more than one minor version apart."""

    code = "version_mismatch"


class FarmError(ApiError):
    """Something broke on a worker while it ran."""

    code = "engine_failed"


class ServerError(ApiError):
    """The server met a bug of its own, or answered something that is not an answer."""

    code = "internal"


class ServerUnavailableError(ApiError):
    """Nothing answers at the address, or the server cannot work right now."""

    code = "server_unavailable"


class MaintenanceError(ServerUnavailableError):
    """The server is being looked after and takes no changes; what runs at the farm goes on.

    ``detail["retry_after"]``: seconds until it is worth trying again, if the server says.
    """

    code = "maintenance"


class RateLimitedError(ServerUnavailableError):
    """Too much was asked in too short a time. ``detail`` as for `MaintenanceError`."""

    code = "rate_limited"


class JobError(RotoError):
    """A job ended ``failed`` or ``cancelled``; ``job_id`` says which, ``code`` why."""

    def __init__(
        self,
        message: str,
        *,
        job_id: str,
        hint: str = "",
        code: str | None = None,
        detail: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code, detail=detail)
        self.job_id = job_id


class StoppedError(RotoError):
    """The caller set ``stop`` before the thing was done."""

    code = "conflict"


CLASS_OF_CODE: dict[str, type[ApiError]] = {
    "bad_request": InputError,
    "bad_document": InputError,
    "bad_prompt": InputError,
    "bad_range": InputError,
    "bad_template": InputError,
    "weak_password": InputError,
    "no_objects": InputError,
    "prompt_outside_plate": InputError,
    "prompt_outside_range": InputError,
    "range_outside_plate": InputError,
    "unknown_model": InputError,
    "unknown_format": InputError,
    "missing_frame": PlateError,
    "bad_plate": PlateError,
    "unsupported_plate": PlateError,
    "plate_not_ready": PlateError,
    "bad_colorspace": PlateError,
    "bad_matte": PlateError,
    "too_large": TransferError,
    "checksum_mismatch": TransferError,
    "unauthorized": SignInError,
    "bad_credentials": SignInError,
    "email_unconfirmed": AccessError,
    "account_disabled": AccessError,
    "forbidden": AccessError,
    "access_denied": DeniedError,
    "path_refused": PathRefusedError,
    "authorization_pending": PendingError,
    "slow_down": PendingError,
    "link_expired": LinkExpiredError,
    "not_found": NotFoundError,
    "method_not_allowed": NotFoundError,
    "conflict": ConflictError,
    "not_claimable": ConflictError,
    "stale_attempt": ConflictError,
    "superseded": SupersededError,
    "version_mismatch": VersionMismatchError,
    "disk_full": FarmError,
    "out_of_memory": FarmError,
    "worker_lost": FarmError,
    "preview_expired": FarmError,
    "engine_failed": FarmError,
    "empty_result": FarmError,
    "checkpoint_invalid": FarmError,
    "storage_failed": FarmError,
    "server_unavailable": ServerUnavailableError,
    "maintenance": MaintenanceError,
    "rate_limited": RateLimitedError,
    "internal": ServerError,
}

_CLASS_OF_STATUS: dict[int, type[ApiError]] = {
    401: SignInError,
    403: AccessError,
    404: NotFoundError,
    405: NotFoundError,
    409: ConflictError,
    410: LinkExpiredError,
    413: TransferError,
    426: VersionMismatchError,
    429: RateLimitedError,
    502: ServerUnavailableError,
    503: ServerUnavailableError,
    504: ServerUnavailableError,
}


def error_from(body: Mapping[str, Any], *, status: int = 0, request_id: str = "") -> ApiError:
    """The exception for a ``{code, message, hint, detail, request_id}`` body of the server."""
    code = str(body.get("code") or "")
    detail = body.get("detail")
    return _class_for(code, status)(
        str(body.get("message") or f"The server answered {status} without saying why."),
        hint=str(body.get("hint") or ""),
        code=code or None,
        detail=detail if isinstance(detail, dict) else {"detail": detail} if detail else {},
        status=status,
        request_id=str(body.get("request_id") or request_id),
    )


def _class_for(code: str, status: int) -> type[ApiError]:
    known = CLASS_OF_CODE.get(code) or _CLASS_OF_STATUS.get(status)
    if known:
        return known
    return InputError if 400 <= status < 500 else ServerError
