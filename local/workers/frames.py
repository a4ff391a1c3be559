"""JSON values over a stream socket, each after its length."""

import asyncio
import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct(">I")


def encode(value: Any) -> bytes:  # noqa: ANN401 - any JSON
    return frame(json.dumps(value).encode())


def frame(content: bytes) -> bytes:
    return _LENGTH.pack(len(content)) + content


def receive(connection: socket.socket) -> Any:  # noqa: ANN401 - any JSON
    """The next value; EOFError when the other side is gone."""
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return json.loads(_exactly(connection, length))


def receive_with_descriptor(connection: socket.socket) -> tuple[Any, int]:
    """The next value, and the descriptor that was sent with it."""
    start, descriptors, _, _ = socket.recv_fds(connection, _LENGTH.size, 1)
    if not start:
        raise EOFError
    (length,) = _LENGTH.unpack(start + _exactly(connection, _LENGTH.size - len(start)))
    return json.loads(_exactly(connection, length)), descriptors[0]


def _exactly(connection: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = connection.recv(size)
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


async def read(stream: asyncio.StreamReader) -> bytes:
    """The next frame's content, still JSON; IncompleteReadError when the other side is gone."""
    (length,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    return await stream.readexactly(length)
