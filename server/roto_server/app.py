"""The server as one ASGI app: `create_app` puts the rooms together, nothing lives here."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import anyio
from fastapi import APIRouter, Depends, FastAPI

from roto_client.contract import API_PREFIX, PRODUCT_VERSION

from . import migrations
from .access.oidc import open_providers
from .access.oidc.provider import SETTING as OIDC_SETTING
from .access.opening import refuse_writes
from .access.passwords import Hasher
from .access.running import AccountParts
from .access.sweeping import sweep
from .admin.live import LiveSettings
from .api import (
    admin_access,
    admin_config,
    admin_health,
    admin_storage,
    admin_users,
    api_keys,
    assignments,
    audit,
    auth,
    bulk_jobs,
    bulk_shots,
    conform,
    conform_apply,
    corrections,
    cutting,
    device,
    engines,
    events,
    exports,
    farm_nodes,
    farm_queues,
    farm_tokens,
    frames,
    health,
    job_frames,
    job_rows,
    jobs,
    me,
    members,
    new_shots,
    newest,
    notes,
    objects,
    oidc,
    plate_versions,
    previews,
    project_settings,
    projects,
    registering,
    rerun,
    results,
    reviews,
    roles,
    saved_views,
    scan,
    segment,
    shot_changes,
    shots,
    statistics,
    trash,
    upload_pieces,
    uploads,
    versions,
)
from .api.address import AddressMiddleware
from .api.cookies import CookieMiddleware
from .api.deps import Reader, refusals
from .api.headers import SecurityHeadersMiddleware
from .api.limiting import LimitMiddleware
from .api.middleware import RequestMiddleware
from .api.pages import PagesMiddleware
from .api.platform import PlatformMiddleware
from .api.tail import EventTail
from .background import Patience
from .bell import Bell
from .checks import Checks
from .dashboard import built, dashboard_router, nowhere
from .db import gate
from .db.engines import PoolLimits
from .db.session import Database
from .errors import install_error_handlers
from .farm import routes as farm
from .jobs import queues
from .jobs.farm import open_farm
from .jobs.reconciler import Reconciler
from .limiting.windows import Windows
from .logs import configure_unless_configured
from .metrics import Metrics
from .observing.traces import Traces, open_traces
from .pages import pages_router
from .process import ProcessCollector
from .settings import Settings
from .storage import open_storage
from .trash.purger import Purger
from .trash.purging import purge_old
from .uploading.expiring import Expiry

THREADS_SECONDS = 8.0
"""What is in hand when the requests have ended must end within so long, all together; less than
`serving.END_SECONDS`, after which the process is ended by force."""

_DESCRIPTION = f"""
Pixels are those of the full-size plate, origin top-left, y down. Frames are plate frame numbers,
ranges inclusive. Every refusal has one shape: ErrorBody.

Events come over a WebSocket at `{API_PREFIX}/events?after=SEQ` (same Authorization header, or
`ticket=` with what `POST {API_PREFIX}/auth/tickets` gave): first `{{kind: hello, seq}}`, then
`{{seq, kind, project_id, payload}}` of what you may see, in order. `{{kind: resync, seq}}` says
that events were missed and that what holds must be asked for. Who adds `beat=true` hears
`{{kind: beat}}` when nothing else was told for {events.BEAT_SECONDS:g} seconds. A socket whose
session or key has ended is closed with 1008.
""".strip()


def create_app(settings: Settings) -> FastAPI:
    """The app for ``settings``; its parts start with the ASGI lifespan.

    The database must be migrated (`migrations.upgrade`); starting raises `RotoError` otherwise.
    """
    configure_unless_configured()
    app = FastAPI(
        title="Megaton Roto",
        version=PRODUCT_VERSION,
        description=_DESCRIPTION,
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
    )
    _open_parts(app, settings)
    install_error_handlers(app)
    _add_middleware(app, settings)
    _add_rooms(app)

    @app.get(f"{API_PREFIX}/openapi.json", include_in_schema=False)
    def openapi(_caller: Reader) -> dict[str, Any]:
        return app.openapi()

    return app


def _open_parts(app: FastAPI, settings: Settings) -> None:
    """What lives as long as the process, as ``app.state``; nothing of it runs yet."""
    database = Database(settings.database_url, PoolLimits.of(settings))
    metrics = Metrics(database, settings.lease_seconds)
    live = LiveSettings(settings, database)
    app.state.settings = settings
    app.state.live = live
    app.state.database = database
    app.state.metrics = metrics
    app.state.storage = open_storage(settings)
    app.state.bell = Bell(settings.redis_url)
    app.state.farm = open_farm(database, settings, live, app.state.storage)
    app.state.tail = EventTail(database, settings.redis_url)
    app.state.reconciler = Reconciler(app.state.farm)
    app.state.oidc = open_providers(settings)
    app.state.oidc_places = anyio.CapacityLimiter(oidc.MOST_AT_ONCE)
    app.state.storage_walks = anyio.CapacityLimiter(1)
    app.state.statistics = gate.Gate(
        statistics.AT_ONCE, settings.database_pool_wait_seconds, statistics.all_counting
    )
    uploads = Expiry(database, app.state.storage, lambda: live.settings)
    app.state.reconciler.add_upkeep("uploads", uploads.mark)
    app.state.reconciler.add_upkeep("sweep", partial(sweep, database))
    app.state.reconciler.add_upkeep(
        "purge_old", lambda now: purge_old(database, live.settings.trash_days, now)
    )
    app.state.reconciler.add_upkeep(
        "sample_queues", lambda now: queues.sample(database, live.settings.lease_seconds, now)
    )
    app.state.purger = Purger(database, app.state.storage, uploads, settings.leader_seconds)
    app.state.accounts = AccountParts(database, lambda: live.settings, app.state.bell.redis)
    app.state.stamps = app.state.accounts.stamps
    app.state.backoff = app.state.accounts.backoff
    app.state.stopping = threading.Event()
    app.state.checks = Checks()
    _watch_parts(app)
    app.state.traces = open_traces(settings)
    app.state.limiter = Windows(settings.redis_url, settings.limit_redis_seconds)


def _add_rooms(app: FastAPI) -> None:
    """Every address there is."""
    app.include_router(health.router)
    app.include_router(_public_api())
    app.include_router(_people_api())
    app.include_router(pages_router())
    files = built()
    app.include_router(dashboard_router(app.state.settings, files))
    app.router.default = nowhere(app.state.settings, files, app.router.not_found)
    app.include_router(events.router, prefix=API_PREFIX)
    app.include_router(
        farm.router,
        prefix=f"{API_PREFIX}/farm",
        responses=refusals(401, 403, 404, 409, 413, 422, 426, 429, 500, 503, 507),
    )


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """What every request passes through; the last one added is the first to see it."""
    metrics: Metrics = app.state.metrics
    live: LiveSettings = app.state.live
    app.add_middleware(PlatformMiddleware, settings=lambda: live.settings)
    app.add_middleware(
        LimitMiddleware, settings=lambda: live.settings, windows=app.state.limiter, metrics=metrics
    )
    # Outside of the limits, which count by token; inside of the log.
    app.add_middleware(CookieMiddleware, settings=settings)
    app.add_middleware(
        RequestMiddleware, metrics=metrics, settings=settings, traces=app.state.traces
    )
    app.add_middleware(AddressMiddleware, proxies=settings.trusted_proxies)
    # Outside of what refuses, so that a page may read refusals too.
    app.add_middleware(PagesMiddleware, origins=settings.cors_origins)
    is_https = settings.public_url.startswith("https://")
    app.add_middleware(
        SecurityHeadersMiddleware, hsts_seconds=settings.hsts_seconds if is_https else 0
    )


def _public_api() -> APIRouter:
    """Everything an API key opens: each endpoint asks for its caller (see `api.deps`)."""
    api = APIRouter(prefix=API_PREFIX, responses=refusals(401, 403, 413, 422, 426, 429, 500, 503))
    for room in (projects, project_settings, members, assignments, shots, shot_changes, objects,
                 trash, new_shots, bulk_shots, scan, plate_versions, rerun, frames, segment,
                 exports, corrections, engines, previews, bulk_jobs, job_rows, jobs, job_frames,
                 newest, results, uploads, upload_pieces, admin_users, admin_access,
                 farm_tokens, roles, admin_config, admin_health,
                 audit, reviews, notes, versions, conform, conform_apply, cutting, admin_storage,
                 farm_nodes, farm_queues, statistics):  # fmt: skip
        api.include_router(room.router)
    return api


def _people_api() -> APIRouter:
    """What signs people in: each endpoint says itself who may ask."""
    api = APIRouter(prefix=API_PREFIX, responses=refusals(413, 422, 426, 429, 500, 503))
    api.include_router(registering.router, dependencies=[Depends(refuse_writes)])
    for room in (auth, api_keys, me, saved_views, device, oidc):
        api.include_router(room.router)
    return api


def _watch_parts(app: FastAPI) -> None:
    """What /readyz asks and /metrics tells of this process."""
    state = app.state
    for name, provider in state.oidc.items():
        state.checks.add(
            f"oidc {name}",
            OIDC_SETTING,
            provider.check,
            keep_seconds=60,
            about="Signs people in. Those who have a password come in without it.",
            remedy="Check that this server reaches the provider, and that its client id, secret "
            "and issuer are as registered there.",
        )
    health.add_checks(state.checks, state.database, state.bell, state.storage, state.reconciler)
    state.accounts.watch(state.checks)
    for name, ask, about in (
        ("maintenance", state.live.report, "Whether people's changes wait."),
        (
            "configuration",
            state.live.thread.report,
            "Takes over what administrators set.",
        ),
        ("purger", state.purger.thread.report, "Removes files of what was deleted for good."),
        ("events", state.tail.report, "Keeps pages and plugins up to date."),
    ):
        state.checks.add(name, "", ask, about=about, remedy=health.RESTART)
    metrics: Metrics = state.metrics
    collector = ProcessCollector(state.database, state.reconciler.leadership, state.tail)
    metrics.registry.register(collector)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start what runs beside the requests; stop it in the opposite order."""
    database: Database = app.state.database
    bell: Bell = app.state.bell
    tail: EventTail = app.state.tail
    patience = Patience(THREADS_SECONDS)

    async def end(stop: Callable[[float], None]) -> None:
        await asyncio.to_thread(stop, patience.left())

    async with AsyncExitStack() as stack:
        stack.callback(database.dispose)
        stack.push_async_callback(gate.settle)
        database.lock_single_server()
        migrations.check_current(database)
        traces: Traces | None = app.state.traces
        if traces is not None:
            stack.push_async_callback(asyncio.to_thread, traces.close)
        stack.push_async_callback(app.state.limiter.close)
        stack.callback(bell.close)
        bell.attach(database)
        live: LiveSettings = app.state.live
        await asyncio.to_thread(live.start)
        stack.push_async_callback(end, live.stop)
        app.state.hasher = Hasher()
        accounts: AccountParts = app.state.accounts
        accounts.start()
        stack.push_async_callback(asyncio.to_thread, accounts.stop, patience)
        await tail.start()
        stack.push_async_callback(tail.stop)
        reconciler: Reconciler = app.state.reconciler
        reconciler.start()
        stack.push_async_callback(end, reconciler.stop)
        purger: Purger = app.state.purger
        purger.start()
        stack.push_async_callback(end, purger.stop)
        yield
        app.state.stopping.set()
        # All at once: what each still has in hand ends while the others' is waited for.
        for part in (purger, reconciler, accounts, live):
            part.tell_to_end()


def _operation_id(route: Any) -> str:
    """Clients made from the OpenAPI document get the functions' names."""
    return str(route.name)
