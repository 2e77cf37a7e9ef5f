"""What a server process does first: say where its words go."""

from __future__ import annotations

import logging
from typing import TextIO

from ..logs import configure_logging
from ..settings import Settings
from .secrets import secrets_of
from .sentry import open_sentry


def start_logging(settings: Settings, output: TextIO | None = None) -> None:
    """JSON lines to ``output`` (stderr), without the secrets of ``settings``; errors to Sentry too.

    For the whole process, once.

    Raises:
        SettingsError: Sentry is set and not installed.
    """
    known = secrets_of(settings)
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    configure_logging(level, known, output, open_sentry(settings, known))
