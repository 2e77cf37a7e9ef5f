"""Settings of how the house is run, which an administrator may change while servers run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic_settings import BaseSettings

Announcement = Annotated[
    str, StringConstraints(max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
]


class HouseSettings(BaseSettings):
    """``message_of_the_day`` is shown by clients to everyone who is signed in; empty: nothing is.

    ``artists_see_all``: whether, in a *new* project, artists see shots that are not theirs.
    ``trash_days``: for how long what is deleted can be restored.
    """

    message_of_the_day: Annotated[Announcement, Field()] = ""
    artists_see_all: bool = True
    trash_days: float = Field(default=30.0, ge=0)
