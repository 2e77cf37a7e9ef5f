"""Is the process up, can it work, and what has it been doing. No token: load balancers ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from roto_client.contract import PRODUCT_VERSION
from roto_shapes.errors import RotoError

from ..bell import Bell
from ..errors import as_roto_error
from ..metrics import Metrics
from .deps import DatabaseDep, SettingsDep, StorageDep
from .schemas.health import Check, Healthy, Readiness

MIN_FREE_BYTES = 1_000_000_000
CHECK_SECONDS = 5.0

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz(settings: SettingsDep) -> Healthy:
    """The process answers; nothing else is looked at."""
    return Healthy(version=PRODUCT_VERSION, public_url=settings.public_url)


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(
    request: Request, response: Response, database: DatabaseDep, storage: StorageDep
) -> Readiness:
    """Database, Redis, storage and free disk; 503 when one of them is missing."""
    bell: Bell = request.app.state.bell

    def ask_redis() -> str:
        bell.redis.ping()
        return ""

    def ask_database() -> str:
        database.ping()
        return ""

    def ask_storage() -> str:
        storage.check_writable()
        return ""

    def ask_disk() -> str:
        free = storage.free_bytes()
        if free < MIN_FREE_BYTES:
            raise RotoError(f"only {free / 1e9:.2f} GB free", code="disk_full")
        return f"{free / 1e9:.1f} GB free"

    asked = {"database": ask_database, "redis": ask_redis, "storage": ask_storage, "disk": ask_disk}
    results = await asyncio.gather(*(_check(ask) for ask in asked.values()))
    checks = dict(zip(asked, results, strict=True))
    ready = all(check.ok for check in results)
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


@router.get("/metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    instruments: Metrics = request.app.state.metrics
    return Response(instruments.exposition(), media_type=CONTENT_TYPE_LATEST)


async def _check(ask: Callable[[], str]) -> Check:
    try:
        message = await asyncio.wait_for(asyncio.to_thread(ask), CHECK_SECONDS)
    except TimeoutError:
        return Check(ok=False, message=f"no answer within {CHECK_SECONDS:g} s")
    except Exception as error:
        # Whatever is wrong with a part, the answer is that it is not ready.
        return Check(ok=False, message=as_roto_error(error).message)
    return Check(ok=True, message=message)
