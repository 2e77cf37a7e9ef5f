"""The answering side: workers claim previews and report what they saw."""

from __future__ import annotations

import json

from sqlalchemy import update
from sqlalchemy.orm import Session

from roto_client.contract import LARGEST_PREVIEW_BYTES, check_preview_spec
from roto_shapes.errors import RotoError

from .. import bell
from ..db.media import Plate
from ..db.models import JsonObject, Preview, Shot, Worker
from ..db.session import database_now
from ..errors import TooLargeError
from ..jobs import nodes, plates
from ..jobs.claim import NotClaimableError
from ..jobs.farm import Farm
from ..jobs.reach import Reach, UnreachableError
from ..jobs.spec import describe_shot
from . import DONE, FAILED, OPEN, RUNNING, WAITING

MOST_CLAIMS = 2
"""A frame that kills the process which looks at it must not go through the whole farm."""


def claim(
    farm: Farm, preview_id: str, worker_id: str, boot_id: str
) -> tuple[JsonObject, str | None]:
    """Give a waiting preview to a worker: its ``preview/1`` spec, and the id of its request.

    Raises:
        NotClaimableError: taken, answered, superseded, too late, or of a plate that the node does
            not mount.
        RotoError: ``not_found``.
    """
    with farm.database.session() as session:
        worker = session.get(Worker, worker_id)
        if worker is None or worker.boot_id != boot_id:
            raise NotClaimableError(f"Worker {worker_id!r} is not registered, or was replaced.")
        if not nodes.is_open(session, worker.node):
            raise NotClaimableError(f"Node {worker.node} is given nothing new.")
        now = database_now(session)
        taken = session.execute(
            update(Preview)
            .where(Preview.id == preview_id, Preview.state == WAITING, Preview.expires_at > now)
            .values(
                state=RUNNING,
                worker_id=worker_id,
                boot_id=boot_id,
                claims=Preview.claims + 1,
                claimed_at=now,
            )
            .returning(Preview.id)
        ).all()
        if not taken:
            raise NotClaimableError(f"Preview {preview_id} is taken, answered or not wanted.")
        preview = session.get_one(Preview, preview_id)
        reach = Reach.of(farm, worker)
        try:
            return _spec(session, preview, reach), preview.request_id
        except UnreachableError as error:
            # Rolled back: it waits, and is rung for again.
            raise NotClaimableError(error.message) from None


def complete(farm: Farm, preview_id: str, result: JsonObject) -> None:
    """Keep the answer. From whoever has it first: two workers may have been asked.

    Raises:
        RotoError: ``too_large``; ``stale_attempt`` when nobody waits for it any more.
    """
    if len(json.dumps(result)) > LARGEST_PREVIEW_BYTES:
        raise TooLargeError(
            f"The answer is larger than {LARGEST_PREVIEW_BYTES} bytes.",
            hint="Preview fewer objects at once.",
        )
    _end(farm, preview_id, {"state": DONE, "result": result})


def fail(farm: Farm, preview_id: str, error: JsonObject) -> None:
    """Keep why there is no answer. Raises `RotoError` ``stale_attempt`` as `complete` does."""
    _end(farm, preview_id, {"state": FAILED, "error": error})


def worker_gone(session: Session, preview: Preview) -> None:
    """Put a running preview back for another worker, or fail it after `MOST_CLAIMS`."""
    if preview.claims < MOST_CLAIMS:
        preview.state = WAITING
        bell.order_preview(session, preview, database_now(session))
        return
    preview.state = FAILED
    preview.error = RotoError(
        f"{preview.claims} workers were lost, or fell silent, over this preview.",
        code="worker_lost",
        hint="The workers' logs say how; check the plate's frame.",
    ).as_dict()


def _end(farm: Farm, preview_id: str, values: JsonObject) -> None:
    with farm.database.session() as session:
        ended = session.execute(
            update(Preview)
            .where(Preview.id == preview_id, Preview.state.in_(OPEN))
            .values(**values)
            .returning(Preview.id)
        ).all()
        if not ended:
            raise RotoError(
                f"Nobody waits for preview {preview_id} any more.", code="stale_attempt"
            )


def plate_of(session: Session, preview: Preview) -> Plate | Shot:
    """What is looked at: the plate its request names, else the shot's current one."""
    named = preview.request.get("plate_id")
    plate = session.get(Plate, named) if named else plates.current(session, preview.shot)
    return plate or preview.shot


def _spec(session: Session, preview: Preview, reach: Reach) -> JsonObject:
    told = {name: value for name, value in preview.request.items() if name != "plate_id"}
    spec = {
        "schema": "preview/1",
        "preview_id": preview.id,
        "shot": describe_shot(preview.shot, reach, plate_of(session, preview)),
        "frame": preview.frame,
        **told,
    }
    check_preview_spec(spec)
    return spec
