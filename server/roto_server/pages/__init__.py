"""The server's own pages: signing in, accounts, letting programs in. Static files, no framework.

They talk to the API like anyone. Nothing of other origins is loaded and no script is inline, which
the policy sent with them makes the browser see to.
"""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter

from .static import StaticFile

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
# Asked for each time, so that pages and scripts of two versions never mix.
_HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
_FILES = "/pages/"


def pages_router() -> APIRouter:
    """Pages at /sign-in, /device and so on, and what they load below /pages/."""
    router = APIRouter(include_in_schema=False)
    for path, file in _read().items():
        router.add_route(path, file.endpoint, methods=["GET", "HEAD"])
    return router


def _read() -> dict[str, StaticFile]:
    """What is served, by its path."""
    found = {}
    for entry in resources.files(__package__).joinpath("files").iterdir():
        name, _, ending = entry.name.rpartition(".")
        path = f"/{name}" if ending == "html" else _FILES + entry.name
        found[path] = StaticFile.of(entry.name, entry.read_bytes(), _HEADERS)
    return found
