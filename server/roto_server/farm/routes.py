"""The farm API (``/api/v1/farm``, farm token only): what workers say and are told.

Bodies are those of ``roto_client/contract/farm.schema.json``. A report that comes too late answers
409 ``stale_attempt``: the worker drops what it made.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from starlette.requests import HTTPConnection

from roto_client.contract import check_farm_body

from ..auth import require_farm
from ..jobs import attempts, claim, ending, publishing
from ..jobs.farm import Farm
from ..previews import answer, upkeep

router = APIRouter(dependencies=[Depends(require_farm)], tags=["farm"])

JsonBody = Annotated[dict[str, Any], Body()]


def _farm(connection: HTTPConnection) -> Farm:
    farm: Farm = connection.app.state.farm
    return farm


FarmDep = Annotated[Farm, Depends(_farm)]


@router.post("/workers")
def register_worker(farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Announce a worker slot; its boot id tells the processes in it apart."""
    check_farm_body("register", body)
    registration = claim.register(farm, body)
    upkeep.release_former(farm, registration["worker_id"], body["boot_id"])
    return registration


@router.post("/workers/{worker_id}/heartbeat")
def worker_heartbeat(worker_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """An idle worker lives; answers whether to go on."""
    check_farm_body("worker_heartbeat", body)
    return claim.worker_heartbeat(farm, worker_id, body["boot_id"])


@router.post("/tasks/{task_id}/claim")
def claim_task(task_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Take a ready task: answers its ``task/1`` spec, or 409 ``not_claimable``."""
    check_farm_body("claim", body)
    return claim.claim(farm, task_id, body["worker_id"], body["boot_id"])


@router.post("/attempts/{attempt_id}/heartbeat")
def heartbeat(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Keep the lease and report progress; answers whether to go on."""
    check_farm_body("heartbeat", body)
    return attempts.heartbeat(farm, attempt_id, body["progress"])


@router.post("/attempts/{attempt_id}/complete")
def complete(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Publish what the attempt made. Repeating it is harmless."""
    check_farm_body("completion", body)
    publishing.complete(farm, attempt_id, body["result"])
    return {"state": "succeeded"}


@router.post("/attempts/{attempt_id}/fail")
def fail(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """The attempt failed; the error's code decides whether another one can help."""
    check_farm_body("failure", body)
    error = {"hint": "", "detail": {}, **body["error"]}
    ending.fail_attempt(farm, attempt_id, error)
    return {"state": "failed"}


@router.post("/attempts/{attempt_id}/release")
def release(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Give the task back without blame (drain, or a stop that was asked for)."""
    check_farm_body("release", body)
    ending.release_attempt(farm, attempt_id, body["reason"])
    return {"state": "cancelled"}


@router.post("/previews/{preview_id}/claim")
def claim_preview(preview_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Take a waiting preview: answers its ``preview/1`` spec, or 409 ``not_claimable``."""
    check_farm_body("claim", body)
    return answer.claim(farm, preview_id, body["worker_id"], body["boot_id"])


@router.post("/previews/{preview_id}/complete")
def complete_preview(preview_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Hand in the masks of a preview."""
    check_farm_body("preview_completion", body)
    answer.complete(farm, preview_id, body["result"])
    return {"state": "done"}


@router.post("/previews/{preview_id}/fail")
def fail_preview(preview_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Say why there will be no masks."""
    check_farm_body("failure", body)
    answer.fail(farm, preview_id, {"hint": "", "detail": {}, **body["error"]})
    return {"state": "failed"}
