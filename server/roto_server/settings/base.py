"""All settings together, and the rules between them.

A server that would run with a missing or well-known secret does not start outside development.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from roto_shapes.errors import RotoError

from .database import DatabaseSettings
from .house import HouseSettings
from .limits import LimitSettings
from .observing import ObservingSettings
from .oidc import OidcSettings
from .people import PeopleSettings
from .places import PlaceSettings
from .storage import StorageSettings

WELL_KNOWN_PASSWORDS = frozenset(
    {"", "admin", "changeme", "change-me", "password", "postgres", "redis", "roto", "secret"}
)

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:]+\](:\d{1,5})?")


class SettingsError(RotoError):
    """The server cannot run with these settings."""

    code = "bad_request"


def default_data_dir() -> Path:
    """Where a server keeps its files when nobody says: the user's data directory."""
    return platformdirs.user_data_path("megaton-roto")


class Settings(
    PeopleSettings,
    OidcSettings,
    LimitSettings,
    ObservingSettings,
    DatabaseSettings,
    StorageSettings,
    HouseSettings,
    PlaceSettings,
    BaseSettings,
):
    """Everything a server process is told from outside.

    ``allowed_roots`` are the directories plates may be read from, for every project; in the
    environment they are separated like ``PATH``. ``cors_origins`` are the origins of the pages that
    may call the API (``null``: pages that are files, as After Effects' panel is), separated by
    spaces in the environment. Keys go in a header and no cookie is ever taken, so a page without a
    key learns nothing.
    """

    model_config = SettingsConfigDict(env_prefix="ROTO_", extra="ignore", validate_default=True)

    environment: Literal["development", "production"] = "development"
    data_dir: Path = Field(default_factory=default_data_dir)
    database_url: str = ""
    redis_url: str = ""
    storage_root: Path = Path()
    allowed_roots: Annotated[list[Path], NoDecode] = []
    host: str = "127.0.0.1"
    port: int = Field(default=8710, ge=0, le=65535)
    public_url: str = ""
    cors_origins: Annotated[list[str], NoDecode] = ["null"]

    heartbeat_seconds: float = Field(default=5.0, gt=0)
    lease_seconds: float = Field(default=30.0, gt=0)
    ring_after_seconds: float = Field(default=15.0, gt=0)
    reconcile_seconds: float = Field(default=2.0, gt=0)
    publish_grace_seconds: float = Field(default=10.0, ge=0)
    max_attempts: int = Field(default=3, ge=1)
    retry_backoff_seconds: float = Field(default=2.0, ge=0)
    retry_backoff_max_seconds: float = Field(default=60.0, ge=0)
    stuck_seconds: float = Field(default=600.0, gt=0)
    event_hours: float = Field(default=24.0, gt=0)
    preview_wait_seconds: float = Field(default=10.0, ge=0, le=30)
    preview_answer_seconds: float = Field(default=20.0, gt=0)
    preview_seconds: float = Field(default=60.0, gt=0)

    @field_validator("allowed_roots", mode="before")
    @classmethod
    def _split_roots(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part for part in value.split(os.pathsep) if part]
        return value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_origins(cls, value: Any) -> Any:
        return value.split() if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            if origin != "null" and not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is not an origin: write https://pages.example or "
                    "http://host:5173, without a path, or null for pages that are files"
                )
        return value

    @field_validator("data_dir", "storage_root")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute() if value != Path() else value

    @model_validator(mode="after")
    def _complete(self) -> Settings:
        _refuse_weak_secrets(self)
        self.refuse_open_doors(self.registration)
        self.database_url = self.database_url or f"sqlite:///{self.data_dir / 'roto.db'}"
        self.redis_url = self.redis_url or "redis://127.0.0.1:6379/0"
        if self.storage_root == Path():
            self.storage_root = self.data_dir / "storage"
        self.public_url = (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")
        if self.lease_seconds < 2 * self.heartbeat_seconds:
            raise ValueError(
                f"ROTO_LEASE_SECONDS ({self.lease_seconds:g}) must be at least twice "
                f"ROTO_HEARTBEAT_SECONDS ({self.heartbeat_seconds:g}), "
                "or one late heartbeat loses a healthy worker"
            )
        return self


def load_settings(**overrides: Any) -> Settings:
    """`Settings` from the environment and ``overrides``.

    Raises:
        SettingsError: naming every bad setting by its environment variable.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(
            "The server cannot start with these settings: "
            + "; ".join(_explain(problem) for problem in error.errors()),
            hint="Settings are environment variables; docs/install.md lists them.",
        ) from None


def _explain(problem: Any) -> str:
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    return f"ROTO_{str(problem['loc'][0]).upper()}: {message}"


def _refuse_weak_secrets(settings: Settings) -> None:
    """Outside development nothing is guessed and no password is one from a tutorial."""
    if settings.environment == "development":
        if not _is_loopback(settings.host):
            raise ValueError(
                f"ROTO_HOST={settings.host} is reachable from the network: "
                "set ROTO_ENVIRONMENT=production to listen there"
            )
        return
    problems = [
        f"{name} must be set in production"
        for name, value in (
            ("ROTO_DATABASE_URL", settings.database_url),
            ("ROTO_REDIS_URL", settings.redis_url),
            ("ROTO_PUBLIC_URL", settings.public_url),
            ("ROTO_SECRET_KEY", settings.secret_key.get_secret_value()),
        )
        if not value
    ]
    for name, url in (
        ("ROTO_DATABASE_URL", settings.database_url),
        ("ROTO_REDIS_URL", settings.redis_url),
    ):
        if url and _has_weak_password(url):
            problems.append(
                f"{name} has no password or a well-known one; use a random one or a unix socket"
            )
    if problems:
        raise ValueError("; ".join(problems))


def _has_weak_password(url: str) -> bool:
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme.startswith(("sqlite", "unix")):
        return False
    return (parts.password or "").lower() in WELL_KNOWN_PASSWORDS


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
