"""How much of a body is read, and a body looked at before the endpoint sees it."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from ..errors import TooLargeError


def refuse_large_headers(headers: Headers, most: int) -> None:
    """Raise `TooLargeError` for headers of more than ``most`` bytes in all."""
    if sum(len(name) + len(value) for name, value in headers.raw) > most:
        raise TooLargeError(
            f"The request's headers are larger than {most} bytes.",
            hint="A cookie or an address of that size is not this server's.",
        )


def refuse_announced(headers: Headers, most: int) -> None:
    """Raise `TooLargeError` when the headers announce a body of more than ``most`` bytes."""
    announced = headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)


def limited(receive: Receive, most: int) -> Receive:
    """``receive`` that refuses to read more than ``most`` bytes."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > most:
            # FastAPI passes on HTTPException from the body it reads, and nothing else.
            raise HTTPException(413, f"the body is larger than {most} bytes")
        return message

    return counted


async def looked_at(receive: Receive, most: int) -> tuple[bytes, Receive]:
    """The whole body, and a ``receive`` that gives it once more.

    Raises:
        TooLargeError: it is larger than ``most`` bytes.
        ClientDisconnect: its sender has gone.
    """
    parts: list[bytes] = []
    while True:
        try:
            message = await receive()
        except HTTPException as error:  # of `limited`, whose limit is as high or lower
            raise TooLargeError(f"The body is too large: {error.detail}.") from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > most:
            raise _too_large(most)
        if not message.get("more_body", False):
            break
    body = b"".join(parts)
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return body, again


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"The body is larger than {most} bytes.")
