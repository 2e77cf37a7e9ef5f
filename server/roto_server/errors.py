"""Every failure leaves the server as ``{code, message, hint, detail, request_id}``.

The status comes from ``roto_client.contract.errors``. Tracebacks go to the log only, under the
request id the answer carries.
"""

from __future__ import annotations

import errno
import math
from typing import Any

import structlog
from fastapi import FastAPI, Request, WebSocket
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from roto_client.contract import ERRORS, status_of
from roto_shapes.errors import RotoError

from .db.troubles import explain as explain_trouble

log = structlog.get_logger("roto.server")

_CODE_OF_STATUS = {401: "unauthorized", 403: "forbidden", 404: "not_found",
                   405: "method_not_allowed", 409: "conflict", 413: "too_large",
                   429: "rate_limited"}  # fmt: skip
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


class NotFoundError(RotoError):
    """No such row, or it is not yours to see."""

    code = "not_found"

    def __init__(self, what: str, ident: str) -> None:
        super().__init__(f"There is no {what} {ident!r}.", detail={"what": what, "id": ident})


class ConflictError(RotoError):
    """The state of the thing does not allow the request."""

    code = "conflict"


class BadRequestError(RotoError):
    """The request does not fit the schema, or contradicts itself."""

    code = "bad_request"


class TooLargeError(RotoError):
    """More bytes than the server takes at once."""

    code = "too_large"


def disk_full(where: str) -> RotoError:
    """The error for a full disk or an exhausted quota while writing ``where``."""
    return RotoError(
        f"No space is left for {where}.",
        code="disk_full",
        hint="Free space on the server's storage, then send the request again.",
    )


def is_no_space(error: BaseException) -> bool:
    """Whether ``error`` says that a disk or a quota is full."""
    return isinstance(error, OSError) and error.errno in _NO_SPACE


def as_roto_error(error: BaseException) -> RotoError:
    """Name ``error`` by a code of the contract; what is not foreseen becomes ``internal``."""
    if isinstance(error, RotoError):
        return error
    if is_no_space(error):
        return disk_full("the request")
    trouble = explain_trouble(error)
    if trouble is not None:
        return trouble
    if isinstance(error, RecursionError):
        return BadRequestError("The request is nested too deeply.")
    if isinstance(error, DataError):
        return BadRequestError("The request holds a value the database cannot keep.")
    return RotoError(
        "The server made a mistake.",
        code="internal",
        hint="Please report this with the request id; the server's log has the details.",
    )


def request_id_of(scope: Scope) -> str:
    """The id the access log and the error body share."""
    return str(scope.get("state", {}).get("request_id", ""))


def error_response(
    error: RotoError, scope: Scope, headers: dict[str, str] | None = None
) -> JSONResponse:
    """The JSON answer for ``error``."""
    status = status_of(error.code)
    headers = dict(headers or {})
    if status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    if "retry_after" in error.detail:
        headers.setdefault("Retry-After", str(math.ceil(error.detail["retry_after"])))
    body = {**error.as_dict(), "request_id": request_id_of(scope)}
    return JSONResponse(body, status_code=status, headers=headers)


def log_unexpected(error: BaseException) -> None:
    """Write the traceback of a failure nobody foresaw; typed errors tell their own story."""
    if not isinstance(error, RotoError):
        log.error("request failed", error=repr(error), exc_info=error)


def install_error_handlers(app: FastAPI) -> None:
    """Give every refusal of FastAPI, Starlette and our own code the one shape.

    Exceptions nobody foresaw are turned into answers by ``api.middleware``.
    """

    @app.exception_handler(RotoError)
    async def on_roto_error(request: Request, error: RotoError) -> JSONResponse:
        if error.code not in ERRORS:
            log.error("error code is not in the contract", code=error.code)
        return error_response(error, request.scope)

    @app.exception_handler(RequestValidationError)
    async def on_validation_error(request: Request, error: RequestValidationError) -> JSONResponse:
        return error_response(_from_validation(error.errors()), request.scope)

    @app.exception_handler(WebSocketRequestValidationError)
    async def on_bad_handshake(socket: WebSocket, error: WebSocketRequestValidationError) -> None:
        refusal = error_response(_from_validation(error.errors()), socket.scope)
        await socket.send_denial_response(refusal)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> JSONResponse:
        code = _CODE_OF_STATUS.get(error.status_code)
        if code is None:
            code = "bad_request" if error.status_code < 500 else "internal"
        message = f"{request.method} {request.url.path}: {error.detail}."
        return error_response(
            RotoError(message, code=code), request.scope, dict(error.headers or {})
        )


def _from_validation(problems: Any) -> RotoError:
    """One error out of pydantic's list; what was sent is not echoed (it may be large or secret)."""
    errors = [
        {"at": ".".join(str(part) for part in problem["loc"]), "problem": problem["msg"]}
        for problem in problems
    ]
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return BadRequestError(
        f"{first['at']}: {first['problem']}{more}",
        hint="The API's schema is at /api/v1/openapi.json.",
        detail={"errors": errors[:50]},
    )
