"""Signing in with a code."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from .common import Answer, Line, Request

ProgramName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"
    ),
]


class DeviceIn(Request):
    """A program that wants to be signed in."""

    client: ProgramName = Field(description="What the browser calls it, best with the machine.")

    model_config = ConfigDict(json_schema_extra={"example": {"client": "Nuke on ws042"}})


class DeviceStart(Answer):
    """Show ``user_code`` and ``verification_url``, and ask with ``device_code``."""

    device_code: str = Field(description="The program's secret.")
    user_code: str = Field(examples=["BCDF-GHJK"])
    verification_url: str
    verification_url_complete: str = Field(description="With the code filled in.")
    expires_in: int = Field(description="Seconds until the code is void.")
    interval: float = Field(description="Least seconds between two questions.")


class DevicePoll(Request):
    """The question whether the code is approved."""

    device_code: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class DeviceUser(Answer):
    """Whose key it is."""

    id: str
    name: str


class DeviceKey(Answer):
    """An API key, shown this once."""

    api_key: str
    expires_at: datetime
    scopes: list[str]
    user: DeviceUser


class DeviceRequest(Answer):
    """A program that waits for an answer."""

    user_code: str
    client: Line = Field(description="What it calls itself; anyone can claim any name.")
    address: str = Field(description="The network address it asked from.")
    created_at: datetime
    expires_at: datetime


class DeviceDecision(Request):
    """Whether it may act as the person who answers."""

    approve: bool
