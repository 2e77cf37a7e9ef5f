"""The WebSocket: what happens on the farm, as it happens."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnected

from roto_shapes.errors import RotoError

from ..auth import authenticate_scope
from ..errors import error_response
from .deps import TailDep
from .tail import EventTail, Subscription

MAX_REPLAY = 10_000
"""Events replayed to one socket; whoever missed more is better off asking for what holds now."""

TRY_AGAIN_LATER = 1013
"""WebSocket close code for a socket that is far behind."""

# The client's leaving as starlette reports it, to whoever is sending and to whoever is reading.
_GONE = (WebSocketDisconnect, WebSocketDisconnected)

router = APIRouter()


@router.websocket("/events")
async def events(
    socket: WebSocket,
    tail: TailDep,
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
) -> None:
    """``hello``, then every event after ``after`` (or from now on), in order.

    ``{kind: "resync"}`` says that events were missed: ask for what holds. A socket far behind gets
    it and is closed.
    """
    try:
        await run_in_threadpool(authenticate_scope, socket, "user")
    except RotoError as error:
        await socket.send_denial_response(error_response(error, socket.scope))
        return
    await socket.accept()
    with tail.subscribe() as subscription:
        sender = asyncio.create_task(_send(socket, tail, subscription, after))
        listener = asyncio.create_task(_until_gone(socket))
        _, pending = await asyncio.wait({sender, listener}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        for result in await asyncio.gather(sender, listener, return_exceptions=True):
            if isinstance(result, Exception) and not isinstance(result, _GONE):
                raise result


async def _send(
    socket: WebSocket, tail: EventTail, subscription: Subscription, after: int | None
) -> None:
    seq = subscription.seq if after is None else after
    await socket.send_json({"kind": "hello", "seq": seq})
    if after is not None:
        seq = await _replay(socket, tail, subscription.seq, after)
    while not subscription.far_behind:
        message = await subscription.take()
        if message["seq"] > seq:
            await socket.send_json(message)
    await socket.send_json(_resync(tail.seq))
    await socket.close(TRY_AGAIN_LATER)


async def _replay(socket: WebSocket, tail: EventTail, until: int, after: int) -> int:
    """Send what lies between ``after`` and ``until``; returns the seq the socket is at then."""
    oldest, newest = await run_in_threadpool(tail.bounds)
    pruned = after + 1 < oldest and after < newest
    if pruned or after > newest or until - after > MAX_REPLAY:
        await socket.send_json(_resync(until))
        return until
    while after < until and (batch := await run_in_threadpool(tail.read, after, until)):
        for message in batch:
            await socket.send_json(message)
        after = batch[-1]["seq"]
    return after


async def _until_gone(socket: WebSocket) -> None:
    """Nothing is expected from the client; reading is how its leaving is noticed."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        continue


def _resync(seq: int) -> dict[str, Any]:
    return {"kind": "resync", "seq": seq}
