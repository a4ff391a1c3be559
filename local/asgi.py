"""The little of ASGI that the gateway and the emulator's own requests need."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = list[tuple[bytes, bytes]]


class TooLargeError(Exception):
    """The body is larger than what was allowed. `more`: its end has not come yet."""

    def __init__(self, *, more: bool) -> None:
        super().__init__()
        self.more = more


class DisconnectedError(Exception):
    """The client has gone before the end of the body."""


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Of a larger one no more than that is kept before TooLargeError.

    DisconnectedError if its end never comes: half a body must not be taken for a whole one.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        part = message.get("body", b"")
        size += len(part)
        more = message.get("more_body", False)
        if size > limit:
            raise TooLargeError(more=more)
        parts.append(part)
    return b"".join(parts)


async def answer(send: Send, status: int, headers: Headers, body: bytes) -> None:
    headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
