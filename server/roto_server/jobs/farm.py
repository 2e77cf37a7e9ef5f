"""What every operation of the farm needs: the database, the storage, the settings."""

from __future__ import annotations

from dataclasses import dataclass

from ..admin.live import LiveSettings
from ..db.session import Database
from ..settings import Settings
from ..storage import Storage, open_storage
from .folders import Folders


@dataclass(frozen=True)
class Farm:
    """Handed to claim, lifecycle and reconciler; holds no state of its own."""

    database: Database
    storage: Storage
    live: LiveSettings

    @property
    def folders(self) -> Folders:
        """The storage as workers that mount it see it."""
        return Folders(self.storage)

    @property
    def settings(self) -> Settings:
        """The settings as they hold now."""
        return self.live.settings

    @property
    def waits(self) -> bool:
        """Whether workers are given nothing new, because of maintenance."""
        now = self.live.maintenance
        return now.on and now.farm_waits


def open_farm(
    database: Database,
    settings: Settings,
    live: LiveSettings | None = None,
    storage: Storage | None = None,
) -> Farm:
    """The farm over ``database`` and the storage of ``settings``; without ``live`` nothing changes
    while it runs."""
    return Farm(
        database, storage or open_storage(settings), live or LiveSettings(settings, database)
    )
