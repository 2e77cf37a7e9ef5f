"""What administrators see and change."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from ...access.roles import Role
from .accounts import Email, PersonName
from .common import Answer, Moment, Request

State = Literal["unconfirmed", "active", "disabled", "deleted"]
Notice = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]


class AdminUserOut(Answer):
    """A person, or a service that holds keys, as administrators see them."""

    id: str
    kind: Literal["person", "service"]
    email: str | None
    name: str
    role: Role
    state: State
    email_confirmed_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime


class MembershipOut(Answer):
    """A project somebody is in."""

    project_id: str
    project_name: str
    role: Role


class AdminUserDetail(AdminUserOut):
    """A person with their ways in and their projects."""

    has_password: bool
    issuers: list[str] = Field(description="Who else signs them in: OpenID issuers.")
    sessions: int = Field(description="Sign-ins that are good now.")
    keys: int = Field(description="Keys that are good now.")
    memberships: list[MembershipOut]


class InvitationIn(Request):
    """Somebody to invite by mail."""

    email: Email
    name: PersonName
    role: Role = Role.ARTIST


class AdminUserPatch(Request):
    """What to change; what is left out stays. Disabling ends sessions and keys for good."""

    name: PersonName | None = None
    role: Role | None = None
    state: Literal["active", "disabled"] | None = None


class ConfigEntryOut(Answer):
    """One name of the global configuration as it stands."""

    name: str
    about: str
    value: Any
    default: Any = Field(description="What holds when no administrator changes it.")
    source: Literal["changed", "environment", "default"]
    changed_by: str | None = Field(description="A user's id, or an account of the server's machine")
    changed_by_name: str | None
    changed_at: datetime | None


class ConfigOut(Answer):
    """The global configuration."""

    items: list[ConfigEntryOut]


class ConfigIn(Request):
    """A new value; null puts the default back."""

    value: Any


class ConfigChangeOut(Answer):
    """One change of the configuration."""

    seq: int
    name: str
    value: Any = Field(description="null: the default was put back.")
    changed_by: str
    changed_by_name: str | None
    at: datetime


class MaintenanceOut(Answer):
    """Whether people's writes wait. ``until`` is when that is expected to end."""

    on: bool
    message: str
    until: datetime | None
    farm_waits: bool
    since: datetime | None


class MaintenanceIn(Request):
    """Turn maintenance on or off. Reading, and what the farm runs, goes on."""

    on: bool
    message: Notice = ""
    until: Moment | None = None
    farm_waits: bool = Field(
        default=False, description="Whether workers are given nothing new meanwhile."
    )

    @model_validator(mode="after")
    def _off_says_nothing(self) -> MaintenanceIn:
        if not self.on and (self.message or self.until or self.farm_waits):
            raise ValueError("message, until and farm_waits go with on: true")
        return self


class NoticesOut(Answer):
    """What everybody who is signed in should know."""

    message_of_the_day: str
    maintenance: MaintenanceOut


class AuditActorOut(Answer):
    """Who did it. ``name`` is a user's as it is now."""

    kind: str
    id: str
    name: str | None


class AuditEntryOut(Answer):
    """Who did what, on what, from where, with what before and after."""

    seq: int
    at: datetime
    actor: AuditActorOut
    via: str
    address: str
    request_id: str
    action: str
    target_kind: str
    target_id: str
    target_name: str | None
    project_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AuditCheckOut(Answer):
    """A stretch of the audit log that was compared with its hashes.

    ``broken``: entries that were changed, or before which one was taken out. ``next``: ``after`` of
    the following stretch, null at the end. Keep ``seq`` and ``hash`` of the last stretch elsewhere:
    they show whether entries are taken off the end.
    """

    entries: int
    broken: list[int]
    seq: int
    hash: str
    next: int | None
