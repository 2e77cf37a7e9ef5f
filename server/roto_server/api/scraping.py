"""Who may read the metrics: they tell of routes, projects' load and workers' names."""

from __future__ import annotations

import hmac
import ipaddress

from starlette.requests import Request

from roto_shapes.errors import RotoError

from ..access.opening import address_of
from ..settings import Settings


def admit_scraper(request: Request, settings: Settings) -> None:
    """Let a request for the metrics pass that carries the settings' token.

    Without a token in the settings this machine alone may read, and in production nobody: behind a
    proxy on the same machine everybody would seem to be here.

    Raises:
        RotoError: ``unauthorized``, ``forbidden``.
    """
    token = settings.metrics_token.get_secret_value()
    if token:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        # Bytes: header values may hold anything, and compare_digest takes ASCII texts only.
        same = hmac.compare_digest(given.strip().encode(), token.encode())
        if scheme.lower() != "bearer" or not same:
            raise RotoError(
                "The metrics need the server's metrics token.",
                hint="Send 'Authorization: Bearer <ROTO_METRICS_TOKEN>'.",
                code="unauthorized",
            )
        return
    if settings.environment == "production" or not _is_here(request):
        raise RotoError(
            "The metrics are closed, because this server has no metrics token.",
            hint="Set ROTO_METRICS_TOKEN, and give it to Prometheus (authorization, credentials).",
            code="forbidden",
        )


def _is_here(request: Request) -> bool:
    try:
        return (
            ipaddress.ip_address(address_of(request)).is_loopback
            and "X-Forwarded-For" not in request.headers
        )
    except ValueError:
        return False
