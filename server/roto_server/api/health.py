"""Is the process up, can it work, and what has it been doing. No token: load balancers ask."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from roto_client.contract import PRODUCT_VERSION
from roto_shapes.errors import RotoError

from ..bell import Bell
from ..checks import Checks, Outcome
from ..db.session import Database
from ..jobs.reconciler import Reconciler
from ..metrics import Metrics
from ..storage import Storage
from .deps import SettingsDep, refusals
from .schemas.health import Check, Healthy, Readiness
from .scraping import admit_scraper

MIN_FREE_BYTES = 1_000_000_000
BUCKET_SECONDS = 15.0
"""How long a bucket's answer is good for: load balancers ask often, and it is paid by request."""

RESTART = "Restart this server process; its log says why it ended."

router = APIRouter(tags=["health"])


def add_checks(
    checks: Checks, database: Database, bell: Bell, storage: Storage, reconciler: Reconciler
) -> None:
    """Have /readyz ask what every server needs; other parts add theirs where they are made."""

    def ask_redis() -> str:
        bell.redis.ping()
        return ""

    def ask_disk() -> str:
        free = storage.free_bytes()
        if free < MIN_FREE_BYTES:
            raise RotoError(f"only {free / 1e9:.2f} GB free", code="disk_full")
        return f"{free / 1e9:.1f} GB free"

    def ask_database() -> str:
        database.ping()
        return ""

    def ask_storage() -> str:
        storage.check_writable()
        return ""

    checks.add(
        "database",
        "ROTO_DATABASE_URL",
        ask_database,
        about="Everything that is known: projects, jobs, people, the audit log.",
        remedy="Start the database, or correct the address; free its connections if it is full.",
    )
    checks.add(
        "redis",
        "ROTO_REDIS_URL",
        ask_redis,
        about="Wakes workers and pages; counts rates. Work goes on without it, later.",
        remedy="Start Redis, or correct the address.",
    )
    stored = "Plates, mattes, shapes and outputs."
    if storage.is_shared:
        checks.add(
            "storage",
            "ROTO_STORAGE_ROOT",
            ask_storage,
            about=stored,
            remedy="Mount the folder, and let the server's account write in it.",
        )
        checks.add(
            "disk",
            "ROTO_STORAGE_ROOT",
            ask_disk,
            about="Room for what comes.",
            remedy="Delete for good what lies in the trash (Projects, Trash), remove what nobody "
            "knows with `roto admin storage`, or give the disk more room.",
        )
    else:
        checks.add(
            "storage",
            "ROTO_S3_BUCKET",
            ask_storage,
            keep_seconds=BUCKET_SECONDS,
            about=stored,
            remedy="Check bucket, endpoint and keys with `roto admin s3 check`.",
        )
    checks.add(
        "reconciler",
        "ROTO_LEADER_SECONDS",
        reconciler.report,
        about="Gives work of lost machines to others; runs in one process at a time.",
        remedy=RESTART,
    )


@router.get("/healthz")
async def healthz(settings: SettingsDep) -> Healthy:
    """The process answers; nothing else is looked at."""
    return Healthy(version=PRODUCT_VERSION, public_url=settings.public_url)


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(request: Request, response: Response) -> Readiness:
    """Whatever is configured, asked whether it works; 503 when something does not.

    A server that was told to stop is not ready, and asks nothing any more.
    """
    state = request.app.state
    if state.stopping.is_set():
        stopping = "The server was told to stop and takes no more requests in a moment."
        outcomes = {"server": Outcome(ok=False, message=stopping, setting="ROTO_DRAIN_SECONDS")}
    else:
        checks: Checks = state.checks
        outcomes = await checks.outcomes()
    ready = all(outcome.ok for outcome in outcomes.values())
    response.status_code = 200 if ready else 503
    return Readiness(
        ready=ready,
        checks={name: Check(**asdict(outcome)) for name, outcome in outcomes.items()},
    )


@router.get("/metrics", response_class=Response, responses=refusals(401, 403))
def metrics(request: Request, settings: SettingsDep) -> Response:
    """Prometheus' text format, for whoever sends ROTO_METRICS_TOKEN as a bearer token."""
    admit_scraper(request, settings)
    instruments: Metrics = request.app.state.metrics
    return Response(instruments.exposition(), media_type=CONTENT_TYPE_LATEST)
