"""Settings of accounts: the server's secret, who may register, how long things are good for."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode

from ..mail.address import MailServer, read_sender

SHORTEST_SECRET = 32


class PeopleSettings(BaseSettings):
    """``secret_key`` encrypts what the database must be able to read back (signing keys, mails that
    wait): 32 random characters or more, the same on every server process.

    ``registration``: ``closed``, or ``open`` to anyone who can receive mail at an address, or
    ``domains`` for addresses of ``registration_domains`` only (separated by spaces in the
    environment). In development an empty secret is made and kept in the data directory (see
    `roto_server.access.secret`).

    ``smtp_url`` names the mail server (see `roto_server.mail.address`), ``mail_from`` the sender:
    ``Megaton Roto <roto@studio.example>``. A session ends ``session_days`` after its sign-in,
    however often it was refreshed; links in mails are good for ``one_time_hours``, invitations for
    ``invite_days``.
    """

    secret_key: SecretStr = SecretStr("")
    registration: Literal["closed", "open", "domains"] = "closed"
    registration_domains: Annotated[list[str], NoDecode] = []
    access_token_seconds: float = Field(default=900.0, gt=0)
    session_days: float = Field(default=30.0, gt=0)
    device_key_days: float = Field(default=180.0, gt=0)
    device_code_seconds: float = Field(default=600.0, gt=0)
    device_poll_seconds: float = Field(default=5.0, gt=0)
    one_time_hours: float = Field(default=24.0, gt=0)
    invite_days: float = Field(default=7.0, gt=0)
    smtp_url: SecretStr = SecretStr("")
    mail_from: str = Field(default="", max_length=320)

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(
                f"is shorter than {SHORTEST_SECRET} characters; `openssl rand -base64 48` makes one"
            )
        return value

    @field_validator("registration_domains", mode="before")
    @classmethod
    def _split_domains(cls, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value

    @field_validator("registration_domains")
    @classmethod
    def _lower_domains(cls, value: list[str]) -> list[str]:
        return [domain.lower() for domain in value]

    @field_validator("smtp_url")
    @classmethod
    def _is_mail_server(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            MailServer.of(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_sender(cls, value: str) -> str:
        if value:
            read_sender(value)
        return value

    @model_validator(mode="after")
    def _can_send(self) -> Self:
        if self.registration == "domains" and not self.registration_domains:
            raise ValueError("ROTO_REGISTRATION=domains needs ROTO_REGISTRATION_DOMAINS")
        if self.smtp_url.get_secret_value() and not self.mail_from:
            raise ValueError("ROTO_MAIL_FROM must say who mails are from when ROTO_SMTP_URL is set")
        if self.registration != "closed" and not self.smtp_url.get_secret_value():
            raise ValueError(
                f"ROTO_REGISTRATION={self.registration} confirms addresses by mail: "
                "set ROTO_SMTP_URL, or ROTO_REGISTRATION=closed"
            )
        return self
