"""Signing programs in with a code that is approved in a browser."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response

from roto_shapes.errors import RotoError

from ..access import device
from ..errors import error_response
from .deps import SettingsDep, refusals
from .own import OwnReader, OwnWriter
from .schemas.device import (
    DeviceDecision,
    DeviceIn,
    DeviceKey,
    DevicePoll,
    DeviceRequest,
    DeviceStart,
    DeviceUser,
)
from .visitor import Visitor

PAGE = "/device"
"""Where codes are typed in (see `roto_server.pages`)."""

router = APIRouter(prefix="/auth/device", tags=["auth"])

UserCode = Annotated[
    str, Path(max_length=40, description="As it was typed: case and dashes do not count.")
]


@router.post("", responses=refusals(503))
def start_device(body: DeviceIn, visitor: Visitor, settings: SettingsDep) -> DeviceStart:
    """A code for a program to show; somebody who is signed in approves it. No token is needed."""
    begun = device.begin(visitor.session, body.client, visitor.address, settings)
    page = settings.public_url + PAGE
    return DeviceStart(
        device_code=begun.device_code,
        user_code=begun.user_code,
        verification_url=page,
        verification_url_complete=f"{page}?code={quote(begun.user_code)}",
        expires_in=begun.expires_in,
        interval=begun.interval,
    )


@router.post("/token", response_model=DeviceKey, responses=refusals(400, 403, 410))
def poll_device(
    body: DevicePoll, request: Request, visitor: Visitor, settings: SettingsDep
) -> DeviceKey | Response:
    """The key, once the code is approved. No token is needed.

    400 ``authorization_pending`` or ``slow_down`` before that, 403 ``access_denied`` when it was
    refused, 410 ``link_expired`` when it is too late.
    """
    outcome = device.poll(visitor.session, body.device_code, visitor.actor, settings)
    if isinstance(outcome, RotoError):
        # Answered, not raised: when the program asked must be kept.
        return error_response(outcome, request.scope)
    return DeviceKey(
        api_key=outcome.api_key,
        expires_at=outcome.expires_at,
        scopes=list(outcome.scopes),
        user=DeviceUser(id=outcome.user.id, name=outcome.user.name),
    )


@router.get("/{user_code}", responses=refusals(401, 403, 404, 410))
def get_device(user_code: UserCode, caller: OwnReader) -> DeviceRequest:
    """Which program asks with this code. For a person who is signed in, not for an API key."""
    grant = device.look_up(caller, user_code)
    return DeviceRequest(
        user_code=device.spelled(grant.user_code),
        client=grant.client,
        address=grant.address,
        created_at=grant.created_at,
        expires_at=grant.expires_at,
    )


@router.post("/{user_code}/decision", status_code=204, responses=refusals(401, 403, 404, 410))
def decide_device(user_code: UserCode, body: DeviceDecision, caller: OwnWriter) -> None:
    """Let the program in, or send it away. For a person who is signed in, not for an API key."""
    device.decide(caller, user_code, approve=body.approve)
