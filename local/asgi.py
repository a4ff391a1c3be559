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


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Of a larger one no more than that is kept before TooLargeError."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
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
