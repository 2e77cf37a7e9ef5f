"""The ways to sign in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Answer


class SignInProvider(Answer):
    """A provider one can sign in with."""

    name: str
    title: str = Field(description="For a button.")
    start_url: str = Field(description="Where the browser goes; takes ?return_to=/account.")


class SignInWays(Answer):
    """What the sign-in page offers besides a password."""

    registration: Literal["closed", "open", "domains"]
    providers: list[SignInProvider]
