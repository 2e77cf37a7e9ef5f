"""The WebSocket: what happens on the farm, as it happens, as far as one may see it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnected

from roto_shapes.errors import RotoError

from ..access.authenticating import authenticate, unauthorized
from ..access.opening import address_of, admit
from ..access.tickets import redeem_ticket
from ..access.watching import Watcher, credential, watchers
from ..db.session import Database
from ..errors import error_response
from .deps import DatabaseDep, TailDep
from .tail import EventTail, Subscription

MAX_REPLAY = 10_000
"""Events replayed to one socket; whoever missed more is better off asking for what holds now."""

TRY_AGAIN_LATER = 1013
"""WebSocket close code for a socket that is far behind."""

POLICY_VIOLATION = 1008
"""WebSocket close code for a socket whose holder may not come in any more."""

BEAT_SECONDS = 20.0
"""Whoever asked for it hears something so often: nothing else tells a page that a line was cut."""

# The client's leaving as starlette reports it, to whoever is sending and to whoever is reading.
_GONE = (WebSocketDisconnect, WebSocketDisconnected)

router = APIRouter()


@router.websocket("/events")
async def events(
    socket: WebSocket,
    database: DatabaseDep,
    tail: TailDep,
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    ticket: Annotated[str | None, Query(max_length=200)] = None,
    beat: bool = False,
) -> None:
    """``hello``, then every event after ``after`` (or from now on) that they may see, in order.

    Signed in by the Authorization header, or by a ticket that works once. ``{kind: "resync"}``
    says that events were missed: ask for what holds. With ``beat`` a quiet socket gets
    ``{kind: "beat"}`` now and then. A socket far behind gets it and is closed; one
    whose session or key ends is closed with 1008.
    """
    try:
        watcher = await database.gate.run(partial(_sign_in, socket, database, ticket))
    except RotoError as error:
        await socket.send_denial_response(error_response(error, socket.scope))
        return
    await socket.accept()
    with tail.subscribe(watcher) as subscription:
        sender = asyncio.create_task(_send(socket, tail, subscription, after, beat))
        listener = asyncio.create_task(_until_gone(socket))
        _, pending = await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        for result in await asyncio.gather(sender, listener, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, _GONE):
                raise result


def _sign_in(socket: WebSocket, database: Database, ticket: str | None) -> Watcher:
    header = socket.headers.get("authorization")
    by_ticket = header is None and ticket is not None
    with database.session() if by_ticket else database.reading() as session:
        address = address_of(socket)
        if by_ticket:
            who = redeem_ticket(session, ticket or "", address)
        else:
            who = authenticate(session, header, address)
        admit(socket, who, "user")
        found = watchers(session, [who]).get(credential(who))
    if found is None:
        raise unauthorized("The session or key has just ended.")
    return found


async def _send(
    socket: WebSocket,
    tail: EventTail,
    subscription: Subscription,
    after: int | None,
    beats: bool,
) -> None:
    seq = subscription.seq if after is None else after
    await socket.send_json({"kind": "hello", "seq": seq})
    if after is not None:
        seq = await _replay(socket, tail, subscription, after)
    while not subscription.over:
        message = await subscription.take(BEAT_SECONDS)
        if message is not None and message.seq > seq:
            await socket.send_text(message.text)
        elif message is None and beats and not subscription.over:
            await socket.send_json({"kind": "beat"})
    if subscription.signed_out:
        await socket.close(POLICY_VIOLATION, "signed out")
        return
    await socket.send_json(_resync(tail.seq))
    await socket.close(TRY_AGAIN_LATER)


async def _replay(
    socket: WebSocket, tail: EventTail, subscription: Subscription, after: int
) -> int:
    """Send what lies between ``after`` and its beginning; returns the seq the socket is at then."""
    until = subscription.seq
    oldest, newest = await run_in_threadpool(tail.bounds)
    pruned = after + 1 < oldest and after < newest
    if pruned or after > newest or until - after > MAX_REPLAY:
        await socket.send_json(_resync(until))
        return until
    while after < until and (batch := await run_in_threadpool(tail.read, after, until)):
        for message in batch:
            if subscription.watcher.may_see(message.audience) and not subscription.over:
                await socket.send_text(message.text)
        after = batch[-1].seq
    return after


async def _until_gone(socket: WebSocket) -> None:
    """Nothing is expected from the client; reading is how its leaving is noticed."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        continue


def _resync(seq: int) -> dict[str, Any]:
    return {"kind": "resync", "seq": seq}
