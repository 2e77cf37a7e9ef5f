"""Signing in with an OpenID provider: the browser goes there and comes back, then has a session.

What goes wrong is told by our own sign-in page, by a word in its address; the log has the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar
from urllib.parse import quote

import anyio
import structlog
from anyio import to_thread
from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.orm import Session
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response

from roto_client.contract import API_PREFIX

from ..access.oidc import (
    Flow,
    OidcError,
    Problem,
    Provider,
    Vouched,
    begin,
    finish,
    person_of,
    vouched,
)
from ..access.oidc.flows import FLOW_SECONDS, HOME
from ..access.sessions import Issued, open_session
from ..db.session import Database
from ..errors import NotFoundError
from ..settings import Settings
from .cookies import set_session_cookies
from .deps import SettingsDep, refusals
from .schemas.oidc import SignInProvider, SignInWays
from .sending import sender_of
from .transact import transact

MOST_AT_ONCE = 8
"""Requests of this process that may wait for providers; a slow one must not take every thread."""

T = TypeVar("T")
log = structlog.get_logger("roto.oidc")
router = APIRouter(prefix="/auth", tags=["auth"])

ProviderName = Annotated[str, Path(max_length=40)]
# What a provider sends is told on a page, not refused as JSON: nothing is checked here. How long it
# may be is bounded by what the server takes as headers.
FromProvider = Annotated[str, Query()]
_ANSWER: dict[int | str, dict[str, Any]] = {302: {"description": "Where the browser goes."}}


@router.get("/providers")
def list_providers(request: Request, settings: SettingsDep) -> SignInWays:
    """The ways to sign in and to register. No token is needed."""
    return SignInWays(
        registration=settings.registration,
        providers=[
            SignInProvider(
                name=name,
                title=provider.settings.title,
                start_url=f"{settings.public_url}{_path(name)}/start",
            )
            for name, provider in _providers(request).items()
        ],
    )


@router.get(
    "/oidc/{provider}/start",
    status_code=302,
    response_class=RedirectResponse,
    responses={**_ANSWER, **refusals(404)},
)
async def start_oidc(
    provider: ProviderName,
    request: Request,
    settings: SettingsDep,
    return_to: Annotated[str, Query(max_length=500)] = HOME,
) -> Response:
    """Send the browser to the provider. ``return_to``: the page of this server that follows."""
    known = _provider(request, provider)
    flow = await _transact(request, lambda session: begin(session, provider, return_to))
    try:
        url = await _wait_for(request, lambda: known.authorization_url(flow))
    except OidcError as error:
        return _tell(error, known, settings, flow)
    answer = RedirectResponse(url, status_code=302)
    answer.set_cookie(
        _cookie(flow.state),
        flow.cookie,
        max_age=FLOW_SECONDS,
        path=_path(provider),
        secure=settings.public_url.startswith("https:"),
        httponly=True,
        # Not strict: the browser comes back from a site that is not ours.
        samesite="lax",
    )
    return answer


@router.get(
    "/oidc/{provider}/callback",
    status_code=302,
    response_class=RedirectResponse,
    responses={**_ANSWER, **refusals(404)},
)
async def finish_oidc(
    provider: ProviderName,
    request: Request,
    settings: SettingsDep,
    state: FromProvider = "",
    code: FromProvider = "",
    error: FromProvider = "",
    iss: FromProvider = "",
) -> Response:
    """The browser is back: a session and the page that was asked for, or the sign-in page."""
    known = _provider(request, provider)
    cookie = request.cookies.get(_cookie(state), "")
    flow = None
    try:
        flow = await _transact(request, lambda session: finish(session, provider, state, cookie))
        _check_answer(known, error, iss)
        # Not while a transaction is open: the provider may take its time.
        claims = await _wait_for(request, partial(known.claims, code, flow))
        who = vouched(claims, known.settings)
        opening = partial(_open, request=request, settings=settings, known=known, who=who)
        issued = await _transact(request, opening)
    except OidcError as problem:
        answer = _tell(problem, known, settings, flow)
    else:
        answer = RedirectResponse(settings.public_url + flow.return_to, status_code=302)
        set_session_cookies(answer, settings, issued)
    if flow is not None:
        answer.delete_cookie(_cookie(state), path=_path(provider))
    return answer


def _check_answer(provider: Provider, error: str, issuer: str) -> None:
    """Raise `OidcError` unless the provider sent a code, and it is this one's."""
    if error:
        problem = Problem.CANCELLED if error == "access_denied" else Problem.REFUSED
        raise OidcError(problem, f"The provider said {error[:100]!r}.")
    if issuer and not provider.is_issuer(issuer):
        raise OidcError(Problem.REFUSED, "The code is another issuer's (RFC 9207).")


def _open(
    session: Session, *, request: Request, settings: Settings, known: Provider, who: Vouched
) -> Issued:
    sender = sender_of(request)
    user = person_of(session, who, known.settings, sender.as_actor())
    return open_session(session, settings, user, "oidc", sender)


async def _transact(request: Request, work: Callable[[Session], T]) -> T:
    database: Database = request.app.state.database
    return await transact(database, work, writing=True)


async def _wait_for(request: Request, work: Callable[[], T]) -> T:
    places: anyio.CapacityLimiter = request.app.state.oidc_places
    return await to_thread.run_sync(work, limiter=places)


def _tell(
    error: OidcError, provider: Provider, settings: Settings, flow: Flow | None
) -> RedirectResponse:
    """Back to the sign-in page, which has a text for the problem."""
    log.warning(
        "sign-in at a provider failed",
        provider=provider.settings.name,
        problem=str(error.problem),
        error=error.message,
        hint=error.hint,
    )
    after = "" if flow is None or flow.return_to == HOME else f"&next={quote(flow.return_to, '')}"
    page = f"{settings.public_url}/sign-in?problem={error.problem}{after}"
    return RedirectResponse(page, status_code=302)


def _providers(connection: HTTPConnection) -> dict[str, Provider]:
    found: dict[str, Provider] = connection.app.state.oidc
    return found


def _provider(request: Request, name: str) -> Provider:
    found = _providers(request).get(name)
    if found is None:
        raise NotFoundError("sign-in provider", name)
    return found


def _path(provider: str) -> str:
    return f"{API_PREFIX}/auth/oidc/{provider}"


def _cookie(state: str) -> str:
    """One for each sign-in under way, so that two tabs do not take each other's."""
    return f"roto_oidc_{state[:16]}"
