"""What every operation of the farm needs: the database, the storage, the settings."""

from __future__ import annotations

from dataclasses import dataclass

from ..db.session import Database
from ..settings import Settings
from .folders import Folders


@dataclass(frozen=True)
class Farm:
    """Handed to claim, lifecycle and reconciler; holds no state of its own."""

    database: Database
    folders: Folders
    settings: Settings


def open_farm(database: Database, settings: Settings) -> Farm:
    """The farm over ``database`` and the storage root of ``settings``."""
    return Farm(database, Folders(settings.storage_root), settings)
