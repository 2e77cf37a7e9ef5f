"""The audit log, for administrators; a project's part of it for its supervisors."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlalchemy import select

from ..access.caller import Caller
from ..access.roles import Permission, Role
from ..admin import audit_log
from ..admin.audit_log import Filter
from ..audit import START, Checked, check_part
from ..db.people import AuditEntry
from ..errors import NotFoundError
from .deps import DatabaseDep, Reader, Writer, refusals
from .paging import Cursor, Limit, newest_first
from .schemas.admin import AuditActorOut, AuditCheckOut, AuditEntryOut
from .schemas.common import Moment, Page
from .streaming import in_pieces

router = APIRouter(prefix="/audit", tags=["audit"])

_Word = Annotated[str | None, Query(max_length=220, pattern=r"^[^\x00]*$")]
_LARGEST = 2**63
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/x-ndjson": {"schema": {"type": "string"}},
            "text/csv": {"schema": {"type": "string"}},
        }
    }
}


def _filter(
    actor: Annotated[_Word, Query(description="Id of who acted.")] = None,
    action: Annotated[_Word, Query(description="Its beginning: user. or user.disabled")] = None,
    target: Annotated[_Word, Query(description="Id of what it was done to.")] = None,
    target_kind: Annotated[_Word, Query(description="user, project, shot, ...")] = None,
    project_id: Annotated[_Word, Query(description="What concerns one project.")] = None,
    since: Moment | None = None,
    until: Moment | None = None,
) -> Filter:
    return Filter(actor, action, target, target_kind, project_id, since, until)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get("", responses=refusals(404))
def list_audit(
    caller: Reader, wanted: Wanted, limit: Limit = 100, cursor: Cursor = None
) -> Page[AuditEntryOut]:
    """Entries, newest first. With ``project_id`` its supervisors may ask, too."""
    _admit(caller, wanted)
    rows, after = newest_first(caller.session, wanted.query(), (AuditEntry.seq,), limit, cursor)
    names = audit_log.names_of(caller.session, rows)
    return Page(items=[_present(row, names) for row in rows], next=after)


@router.get("/export", response_class=StreamingResponse, responses={**refusals(404), **_FILE})
def export_audit(
    caller: Writer, wanted: Wanted, database: DatabaseDep, format: audit_log.Format = "jsonl"
) -> StreamingResponse:
    """All entries as a file, oldest first: JSON lines or CSV."""
    _admit(caller, wanted)
    caller.audit("audit.exported", "server", "audit", project_id=wanted.project)
    return StreamingResponse(
        in_pieces(database, audit_log.exported(database, wanted, format)),
        media_type="text/csv" if format == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="audit.{format}"'},
    )


@router.get("/verify", responses=refusals(404))
def verify_audit(
    caller: Reader,
    after: Annotated[int, Query(ge=0, lt=_LARGEST, description="Begin after this entry.")] = 0,
    limit: Annotated[int, Query(ge=1, le=20_000)] = 10_000,
) -> AuditCheckOut:
    """Compare entries with their hashes, from the first or from one that was checked before."""
    caller.demand(Permission.READ_AUDIT)
    checked = check_part(caller.session, _checked_until(caller, after), limit)
    return AuditCheckOut(
        entries=checked.entries,
        broken=checked.broken,
        seq=checked.seq,
        hash=checked.hash,
        next=checked.seq if checked.more else None,
    )


def _admit(caller: Caller, wanted: Filter) -> None:
    if wanted.project is None or caller.who.role is Role.ADMIN:
        caller.demand(Permission.READ_AUDIT)
    else:
        caller.project(wanted.project, Permission.MANAGE_PROJECT)


def _checked_until(caller: Caller, seq: int) -> Checked:
    if seq == 0:
        return START
    found = caller.session.scalar(select(AuditEntry.hash).where(AuditEntry.seq == seq))
    if found is None:
        raise NotFoundError("audit entry", str(seq))
    return Checked(0, [], seq, found, more=True)


def _present(entry: AuditEntry, names: dict[str, str]) -> AuditEntryOut:
    return AuditEntryOut(
        seq=entry.seq,
        at=entry.at,
        actor=AuditActorOut(
            kind=entry.actor_kind, id=entry.actor_id, name=names.get(entry.actor_id)
        ),
        via=entry.via,
        address=entry.address,
        request_id=entry.request_id,
        action=entry.action,
        target_kind=entry.target_kind,
        target_id=entry.target_id,
        target_name=names.get(entry.target_id) if entry.target_kind == "user" else None,
        project_id=entry.project_id,
        before=entry.before,
        after=entry.after,
    )
