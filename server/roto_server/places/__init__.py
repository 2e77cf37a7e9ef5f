"""The studio's places: what a path that somebody sends means here, and what to call it to them.

`to_server` for what comes in, `told` for what goes out. The places of a project (its settings)
come before the studio's (``ROTO_PLACES``), which alone count for farm nodes (`jobs.reach`). A place
gives no right: what `to_server` answers goes through `paths.AllowedRoots` as any path does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from roto_client.contract.places import Place, Places

from ..db.models import Project
from ..paths import plate_roots
from ..settings import Settings
from .asking import asker
from .spelling import Disk, as_on_disk

__all__ = ("Disk", "asker", "to_server", "told")


def to_server(path: str, project: Project, settings: Settings, disk: Disk | None = None) -> str:
    """``path``, in the form of any system, as this server names it; itself where no place fits.

    Within a request its ``X-Roto-Platform`` says which system it most likely is of. Names are
    spelled as the server's disk has them, where that is clear and the project may read plates, so
    that no refusal tells what is elsewhere. It blocks while the disk does: async code calls it in
    a thread. ``disk``: the same for all paths of a request.
    """
    places = _places(project, settings.places)
    here = places.to_server(path, asker().system)
    place = places.around(here) if here != path else None
    if place is None:
        return here
    return as_on_disk(here, place.linux, plate_roots(project, settings), disk)


def told(path: str, project: Project) -> str:
    """A path of this server as whoever asks names it; itself unless they said their platform."""
    who = asker()
    if who.system is None:
        return path
    return _places(project, who.places).to_system(path, who.system)


def _places(project: Project, studio: Iterable[Place]) -> Places:
    """Every place of ``project``, its own first."""
    own: list[Mapping[str, Any]] = project.settings.get("places") or []
    return Places((*map(_place, own), *studio))


def _place(row: Mapping[str, Any]) -> Place:
    return Place(
        row["name"],
        row["linux"],
        tuple(row.get("windows") or ()),
        tuple(row.get("macos") or ()),
    )
