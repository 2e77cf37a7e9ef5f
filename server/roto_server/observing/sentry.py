"""Errors to Sentry, if a DSN is set: what failed and under which ids; no secret, nobody's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from roto_client.contract import PRODUCT_VERSION
from roto_client.contract.redaction import redact

from ..logs import ErrorInfo, Report
from ..settings import Settings, SettingsError

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

TAGS = ("request_id", "job_id", "task_id", "attempt_id", "code", "event")


def open_sentry(settings: Settings, known: Sequence[str]) -> Report | None:
    """What reports an error with the ids of its log line; None when no DSN is set.

    Nothing is collected by itself: no requests, no local variables, no breadcrumbs, no users.
    ``known`` are secrets without a shape of their own.

    Raises:
        SettingsError: ROTO_SENTRY_DSN is set and sentry-sdk is not installed.
    """
    dsn = settings.sentry_dsn.get_secret_value()
    if not dsn:
        return None
    try:
        import sentry_sdk
    except ModuleNotFoundError:
        raise SettingsError(
            "ROTO_SENTRY_DSN is set, but sentry-sdk is not installed.",
            hint="pip install 'megaton-roto[telemetry]', or unset it.",
        ) from None

    def scrub(event: Event, _hint: Hint) -> Event:
        cleaned: Event = redact(event, known)
        return cleaned

    sentry_sdk.init(
        dsn=dsn,
        release=PRODUCT_VERSION,
        environment=settings.environment,
        default_integrations=False,
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        before_send=scrub,
    )

    def report(error: ErrorInfo, line: Mapping[str, Any]) -> None:
        with sentry_sdk.new_scope() as scope:
            for name in TAGS:
                if line.get(name):
                    scope.set_tag(name, str(line[name]))
            scope.capture_exception(error)

    return report
