"""The global configuration, maintenance, and what everybody should know of both."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Query

from ..access.accounts import names_of
from ..access.roles import Permission
from ..admin import configuration, maintenance
from ..admin.configuration import Entry
from ..admin.maintenance import Maintenance
from ..db.people import ConfigChange
from .deps import LiveDep, Reader, SettingsDep, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.admin import (
    ConfigChangeOut,
    ConfigEntryOut,
    ConfigIn,
    ConfigOut,
    MaintenanceIn,
    MaintenanceOut,
    NoticesOut,
)
from .schemas.common import Page

router = APIRouter(tags=["admin"])

ConfigName = Annotated[str, Path(max_length=80)]


@router.get("/admin/config")
def list_config(caller: Reader, live: LiveDep) -> ConfigOut:
    """Every name that can be changed: its value, its default, where it comes from."""
    caller.demand(Permission.CONFIGURE)
    found = configuration.entries(caller.session, live.started)
    names = names_of(caller.session, (entry.changed_by for entry in found))
    return ConfigOut(items=[_present(entry, names) for entry in found])


@router.put("/admin/config/{name}", responses=refusals(404))
def change_config(
    name: ConfigName, body: ConfigIn, caller: Writer, live: LiveDep
) -> ConfigEntryOut:
    """Change a value on all servers, within two seconds; null puts the default back."""
    caller.demand(Permission.CONFIGURE)
    entry = configuration.change(caller.session, caller.actor, live.started, name, body.value)
    return _present(entry, {caller.who.user_id: caller.who.name})


@router.get("/admin/config/history", responses=refusals(404))
def config_history(
    caller: Reader,
    name: Annotated[str | None, Query(max_length=80)] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ConfigChangeOut]:
    """Who changed what when, newest first; of one name or all."""
    caller.demand(Permission.CONFIGURE)
    query = configuration.history(name)
    rows, after = newest_first(caller.session, query, (ConfigChange.seq,), limit, cursor)
    names = names_of(caller.session, (row.changed_by for row in rows))
    items = [
        ConfigChangeOut(
            seq=row.seq,
            name=row.name,
            value=row.value,
            changed_by=row.changed_by,
            changed_by_name=names.get(row.changed_by),
            at=row.at,
        )
        for row in rows
    ]
    return Page(items=items, next=after)


@router.post("/admin/config/history/{seq}/rollback", responses=refusals(404))
def roll_back_config(
    seq: Annotated[int, Path(ge=1, lt=2**31)], caller: Writer, live: LiveDep
) -> ConfigEntryOut:
    """Give a name the value it had after the change ``seq``."""
    caller.demand(Permission.CONFIGURE)
    entry = configuration.roll_back(caller.session, caller.actor, live.started, seq)
    return _present(entry, {caller.who.user_id: caller.who.name})


@router.get("/admin/maintenance")
def get_maintenance(caller: Reader) -> MaintenanceOut:
    """Whether maintenance is on."""
    caller.demand(Permission.CONFIGURE)
    return _told(maintenance.read(caller.session))


@router.put("/admin/maintenance")
def set_maintenance(body: MaintenanceIn, caller: Writer) -> MaintenanceOut:
    """Turn maintenance on or off: writes of everybody but administrators answer 503, reading and
    what the farm runs goes on."""
    caller.demand(Permission.CONFIGURE)
    if not body.on:
        return _told(maintenance.end(caller.session, caller.actor))
    now = maintenance.begin(
        caller.session, caller.actor, body.message, until=body.until, farm_waits=body.farm_waits
    )
    return _told(now)


@router.get("/notices", tags=["notices"])
def notices(caller: Reader, settings: SettingsDep, live: LiveDep) -> NoticesOut:
    """What everybody who is signed in should know: the message of the day, maintenance."""
    return NoticesOut(
        message_of_the_day=settings.message_of_the_day, maintenance=_told(live.maintenance)
    )


def _told(now: Maintenance) -> MaintenanceOut:
    return MaintenanceOut.model_validate(now, from_attributes=True)


def _present(entry: Entry, names: dict[str, str]) -> ConfigEntryOut:
    return ConfigEntryOut(**asdict(entry), changed_by_name=names.get(entry.changed_by or ""))
