"""The dashboard: one page and what it loads, built from ``server/dashboard`` by ``make dashboard``.

Every address of the dashboard answers the same page, which shows what the address names. It talks
to the API like anyone.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from roto_client.contract import API_PREFIX

from ..access.own_pages import DASHBOARD_AREAS
from ..pages.static import StaticFile
from ..settings import Settings

_ASSETS = "assets/"
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_UNBUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Megaton Roto</title>
<h1>The dashboard has not been built</h1>
<p>This server was installed before its page was built. Run <code>make dashboard</code> in the
project's folder, install the server from there again (<code>pip install '.[server]'</code>; where
<code>make</code> has set it up, nothing is to be installed), and start it again.
<p><a href="/account">Your account</a>
"""


def dashboard_router(settings: Settings, files: Mapping[str, bytes]) -> APIRouter:
    """The page at / and below each of the dashboard's areas, its files below /assets/.

    ``files``: what was built, by path (see `built`).
    """
    router = APIRouter(include_in_schema=False)
    page = files.get("index.html")
    shown = page if page is None else StaticFile.of("index.html", page, _page_headers(settings))
    endpoint = _unbuilt if shown is None else shown.endpoint
    for area in DASHBOARD_AREAS:
        for path in (f"/{area}", f"/{area}/{{rest:path}}"):
            router.add_route(path, endpoint, methods=["GET", "HEAD"])
    router.add_route("/", _home, methods=["GET", "HEAD"])
    for name, content in files.items():
        if name.startswith(_ASSETS):
            # The name holds a hash of the bytes.
            file = StaticFile.of(name, content, _FOREVER)
            router.add_route(f"/{name}", file.endpoint, methods=["GET", "HEAD"])
    return router


def nowhere(settings: Settings, files: Mapping[str, bytes], otherwise: ASGIApp) -> ASGIApp:
    """What answers at addresses that nothing has: the page, which says so, to somebody's browser,
    and ``otherwise`` to programs."""
    content = files.get("index.html")
    if content is None:
        return otherwise
    page = StaticFile.of("index.html", content, _page_headers(settings))

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_somebody(scope):
            await otherwise(scope, receive, send)
            return
        shown = await page.endpoint(Request(scope))
        if shown.status_code == 200:
            shown.status_code = 404
        await shown(scope, receive, send)

    return answer


def _is_somebody(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return False
    asked = Headers(scope=scope).get("accept", "")
    return "text/html" in asked and not scope["path"].startswith(f"{API_PREFIX}/")


def policy(settings: Settings) -> str:
    """What the page may load and whom it may ask: this server, and the bucket uploads go to."""
    asked = " ".join(["'self'", *_store(settings)])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        f"img-src 'self' blob:; media-src 'self' blob:; worker-src 'self'; connect-src {asked}; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def _store(settings: Settings) -> list[str]:
    if not settings.s3_bucket:
        return []
    endpoint = settings.s3_public_endpoint or settings.s3_endpoint
    if not endpoint:
        from ..storage.s3_client import amazon_addresses  # boto3 takes its time

        return amazon_addresses(settings)
    parts = urlsplit(endpoint)
    return [f"{parts.scheme}://{parts.netloc}"]


def _page_headers(settings: Settings) -> Mapping[str, str]:
    # Asked for each time: a new version of the server brings new files.
    return {"Content-Security-Policy": policy(settings), "Cache-Control": "no-cache"}


def built() -> dict[str, bytes]:
    """What ``make dashboard`` has built, by path; nothing where nobody has."""
    root = resources.files(__package__).joinpath("built")
    page, assets = root.joinpath("index.html"), root.joinpath("assets")
    if not page.is_file() or not assets.is_dir():
        return {}
    found = {_ASSETS + entry.name: entry.read_bytes() for entry in assets.iterdir()}
    return {"index.html": page.read_bytes(), **found}


async def _home(_request: Request) -> Response:
    # Relative, for a proxy may serve all of this below a folder of its own.
    return RedirectResponse("jobs", status_code=302)


async def _unbuilt(_request: Request) -> Response:
    return Response(_UNBUILT, status_code=503, media_type="text/html")
