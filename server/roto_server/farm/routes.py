"""The farm API (``/api/v1/farm``): what workers say and are told. Tokens: see `admission`.

Bodies are those of ``roto_client/contract/farm.schema.json``. A report that comes too late answers
409 ``stale_attempt``: the worker drops what it made.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response
from starlette.requests import HTTPConnection

from roto_client.contract import ORIGIN_REQUEST_HEADER, TASK_TOKEN_HEADER, check_farm_body

from ..api.store_threads import for_nodes
from ..jobs import attempts, claim, ending, publishing
from ..jobs.farm import Farm
from ..previews import answer, upkeep
from . import locations, storage
from .admission import require_attempt, require_farm

node = APIRouter(dependencies=[Depends(require_farm)], tags=["farm"])
attempt = APIRouter(
    prefix="/attempts/{attempt_id}", dependencies=[Depends(require_attempt)], tags=["farm"]
)

JsonBody = Annotated[dict[str, Any], Body()]


def _farm(connection: HTTPConnection) -> Farm:
    farm: Farm = connection.app.state.farm
    return farm


FarmDep = Annotated[Farm, Depends(_farm)]


@node.post("/workers")
async def register_worker(farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Announce a worker slot; its boot id tells the processes in it apart."""

    def register() -> dict[str, Any]:
        check_farm_body("register", body)
        registration = claim.register(farm, body)
        upkeep.release_former(farm, registration["worker_id"], body["boot_id"])
        return registration

    return await for_nodes(register)


@node.post("/workers/{worker_id}/heartbeat")
def worker_heartbeat(worker_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """An idle worker lives; answers whether to go on."""
    check_farm_body("worker_heartbeat", body)
    return claim.worker_heartbeat(farm, worker_id, body["boot_id"], body.get("memory"))


@node.post("/tasks/{task_id}/claim")
def claim_task(task_id: str, farm: FarmDep, body: JsonBody, response: Response) -> dict[str, Any]:
    """Take a ready task: answers its ``task/1`` spec, or 409 ``not_claimable``.

    ``X-Roto-Task-Token`` of the answer is what reports on the attempt need; asked again by the same
    process, the task comes with another, and the one before is void.
    """
    check_farm_body("claim", body)
    claimed = claim.claim(farm, task_id, body["worker_id"], body["boot_id"])
    if claimed.token is not None:
        response.headers[TASK_TOKEN_HEADER] = claimed.token
        response.headers["Cache-Control"] = "no-store"
    _tell_origin(response, claimed.request_id)
    return claimed.spec


@attempt.post("/heartbeat")
def heartbeat(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Keep the lease and report progress; answers whether to go on."""
    check_farm_body("heartbeat", body)
    return attempts.heartbeat(farm, attempt_id, body["progress"])


@attempt.post("/complete")
async def complete(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Publish what the attempt made. Repeating it is harmless."""

    def take() -> None:
        check_farm_body("completion", body)
        publishing.complete(farm, attempt_id, body["result"])

    await for_nodes(take)
    return {"state": "succeeded"}


@attempt.post("/fail")
async def fail(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """The attempt failed; the error's code decides whether another one can help."""
    check_farm_body("failure", body)
    error = {"hint": "", "detail": {}, **body["error"]}
    await for_nodes(ending.fail_attempt, farm, attempt_id, error)
    return {"state": "failed"}


@attempt.post("/release")
async def release(attempt_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Give the task back without blame (drain, or a stop that was asked for)."""
    check_farm_body("release", body)
    await for_nodes(ending.release_attempt, farm, attempt_id, body["reason"])
    return {"state": "cancelled"}


@node.post("/previews/{preview_id}/claim")
def claim_preview(
    preview_id: str, farm: FarmDep, body: JsonBody, response: Response
) -> dict[str, Any]:
    """Take a waiting preview: answers its ``preview/1`` spec, or 409 ``not_claimable``."""
    check_farm_body("claim", body)
    spec, request_id = answer.claim(farm, preview_id, body["worker_id"], body["boot_id"])
    _tell_origin(response, request_id)
    return spec


@node.post("/previews/{preview_id}/complete")
def complete_preview(preview_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Hand in the masks of a preview."""
    check_farm_body("preview_completion", body)
    answer.complete(farm, preview_id, body["result"])
    return {"state": "done"}


@node.post("/previews/{preview_id}/fail")
def fail_preview(preview_id: str, farm: FarmDep, body: JsonBody) -> dict[str, Any]:
    """Say why there will be no masks."""
    check_farm_body("failure", body)
    answer.fail(farm, preview_id, {"hint": "", "detail": {}, **body["error"]})
    return {"state": "failed"}


def _tell_origin(response: Response, request_id: str | None) -> None:
    """Whose request the work comes from, for the worker's log."""
    if request_id:
        response.headers[ORIGIN_REQUEST_HEADER] = request_id


router = APIRouter()
for part in (node, attempt, locations.attempt, locations.node, storage.router):
    router.include_router(part)
