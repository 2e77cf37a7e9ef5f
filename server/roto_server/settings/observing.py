"""Settings of what the server tells of itself: logs, metrics, traces, errors."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

SHORTEST_METRICS_TOKEN = 16


class ObservingSettings(BaseSettings):
    """``metrics_token`` is what Prometheus sends as ``Authorization: Bearer ...`` to ``/metrics``.
    Without one, ``/metrics`` answers this machine alone, and in production nobody.

    ``otlp_endpoint`` is the base URL of an OpenTelemetry collector (OTLP over HTTP, for instance
    http://collector:4318), ``sentry_dsn`` what Sentry calls a DSN; both need the packages of
    ``megaton-roto[telemetry]``. ``otlp_headers`` go with every export: ``name=value``, separated by
    commas.
    """

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_token: SecretStr = SecretStr("")
    otlp_endpoint: str = ""
    otlp_headers: SecretStr = SecretStr("")
    otlp_sample_ratio: float = Field(default=1.0, ge=0, le=1)
    sentry_dsn: SecretStr = SecretStr("")

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token_long_enough(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < SHORTEST_METRICS_TOKEN:
            raise ValueError(
                f"is shorter than {SHORTEST_METRICS_TOKEN} characters; "
                "`openssl rand -base64 32` makes one"
            )
        return value

    @field_validator("otlp_endpoint")
    @classmethod
    def _otlp_is_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("is not an http(s) address such as http://collector:4318")
        return value.rstrip("/")

    @field_validator("otlp_headers")
    @classmethod
    def _otlp_are_headers(cls, value: SecretStr) -> SecretStr:
        for part in filter(None, value.get_secret_value().split(",")):
            if not re.fullmatch(r"\s*[A-Za-z0-9_-]+=[^,\r\n]+", part):
                raise ValueError("is not name=value, separated by commas")
        return value

    @field_validator("sentry_dsn")
    @classmethod
    def _sentry_is_dsn(cls, value: SecretStr) -> SecretStr:
        dsn = value.get_secret_value()
        parts = urlsplit(dsn)
        if dsn and not (parts.scheme in ("http", "https") and parts.username and parts.hostname):
            raise ValueError("is not a DSN such as https://key@sentry.example/1")
        return value
