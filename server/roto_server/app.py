"""The server as one ASGI app: `create_app` puts the rooms together, nothing lives here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI

from roto_client.contract import API_PREFIX, PRODUCT_VERSION

from . import migrations
from .api import (
    corrections,
    events,
    frames,
    health,
    jobs,
    newest,
    previews,
    projects,
    results,
    segment,
    shots,
    uploads,
)
from .api.deps import refusals
from .api.middleware import RequestMiddleware
from .api.pages import PagesMiddleware
from .api.tail import EventTail
from .auth import require_user
from .bell import Bell
from .db.session import Database
from .errors import install_error_handlers
from .farm import routes as farm
from .jobs.farm import open_farm
from .jobs.reconciler import Reconciler
from .metrics import Metrics
from .settings import Settings
from .storage import DirectoryStorage

_DESCRIPTION = f"""
Pixels are those of the full-size plate, origin top-left, y down. Frames are plate frame numbers,
ranges inclusive. Every refusal has one shape: ErrorBody.

Events come over a WebSocket at `{API_PREFIX}/events?after=SEQ` (same Authorization header): first
`{{kind: hello, seq}}`, then `{{seq, kind, project_id, payload}}` in order. `{{kind: resync, seq}}`
says that events were missed and that what holds must be asked for.
""".strip()


def create_app(settings: Settings) -> FastAPI:
    """The app for ``settings``; its parts start with the ASGI lifespan.

    The database must be migrated (`migrations.upgrade`); starting raises `RotoError` otherwise.
    """
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
    database = Database(settings.database_url)
    metrics = Metrics(database, settings.lease_seconds)
    app.state.settings = settings
    app.state.database = database
    app.state.metrics = metrics
    app.state.storage = DirectoryStorage(settings.storage_root)
    app.state.bell = Bell(settings.redis_url)
    app.state.farm = open_farm(database, settings)
    app.state.tail = EventTail(database, settings.redis_url)
    install_error_handlers(app)
    app.add_middleware(RequestMiddleware, metrics=metrics)
    # Outermost, so that a page may read refusals too.
    app.add_middleware(PagesMiddleware, origins=settings.cors_origins)
    app.include_router(health.router)
    app.include_router(_public_api())
    app.include_router(events.router, prefix=API_PREFIX)
    app.include_router(
        farm.router, prefix=f"{API_PREFIX}/farm", responses=refusals(401, 403, 409, 422, 426)
    )

    @app.get(
        f"{API_PREFIX}/openapi.json", include_in_schema=False, dependencies=[Depends(require_user)]
    )
    def openapi() -> dict[str, Any]:
        return app.openapi()

    return app


def _public_api() -> APIRouter:
    """Everything an API key opens."""
    api = APIRouter(
        prefix=API_PREFIX,
        dependencies=[Depends(require_user)],
        responses=refusals(401, 403, 422, 426, 500, 503),
    )
    for room in (projects, shots, frames, segment, corrections, previews, jobs, newest, results,
                 uploads):  # fmt: skip
        api.include_router(room.router)
    return api


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Start what runs beside the requests; stop it in the opposite order."""
    database: Database = app.state.database
    bell: Bell = app.state.bell
    tail: EventTail = app.state.tail
    async with AsyncExitStack() as stack:
        stack.callback(database.dispose)
        database.lock_single_server()
        migrations.check_current(database)
        stack.callback(bell.close)
        bell.attach(database)
        await tail.start()
        stack.push_async_callback(tail.stop)
        reconciler = Reconciler(app.state.farm)
        reconciler.start()
        stack.push_async_callback(asyncio.to_thread, reconciler.stop)
        yield


def _operation_id(route: Any) -> str:
    """Clients made from the OpenAPI document get the functions' names."""
    return str(route.name)
