"""The server's settings: environment variables ``ROTO_*`` (or keyword arguments), checked at start.

One mixin per subject; `Settings` has them all. Durations are seconds unless a name says otherwise.
"""

from .base import (
    WELL_KNOWN_PASSWORDS,
    Settings,
    SettingsError,
    default_data_dir,
    load_settings,
)

__all__ = [
    "WELL_KNOWN_PASSWORDS",
    "Settings",
    "SettingsError",
    "default_data_dir",
    "load_settings",
]
